"""Counting a day: what the time stamps of an order's purchase orders and parcels add to each supplier's day. Pure.

counts   orders: purchase orders made. accepted, refused, taken_back (late): with that outcome; partly_refused: some lines.
         parcels, delivered, on_time, late (against the agreed days, else the carrier's own date), lost (LOST_AFTER days
         without an end), unscanned (a number for UNSCANNED_AFTER days without any scan), returned, renumbered, failures (of
         its connection, as they were written down), and pieces by what became of them, the fields of SkuDay: pieces_sold ...
         With a currency behind the name, in minor units: margin and net as reckoned, planned and billed cost.
         The end of a parcel counts on the day when we heard of it; how long it took is by the carrier's own time.
hours    to_accept (people's answers), to_ship (ordered until a parcel left), to_deliver DE (left until delivered there),
         lane DE dhl (the same by this carrier).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from orderwright.declarations import Capability
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.order import OrderLine
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_state import LATE, REFUSED, PurchaseOrderState
from orderwright.domain.scoring.day import Breach, SkuDay, SupplierDay
from orderwright.domain.shipment import Shipment, ShipmentState
from orderwright.domain.supplier_answers import UNCONFIRMED

LANE = "lane "
UNSCANNED_AFTER = 5
LOST_AFTER = 45
"""Days after which a parcel without a scan, or without an end, is counted."""
HOURS_EXACT = 48
MOST_HOURS = 24 * 400
_NO_STOCK = re.compile(
    r"(?<!wood)stock(?:ed|s)?(?![a-z])|sold[ -]?out|inventory|none left|ausverkauft|vergriffen|lager|loppu|varasto|缺货"
    r"|\b(?:item|product|variant|article|sku)\b.{0,40}(?:not available|unavailable)",
    re.IGNORECASE,
)
_REFUSED = ("refused by", "cancelled by the supplier", "taken back from", "withdrawn")
HOUR = timedelta(hours=1)


class OrderSeen(NamedTuple):
    """One order as it is held. `country`: where it goes, "" once its buyer was erased. `quiet`: days without any change.

    `lines`: as they were sold, which says what was sold as a bundle.
    """

    pk: str
    purchase_orders: tuple[PurchaseOrder, ...]
    parcels: tuple[Shipment, ...]
    country: str = ""
    quiet: int = 0
    lines: tuple[OrderLine, ...] = ()

    @property
    def store(self) -> str:
        """Where it was sold."""
        return self.pk.partition("#")[0]


class Bought(NamedTuple):
    """Pieces of one line of a purchase order."""

    line_id: str
    sku: str
    units: int


def for_stock(*texts: str) -> bool:
    """Do the supplier's code or words say that it has none? In English, German, Finnish and Chinese."""
    return any(_NO_STOCK.search(text) for text in texts)


