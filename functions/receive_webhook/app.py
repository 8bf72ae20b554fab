"""API Gateway -> usecases/receive_webhook.py: verify, store, answer. What cannot be stored answers 503 (P2)."""

from __future__ import annotations

import base64
import json
from typing import Any

from orderwright.bootstrap import webhook_request as request_of
from orderwright.bootstrap import webhook_wiring as wiring


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The Lambda entry, HTTP API payload 2.0. The body is bytes: a signature covers exactly what was sent."""
    raw = event.get("body") or ""
    body = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
    address = (event.get("pathParameters") or {}).get("address", "")
    answer, connection = None, ""  # the address itself is in no log: who can read those must not learn it
    try:
        verdict = wiring().receive_webhook(address, request_of(event, body))
        status, word, connection, note, answer = verdict
    except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, the vendor must send it again
        status, word, note = 503, "not stored", f"not stored: {type(error).__name__}"
    print(json.dumps({"connection": connection, "status": status, "word": note or word, "size": len(body)}))  # noqa: T201
    text, kind = (answer.body, answer.content_type) if answer else (json.dumps({"status": word}), "application/json")
    return {"statusCode": status, "headers": {"content-type": kind}, "body": text}
