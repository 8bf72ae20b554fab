"""API Gateway -> usecases/receive_webhook.py: verify, store, answer. What cannot be stored answers 503 (P2)."""

from __future__ import annotations

import base64
import json
from typing import Any

from orderwright.bootstrap import webhook_request as request_of
from orderwright.bootstrap import webhook_wiring as wiring
from orderwright.log_lines import every_line

# The address is a secret: no other site learns it. A page runs no script, whoever wrote its text.
_OF_AN_ANSWER = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda entry, HTTP API payload 2.0. The body is bytes: a signature covers exactly what was sent."""
    raw = event.get("body") or ""
    body = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
    address = (event.get("pathParameters") or {}).get("address", "")
    answer, connection = None, ""  # the address itself is in no log: who can read those must not learn it
    try:
        status, word, connection, note, answer = wiring().receive_webhook(address, request_of(event, body))
    except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, the vendor must send it again
        status, word, note = 503, "not stored", f"not stored: {type(error).__name__}"
    told = {"connection": connection, "status": status, "word": note or word, "size": len(body), **every_line(context)}
    print(json.dumps(told))  # noqa: T201
    if answer:
        return {
            "statusCode": status,
            "headers": {"content-type": answer.content_type, **_OF_AN_ANSWER},
            "body": answer.body,
        }
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps({"status": word})}
