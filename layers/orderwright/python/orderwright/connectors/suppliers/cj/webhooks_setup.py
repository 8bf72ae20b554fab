"""Subscriptions (Webhooks): one callback for all topics, and the articles whose stock and cost we want to hear of."""

from __future__ import annotations

from orderwright.connectors.suppliers.cj.client import CjPart
from orderwright.connectors.suppliers.cj.fields import mapping, text
from orderwright.errors import NotFound, Retryable
from orderwright.ports.connection import Subscription

TOPICS = ("product", "stock", "order", "logistics", "makeup")
CHUNK = 100


class CjWebhooks(CjPart):
    """Webhooks."""

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        """Set the callback of every topic and subscribe the articles of the `goods`, which are vids; repeating it is harmless.

        Stock and cost are told per article (pid), not per variant: each vid costs 10 points to find its article. Raises
        Misconfigured for an address that CJ does not take, Retryable.
        """
        topic = {"type": "ENABLE", "callbackUrls": [wanted.url]}
        self._client.read("webhookSet", "webhook/set", body=dict.fromkeys(TOPICS, topic))
        pids = list(dict.fromkeys(pid for vid in wanted.goods if (pid := self._article_of(vid))))
        for start in range(0, len(pids), CHUNK):
            body = {"productIds": pids[start : start + CHUNK], "subscribeAll": False}
            self._client.read("productSubscribe", "webhook/product/subscribe", body=body)
        return list(TOPICS)

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        """None: CJ has no call that lists subscriptions."""
        return []

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
