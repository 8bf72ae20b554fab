"""WooCommerce stood up: the sandbox's shop, without goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from local.sandbox.kit.hooks import hmac_base64
from local.sandbox.kit.people import Address, Buyer
from local.sandbox.woocommerce import WooConfig, WooStore
from local.sandbox.woocommerce.webhooks import topic_of
from orderwright.domain.order import PaymentState
from orderwright.webhooks import Request as WebhookRequest
from tests.support.hooks import posted
from tests.support.stand import BASE, StoreStand


class STAND(StoreStand):
    """A shop with fulfillments, and one stock for all. It has words for few states of a payment, and flags no risk."""

    kind = "woocommerce"
    page = 100
    shows = frozenset({PaymentState.PAID, PaymentState.PENDING, PaymentState.UNKNOWN}) | {
        PaymentState.PARTIALLY_REFUNDED,
        PaymentState.REFUNDED,
    }
    lines = {"base_url": BASE, "currency": "USD"}
    secrets = {"consumer_key": "ck_sandbox", "consumer_secret": "cs_sandbox", "webhook_secret": "whs-1"}
    signing = "whs-1"

    def __init__(self) -> None:
        super().__init__()
        self.vendor = WooStore(self.world, WooConfig(), goods=())
        self.vendor.faults = self.faults

    def subscriptions(self) -> object:
        return [(one.id, one.url, one.topic, one.status) for one in self.vendor.hooks.subscriptions]

    def webhook(self, sample: str, body: bytes, secret: str) -> WebhookRequest:
        signed = {"x-wc-webhook-topic": topic_of(sample), "x-wc-webhook-signature": hmac_base64(secret, body)}
        return posted(signed, body)

    def buy(self, lines: Mapping[str, int]) -> str:
        return str(self.vendor.buy(list(lines.items()), Buyer(), Address(), oversell=True).number)

    def cancel(self, order_id: str) -> None:
        self.vendor.cancel(order_id)

    def refund(self, order_id: str, sku: str, units: int) -> None:
        self.vendor.refund(order_id, [(sku, units)])

    def edit(self, order_id: str, sku: str, units: int) -> None:
        self.vendor.edit(order_id, {sku: units})

    def recorded(self) -> Sequence[tuple[str, bool]]:
        made = self.world.ledger.of_kind("woocommerce", "fulfillment_created")
        return [(str(one.data["number"] or ""), bool(one.data["notified"])) for one in made]

    def suspect(self, order_id: str) -> None:
        raise NotImplementedError("the shop flags no order as a risk: see the abilities of the kind")
