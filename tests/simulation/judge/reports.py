"""Promises P3 and P4: what a supplier's report makes of an offer, and when a reservation may be taken and closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from orderwright.domain.base import from_iso
from tests.simulation.judge.evidence import Book
from tests.simulation.judge.shelf import Shelf
from tests.simulation.judge.writes import Write, body_of


class Bought(NamedTuple):
    """A purchase order as it was written last."""

    supplier: str
    state: str
    placed_at: datetime | None


@dataclass
class Reports:
    """Offers and feeds as they were written last, and which purchase order uses which reservation."""

    offers: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    bought: dict[str, Bought] = field(default_factory=dict)
    feeds: dict[str, datetime] = field(default_factory=dict)

    def on_write(self, write: Write, shelf: Shelf, book: Book) -> Iterator[str]:
        """An offer, a purchase order or a feed's state was written. To be asked before `shelf` takes it in."""
        if write.item is None:
            return
        if write.table == "orders" and write.sk.startswith("PO#"):
            self._purchase_order(write)
        elif write.table == "control" and write.pk.startswith("FEED#"):
            body = body_of(write.item)
            if body.get("snapshot_at"):
                self.feeds[write.pk] = from_iso(body["snapshot_at"])
        elif write.table == "catalogue" and write.sk.startswith("OFFER#"):
            yield from self._offer(write, shelf, book)

    def _purchase_order(self, write: Write) -> None:
        assert write.item is not None
        body = body_of(write.item)
        placed = from_iso(body["placed_at"]) if body.get("placed_at") else None
        bought = Bought(body["supplier"], body.get("state", "NEW"), placed)
        for line in body["lines"]:
            if line.get("reservation"):
                self.bought[f"{write.pk}|{line['reservation']}"] = bought

    def _offer(self, write: Write, shelf: Shelf, book: Book) -> Iterator[str]:
        assert write.item is not None
        after, place = body_of(write.item), (write.pk, write.sk)
        before, self.offers[place] = self.offers.get(place), after
        if before is None:
            return
        sku = write.pk.removeprefix("SKU#")
        told, sources = before.get("stock_from", ""), book.configs[-1][1].sources_of(after["supplier"])
        overruled = sources.may_replace(told, after.get("stock_from", ""), newer=False)
        if from_iso(after["observed_at"]) < from_iso(before["observed_at"]) and not overruled:
            yield f"P4: an older report of {sku} replaced a newer one"
        if before["stock"] > 0 and after["stock"] == 0 and not _had_none(shelf, sku):
            yield f"P4: {sku} was taken for sold out, and the supplier never said so"
        held, holds = before.get("open", {}), after.get("open", {})
        if holds.keys() - held.keys() and after["sellable"] < 0:
            yield f"P3: {sku} was reserved though it was not there: {-after['sellable']} too many"
        for name in sorted(held.keys() - holds.keys()):
            yield from self._closed(name, sku, from_iso(after["observed_at"]), book)

    def _closed(self, name: str, sku: str, observed_at: datetime, book: Book) -> Iterator[str]:
        """Of a placed purchase order, only behind the first report that can show it."""
        bought = self.bought.get(name)
        if bought is None or bought.state != "PLACED" or bought.placed_at is None or not book.configs:
            return
        dealing = book.by_number.get(name.partition("|")[0].partition("#")[2])
        if dealing is not None and dealing.refused[sku]:
            return
        lag = timedelta(minutes=book.configs[-1][1].suppliers[bought.supplier].lag_minutes)
        if max([observed_at, *self.feeds.values()]) <= bought.placed_at + lag:
            yield f"P3: the reservation of {sku} for {name} was closed before the supplier reported after its placement"


def _had_none(shelf: Shelf, sku: str) -> bool:
    """It had none at some moment; between two looks it may have passed through none."""
    told = shelf.reports.get(sku)
    return told is None or told.least <= 0
