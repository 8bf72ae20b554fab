"""An order's state from all that we hold of it, as every function that changes a part must leave it behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from orderwright.domain.not_known import PASSABLE
from orderwright.domain.order import OrderLine, OrderRecord, OrderState, units_of
from orderwright.domain.order_state import OrderParts, derive_state
from orderwright.domain.payment import KnownPayment, payment_gate
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import Shipment, StoreFulfillment
from orderwright.domain.time_line import log_entry
from orderwright.records import order_key
from orderwright.storage import Due, Fact, Put

ACKNOWLEDGED = "ACKNOWLEDGED"
ABOUT_MONEY = PASSABLE | {"MARGIN_TOO_LOW"}
"""Reasons whose figures stand in the alert."""


def summarise(
    record: OrderRecord,
    lines: Sequence[OrderLine],
    purchase_orders: Iterable[PurchaseOrder],
    shipments: Iterable[Shipment],
    fulfillments: Iterable[StoreFulfillment] = (),
) -> OrderRecord:
    """The record with its state, reasons and cancellation outcome as domain/order_state.py derives them."""
    decision = payment_gate(KnownPayment(record.payment, record.total, record.refunded, lines))
    summary = derive_state(
        OrderParts(
            lines=lines,
            payment=decision,
            purchase_orders=tuple(purchase_orders),
            shipments=tuple(shipments),
            problems=record.problems,
            holds=record.holds,
            approvals=record.approvals,
            cancelled=record.cancelled,
            acknowledged=ACKNOWLEDGED in record.released,
            test=record.test,
            reserving=record.reserving > 0,
            store_problem=record.store_problem,
            digital=tuple(one for one in fulfillments if one.digital),
            digital_left=record.digital_left,
        )
    )
    return record.summarised(*summary)


def units_left(purchase_orders: Iterable[PurchaseOrder], shipments: Iterable[Shipment]) -> dict[str, int]:
    """Units per order line that were ordered and are in no parcel yet."""
    placed = [po for po in purchase_orders if po.state is PurchaseOrderState.PLACED]
    left = units_of((line.line_id, line.quantity) for po in placed for line in po.lines)
    for shipment in shipments:
        for shipped in shipment.lines:
            if shipped.line_id in left:
                left[shipped.line_id] -= shipped.quantity
    return {line_id: count for line_id, count in left.items() if count > 0}


def alarm(before: OrderRecord | None, after: OrderRecord, pk: str) -> tuple[Fact, ...]:
    """An alert when an order starts to need the operator, or needs them for another reason than before."""
    if after.state not in (OrderState.NEEDS_ATTENTION, OrderState.AWAITING_APPROVAL):
        return ()
    codes = sorted({reason.code for reason in after.reasons})
    if before is not None and before.state is after.state and codes == sorted({r.code for r in before.reasons}):
        return ()
    detail = {"codes": ",".join(codes)[:200], "order": after.name[:60]}
    of_money = [reason.message for reason in after.reasons if reason.code in ABOUT_MONEY]
    if of_money:
        detail["message"] = of_money[0][:400]
    return (
        Fact("alert.raised", connection=after.connection, pk=pk, topic=f"ORDER_{after.state.value}", detail=detail),
    )


def order_put(
    pk: str,
    before: OrderRecord | None,
    after: OrderRecord,
    version: int,
    now: datetime,
    who: str,
    why: str,
    correlation: str,
    *,
    facts: Iterable[Fact] = (),
) -> Put:
    """The commit of an order's record: a line in the time line, and the alarm if it needs the operator now."""
    logged = after.noted(log_entry(now, who, f"order is {after.state.value}", why, correlation))
    return replace(quiet_put(pk, logged, version), facts=(*facts, *alarm(before, after, pk)))


def quiet_put(pk: str, record: OrderRecord, version: int) -> Put:
    """The record where nothing of its state changed, without a line of its own.

    It wakes at `recheck_at`, so that no writer forgets what the order waits for.
    """
    due = Due(record.recheck_at, "order.due") if record.recheck_at else None
    return Put(order_key(pk), record, version, due=due, state=record.state.value)
