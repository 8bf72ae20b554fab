"""What was measured of a supplier, what was agreed with it, and what people know of it: as data and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.money import Money
from orderwright.domain.scoring.counting import LOST_AFTER, UNSCANNED_AFTER, in_order
from orderwright.domain.scoring.day import SkuDay, SupplierDay
from orderwright.domain.scoring.scorecard import WEIGHTS, Scorecard

MADE_OF = {
    "accepted": "purchase orders that it took, of those that it took or refused",
    "filled": "pieces that left, of those that left or were refused",
    "in_stock": "pieces that it had, of those ordered while its report said that it had them",
    "on_time": "parcels delivered in the agreed days, else by the day that the carrier told",
    "arrived": f"parcels delivered, of those and the lost ones ({LOST_AFTER} days without an end)",
    "kept": "parcels delivered, of those and the ones sent back",
}
FIGURES = {
    "orders": "purchase orders made",
    "refused": "refused",
    "partly_refused": "refused in part",
    "taken_back": "taken back, since no parcel left",
    "parcels": "parcels",
    "late": "delivered late",
    "lost": "lost",
    "unscanned": f"numbers without a scan for {UNSCANNED_AFTER} days",
    "renumbered": "numbers replaced",
    "returned": "sent back",
    "failures": "failures of its connection, as written down",
}
TIMES = {
    "to_accept": "until its people answered",
    "to_ship": "from the order until a parcel left",
    "to_deliver": "from there to the door, country not known any more",
}
AGREED = {"confirm_within_hours": "h", "ship_within_hours": "h", "deliver_within_days": "days"}


class BreachRow(NamedTuple):
    """A broken term. `still`: it was not made good by the last night."""

    day: date
    supplier: str
    reference: str
    term: str
    hours: int
    still: bool
    penalty: str

    @property
    def late(self) -> str:
        """In words."""
        span = f"{self.hours} h" if self.hours <= 48 else f"{self.hours // 24} days"
        return f"{span}, still open" if self.still else span


def breach_rows(supplier: str, days: Iterable[SupplierDay], settings: SupplierSettings) -> list[BreachRow]:
    """Newest first."""
    rows = [
        BreachRow(day, supplier, one.reference, one.term, one.hours, one.open, settings.terms.penalty)
        for day, one in in_order(days)
    ]
    return rows[::-1]


def breach_data(row: BreachRow, name: str) -> dict[str, Any]:
    """With stable keys."""
    return {**row._asdict(), "day": row.day.isoformat(), "supplier": name}


def skus_of(days: Iterable[SupplierDay]) -> dict[str, SkuDay]:
    """By SKU: worst first, which is the largest part refused or sent back, then the most sold."""
    total: dict[str, SkuDay] = {}
    for day in days:
        for sku, one in day.skus.items():
            total[sku] = total[sku].plus(one) if sku in total else one
    return dict(sorted(total.items(), key=lambda pair: (-_badness(pair[1]), -pair[1].sold, pair[0])))


def _badness(one: SkuDay) -> Fraction:
    return Fraction(one.refused + one.returned, max(one.sold, one.shipped, 1))


def money_figures(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """What was planned, billed and left, in words; each currency by itself."""
    held = Counter(counts)
    for name in sorted(name.split()[1] for name in held if name.startswith("planned ")):
        planned, billed = (Money(minor=held[f"{what} {name}"], currency=name) for what in ("planned", "billed"))
        more = billed.minor - planned.minor
        yield (
            "cost",
            f"{billed} for {planned} planned, {_percent(abs(more), planned.minor)} {'less' if more < 0 else 'more'}",
        )
    for name in sorted(name.split()[1] for name in held if name.startswith("net ")):
        net, margin = (Money(minor=held[f"{what} {name}"], currency=name) for what in ("net", "margin"))
        yield "margin", f"{margin} of {net} without tax, {_percent(margin.minor, net.minor)}"


def _percent(part: int, of: int) -> str:
    return f"{(Decimal(part * 100) / of).quantize(Decimal('0.1'))} %" if of else "-"


def card_data(name: str, card: Scorecard) -> dict[str, Any]:
    """With stable keys."""
    return {
        "supplier": name,
        "day": card.day.isoformat(),
        "score": card.score,
        "events": card.events,
        "shares": {key: {"part": one.part, "of": one.of, "weight": WEIGHTS[key]} for key, one in card.shares.items()},
        "medians": {key: one.model_dump() for key, one in card.medians.items()},
        "counts": card.counts,
        "making_days": card.making_days,
        "transport_days": card.transport_days,
        "lies_ppm": card.lies_ppm,
    }


def headline(name: str, card: Scorecard, evidence: int, days: Sequence[date]) -> str:
    """One line."""
    span = f"{days[0]} to {days[-1]} (UTC)"
    if card.score is None:
        return f"{name}: no score: {card.events} of {evidence} purchase orders with an outcome, {span}"
    return f"{name}: score {card.score} of 100, from {card.events} purchase orders with an outcome, {span}"


def facts_shown(settings: SupplierSettings, today: date) -> list[tuple[str, str]]:
    """What people know, and what was agreed."""
    known, terms = settings.known, settings.terms
    rows = [
        ("certificate", f"{one.name}, {_until(one.valid_until)}{', seen by ' * bool(one.seen_by)}{one.seen_by}")
        for one in known.certificates
    ]
    rows += [("warning", text) for text in known.warnings(today)]
    for what, text in (
        ("warranty", f"{known.warranty_months} months" if known.warranty_months else ""),
        ("languages", ", ".join(known.languages)),
        ("capacity", f"{known.orders_per_day} orders a day" if known.orders_per_day else ""),
        ("expedited", known.expedited),
        ("note", known.note),
        ("agreed: confirms within", _span(terms.confirm_within_hours, "hours")),
        ("agreed: ships within", _span(terms.ship_within_hours, "hours")),
        ("agreed: delivers within", ", ".join(f"{to} {days} days" for to, days in terms.deliver_within_days.items())),
        ("agreed: invoice due after", _span(terms.invoice_days, "days")),
        ("agreed: penalty", terms.penalty),
        ("agreed on", str(terms.agreed_on or "")),
    ):
        rows += [(what, text)] if text else []
    return rows


def _until(day: date | None) -> str:
    return f"valid until {day}" if day else "without an end"


def _span(number: int | None, unit: str) -> str:
    return "" if number is None else f"{number} {unit}"
