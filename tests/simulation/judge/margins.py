"""Promise P13: what each purchase leaves, by the vendors' own figures, is enough, or the operator let exactly that pass.

A purchase is judged by what the store said when its worker read the order last; one that comes a moment later is nobody's fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from local.sandbox.wire import LedgerEntry
from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrderState
from tests.simulation.judge.case import Case, store_order
from tests.simulation.judge.evidence import Book
from tests.simulation.judge.figures import Figures, cents, figures_of
from tests.simulation.judge.reckoned import Left, Purchase, left_of
from tests.simulation.judge.writes import Write, body_of
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

LOW = "MARGIN_TOO_LOW"
CHANGES_MONEY = ("order_created", "order_paid", "order_refunded", "order_edited", "order_cancelled", "address_changed")
SHARES = Fraction(3, 100)
"""Of an order in parts, each of its shares is rounded: lines, shipping and refunds to a cent each."""


class Paid(NamedTuple):
    """A purchase. `unknown`: perhaps nobody could say what it leaves."""

    reference: str
    bought: Purchase
    at: datetime
    unknown: bool

    def contents(self) -> str:
        """As releases name the lines."""
        return ",".join(sorted(f"{line}x{units}" for line, units in self.bought.units.items()))

    def slack(self, figures: Figures) -> Fraction:
        """How far roundings of shares may move its margin, in dollars: not at all where it is the whole order."""
        whole = all(self.bought.units.get(line.number, 0) >= line.units for line in figures.lines)
        return Fraction() if whole else SHARES


@dataclass
class Margins:
    """The store's figures of each order as they changed, what the operator let pass, and what was bought."""

    figures: dict[str, list[Figures]] = field(default_factory=dict)
    releases: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    paid: dict[str, list[Paid]] = field(default_factory=dict)
    in_part: dict[str, bool] = field(default_factory=dict)

    def on_write(self, write: Write) -> None:
        """An order's record was written."""
        if write.table == "orders" and write.sk == "ORDER" and write.item is not None:
            found = body_of(write.item).get("releases")
            if found:
                self.releases[write.pk.partition("#")[2]] = found

    def on_store(self, sim: Sim, entry: LedgerEntry, number: str, book: Book) -> None:
        """Something happened to an order in the store."""
        order = store_order(sim, number) if entry.kind in CHANGES_MONEY else None
        if order is not None:
            self.figures.setdefault(number, []).append(figures_of(order, sim.store.config, book.lines))

    def on_paid(self, sim: Sim, entry: LedgerEntry, number: str, book: Book) -> Iterator[str]:
        """The supplier was paid: what does that leave, as the store showed the order right before?"""
        known = self.figures.get(number)
        if not known or sim.config.stores[STORE].currency != "USD":
            return
        reads: list[tuple[int, datetime]] = sim.memory.get("paid_after", {}).get(sim.words.bill_of(entry), [])
        if not reads:
            reads = [(book.lines, sim.clock.at)]
        seen = [_at(known, line) for line, _ in reads]
        said: list[tuple[str, bool]] = []
        for (_, when), figures in zip(reads, seen, strict=True):
            paid = Paid(entry.reference, _purchase(sim, entry, figures), sim.clock.at, False)
            for config in book.in_force(when):
                left = left_of(figures, paid.bought, config, when.date())
                left = left._replace(margin=left.margin + paid.slack(figures))
                said.append(
                    (self._fault(paid, left, figures, number, left.is_low(config, when.date())), bool(left.unknown))
                )
        self.paid.setdefault(number, []).append(paid._replace(unknown=any(unknown for _, unknown in said)))
        if all(fault for fault, _ in said):
            yield f"P13: {entry.reference} {said[-1][0]}"

    def _fault(self, paid: Paid, left: Left, figures: Figures, number: str, low: bool) -> str:
        if left.unknown:
            # What nobody can say was let pass for these lines, to this place, while the order brought in just this.
            let_pass = self._released(number, f"{paid.contents()} to {figures.country}, net {_order_net(figures)} USD")
            if any(paid.bought.took * 100 <= let_pass[code] for code in left.unknown if code in let_pass):
                return ""
            return f"was paid for {_usd(paid.bought.took)} although {', '.join(sorted(left.unknown))}"
        let_pass = self._released(number, paid.contents())
        if not low or (LOW in let_pass and -left.margin * 100 <= let_pass[LOW]):
            return ""
        return f"leaves {_usd(left.margin)} of {_usd(left.net)} net, which is too little"

    def _released(self, number: str, seen: str) -> dict[str, int]:
        """The widest figure by code of what the operator let pass when this was shown."""
        widest: dict[str, int] = {}
        for release in self.releases.get(number, []):
            if (release.get("unit"), release.get("seen")) == ("USD", seen):
                widest[release["code"]] = max(release["measure"], widest.get(release["code"], release["measure"]))
        return widest

    def on_taken_back(self, entry: LedgerEntry, number: str) -> None:
        """What a supplier refused leaves nothing; what is left of such an order is judged by its money only."""
        self.paid.pop(number, None)
        self.in_part[number] = True

    def at_the_end(self, sim: Sim, case: Case, book: Book) -> Iterator[str]:
        """The margin that we wrote down is the one of the ledgers, to the cent, where all of it is known."""
        record, paid = case.record, self.paid.get(str(case.sold.number), [])
        if record is None or record.erased_at is not None or case.sold.erased:
            return
        if self.in_part.get(str(case.sold.number)):
            yield from _of_what_is_left(case, record)
            return
        if not paid:
            return
        if case.store is not None and case.store.cancelled_at and case.store.refunded < case.store.received:
            return  # cancelled, and the money kept: stores do not agree whether that was earned
        orders = {po.reference: po for po in case.orders if po.state is PurchaseOrderState.PLACED}
        if sorted(orders) != sorted(one.reference for one in paid) or any(one.unknown for one in paid):
            return
        if any(po.reckoning is not None and po.reckoning.stale for po in orders.values()):
            return
        figures = self.figures[str(case.sold.number)][-1]
        sums = {Fraction()}
        for one in paid:
            found = [left_of(figures, one.bought, config, one.at.date()) for config in book.in_force(one.at)]
            if any(left.unknown for left in found):
                return
            sums = {before + left.margin for before in sums for left in found}
        slack = sum((one.slack(figures) for one in paid), Fraction())
        written = None if record.margin is None else Fraction(record.margin.decimal)
        if written is None or all(abs(written - margin) > slack for margin in sums):
            expected = " or ".join(_usd(margin) for margin in sorted(sums))
            yield f"P13: {case.sold.name} left {expected}, our side says {record.margin}"


