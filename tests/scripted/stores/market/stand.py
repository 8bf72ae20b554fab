"""Market stood up for the suites of tests/contracts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from local.sandbox.kit.people import Address, Buyer
from local.sandbox.wire import Delivery
from orderwright.domain.order import PaymentState
from orderwright.webhooks import Request as WebhookRequest
from tests.scripted.stores.market.sandbox import KIND, MarketConfig, MarketStore
from tests.scripted.stores.market.webhook import signature
from tests.support.hooks import posted
from tests.support.stand import BASE, StoreStand


class MarketStand(StoreStand):
    """A shop without goods."""

    kind, package = KIND, __package__ or ""
    currency, page = "EUR", 50
    shows = frozenset(PaymentState)
    lines = {"base_url": BASE, "key_id": "mk_sandbox"}
    secrets = {"api_secret": "ms_sandbox", "webhook_secret": "whs-1"}
    signing = "whs-1"

    def __init__(self) -> None:
        super().__init__()
        self.vendor = self.store = MarketStore(self.world, MarketConfig(), goods=())
        self.store.faults = self.faults

    @classmethod
    def samples(cls) -> Path:
        return Path(__file__).with_name("samples")

    def subscriptions(self) -> object:
        return [(one.id, one.url, one.topics, one.active) for one in self.store.hooks.subscriptions]

    def webhook(self, sample: str, body: bytes, secret: str) -> WebhookRequest:
        return posted({"x-market-signature": signature(secret, body), "x-market-delivery": "1"}, body)

    def answered(self, challenge: Delivery) -> None:
        self.store.report_delivery(challenge.url, ok=True)

    def buy(self, lines: Mapping[str, int]) -> str:
        return str(self.store.buy(list(lines.items()), Buyer(), Address(), oversell=True).number)

    def fee(self, amount: str) -> None:
        self.store.config.fee = amount


STANDS = (MarketStand,)
