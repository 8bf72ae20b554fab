"""A stock file stood up: the sandbox's feed, with a file of ours."""

from __future__ import annotations

from local.sandbox.feed import FeedConfig, StockFeed
from local.sandbox.inventory import Inventory
from tests.support.stand import BASE, FeedStand


class STAND(FeedStand):
    """A file behind a password."""

    kind = "csv"
    lines = {"url": f"{BASE}/stock.csv", "offers_of": "cj"}
    secrets = {"username": "feed-reader", "password": "sandbox-pass"}
    rows = {"LAMP-1": (40, "6.40"), "LAMP-2": (0, "12.5"), "LAMP-3": (7, "3.275")}
    bad = b"sku,qty,cost\nG-1,4,1.00\nB-1,many,1.00\n"

    def __init__(self) -> None:
        super().__init__()
        self.vendor = StockFeed(
            self.world, Inventory(self.clock.now()), FeedConfig(*self.secrets.values()), self.faults
        )
        self.show(self.sample())

    def show(self, content: bytes) -> None:
        self.vendor._frozen = content