def _of_what_is_left(case: Case, record: OrderRecord) -> Iterator[str]:
    """After a supplier gave something back: what was bought elsewhere counts, and what it gave back does not."""
    placed = [po for po in case.orders if po.state is PurchaseOrderState.PLACED]
    counted = sum((po.reckoning.margin.decimal for po in placed if po.reckoning), Decimal())
    if (record.margin.decimal if record.margin else 0) != counted:
        yield f"P13: {case.sold.name}: its purchase orders leave {counted}, the order says {record.margin}"


def _at(known: list[Figures], line: int) -> Figures:
    """As they were when the ledger had so many lines."""
    return next((figures for figures in reversed(known) if figures.line <= line), known[0])


def _purchase(sim: Sim, entry: LedgerEntry, figures: Figures) -> Purchase:
    """The ledger's units, shared out over the lines of the store that have the SKU."""
    units: dict[str, int] = {}
    for sku, count in sorted(entry.data["quantities"].items()):
        left = count
        for line in figures.lines:
            if line.sku == sku and left:
                units[line.number] = min(left, line.units)
                left -= units[line.number]
    customs: Mapping[str, Any] = sim.memory.get("customs", {})
    return Purchase(
        STORE,
        units,
        tuple(sorted(entry.data["quantities"])),
        Fraction(sim.words.amount(entry)),
        sim.words.sends_from(sim.supplier, entry.reference),
        customs,
    )


def _order_net(figures: Figures) -> Decimal:
    """What the whole order brings in without tax."""
    return cents(sum((line.net for line in figures.lines), figures.shipping - figures.given_back))


def _usd(amount: Fraction) -> str:
    return str(round(Decimal(amount.numerator) / amount.denominator, 2))
