"""Promises P3 and P4: what the store was made to show, against what could be sold and what a price may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from local.sandbox.wire import LedgerEntry
from orderwright.domain.config import Config
from orderwright.domain.unit_cost import UnitCost
from tests.simulation.judge.evidence import Book
from tests.simulation.judge.prices import Bounds, bounds
from tests.simulation.judge.writes import Write, body_of
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

WINDOW = timedelta(minutes=20)
"""How old a decision may be when it reaches the store: a function's minute, a frozen worker's stand-still and the vendor's
late effect together stay below it. Whatever was right at any instant of the window is not accused: a reservation that is
made while a push is on its way brings a push of its own, and only a quantity that was never right is an oversell."""


class OfferNow(NamedTuple):
    """A supplier's offer at one instant. `taken` are the open reservations."""

    supplier: str
    stock: int
    buffer: int
    taken: int
    sellable: int
    cost: UnitCost
    freight: UnitCost
    retired: bool

    @property
    def room(self) -> int:
        """What may be sold of it, by promise P3's own sum."""
        return 0 if self.retired else max(0, self.stock - self.buffer - self.taken)


class ListingNow(NamedTuple):
    """What we want the store to show, and what we believe that it shows. Prices in minor units."""

    version: int
    body: dict[str, Any]

    def price(self, name: str) -> int | None:
        """One of its prices."""
        found = self.body.get(name)
        return None if found is None else int(found["minor"])


@dataclass
class Reported:
    """What the supplier had of an article, and so may have reported: all values, the least, the last two."""

    values: dict[int, bool] = field(default_factory=dict)
    least: int = 0
    last: tuple[int, ...] = ()

    def note(self, stock: int) -> None:
        """It has so many now."""
        self.least = min(self.least, stock) if self.values else stock
        self.values[stock] = True
        self.last = (*self.last[-1:], stock)


