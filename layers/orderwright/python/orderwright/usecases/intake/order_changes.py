"""The commit of what was planned: everything about one order at once, with what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderwright.domain.order import FINAL_ORDER_STATES, OrderRecord, OrderState, StoreOrder
from orderwright.domain.payment import KnownPayment, PaymentGate, payment_gate
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import Milestone
from orderwright.domain.source_gone import SOURCE_GONE
from orderwright.domain.time_line import log_entry
from orderwright.records import OrderFile, details_key, order_key, purchase_order_key, reference_ref
from orderwright.storage import (
    Change,
    Due,
    Fact,
    Put,
)
from orderwright.usecases.alerts import alert
from orderwright.usecases.intake import needs
from orderwright.usecases.intake.put_back import put_back_facts
from orderwright.usecases.intake.work import FUNCTION, Setting, Work
from orderwright.usecases.order_summary import order_put, recheck, summarise

STOCK_PROBLEMS = frozenset({"OUT_OF_STOCK", SOURCE_GONE})


def changes_of(
    work: Work, order: StoreOrder, file: OrderFile, setting: Setting, stock: Sequence[Change]
) -> list[Change]:
    """What must be written; empty when nothing is new."""
    before = file.record.model if file.record else None
    shipments = [held.model for held in file.shipments.values()]
    record = summarise(work.record, work.details.lines, work.orders.values(), shipments)
    record = _waits(record, before, order, setting)
    old_details = file.details.model if file.details else None
    changes: list[Change] = [purchase_order_put(work.orders[sk], sk, file, setting) for sk in sorted(work.touched)]
    if work.details != old_details:
        changes.append(Put(details_key(work.pk), work.details, file.details.version if file.details else 0))
    version = file.record.version if file.record else 0
    if not changes and not stock and before is not None and record.model_copy(
        update={"recheck_at": before.recheck_at}
    ) == before:  # fmt: skip
        if record.recheck_at == before.recheck_at:
            return []
        return [Put(order_key(work.pk), record, version, due=recheck(record), state=record.state.value)]
    facts = [*_order_facts(before, record, order, setting), *put_back_facts(order, file)]
    changes.append(
        order_put(
            work.pk, before, record, version, setting.now, FUNCTION, setting.why, setting.correlation, facts=facts
        )
    )
    return [*changes, *stock]


def purchase_order_put(po: PurchaseOrder, sk: str, file: OrderFile, setting: Setting) -> Put:
    """One purchase order; the placing function is woken where it has something to do."""
    held = file.purchase_orders.get(sk)
    fact = Fact("purchase_order.due", connection=po.supplier, pk=file.pk, sk=sk)
    asks_end = po.state is PurchaseOrderState.PLACED and po.cancel_requested and not po.cancel_outcome
    open_now = asks_end or po.state in (PurchaseOrderState.NEW, PurchaseOrderState.INTENT)
    due = Due(po.settle_until or setting.now, "purchase_order.due") if open_now else None
    if due is None and po.state is PurchaseOrderState.PLACED and po.tracking_due is not None:
        due = Due(po.tracking_due, "tracking.due")  # a new figure changes nothing of when its parcels are asked for
    if held is not None:
        entry = log_entry(setting.now, FUNCTION, setting.why, "", setting.correlation)
        po = po.model_copy(update={"log": (*po.log, entry)})
    key = purchase_order_key(file.pk, po.supplier, po.number)
    return Put(
        key,
        po,
        held.version if held else 0,
        facts=(fact,) if open_now else (),
        due=due,
        ref=reference_ref(po.reference),
    )


def _gate(record: OrderRecord, order: StoreOrder) -> PaymentGate:
    return payment_gate(KnownPayment(record.payment, record.total, record.refunded, order.lines)).gate


def _order_facts(before: OrderRecord | None, record: OrderRecord, order: StoreOrder, setting: Setting) -> list[Fact]:
    facts: list[Fact] = []
    pk = f"{record.connection}#{record.order_id}"
    store = setting.config.stores[record.connection]
    was = None if before is None else _gate(before, order)
    first_payment = _gate(record, order) is PaymentGate.FORWARD and was is not PaymentGate.FORWARD
    live = record.state not in FINAL_ORDER_STATES or record.state is OrderState.NOTHING_TO_ORDER
    if first_payment and live and not record.test and Milestone.CONFIRMED.value not in store.store_mails:
        detail = {"milestone": Milestone.CONFIRMED.value}
        facts.append(Fact("notice.due", connection=record.connection, pk=pk, sk="ORDER", detail=detail))
    if first_payment and setting.config.rules.alert_new_orders and not record.test:
        detail = {"order": record.name[:60]}
        facts.append(Fact("alert.raised", connection=record.connection, pk=pk, topic="NEW_ORDER", detail=detail))
    if record.payment_overdue and (before is None or not before.payment_overdue):
        facts.append(alert("PAYMENT_OVERDUE", record.connection, pk=pk, codes=record.payment.value))
    return facts


def _waits(record: OrderRecord, before: OrderRecord | None, order: StoreOrder, setting: Setting) -> OrderRecord:
    """When to look again by itself (promise P11): payment that does not come, a window that closes, stock that returns."""
    overdue_at = order.created_at + timedelta(hours=setting.config.rules.payment_wait_hours)
    awaited = record.state is OrderState.AWAITING_PAYMENT
    overdue = record.payment_overdue or (awaited and overdue_at <= setting.now)
    # A worker that dies between two parts is followed by another at the next sweep.
    moments: list[datetime] = [setting.now] if record.reserving or record.giving_back else []
    if awaited and not overdue:
        moments.append(overdue_at)
    closes = needs.upsell_ends(order, setting.config)
    if closes is not None and closes > setting.now and any(hold.code == "UPSELL_WINDOW" for hold in record.holds):
        moments.append(closes)
    if any(problem.code in STOCK_PROBLEMS for problem in record.problems):
        known = before.recheck_at if before else None
        later = setting.now + setting.timing.backorder_check
        moments.append(known if known is not None and setting.now < known < later else later)
    return record.model_copy(update={"payment_overdue": overdue, "recheck_at": min(moments, default=None)})
