"""API Gateway -> usecases/serve_supplier_page.py. The link is a secret and the page personal data: neither is logged (P8)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aws_lambda_powertools import Logger

from orderwright.bootstrap import wiring
from orderwright.log_lines import in_every_line
from orderwright.pages import HEADERS, plain_page

logger = Logger()


@in_every_line(logger)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda entry, HTTP API payload 2.0."""
    token = (event.get("pathParameters") or {}).get("token", "")
    method = event["requestContext"]["http"]["method"]
    try:
        answer = wiring().serve_supplier_page(token, method, _body(event), str(getattr(context, "aws_request_id", "")))
    except Exception as error:  # noqa: BLE001 - a person waits: they get a page that says to try again
        logger.error("page not served", extra={"code": getattr(error, "code", "") or type(error).__name__})
        return _page(503, plain_page("failed"))
    told = {"connection": answer.connection, "reference": answer.reference, "status": answer.status}
    logger.info("page", extra={**told, "word": answer.note})
    return _page(answer.status, answer.html)


def _body(event: dict[str, Any]) -> bytes:
    raw = event.get("body") or ""
    try:
        return base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
    except (binascii.Error, ValueError):
        return b""  # no form at all: nothing is taken down


def _page(status: int, html: str) -> dict[str, Any]:
    return {"statusCode": status, "headers": HEADERS, "body": html}