@dataclass
class Shelf:
    """Offers and listings as they were written, the offers of the last minutes among them."""

    offers: dict[str, dict[str, OfferNow]] = field(default_factory=dict)
    listings: dict[str, ListingNow] = field(default_factory=dict)
    reserved: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    past: dict[str, list[tuple[datetime, tuple[OfferNow, ...]]]] = field(default_factory=dict)
    reports: dict[str, Reported] = field(default_factory=dict)
    changes: tuple[int, int] = (-1, 0)
    """How often stock had changed at the supplier at the last look, and how many articles it sold no more."""
    second_feed: dict[str, int] = field(default_factory=dict)
    """What the operator's second feed says, by SKU."""

    # --- our own writes -----------------------------------------------------------------------------------------------

    def on_write(self, write: Write, book: Book, now: datetime) -> Iterator[str]:
        """An offer, a listing or a SKU was written."""
        if write.item is None:
            return
        sku, body = write.pk.removeprefix("SKU#"), body_of(write.item)
        if write.sk == "SKU":
            self.categories[sku] = body.get("category", "")
        elif write.sk.startswith("OFFER#"):
            yield from self._offer(sku, body, now)
        elif write.sk == f"LISTING#{STORE}":
            after = ListingNow(int(write.item["version"]["N"]), body)
            before = self.listings.get(sku)
            self.listings[sku] = after
            if before is not None and after.version == before.version + 1:
                yield from stepped(sku, before, after, list(book.in_force(now)))

    def _offer(self, sku: str, body: dict[str, Any], now: datetime) -> Iterator[str]:
        supplier = body["supplier"]
        taken = body.get("open", {})
        offer = OfferNow(
            supplier,
            body["stock"],
            body.get("buffer", 0),
            sum(taken.values()),
            body["sellable"],
            UnitCost.model_validate(body["cost"]),
            UnitCost.model_validate(body["freight"]),
            body.get("retired", False),
        )
        before = self.offers.setdefault(sku, {}).get(supplier)
        self.offers[sku][supplier] = offer
        self.reserved[sku, supplier] = taken
        history = self.past.setdefault(sku, [])
        history.append((now, tuple(one for _, one in sorted(self.offers[sku].items()))))
        while len(history) > 1 and history[1][0] < now - WINDOW:
            del history[0]
        if before is not None and offer.stock > 0 and not self._was_reported(sku, offer.stock):
            yield f"P3: {offer.stock} of {sku} are in the offer, and the supplier never had that many"

    def _was_reported(self, sku: str, stock: int) -> bool:
        told = self.reports.get(sku)
        # Between two looks it may have passed through any value in between, one paid order after the other.
        return (
            told is None
            or stock in (*told.values, self.second_feed.get(sku))
            or min(told.last) <= stock <= max(told.last)
        )

    def look_at_supplier(self, sim: Sim) -> None:
        """What the supplier has now, and so may report."""
        off_sale, self.second_feed = sim.memory.get("off_sale", {}), sim.memory.get("second_feed", {})
        changes = (sim.supplier.inventory.stock_changes, len(off_sale))
        if changes == self.changes:
            return
        self.changes = changes
        for sku, position in sim.supplier.inventory.positions.items():
            told = self.reports.get(sku)
            if told is None:
                told = self.reports[sku] = Reported()
            if not told.last or told.last[-1] != position.stock:
                told.note(position.stock)
            if sku in off_sale:
                told.least = 0

    # --- the store's ledger -------------------------------------------------------------------------------------------

    def recent(self, sku: str, since: datetime) -> list[tuple[OfferNow, ...]]:
        """All states of a SKU's offers since then, at most within the window: the one that it began with, and each since."""
        history = self.past.get(sku, [])
        first = 0
        while first + 1 < len(history) and history[first + 1][0] < since:
            first += 1
        return [offers for _, offers in history[first:]]

    def on_quantity(self, entry: LedgerEntry, sim: Sim) -> Iterator[str]:
        """A quantity was set in the store, by a call of ours: sales and cancellations move units without this line."""
        sku, quantity, now = entry.reference, entry.data["after"], sim.clock.at
        recent = self.recent(sku, now - WINDOW)
        ours = entry.data["location"] == sim.config.stores[STORE].location
        if not recent or not ours or sku in sim.memory.get("changed_by_hand", ()):
            return
        most = max((offer.room for offers in recent for offer in offers), default=0)
        if quantity > most:
            yield f"P3: {quantity} of {sku} were published, and never more than {most} could be sold"

    def on_price(self, entry: LedgerEntry, sim: Sim, book: Book) -> Iterator[str]:
        """A price was set in the store."""
        sku, now = entry.reference, sim.clock.at
        recent = self.recent(sku, now - WINDOW)
        if not recent or sku in sim.memory.get("changed_by_hand", ()):
            return
        price, configs = Decimal(entry.data["after"]), list(book.in_force(now - WINDOW))
        allowed = [one for offers in recent for config in configs for one in self.allowed(sku, offers, config, now)]
        if not any(one.hold(price) for one in allowed):
            said = ", ".join(sorted({f"{one.lowest} to {one.highest or 'any'}" for one in allowed})) or "no price"
            yield f"P4: {sku} was published at {price}, allowed is {said}"

    def allowed(self, sku: str, offers: tuple[OfferNow, ...], config: Config, now: datetime) -> list[Bounds]:
        """What a price may be, for each offer that is not retired."""
        currency, category = config.stores[STORE].currency, self.categories.get(sku, "")
        found: list[Bounds | None] = []
        for offer in offers:
            if not offer.retired:
                found.append(
                    bounds(offer.cost, offer.freight, config.rules, sku, category, STORE, currency, now.date())
                )
        return [one for one in found if one is not None]


def stepped(sku: str, before: ListingNow, after: ListingNow, configs: list[Config]) -> Iterator[str]:
    """No step above the limit without approval. What was shown, approved or just asked for is no step."""
    old, new = before.price("desired_price"), after.price("desired_price")
    shown = before.price("published_price") or old
    if new is None or shown is None or new in (old, shown, before.price("approved_price")):
        return
    if not any(abs(new - shown) * 100 <= config.rules.price_step_percent * shown for config in configs):
        yield f"P4: the price of {sku} goes from {shown} to {new} at once, and nobody approved it"