def hours_up(span: timedelta) -> int:
    """Whole hours, rounded up; beyond two days whole days, so that a day stays small. Never negative."""
    hours = min(max(-(-span // HOUR), 0), MOST_HOURS)
    return hours if hours <= HOURS_EXACT else -(-hours // 24) * 24


class Tally:
    """One supplier's day while it is counted."""

    def __init__(self, held: SupplierDay) -> None:
        self._held = held
        self.counted_to = held.counted_to
        self.counts = Counter(held.counts)
        self.hours = {name: Counter(spread) for name, spread in held.hours.items()}
        self.skus = {sku: Counter(one.model_dump(exclude_defaults=True)) for sku, one in held.skus.items()}
        self.stores = {store: Counter(sold) for store, sold in held.stores.items()}
        self.breaches = list(held.breaches)

    def pieces(self, what: str, pieces: Iterable[tuple[str, int]]) -> None:
        """Of SKUs: `what` is a field of SkuDay."""
        for sku, units in pieces:
            self.skus.setdefault(sku, Counter())[what] += units
            self.counts[f"pieces_{what}"] += units

    def sold(self, store: str, sku: str, units: int) -> None:
        """In one store; what was refused is negative."""
        self.stores.setdefault(store, Counter())[sku] += units

    def took(self, what: str, span: timedelta) -> None:
        """So long."""
        self.hours.setdefault(what, Counter())[hours_up(span)] += 1

    def day(self) -> SupplierDay:
        """What was counted."""
        return SupplierDay(
            supplier=self._held.supplier,
            day=self._held.day,
            counts=dict(sorted(self.counts.items())),
            hours={name: dict(sorted(spread.items())) for name, spread in sorted(self.hours.items())},
            skus={sku: SkuDay(**one) for sku, one in sorted(self.skus.items())},
            stores={store: dict(sorted(sold.items())) for store, sold in sorted(self.stores.items())},
            breaches=tuple(self.breaches),
            counted_to=self.counted_to,
        )


class Counting:
    """All suppliers' day; `held` gives what was counted of one before. An order up to its `counted_to` adds nothing again."""

    def __init__(
        self,
        day: date,
        settings: Mapping[str, SupplierSettings],
        held: Callable[[str], SupplierDay | None] | None = None,
    ) -> None:
        self._day, self._settings, self._held = day, settings, held
        self._end = datetime.combine(day + timedelta(days=1), time(), UTC)
        self.tallies: dict[str, Tally] = {}

    def tally(self, supplier: str) -> Tally:
        """A supplier's: with what an earlier piece of the work has counted, else empty."""
        if supplier not in self.tallies:
            self.tallies[supplier] = Tally(
                (self._held(supplier) if self._held else None) or SupplierDay(supplier=supplier, day=self._day)
            )
        return self.tallies[supplier]

    def add(self, seen: OrderSeen) -> None:
        """One order; they come in the order of their keys."""
        bundles = _bundles(seen)
        for supplier in sorted({po.supplier for po in seen.purchase_orders}):
            tally = self.tally(supplier)
            if seen.pk <= tally.counted_to:
                continue
            for po in seen.purchase_orders:
                if po.supplier == supplier:
                    parcels = [one for one in seen.parcels if one.reference == po.reference]
                    sold, refused = self._purchase(tally, po), self._refusals(tally, po)
                    for one, sign in (*((one, 1) for one in sold), *((one, -1) for one in refused)):
                        tally.sold(seen.store, one.sku, sign * one.units)
                        if units := bundles.get((po.reference, one.line_id)):
                            tally.sold(seen.store, units.sku, sign * units.units)
                    self._terms(tally, po, parcels)
                    for parcel in parcels:
                        self._parcel(tally, po, parcel, seen)
            tally.counted_to = seen.pk

    def _on(self, at: datetime | None) -> bool:
        return at is not None and at.astimezone(UTC).date() == self._day

    def _people(self, supplier: str) -> bool:
        settings = self._settings.get(supplier)
        return settings is not None and settings.can(Capability.DESK)

    def _purchase(self, tally: Tally, po: PurchaseOrder) -> list[Bought]:
        """Gives what was sold on this day."""
        lines, bought, sold = _lines_of(po), [(line.sku, line.quantity) for line in po.lines], list[Bought]()
        nothing = po.state is PurchaseOrderState.CANCELLED and po.cancel_outcome not in (REFUSED, LATE)
        if self._on(po.created_at) and not nothing:  # never bought, and not for want of a supplier: no sale of this one
            tally.counts["orders"] += 1
            tally.pieces("sold", [(one.sku, one.units) for one in lines])
            sold = lines
        accepted = self._accepted_at(po)
        if self._on(accepted):
            tally.counts["accepted"] += 1
            tally.pieces("accepted", bought)
            if self._people(po.supplier) and accepted and po.placed_at:
                tally.took("to_accept", accepted - po.placed_at)
        if self._on(po.placed_at):
            planned = po.unquoted().expected_cost
            billed = po.payable or po.expected_cost
            tally.counts[f"planned {planned.currency}"] += planned.minor
            tally.counts[f"billed {billed.currency}"] += billed.minor
            if po.reckoning is not None:
                tally.counts[f"margin {po.reckoning.margin.currency}"] += po.reckoning.margin.minor
                tally.counts[f"net {po.reckoning.net.currency}"] += po.reckoning.net.minor
        return sold

    def _accepted_at(self, po: PurchaseOrder) -> datetime | None:
        """People say so; an API has said so when the order was placed."""
        return po.confirmed_at if self._people(po.supplier) else po.placed_at

    def _refusals(self, tally: Tally, po: PurchaseOrder) -> list[Bought]:
        """Gives what was refused on this day."""
        refused: list[Bought] = []
        by_line = {one.line_id: one for one in po.answers.refused}
        whole = po.state is PurchaseOrderState.REJECTED or po.cancel_outcome in (REFUSED, LATE)
        when = [entry.at for entry in po.log if entry.what.startswith(_REFUSED)]
        if whole and self._on(when[-1] if when else None):
            late = po.cancel_outcome == LATE
            tally.counts["taken_back" if late else "refused"] += 1
            self._broken_at_the_end(tally, po, when[-1])
            whole_lines = [one for one in _lines_of(po) if one.line_id not in by_line]
            refused += whole_lines
            lines = [(one.sku, one.units) for one in whole_lines]
            tally.pieces("refused", lines)
            if not late and any(for_stock(reason.code, reason.message) for reason in po.reasons):
                tally.pieces("out_of_stock", lines)
        now = [one for one in by_line.values() if self._on(one.at)]
        if now and not whole:
            tally.counts["partly_refused"] += 1
        here = {line.line_id: (line.sku, line.quantity) for line in po.lines}
        for one in now:
            pieces = here.get(one.line_id, (one.sku, one.units))
            if pieces[1]:
                refused.append(Bought(one.line_id, *pieces))
                tally.pieces("refused", [pieces])
                if for_stock(one.why):
                    tally.pieces("out_of_stock", [pieces])
        return refused

    def _broken_at_the_end(self, tally: Tally, po: PurchaseOrder, ended: datetime) -> None:
        """It was given to another supplier since nobody confirmed it, or no parcel left: what was agreed was not kept."""
        settings, codes = self._settings.get(po.supplier), {reason.code for reason in po.reasons}
        term = {LATE: "ship_within_hours"}.get(
            po.cancel_outcome, "confirm_within_hours" if UNCONFIRMED in codes else ""
        )
        hours = getattr(settings.terms, term) if settings and term else None
        if hours and (late := ended - po.created_at - hours * HOUR) > timedelta(0):
            self._broken(tally, po, term, late)

    def _parcel(self, tally: Tally, po: PurchaseOrder, parcel: Shipment, seen: OrderSeen) -> None:
        pieces = [(line.sku, line.quantity) for line in parcel.lines]
        if self._on(parcel.created_at):
            tally.counts["parcels"] += 1
            tally.pieces("shipped", pieces)
            if po.placed_at is not None:
                tally.took("to_ship", parcel.created_at - po.placed_at)
        if self._on(parcel.renumbered_at):
            tally.counts["renumbered"] += 1
        ended = parcel.ended and self._on(_heard(parcel))
        if ended and parcel.state is ShipmentState.RETURN_TO_SENDER:
            tally.counts["returned"] += 1
            tally.pieces("returned", pieces)
        if ended and parcel.state is ShipmentState.DELIVERED and parcel.state_at is not None:
            tally.counts["delivered"] += 1
            tally.took(f"to_deliver {seen.country}".strip(), parcel.state_at - parcel.created_at)
            if seen.country and parcel.carrier:
                tally.took(f"{LANE}{seen.country} {parcel.carrier}", parcel.state_at - parcel.created_at)
            agreed = self._agreed(po, seen.country)
            due = agreed or self._told(parcel)
            if due is not None:
                tally.counts["late" if parcel.state_at > due else "on_time"] += 1
            if agreed is not None and parcel.state_at > agreed:
                self._broken(tally, po, "deliver_within_days", parcel.state_at - agreed)
        if not parcel.tracker_id or parcel.ended:
            return
        if self._silent(parcel.renumbered_at or parcel.created_at, UNSCANNED_AFTER, seen.quiet):
            tally.counts["unscanned"] += parcel.state is ShipmentState.PENDING
        if self._silent(parcel.created_at, LOST_AFTER, seen.quiet):
            tally.counts["lost"] += 1
            agreed = self._agreed(po, seen.country)
            if agreed is not None and agreed < self._end:
                self._broken(tally, po, "deliver_within_days", self._end - agreed, still=True)

    def _silent(self, since: datetime, days: int, quiet: int) -> bool:
        """Is it silent for that long on this day? Asked once, when its order had no change for so many days.

        An order is quiet for `days` again only after more than `days`: what began before that was counted, if it was.
        """
        last = self._day - timedelta(days=days)
        return quiet == days and last - timedelta(days=days) < since.date() <= last

    def _agreed(self, po: PurchaseOrder, country: str) -> datetime | None:
        settings = self._settings.get(po.supplier)
        days = settings.terms.deliver_within_days.get(country) if settings else None
        return po.placed_at + timedelta(days=days) if days and po.placed_at else None

    @staticmethod
    def _told(parcel: Shipment) -> datetime | None:
        """The end of the day that the carrier told."""
        told = parcel.expected_at
        return None if told is None else datetime.combine(told.date() + timedelta(days=1), time(), UTC)

    @staticmethod
    def _broken(tally: Tally, po: PurchaseOrder, term: str, late: timedelta, *, still: bool = False) -> None:
        tally.breaches.append(Breach(reference=po.reference, term=term, hours=hours_up(late), open=still))

    def _terms(self, tally: Tally, po: PurchaseOrder, parcels: list[Shipment]) -> None:
        settings = self._settings.get(po.supplier)
        if settings is None or po.placed_at is None:
            return
        sent = min((parcel.created_at for parcel in parcels), default=None)
        for term, done in (("confirm_within_hours", self._accepted_at(po)), ("ship_within_hours", sent)):
            hours = getattr(settings.terms, term)
            if hours:
                self._judge(tally, po, term, po.placed_at + hours * HOUR, done)

    def _judge(self, tally: Tally, po: PurchaseOrder, term: str, due: datetime, done: datetime | None) -> None:
        """On the day when it was due, and once more on the day when it came."""
        still = done is None or done >= self._end
        if done is None and po.state is not PurchaseOrderState.PLACED:
            return
        if (done or self._end) <= due or not (self._on(due) or (self._on(done) and due < self._end)):
            return
        self._broken(tally, po, term, (self._end if done is None or still else done) - due, still=still)


def _lines_of(po: PurchaseOrder) -> list[Bought]:
    """All that it was made for: what was refused is out of it, and was bought all the same."""
    here = [Bought(line.line_id, line.sku, line.quantity) for line in po.lines]
    known = {line.line_id for line in po.lines}
    left = (one for one in po.answers.refused if one.units and one.line_id not in known)
    return [*here, *(Bought(one.line_id, one.sku, one.units) for one in left)]


def _bundles(seen: OrderSeen) -> dict[tuple[str, str], Bought]:
    """Bundles that were bought, by a purchase order and its line.

    All components of a bundle are bought; the one that was bought first stands for it, so that it counts once. Whole bundles
    count when the pieces for them are there, in the order in which these were bought.
    """
    sold_as = {line.line_id: line for line in seen.lines if line.of_line}
    stands_for: dict[str, str] = {}
    pieces: Counter[str] = Counter()
    found: dict[tuple[str, str], Bought] = {}
    if not sold_as:
        return found
    for po in sorted(seen.purchase_orders, key=lambda one: (one.created_at, one.reference)):
        for one in sorted(_lines_of(po)):
            line = sold_as.get(one.line_id)
            if line is None or stands_for.setdefault(line.of_line, one.line_id) != one.line_id:
                continue
            before = pieces[one.line_id] // line.per_bundle
            pieces[one.line_id] += one.units
            units = pieces[one.line_id] // line.per_bundle - before
            if units:
                found[po.reference, one.line_id] = Bought(one.line_id, line.bundle, units)
    return found


def _heard(parcel: Shipment) -> datetime | None:
    """When we wrote down its end: a carrier's news may come after the night that counted the day of the event."""
    told = [entry.at for entry in parcel.log if entry.what.endswith(f": {parcel.state.value.lower()}")]
    return told[-1] if told else parcel.state_at


def in_order(days: Iterable[SupplierDay]) -> Iterator[tuple[date, Breach]]:
    """Broken terms, oldest first; of one that came in the end only how late it was then."""
    last: dict[tuple[str, str], tuple[date, Breach]] = {}
    for day in sorted(days, key=lambda one: one.day):
        for one in day.breaches:
            first = last.get((one.reference, one.term), (day.day, one))[0]
            last[one.reference, one.term] = (first, one)
    yield from sorted(last.values(), key=lambda pair: (pair[0], pair[1].reference))
