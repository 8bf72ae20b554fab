"""API Gateway -> usecases/serve_supplier_page.py. The link is a secret and the page personal data: neither is logged (P8)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from orderwright.bootstrap import page_response, page_submitted, wiring
from orderwright.log_lines import every_line, in_every_line

logger = Logger()


@in_every_line(logger)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry, HTTP API payload 2.0."""
    try:
        answer = wiring().serve_supplier_page(*page_submitted(event), every_line(context)["request_id"])
    except Exception as error:  # noqa: BLE001 - a person waits: they get a page that says to try again
        logger.error("page not served", extra={"code": getattr(error, "code", "") or type(error).__name__})
        return page_response(None)
    told = {"connection": answer.connection, "reference": answer.reference, "status": answer.status}
    logger.info("page", extra={**told, "word": answer.note})
    return page_response(answer)
