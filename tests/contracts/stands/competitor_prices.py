"""A file of competitors' prices behind a password, at a web address: as CSV, and as JSON."""

from __future__ import annotations

from typing import Any

from local.sandbox.competitors import CSV_PATH, JSON_PATH, CompetitorFile
from local.sandbox.feed import FeedConfig
from tests.support.stand import BASE, SignalStand


class STAND(SignalStand):
    """As CSV."""

    kind = "competitor_prices"
    lines = {"url": f"{BASE}{CSV_PATH}"}
    secrets = {"username": "watcher", "password": "sandbox-pass"}

    def __init__(self) -> None:
        super().__init__()
        self.vendor = CompetitorFile(self.world, FeedConfig(*self.secrets.values()), self.faults)

    def read(self, connector: Any) -> Any:
        return list(connector.read_prices(connector.open_feed("").lines, {}))


class AsJson(STAND):
    """As JSON."""

    name = "competitor_prices-json"
    lines = {"url": f"{BASE}{JSON_PATH}"}


MORE = (AsJson,)
