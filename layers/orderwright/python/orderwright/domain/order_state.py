"""An order's state, derived from its parts; the first row that fits decides.

| what is there                                             | state             | reasons                       |
|-----------------------------------------------------------|-------------------|-------------------------------|
| the store was asked to cancel it, and did not             | NEEDS_ATTENTION   | why not, and those of below   |
| a test order                                              | IGNORED           |                               |
| cancelled; a purchase order NEW or INTENT                 | PLACING           | CANCEL_WAITS                  |
| cancelled; one PARKED, or REJECTED after it was paid for, | NEEDS_ATTENTION   | its reasons                   |
|   or whose supplier contradicts itself                    |                   |                               |
| cancelled; one PLACED, not acknowledged                   | NEEDS_ATTENTION   | the outcome                   |
| cancelled, otherwise                                      | CANCELLED         | the outcome                   |
| stock is being taken in parts, and a part is missing      | RESERVING         |                               |
| a problem and not stopped by operator or customer; PARKED;| NEEDS_ATTENTION   | theirs                        |
|   REJECTED and not routed elsewhere; not confirmed; one   |                   |                               |
|   whose supplier contradicts itself;                      |                   |                               |
|   a parcel or an accepted purchase order that could not   |                   |                               |
|   be recorded in the store                                |                   |                               |
| payment STOP, nothing ordered                             | CANCELLED         | the payment's                 |
| nothing physical to ship and nothing ordered              | NOTHING_TO_ORDER  |                               |
|   the same, with digital lines delivered by rule          | DELIVERED; PLACED until the store shows them      |
| refunded after placement, not shipped, not acknowledged   | NEEDS_ATTENTION   | REFUNDED_AFTER_PLACEMENT      |
| work left, payment ASK (or STOP beside placed ones)       | NEEDS_ATTENTION   | the payment's                 |
| work left, payment WAIT                                   | AWAITING_PAYMENT  | the payment's                 |
| work left, held (risk, upsell window)                     | ON_HOLD           | the holds                     |
| work left, approval wanted                                | AWAITING_APPROVAL | the approvals                 |
| work left, or an open INTENT                              | PLACING           |                               |
| PLACED, every unit delivered                              | DELIVERED         |                               |
| PLACED, every unit in a parcel                            | SHIPPED           |                               |
| PLACED                                                    | PLACED            |                               |

While payment is awaited, problems are listed with it: nothing is to be done before the money comes. "Work left" is a
unit of a shippable line in no live purchase order, or in one that is NEW, or a digital line that a rule delivers. An order
with both is DELIVERED when both are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from orderwright.domain.order import OrderLine, OrderState, Reason, units_of
from orderwright.domain.payment import PaymentDecision, PaymentGate
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.routing.lines import is_forwarded
from orderwright.domain.shipment import FulfillmentState, Shipment, ShipmentState, StoreFulfillment
from orderwright.domain.supplier_answers import UNCONFIRMED

STOPPED = "STOPPED_BY_OPERATOR"
"""The hold of an order that its operator stopped: what else stands against buying it is no work for anybody."""
STOPPED_HOLD = Reason(
    code=STOPPED,
    message="an operator stopped this order; nothing more is bought for it",
    fix="cancel and refund it in the store, or let it go on",
)
WITHDRAWN = "CUSTOMER_WITHDREW"
WITHDRAWN_HOLD = Reason(
    code=WITHDRAWN,
    message="the customer withdrew from the contract; nothing more is bought for it",
    fix="cancel and refund it in the store; or take what was withdrawn out of it there, and let the rest go on",
)
STOPS = {STOPPED: STOPPED_HOLD, WITHDRAWN: WITHDRAWN_HOLD}
"""Holds that somebody decided, by their mark among an order's released codes: the store's next news does not lift them."""
_LIVE = frozenset({PurchaseOrderState.NEW, PurchaseOrderState.INTENT, PurchaseOrderState.PLACED})


class CancelOutcome(StrEnum):
    """The three ends of a cancellation (promise P6), in the words of `cancel_outcome`."""

    NOTHING_ORDERED = "NOTHING_ORDERED"
    CANCELLATION_REQUESTED = "CANCELLATION_REQUESTED"
    ORDERED_TOO_LATE = "ORDERED_TOO_LATE"


class OrderParts(NamedTuple):
    """All that an order's state depends on. `acknowledged`: the operator has seen a cancel or refund after placement."""

    lines: Sequence[OrderLine]
    payment: PaymentDecision
    purchase_orders: Sequence[PurchaseOrder] = ()
    shipments: Sequence[Shipment] = ()
    problems: Sequence[Reason] = ()
    holds: Sequence[Reason] = ()
    approvals: Sequence[Reason] = ()
    cancelled: bool = False
    acknowledged: bool = False
    test: bool = False
    reserving: bool = False
    store_problem: Reason | None = None
    digital: Sequence[StoreFulfillment] = ()
    digital_left: bool = False


