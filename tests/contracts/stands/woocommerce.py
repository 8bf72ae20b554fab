"""WooCommerce stood up: the sandbox's shop, without goods."""

from __future__ import annotations

from collections.abc import Mapping

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
