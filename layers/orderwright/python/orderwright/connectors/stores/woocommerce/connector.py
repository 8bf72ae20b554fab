"""All that Orderwright asks of one WooCommerce shop, on one client."""

from __future__ import annotations

from urllib.parse import urlsplit

from orderwright.connectors.addresses import is_ours
from orderwright.connectors.context import Context
from orderwright.connectors.stores.woocommerce.cancelling import WooCancelling
from orderwright.connectors.stores.woocommerce.catalogue import WooCatalogue
from orderwright.connectors.stores.woocommerce.client import WooClient
from orderwright.connectors.stores.woocommerce.fulfilling import WooFulfilling
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.orders import WooOrders
from orderwright.connectors.stores.woocommerce.settings import WooSettings
from orderwright.connectors.stores.woocommerce.webhook import TOPICS
from orderwright.domain.web_address import SANDBOX_HOST
from orderwright.errors import Misconfigured, VendorError
from orderwright.ports.connection import Account, Subscription, Webhooks
from orderwright.ports.store import OrderCancelling, OrderNotes, StoreCatalogue, StoreOrders

PORTS = frozenset({None, 80, 443, 8080})
"""Where WordPress sends to. Any other address is taken and shown as active, and nothing is ever sent."""


class WooConnector(
    WooOrders, WooFulfilling, WooCancelling, WooCatalogue,
    Account, StoreOrders, StoreCatalogue, OrderCancelling, OrderNotes, Webhooks,
):  # fmt: skip
    """One WooCommerce shop."""

    def account(self) -> str:
        """The shop's home, which is all that names a WordPress site; no call."""
        parts = urlsplit(self._client.settings.base_url)
        return f"woocommerce/{parts.netloc}{parts.path}".rstrip("/").lower()

    def probe(self) -> str:
        """See ports.Account."""
        client = self._client
        currency = client.node("getCurrency", "GET", "settings/general/woocommerce_currency").text("value")
        if currency != client.settings.currency:
            raise Misconfigured(
                f"connections.{client.id}.currency: the shop sells in {currency}: write that", code="WRONG_CURRENCY"
            )
        return f"the shop answers and sells in {currency}{self._version()}"

    def _version(self) -> str:
        """For the operator only: keys that may not see it are right all the same."""
        try:
            query = {"_fields": "environment.version"}
            status = self._client.node("getStatus", "GET", "system_status", query=query).child("environment")
        except VendorError:
            return ""
        return f" with WooCommerce {status.text('version')}" if status is not None else ""

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        """One webhook for each topic. The secret is never shown, so it is set each time.

        An address cannot be changed: a webhook at another one is deleted and created again. So is one that the shop disabled:
        if it were only switched on, its next single failure would disable it.
        """
        parts = urlsplit(wanted.url)
        if parts.port not in PORTS and parts.hostname != SANDBOX_HOST:
            raise self.error(Misconfigured, f"a shop sends no webhook to port {parts.port}", code="WEBHOOK_PORT")
        urls = [wanted.url, *wanted.old_urls]
        hooks = self._hooks()
        ours = [
            hook
            for hook in hooks
            if is_ours(hook.text("delivery_url"), wanted.url) or hook.text("delivery_url") in urls
        ]
        kept = {
            hook.text("topic"): hook
            for hook in ours
            if hook.text("delivery_url") == wanted.url and hook.text("status") != "disabled"
        }
        changed = []
        for topic in TOPICS:
            hook, body = kept.get(topic), {"secret": wanted.secret, "status": "active"}
            if hook is None:
                named = {"name": f"Orderwright {topic}", "topic": topic, "delivery_url": wanted.url, **body}
                self._client.node("createWebhook", "POST", "webhooks", named)
            else:
                self._client.node("updateWebhook", "PUT", f"webhooks/{hook.text('id')}", body)
            if hook is None or hook.text("status") != "active":
                changed.append(topic)
        living = {kept[topic].text("id") for topic in TOPICS if topic in kept}
        for hook in ours:
            if hook.text("id") not in living:
                self._client.call("deleteWebhook", "DELETE", f"webhooks/{hook.text('id')}", query={"force": "true"})
        return changed

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        """See Webhooks: those on the topics that we use."""
        urls = [hook.text("delivery_url") for hook in self._hooks() if hook.text("topic") in TOPICS]
        return list(dict.fromkeys(url for url in urls if not is_ours(url, callback_url)))

    def _hooks(self) -> list[WooNode]:
        return self._client.rows("listWebhooks", "webhooks")


def build(context: Context[WooSettings]) -> WooConnector:
    """The connector of one shop."""
    return WooConnector(WooClient(context))
