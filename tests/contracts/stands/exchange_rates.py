"""A file of exchange rates behind a password, at a web address: as CSV, and as JSON with the rates by currency."""

from __future__ import annotations

from typing import Any

from local.sandbox.feed import FeedConfig, StockFeed
from local.sandbox.inventory import Inventory
from tests.support.stand import BASE, SignalStand


class STAND(SignalStand):
    """As CSV."""

    kind = "exchange_rates"
    lines = {"url": f"{BASE}/stock.csv", "base": "EUR", "quoted": "units_per_base"}
    secrets = {"username": "feed-reader", "password": "sandbox-pass"}
    content = b""
    """The sample where it is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.vendor = StockFeed(
            self.world, Inventory(self.clock.now()), FeedConfig(*self.secrets.values()), self.faults
        )
        self.vendor._frozen = self.content or next(self.samples().iterdir()).read_bytes()

    def read(self, connector: Any) -> Any:
        return connector.read_rates(connector.open_feed(""), {})


class AsJson(STAND):
    """As JSON."""

    name = "exchange_rates-json"
    content = b'{"base": "EUR", "date": "2026-11-20", "rates":\n {"USD": 1.0823,\n "JPY": 162.37}}\n'


MORE = (AsJson,)