class OrderSummary(NamedTuple):
    """The state, why, and for a cancelled order its outcome ("" otherwise or while it is open)."""

    state: OrderState
    reasons: tuple[Reason, ...] = ()
    cancel_outcome: str = ""


def derive_state(parts: OrderParts) -> OrderSummary:
    """The state by the table above."""
    if parts.store_problem is not None:
        own = derive_state(parts._replace(store_problem=None))
        return OrderSummary(OrderState.NEEDS_ATTENTION, (parts.store_problem, *own.reasons), own.cancel_outcome)
    if parts.test:
        return OrderSummary(OrderState.IGNORED)
    if parts.cancelled:
        return _cancelled(parts)
    if parts.reserving:
        return OrderSummary(OrderState.RESERVING)
    work_left = parts.digital_left or has_work_left(parts.lines, parts.purchase_orders)
    unpaid = work_left and parts.payment.gate is PaymentGate.WAIT
    stuck = _stuck(parts)
    stopped = work_left and any(hold.code in STOPS for hold in parts.holds)
    if stuck or (parts.problems and not unpaid and not stopped):
        return OrderSummary(OrderState.NEEDS_ATTENTION, (*parts.problems, *stuck))
    live = [po for po in parts.purchase_orders if po.state in _LIVE]
    if not live and not work_left:
        gate, reason = parts.payment
        if gate is PaymentGate.STOP and reason is not None:
            return OrderSummary(OrderState.CANCELLED, (reason,), CancelOutcome.NOTHING_ORDERED)
        if not parts.digital:
            return OrderSummary(OrderState.NOTHING_TO_ORDER)
        return OrderSummary(OrderState.DELIVERED if _digital_done(parts) else OrderState.PLACED)
    if work_left:
        waits = _waits(parts, bool(live and any(po.state is not PurchaseOrderState.NEW for po in live)))
        if waits is not None:
            return waits
    if work_left or any(po.state is PurchaseOrderState.INTENT for po in live):
        return OrderSummary(OrderState.PLACING)
    return _placed(parts, live)


def has_work_left(lines: Iterable[OrderLine], purchase_orders: Sequence[PurchaseOrder]) -> bool:
    """Is there a purchase order to open, or a unit of a shippable line in none that lives?"""
    covered = units_of(
        (line.line_id, line.quantity) for po in purchase_orders if po.state in _LIVE for line in po.lines
    )
    return any(po.state is PurchaseOrderState.NEW for po in purchase_orders) or any(
        is_forwarded(line) and line.quantity > covered.get(line.line_id, 0) for line in lines
    )


def cancel_outcome(purchase_orders: Iterable[PurchaseOrder]) -> CancelOutcome:
    """What the cancelled order came to. A paid purchase order without a confirmed request counts as too late."""
    placed = [po for po in purchase_orders if po.state is PurchaseOrderState.PLACED]
    if not placed:
        return CancelOutcome.NOTHING_ORDERED
    if all(po.cancel_outcome == CancelOutcome.CANCELLATION_REQUESTED for po in placed):
        return CancelOutcome.CANCELLATION_REQUESTED
    return CancelOutcome.ORDERED_TOO_LATE


_OUTCOMES = {
    CancelOutcome.CANCELLATION_REQUESTED: (
        "cancelled after it was ordered; the supplier was asked to cancel",
        "check the supplier's answer and its refund, then say that you have seen it",
    ),
    CancelOutcome.ORDERED_TOO_LATE: (
        "cancelled after it was ordered and paid for; the supplier will ship it",
        "stop it at the supplier by hand if you can, agree on a return with the customer, then say that you have seen it",
    ),
}


def _cancelled(parts: OrderParts) -> OrderSummary:
    orders = parts.purchase_orders
    parked = [
        po
        for po in orders
        if po.state is PurchaseOrderState.PARKED
        or (po.state is PurchaseOrderState.REJECTED and po.placed_at is not None)
    ]
    contradicted = _contradictions(orders)
    if parked or contradicted:
        return OrderSummary(OrderState.NEEDS_ATTENTION, (*_reasons_of(parked), *contradicted))
    if any(po.state in (PurchaseOrderState.NEW, PurchaseOrderState.INTENT) for po in orders):
        waits = Reason(
            code="CANCEL_WAITS",
            message="cancelled while it was being ordered; what the supplier did is being looked up",
            fix="nothing; the end shows here within minutes",
        )
        return OrderSummary(OrderState.PLACING, (waits,))
    outcome = cancel_outcome(orders)
    if outcome is CancelOutcome.NOTHING_ORDERED:
        return OrderSummary(OrderState.CANCELLED, (), outcome)
    message, fix = _OUTCOMES[outcome]
    if all(po.on_account for po in orders if po.state is PurchaseOrderState.PLACED):
        message = message.replace(" and paid for", "")
    state = OrderState.CANCELLED if parts.acknowledged else OrderState.NEEDS_ATTENTION
    return OrderSummary(state, (Reason(code=outcome, message=message, fix=fix),), outcome)


