"""Subscriptions (SupplierWebhooks): one callback for all topics, and the articles whose stock and cost we want to hear of."""

from __future__ import annotations

from collections.abc import Sequence

from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.fields import mapping, text
from orderwright.errors import NotFound, Retryable

TOPICS = ("product", "stock", "order", "logistics", "makeup")
CHUNK = 100


class CjWebhooks:
    """SupplierWebhooks."""

    def __init__(self, client: CjClient) -> None:
        self._client = client

    def ensure_webhooks(self, callback_url: str, supplier_refs: Sequence[str]) -> list[str]:
        """Set the callback of every topic and subscribe the articles of these vids; repeating it is harmless.

        Stock and cost are told per article (pid), not per variant: each vid costs 10 points to find its article. Raises
        Misconfigured for an address that CJ does not take, Retryable.
        """
        topic = {"type": "ENABLE", "callbackUrls": [callback_url]}
        self._client.read("webhookSet", "webhook/set", body=dict.fromkeys(TOPICS, topic))
        pids = list(dict.fromkeys(pid for vid in supplier_refs if (pid := self._article_of(vid))))
        for start in range(0, len(pids), CHUNK):
            body = {"productIds": pids[start : start + CHUNK], "subscribeAll": False}
            self._client.read("productSubscribe", "webhook/product/subscribe", body=body)
        return list(TOPICS)

    def _article_of(self, vid: str) -> str:
        """The pid of a vid; "" for a variant that CJ does not sell any more."""
        try:
            data = self._client.read("variantQueryByVid", "product/variant/queryByVid", [("vid", vid)])
        except NotFound:
            return ""
        pid = text(mapping(data), "pid")
        if not pid:
            raise Retryable(f"{self._client.name} variantQueryByVid: the answer names no article", code="UNREADABLE")
        return pid
