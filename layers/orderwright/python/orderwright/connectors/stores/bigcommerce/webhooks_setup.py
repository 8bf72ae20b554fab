"""Subscribing to BigCommerce's webhooks: one for each scope. Silence of 90 days, or 48 hours of failures, ends one."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from orderwright.connectors.addresses import is_ours
from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.client import BigCommerceClient
from orderwright.connectors.stores.bigcommerce.webhook import SUBSCRIBED
from orderwright.errors import NotFound, Rejected
from orderwright.ports.connection import Subscription


class BigCommerceWebhooks:
    """Webhooks of one store. BigCommerce shows an API account only its own."""

    _client: BigCommerceClient

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        """Create what is missing, move what has an old address, switch on what was switched off; gives the scopes concerned.

        An address that BigCommerce sends nothing to for a while, since it failed too often, is told as well.
        """
        ours = [one for one in self._hooks() if self._is_mine(one, wanted)]
        return [
            *filter(None, (self._ensure(scope, wanted.url, ours) for scope in SUBSCRIBED)),
            *self._blocked(wanted.url),
        ]

    def _hooks(self) -> list[Node]:
        return list(self._client.rows("getWebhooks", "v3/hooks"))

    @staticmethod
    def _is_mine(hook: Node, wanted: Subscription) -> bool:
        return hook.text("destination") in wanted.old_urls or is_ours(hook.text("destination"), wanted.url)

    def _ensure(self, scope: str, url: str, ours: list[Node]) -> str:
        known = [one for one in ours if one.text("scope") == scope]
        known.sort(key=lambda one: one.text("destination") != url)
        asked = {"scope": scope, "destination": url, "is_active": True}
        for other in known[1:]:
            with suppress(NotFound):  # somebody else deleted it meanwhile
                self._client.tell("deleteWebhook", "DELETE", f"v3/hooks/{other.text('id')}")
        if not known:
            self._subscribe(scope, url, asked)
        elif known[0].text("destination") != url or not known[0].flag("is_active", default=True):
            self._client.write("updateWebhook", "PUT", f"v3/hooks/{known[0].text('id')}", asked, has_effect=False)
        elif len(known) == 1:
            return ""
        return scope

    def _subscribe(self, scope: str, url: str, asked: dict[str, object]) -> None:
        try:
            self._client.write("createWebhooks", "POST", "v3/hooks", asked, has_effect=False)
        except Rejected:
            # A second one for the same scope and address is refused; then somebody else made it meanwhile.
            if not any(one.text("scope") == scope and one.text("destination") == url for one in self._hooks()):
                raise

    def _blocked(self, url: str) -> list[str]:
        host = urlsplit(url).hostname
        blocked = self._client.one("getHooksAdmin", "v3/hooks/admin").children("blocked_domains")
        mine = [one for one in blocked if host in (urlsplit(one.text("destination")).hostname, one.text("destination"))]
        return [f"none is sent for {one.text('time_left')} s, as too many failed" for one in mine[:1]]

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        """See Webhooks."""
        found = [hook.text("destination") for hook in self._hooks()]
        return [one for one in dict.fromkeys(found) if not is_ours(one, callback_url)]
