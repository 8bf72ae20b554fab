"""Three books about the same orders: what the store sold, what the supplier was paid for, what we placed. Line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from orderwright.domain.order import FINAL_ORDER_STATES, OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.shipment import ShipmentState
from tests.simulation.judge.case import Case, case_of
from tests.simulation.judge.tables import read_tables
from tests.simulation.sim import Sim
from tests.support.shop import SUPPLIER

ENDED = (ShipmentState.DELIVERED, ShipmentState.RETURN_TO_SENDER)


@dataclass
class Balance:
    """`ends` counts orders that are final, or parked with an alarm, or whose parcel came back, which the merchant was told."""

    orders: int
    store: int = 0
    supplier: int = 0
    ours: int = 0
    differences: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    faults: int = 0
    kills: int = 0
    calls: int = 0
    rates: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    virtual_hours: float = 0.0
    minutes_to_quiet: float = 0.0


def compare(sim: Sim, balance: Balance) -> None:
    """Fill in what the books say at the end, and each line in which they differ."""
    assert sim.judge is not None
    paid: Counter[str] = Counter()
    by_order: dict[str, list[str]] = {}
    for entry in filter(sim.words.is_committed, sim.world.ledger.entries):
        paid[entry.reference] += 1
        by_order.setdefault(sim.judge.book.order_of(entry.reference), []).append(entry.reference)
    tables = read_tables(sim)
    numbers = {sold.number for sold in sim.sold}
    balance.store, balance.supplier = len(sim.store.shop.orders), sum(paid.values())
    for sold in sim.sold:
        case = case_of(sim, sold, sim.judge.book, tables, sold.name in sim.judge.named)
        placed = sorted(po.reference for po in case.orders if po.state is PurchaseOrderState.PLACED)
        balance.ours += len(placed)
        balance.ends[_end(case)] += 1
        balance.outcomes[case.outcome] += 1
        balance.differences += _differences(case, placed, sorted(by_order.get(sold.number, ())))
    for number in sorted(by_order.keys() - numbers):
        balance.differences.append(f"{SUPPLIER} was paid for {by_order[number]}, and the store sold nothing like it")
    strangers = sorted(pk for pk in tables.files if pk.partition("#")[2] not in numbers)
    balance.differences += [f"we hold {pk}, and the store has no such order" for pk in strangers]
    if len(sim.store.shop.orders) != len(sim.sold):
        balance.differences.append(f"{len(sim.sold)} were bought, the store has {len(sim.store.shop.orders)}")


def _differences(case: Case, placed: list[str], theirs: list[str]) -> Iterator[str]:
    name = case.sold.name
    if case.record is None:
        yield f"{name} was bought, and we never heard of it"
    if placed != theirs:
        yield f"{name}: ours {placed}, {SUPPLIER} {theirs}"
    if _end(case) in ("stuck", "waits"):
        yield f"{name} is {case.outcome}: not final, and not parked with an alarm ({_end(case)})"


def _all_ended(case: Case) -> bool:
    """No parcel is on its way any more; some went back to their sender."""
    return all(held.model.state in ENDED for held in case.file.shipments.values())


def _end(case: Case) -> str:
    record = case.record
    if record is None:
        return "unknown"
    if record.state in FINAL_ORDER_STATES:
        return "final"
    if case.visible:
        return "parked"
    if record.state is OrderState.SHIPPED and case.told and _all_ended(case):
        return "returned"
    waits = any(pk == case.pk for pk, _ in case.tables.due) or case.asked_for() or record.state is OrderState.ON_HOLD
    return "waits" if waits else "stuck"
