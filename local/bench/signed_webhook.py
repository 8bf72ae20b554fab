"""A paid order's webhook, as small as our subscription makes Shopify send it, signed with the app's secret."""

from __future__ import annotations

from datetime import datetime

from local.sandbox.kit.hooks import compact, hmac_base64


def paid_webhook(order_id: int, secret: str, delivery: str, at: datetime) -> tuple[dict[str, str], bytes]:
    """Headers and body."""
    gid = f"gid://shopify/Order/{order_id}"
    body = compact({"id": order_id, "admin_graphql_api_id": gid, "updated_at": at.isoformat()})
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Hmac-SHA256": hmac_base64(secret, body),
        "X-Shopify-Webhook-Id": delivery,
        "X-Shopify-API-Version": "2026-10",
    }
    return headers, body
