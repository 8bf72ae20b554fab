"""Subscribing to Shopify's webhooks: ids and times only, so that no personal data is ever sent."""

from __future__ import annotations

from typing import Any

from orderwright.connectors.addresses import is_ours
from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.client import ShopifyPart
from orderwright.connectors.stores.shopify.webhook import TOPICS
from orderwright.ports.connection import Subscription

INCLUDED_FIELDS = {name.upper().replace("/", "_"): topic.fields for name, topic in TOPICS.items() if topic.fields}
"""Topic as the API names it -> fields of its body: ids and times only."""


def topic_name(topic: str) -> str:
    """ORDERS_RISK_ASSESSMENT_CHANGED -> orders/risk_assessment_changed, as the delivery's header has it."""
    resource, _, event = topic.lower().partition("_")
    return f"{resource}/{event}"


class ShopifyWebhooks(ShopifyPart):
    """Webhooks of one Shopify store."""

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        """Create missing subscriptions, fix those of ours with an old address or other fields; gives the topics concerned.

        Shopify shows an app only its own subscriptions. A second one of a topic whose first is right is left alone, and so is
        one that leads elsewhere: another Orderwright lives by it.
        """
        callback_url = wanted.url
        existing: dict[str, list[dict[str, Any]]] = {}
        for node in self._client.pages(documents.SUBSCRIPTIONS, "webhookSubscriptions"):
            if is_ours(node["uri"], callback_url):
                existing.setdefault(node["topic"], []).append(node)
        changed: list[str] = []
        for topic, fields in INCLUDED_FIELDS.items():
            asked = {"uri": callback_url, "includeFields": list(fields), "format": "JSON"}
            known = existing.get(topic, [])
            ours = next((node for node in known if node["uri"] == callback_url), None) or next(iter(known), None)
            if ours is None:
                self._client.change(documents.SUBSCRIBE, "webhookSubscriptionCreate", topic=topic, subscription=asked)
            elif ours["uri"] != callback_url or set(ours["includeFields"]) != set(fields):
                self._client.change(
                    documents.RESUBSCRIBE, "webhookSubscriptionUpdate", id=ours["id"], subscription=asked
                )
            else:
                continue
            changed.append(topic_name(topic))
        return changed

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        """Addresses of this app's subscriptions that lead elsewhere, each once: to another Orderwright on this shop."""
        nodes = self._client.pages(documents.SUBSCRIPTIONS, "webhookSubscriptions")
        return list(dict.fromkeys(node["uri"] for node in nodes if not is_ours(node["uri"], callback_url)))
