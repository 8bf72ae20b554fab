"""A file of competitors' prices over HTTPS, as a price watch sells it: CSV, or the same rows as JSON. Prices are set by hand."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from local.sandbox.feed import FeedConfig, StockFeed
from local.sandbox.inventory import Inventory
from local.sandbox.kit.vendor import Account
from local.sandbox.wire import Faults, Request, Response, World

CSV_PATH, JSON_PATH = "/competitors.csv", "/competitors.json"
HEADER = ("sku", "seller", "price", "currency", "shipping", "condition", "seen_at")


class Quote(NamedTuple):
    """What a competitor asks for one piece, and for sending it."""

    price: Decimal
    seen_at: datetime
    shipping: Decimal = Decimal("0.00")
    currency: str = "USD"
    condition: str = "new"


FIRST = (
    ("HL-MS-400", "Peak Torches", "26.90"),
    ("HL-MS-400", "Outdoor Barn", "24.50"),
    ("HL-UL-300", "Peak Torches", "27.90"),
    ("HL-KID-120", "Outdoor Barn", "14.90"),
    ("HL-PRO-1200", "Peak Torches", "69.00"),
)
"""Above our own prices: nobody undercuts at the beginning."""


class CompetitorFile(StockFeed):
    """`handle` answers GET /competitors.csv and /competitors.json, with the faults of a stock file."""

    path, vendor = CSV_PATH, "competitors"

    def __init__(self, world: World, config: FeedConfig | None = None, faults: Faults | None = None) -> None:
        super().__init__(world, Inventory(world.clock()), config or FeedConfig("competitors"), faults)
        self._as_json = False
        now = world.clock()
        self.quotes = {(sku, seller): Quote(Decimal(price), now) for sku, seller, price in FIRST}

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request."""
        self._as_json = request.path == JSON_PATH
        answer = super().handle(replace(request, path=CSV_PATH) if self._as_json else request)
        if self._as_json and answer.status == 200:
            return replace(answer, headers={**answer.headers, "content-type": "application/json"})
        return answer

    @property
    def account(self) -> Account:
        """The reader's account."""
        secrets = {"username": self.config.user, "password": self.config.password}
        return Account("competitors", f"/{self.vendor}{CSV_PATH}", secrets)

    def set_price(self, sku: str, seller: str, price: Decimal | None, **more: str) -> None:
        """What a competitor asks from now on; None: it does not sell the article any more. `more`: see Quote."""
        before = self.quotes.pop((sku, seller), None)
        if price is not None:
            base = before or Quote(price, self._world.clock())
            shipping = Decimal(more.pop("shipping", str(base.shipping)))
            self.quotes[sku, seller] = base._replace(
                price=price, seen_at=self._world.clock(), shipping=shipping, **more
            )
        shown = None if price is None else str(price)
        self._world.record(self.vendor, "price_set", sku, seller=seller, price=shown)

    def _shown(self) -> list[dict[str, str]]:
        return [
            {
                "sku": sku,
                "seller": seller,
                "price": f"{one.price}",
                "currency": one.currency,
                "shipping": f"{one.shipping}",
                "condition": one.condition,
                "seen_at": f"{one.seen_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            }
            for (sku, seller), one in sorted(self.quotes.items())
        ]

    def _render(self) -> bytes:
        if self._as_json:
            return json.dumps({"prices": self._shown()}, indent=1).encode()
        text = io.StringIO()
        writer = csv.DictWriter(text, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._shown())
        return text.getvalue().encode()
