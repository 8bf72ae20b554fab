"""Promise P1: each paid line is accepted by the supplier once, or is parked in front of the operator with an alarm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from local.sandbox.wire import LedgerEntry
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from tests.simulation.judge.case import Case
from tests.simulation.judge.evidence import Dealing

NOT_ORDERED = (PurchaseOrderState.CANCELLED, PurchaseOrderState.NEW)


@dataclass
class Purchases:
    """How often each of our references was made and paid at the supplier."""

    created: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)

    def on_created(self, entry: LedgerEntry, dealing: Dealing | None, memory: Mapping[str, Any]) -> Iterator[str]:
        """An order was made at the supplier."""
        self.created[entry.reference] += 1
        if dealing is None:
            yield f"P1: {entry.reference} was made at the supplier, and the store has no such order"
        # Without protection at the vendor, one more that stays unpaid cannot be avoided where a worker stood still past its
        # lease, or the look-up lags for longer than the vendor's lateness.
        if self.created[entry.reference] > 1 and not memory.get("duplicates_possible"):
            yield f"P1: {entry.reference} was created {self.created[entry.reference]} times at the supplier"

    def on_paid(self, entry: LedgerEntry, dealing: Dealing | None) -> Iterator[str]:
        """The supplier was paid. `dealing` counts it already."""
        self.paid[entry.reference] += 1
        if self.paid[entry.reference] > 1:
            yield f"P1: {entry.reference} was paid {self.paid[entry.reference]} times"
        if dealing is None:
            yield f"P1: {entry.reference} was paid for, and the store has no such order"
            return
        if not dealing.paid or dealing.test:
            yield f"P1: {dealing.name} was bought, and its customer has not paid"
        for sku, quantity in sorted(dealing.bought().items()):
            if quantity > dealing.units[sku]:
                yield f"P1: {quantity} of {sku} were paid for, {dealing.units[sku]} were sold in {dealing.name}"


def judge_last_step(case: Case, ends: str) -> Iterator[str]:
    """Where a step follows on the one that commits, what we call placed has had it, unless nobody wants the order any more."""
    for po in case.orders if ends and not case.cancelled else ():
        placed = po.state is PurchaseOrderState.PLACED and not po.cancel_requested
        if placed and po.reference not in case.dealing.ended and not case.visible:
            yield f"P1: {po.reference} of {case.sold.name} is PLACED here, and its last step was never done"


def judge_purchases(case: Case) -> Iterator[str]:
    """One order at the end: the supplier's ledger against our tables, both ways."""
    record = case.record
    if record is None:
        return
    name, said = case.sold.name, case.outcome
    yield from _ledger_against_tables(case)
    yield from _amounts(case)
    bought = case.dealing.bought()
    for sku, quantity in sorted(case.wanted().items()):
        if bought[sku] < quantity and not case.accounted():
            yield f"P1: {sku or 'a line'} of {name} is neither paid for nor parked with an alarm ({said})"
    if record.state is OrderState.NEEDS_ATTENTION and not case.told:
        yield f"P1: {name} needs attention and no alert was sent ({said})"
    if record.state is OrderState.AWAITING_APPROVAL and not case.told:
        yield f"P1: {name} awaits approval and no alert was sent ({said})"


def _ledger_against_tables(case: Case) -> Iterator[str]:
    name = case.sold.name
    known = {po.reference: po for po in case.orders}
    paid = Counter(payment.reference for payment in case.dealing.payments)
    for reference in sorted(paid):
        po = known.get(reference)
        if po is None or po.state in NOT_ORDERED:
            yield f"P1: {reference} of {name} was paid for, and our side says {po.state.value if po else 'nothing'}"
        elif po.state is not PurchaseOrderState.PLACED and not case.accounted():
            yield f"P1: {reference} of {name} was paid for, is {po.state.value} here and nobody was told"
    for po in case.orders:
        if po.state is PurchaseOrderState.PLACED and po.reference not in paid and not case.in_doubt:
            yield f"P1: {po.reference} of {name} is PLACED here and was never paid for"


def _amounts(case: Case) -> Iterator[str]:
    known = {po.reference: po for po in case.orders}
    for payment in case.dealing.payments:
        po = known.get(payment.reference)
        counted: Decimal | None = None if po is None or po.reserved_spend is None else po.reserved_spend.decimal
        if counted is not None and counted != payment.amount:
            yield f"P10: {payment.reference} cost {payment.amount}, {counted} are counted"
