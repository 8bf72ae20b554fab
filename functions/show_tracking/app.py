"""API Gateway -> usecases/show_tracking.py. The link is a secret and the page personal data: neither is logged (P8)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from orderwright.bootstrap import customer_form, customer_response, wiring
from orderwright.log_lines import in_every_line

logger = Logger()


@in_every_line(logger)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry, HTTP API payload 2.0."""
    try:
        token, language, _ = customer_form(event)
        answer = wiring().show_tracking(token, language)
    except Exception as error:  # noqa: BLE001 - a person waits: they get a page that says to try again
        logger.error("page not shown", extra={"code": getattr(error, "code", "") or type(error).__name__})
        return customer_response(None)
    logger.info("page", extra={"connection": answer.connection, "status": answer.status, "word": answer.note})
    return customer_response(answer, kept=True)