def _stuck(parts: OrderParts) -> list[Reason]:
    """Reasons of purchase orders and parcels that nobody but the operator can move on."""
    elsewhere = {line.line_id for po in parts.purchase_orders if po.state in _LIVE for line in po.lines}
    orders = [
        po
        for po in parts.purchase_orders
        if po.state is PurchaseOrderState.PARKED
        or (po.state is PurchaseOrderState.REJECTED and any(line.line_id not in elsewhere for line in po.lines))
    ]
    parcels = [shipment for shipment in parts.shipments if shipment.fulfillment is FulfillmentState.PARKED]
    placed = [po for po in parts.purchase_orders if po.state is PurchaseOrderState.PLACED]
    unrecorded = [po.store_problem for po in placed if po.store_problem is not None]
    unconfirmed = [reason for po in placed for reason in po.reasons if reason.code == UNCONFIRMED]
    contradicted = _contradictions(parts.purchase_orders)
    digital = [why for one in parts.digital if one.state is FulfillmentState.PARKED for why in one.reasons]
    return [*_reasons_of(orders), *_parcel_reasons(parcels), *unrecorded, *unconfirmed, *contradicted, *digital]


def contradiction_of(po: PurchaseOrder) -> Reason | None:
    """What the supplier said against its earlier word, as a reason; None where nothing of that is open."""
    if not po.answers.contradiction:
        return None
    return Reason(
        code="SUPPLIER_CONTRADICTS",
        message=f"{po.reference}: {po.answers.contradiction}",
        fix="ask the supplier which of both counts, then say so",
    )


def _contradictions(orders: Iterable[PurchaseOrder]) -> list[Reason]:
    return [reason for po in orders if (reason := contradiction_of(po)) is not None]


def _digital_done(parts: OrderParts) -> bool:
    return all(one.state is FulfillmentState.DONE for one in parts.digital)


def _reasons_of(orders: Iterable[PurchaseOrder]) -> Iterable[Reason]:
    for po in orders:
        yield from po.reasons or (
            Reason(
                code=f"PURCHASE_ORDER_{po.state}",
                message=f"purchase order {po.reference} at {po.supplier} is {po.state}",
                fix="look at its time line, then retry or cancel",
            ),
        )


def _parcel_reasons(parcels: Iterable[Shipment]) -> Iterable[Reason]:
    for parcel in parcels:
        yield from parcel.reasons or (
            Reason(
                code="FULFILLMENT_PARKED",
                message=f"a parcel of {parcel.supplier} could not be recorded in the store",
                fix="look at the order in the store, then retry",
            ),
        )


def _waits(parts: OrderParts, ordered: bool) -> OrderSummary | None:
    """Why the work left may not be done now, or None."""
    gate, reason = parts.payment
    reasons = () if reason is None else (reason,)
    if gate is PaymentGate.STOP and not ordered:
        return OrderSummary(OrderState.CANCELLED, reasons, CancelOutcome.NOTHING_ORDERED)
    if gate in (PaymentGate.STOP, PaymentGate.ASK):
        return OrderSummary(OrderState.NEEDS_ATTENTION, reasons)
    if gate is PaymentGate.WAIT:
        return OrderSummary(OrderState.AWAITING_PAYMENT, (*reasons, *parts.problems))
    if parts.holds:
        return OrderSummary(OrderState.ON_HOLD, tuple(parts.holds))
    if parts.approvals:
        return OrderSummary(OrderState.AWAITING_APPROVAL, tuple(parts.approvals))
    return None


def _placed(parts: OrderParts, placed: Sequence[PurchaseOrder]) -> OrderSummary:
    wanted = units_of((line.line_id, line.quantity) for po in placed for line in po.lines)
    moving = [shipment for shipment in parts.shipments if shipment.state is not ShipmentState.CANCELLED]
    shipped = units_of((line.line_id, line.quantity) for parcel in moving for line in parcel.lines)
    delivered = units_of(
        (line.line_id, line.quantity)
        for parcel in moving
        if parcel.state is ShipmentState.DELIVERED
        for line in parcel.lines
    )
    if _digital_done(parts) and all(delivered.get(line_id, 0) >= units for line_id, units in wanted.items()):
        return OrderSummary(OrderState.DELIVERED)
    if all(shipped.get(line_id, 0) >= units for line_id, units in wanted.items()):
        return OrderSummary(OrderState.SHIPPED)
    if parts.payment.gate is PaymentGate.STOP and not parts.acknowledged:
        what = "it was ordered" if all(po.on_account for po in placed) else "the supplier was paid"
        refunded = Reason(
            code="REFUNDED_AFTER_PLACEMENT",
            message=f"the payment was taken back after {what}, and not all has been shipped",
            fix="ask the supplier to cancel, or agree with the customer, then say that you have seen it",
        )
        return OrderSummary(OrderState.NEEDS_ATTENTION, (refunded,))
    return OrderSummary(OrderState.PLACED)
