"""A withdrawal against the placing of what it is about: what is stopped, and how that ended (promise P6). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from orderwright.domain.customer_request import CustomerRequest, RequestKind, RequestOutcome
from orderwright.domain.order import OrderLine, units_of
from orderwright.domain.order_state import CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState

TOLD = {
    CancelOutcome.NOTHING_ORDERED: "nothing was ordered",
    CancelOutcome.CANCELLATION_REQUESTED: "it was ordered, and the supplier was asked to cancel",
    CancelOutcome.ORDERED_TOO_LATE: "it was ordered, and it was too late to stop it",
}
_KEPT = frozenset({RequestOutcome.KEPT, RequestOutcome.REFUSED})
NOT_KNOWN = "it is being ordered, and what the supplier did is being looked up"
ASKED = "it is ordered, and the supplier is being asked to cancel"


def units_withdrawn(requests: Iterable[CustomerRequest], lines: Sequence[OrderLine]) -> dict[str, int]:
    """Units by line id, of bundles those of their components: what customers see as one line is bought as several."""
    asked = units_of(
        (line.line_id, line.quantity) for one in requests if one.kind is RequestKind.WITHDRAWAL for line in one.lines
    )
    units = dict(asked)
    for line in lines:
        if line.of_line in asked:
            units[line.line_id] = asked[line.of_line] * line.per_bundle
    return units


def withdrawn_from(requests: Iterable[CustomerRequest], lines: Sequence[OrderLine]) -> dict[str, int]:
    """The same of what may be ordered: where nothing was, the operator has decided on the rest, and that alone is bought.

    Without what the customer keeps, as the merchant has said.
    """
    return units_withdrawn([one for one in requests if not one.stopped and one.outcome not in _KEPT], lines)


def is_whole(units: Mapping[str, int], lines: Iterable[OrderLine]) -> bool:
    """Was all of the order withdrawn that is still sold?"""
    return all(units.get(line.line_id, 0) >= line.quantity for line in lines)


def to_stop(
    units: Mapping[str, int], orders: Mapping[str, PurchaseOrder], in_parcels: Mapping[str, int]
) -> frozenset[str]:
    """The purchase orders (by sk) that are stopped.

    What is not ordered: each, until the operator has decided on the rest. What is: only where all of it was withdrawn, since
    suppliers cancel whole orders; and only where something of it has not left yet.
    """
    left, gone, found = dict(units), dict(in_parcels), set[str]()
    for sk, po in sorted(orders.items()):
        if po.state is not PurchaseOrderState.PLACED or po.on_shelf:
            found.add(sk)
            continue
        whole = all(left.get(line.line_id, 0) >= line.quantity for line in po.lines)
        sent = all(gone.get(line.line_id, 0) >= line.quantity for line in po.lines)
        for line in po.lines:
            left[line.line_id] = left.get(line.line_id, 0) - line.quantity
            gone[line.line_id] = gone.get(line.line_id, 0) - line.quantity
        if whole and not sent:
            found.add(sk)
    return frozenset(found)


def in_words(end: str, units: Mapping[str, int], orders: Iterable[PurchaseOrder]) -> str:
    """How it ended (`came_to`), or what is still done where `end` is ""."""
    if end:
        return TOLD[CancelOutcome(end)]
    about = [po for po in orders if any(units.get(line.line_id) for line in po.lines)]
    is_open = any(po.state in (PurchaseOrderState.INTENT, PurchaseOrderState.PARKED) for po in about)
    return NOT_KNOWN if is_open else ASKED


def came_to(units: Mapping[str, int], orders: Iterable[PurchaseOrder]) -> CancelOutcome | None:
    """How it ended for what is withdrawn; None while that is not certain."""
    ordered: list[PurchaseOrder] = []
    for po in orders:
        if po.state is PurchaseOrderState.CANCELLED or not any(units.get(line.line_id) for line in po.lines):
            continue
        is_placed = po.state is PurchaseOrderState.PLACED
        if is_placed and po.cancel_requested and not po.cancel_outcome:
            return None
        if not is_placed and po.state is not PurchaseOrderState.REJECTED:
            return None
        if is_placed or po.ordered:
            ordered.append(po)
    if not ordered:
        return CancelOutcome.NOTHING_ORDERED
    asked = CancelOutcome.CANCELLATION_REQUESTED
    # One that the supplier cancelled by itself after it was ordered ends no worse.
    done = all(po.cancel_outcome == asked or po.state is PurchaseOrderState.REJECTED for po in ordered)
    return asked if done else CancelOutcome.ORDERED_TOO_LATE
