"""API Gateway -> usecases/receive_webhook.py: verify, store, answer. What cannot be stored answers 503 (P2)."""

from __future__ import annotations

import base64
import json
from typing import Any

from orderwright.bootstrap import webhook_wiring as wiring


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The Lambda entry, HTTP API payload 2.0. The body is bytes: a signature covers exactly what was sent."""
    raw = event.get("body") or ""
    body = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    address = (event.get("pathParameters") or {}).get("address", "")
    connection = ""  # the address itself is in no log: who can read those must not learn it
    try:
        verdict = wiring().receive_webhook(address, headers, body)
        status, word, connection, note = verdict
    except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, the vendor must send it again
        status, word, note = 503, "not stored", f"not stored: {type(error).__name__}"
    print(json.dumps({"connection": connection, "status": status, "word": note or word, "size": len(body)}))  # noqa: T201
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps({"status": word})}
