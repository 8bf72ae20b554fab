"""All that EasyPost can do for us, behind one account: trackers, and the subscription of their events (Webhooks)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import quote

from orderwright.connectors.carriers.easypost.client import EasyPostClient
from orderwright.connectors.carriers.easypost.settings import EasyPostSettings
from orderwright.connectors.carriers.easypost.trackers import EasyPostTrackers
from orderwright.connectors.context import Context
from orderwright.errors import NotFound, Rejected
from orderwright.ports.carrier import CarrierTracking
from orderwright.ports.connection import Account, Subscription, Webhooks

EVENTS = ("tracker.created", "tracker.updated")


class EasyPostConnector(EasyPostTrackers, Account, CarrierTracking, Webhooks):
    """One account at EasyPost."""

    def account(self) -> str:
        """See usecases/identity.py: which call names an API key's account could not be confirmed, so none is named."""
        return ""

    def probe(self) -> str:
        """See ports.Account. It does not know the tracker that is asked for, and it lets us ask: the key is good."""
        with suppress(NotFound, Rejected):
            self.read_tracker("trk_none")
        return "EasyPost answers and takes the key"

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        """One webhook at our address with this secret, and none at its `old_urls`; gives the events when there was none awake.

        EasyPost never shows a secret, so it is set each time: it may be another one now.
        """
        listed = self._client.call("listWebhooks", "GET", "webhooks").get("webhooks")
        hooks = [hook for hook in listed if isinstance(hook, dict)] if isinstance(listed, list) else []
        ours = [hook for hook in hooks if hook.get("url") == wanted.url]
        if ours:
            self._client.call("updateWebhook", "PATCH", _path(ours[0]), {"webhook_secret": wanted.secret})
        else:
            hook_of_ours = {"url": wanted.url, "webhook_secret": wanted.secret}
            self._client.call("createWebhook", "POST", "webhooks", {"webhook": hook_of_ours})
        for hook in hooks:
            if hook.get("url") in wanted.old_urls:
                self._client.call("deleteWebhook", "DELETE", _path(hook))
        return [] if any(not hook.get("disabled_at") for hook in ours) else list(EVENTS)

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        """None are told: an account may serve other programs, and a tracker's news costs nobody money."""
        return []


def _path(hook: dict[str, Any]) -> str:
    return f"webhooks/{quote(str(hook.get('id')), safe='')}"


def build(context: Context[EasyPostSettings]) -> EasyPostConnector:
    """The connector of one connection. It needs no clock: all times are the carriers'."""
    return EasyPostConnector(EasyPostClient(context))
