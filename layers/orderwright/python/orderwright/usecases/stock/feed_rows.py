"""Rows of a feed to offers: only changed rows come here; read by the hundred, written by the two dozen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from orderwright.domain.catalogue import Offer, OfferReport, Reported
from orderwright.domain.sources import Sources
from orderwright.domain.stock_diff import NOT_TOLD, Row, cost_in, places_in
from orderwright.domain.time_line import Stamp
from orderwright.errors import Conflict
from orderwright.ports.connection import Clock
from orderwright.records import ALIAS, CATALOGUE, Key, Stored, offer_key, offer_ref
from orderwright.storage import Put, Storage
from orderwright.usecases.stock.offers import offer_put, park_note, rewrite_offer

FUNCTION = "poll_stock"
READ_AT_ONCE = 100
# A transaction of 25 is one request; a conflict in it costs 25 single writes.
WRITE_AT_ONCE = 25


@dataclass
class RowCounts:
    """What became of rows."""

    rows: int = 0
    written: int = 0
    unmapped: int = 0
    refused: int = 0


def report_of(row: Row, observed_at: datetime) -> OfferReport:
    """A row as a report. A feed knows one id of a SKU only."""
    stock = None if row[1] == NOT_TOLD else row[1]
    return OfferReport(row[0], "", stock, cost_in(row), observed_at, places=places_in(row))


def sold_out(sku: str, observed_at: datetime) -> OfferReport:
    """A SKU that left the feed within the breaker's limits: nothing of it may be sold (promise P3); its cost is unknown."""
    return OfferReport(sku, "", 0, None, observed_at, left=True)


@dataclass(frozen=True)
class RowWriter:
    """Applies reports to the offers of one supplier. Safe to repeat: what is not newer changes nothing."""

    connection: str
    supplier: str
    storage: Storage
    clock: Clock
    correlation: str
    sources: Sources
    ours: Callable[[str], str] = field(default=lambda _: "")  # our SKU for one that is spelled otherwise

    def apply(self, reports: Iterable[OfferReport], sold: list[str] | None = None) -> RowCounts:
        """All of them; gives what became of them. Names of those that we sell are added to `sold`."""
        counts = RowCounts()
        waiting = iter(reports)
        while chunk := list(islice(waiting, READ_AT_ONCE)):
            counts.rows += len(chunk)
            self._apply_chunk(chunk, counts, sold)
        return counts

    def _apply_chunk(self, chunk: Sequence[OfferReport], counts: RowCounts, sold: list[str] | None) -> None:
        found = self.storage.get_many([offer_key(report.supplier_sku, self.supplier) for report in chunk], Offer)
        work: dict[Key, tuple[Stored[Offer], OfferReport]] = {}
        for report in chunk:
            key = offer_key(report.supplier_sku, self.supplier)
            stored = found.get(key) or self._by_supplier_id(report.supplier_sku)
            if stored is None:
                counts.unmapped += 1
                continue
            if sold is not None and not stored.model.retired:
                sold.append(report.supplier_sku)
            # The same offer under two ids of one feed: a transaction takes an item once, the later row counts.
            work[offer_key(stored.model.sku, self.supplier)] = (stored, report)
        puts: list[Put] = []
        reports: dict[Key, OfferReport] = {}
        for key, (stored, report) in work.items():
            applied = self._judge(stored.model, report)
            if applied.refused is not None:
                counts.refused += 1
                park_note(self.storage, self.connection, "stock", stored.model.sku, applied.refused, self.clock.now())
            if applied.offer != stored.model:
                puts.append(offer_put(applied.offer, stored.version, matters=applied.matters))
                reports[key] = report
        for group in _groups(puts, WRITE_AT_ONCE):
            counts.written += len(group)
            try:
                self.storage.commit(group, correlation=self.correlation)
            except Conflict:
                for put in group:
                    self._write_alone(put.key, reports[put.key])

    def _by_supplier_id(self, supplier_id: str) -> Stored[Offer] | None:
        """The feed may know the supplier's own id instead of our SKU."""
        for key in self.storage.find(CATALOGUE, offer_ref(self.supplier, supplier_id)):
            if key.sk in (f"OFFER#{self.supplier}", f"{ALIAS}{self.supplier}"):
                return self.storage.get(offer_key(key.pk.removeprefix("SKU#"), self.supplier), Offer)
        sku = self.ours(supplier_id)
        return self.storage.get(offer_key(sku, self.supplier), Offer) if sku else None

    def _judge(self, offer: Offer, report: OfferReport) -> Reported:
        stamp = Stamp(self.clock.now(), f"{FUNCTION} {self.connection}")
        return offer.reported(report, self.sources.of_feed(self.connection), self.sources, stamp)

    def _write_alone(self, key: Key, report: OfferReport) -> None:
        """A reservation came between: read again, and the same report goes on top of it."""

        def on_top(stored: Stored[Offer]) -> Put | None:
            applied = self._judge(stored.model, report)
            if applied.offer == stored.model:
                return None
            return offer_put(applied.offer, stored.version, matters=applied.matters)

        rewrite_offer(self.storage, key, on_top, Conflict, self.correlation)


def _groups(puts: Sequence[Put], size: int) -> Iterator[Sequence[Put]]:
    return (puts[start : start + size] for start in range(0, len(puts), size))
