"""A paid order's webhook, as small as our subscription makes Shopify send it, signed with the app's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime


def paid_webhook(order_id: int, secret: str, delivery: str, at: datetime) -> tuple[dict[str, str], bytes]:
    """Headers and body."""
    body = json.dumps(
        {"id": order_id, "admin_graphql_api_id": f"gid://shopify/Order/{order_id}", "updated_at": at.isoformat()},
        separators=(",", ":"),
    ).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Hmac-SHA256": signature,
        "X-Shopify-Webhook-Id": delivery,
        "X-Shopify-API-Version": "2026-10",
    }
    return headers, body
