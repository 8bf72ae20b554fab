"""API Gateway -> usecases/take_customer_request.py. The link is a secret: neither it nor what is typed is logged (P8)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from orderwright.bootstrap import customer_form, customer_response, wiring
from orderwright.log_lines import every_line, in_every_line

logger = Logger()


@in_every_line(logger)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry, HTTP API payload 2.0."""
    try:
        answer = wiring().take_customer_request(*customer_form(event), every_line(context)["request_id"])
    except Exception as error:  # noqa: BLE001 - a person waits: they get a page that says to try again
        logger.error("request not taken", extra={"code": getattr(error, "code", "") or type(error).__name__})
        return customer_response(None)
    told = {"connection": answer.connection, "kind": answer.kind, "status": answer.status}
    logger.info("customer's request", extra={**told, "word": answer.note})
    return customer_response(answer)
