"""The commit of what was planned: everything about one order at once, with what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderwright.domain.order import FINAL_ORDER_STATES, OrderRecord, OrderState, StoreOrder
from orderwright.domain.payment import KnownPayment, PaymentGate, payment_gate
from orderwright.domain.shipment import Milestone
from orderwright.domain.source_gone import SOURCE_GONE
from orderwright.records import OrderFile
from orderwright.storage import Change, Fact
from orderwright.usecases.alerts import alert
from orderwright.usecases.intake import needs
from orderwright.usecases.intake.digital import deliver
from orderwright.usecases.intake.put_back import put_back_facts
from orderwright.usecases.intake.work import FUNCTION, Setting, Work
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.order_summary import quiet_put

STOCK_PROBLEMS = frozenset({"OUT_OF_STOCK", SOURCE_GONE})


def changes_of(
    work: Work, order: StoreOrder, file: OrderFile, setting: Setting, stock: Sequence[Change]
) -> list[Change]:
    """What must be written; empty when nothing is new."""
    before = file.record.model if file.record else None
    commit = OrderCommit(file, FUNCTION, setting.now, setting.correlation)
    for sk in sorted(work.touched):
        commit.handed_over(sk, work.orders[sk], setting.why if sk in file.purchase_orders else "")
    if file.details is None or work.details != file.details.model:
        commit.details(work.details)
    if work.digital is not None:
        deliver(commit, work.digital, work.record.connection, setting)
    record = _waits(commit.summary(work.record, work.details), before, order, setting)
    if file.record and not commit.changes and not stock and record.rechecked_at(file.record.model.recheck_at) == before:
        return [] if record == before else [*commit.beside(quiet_put(file.pk, record, file.record.version)).with_page()]
    facts = [*_order_facts(before, record, order, setting), *put_back_facts(order, file)]
    commit.order(setting.why, record, details=work.details, facts=facts)
    return [*commit.with_page(), *stock]


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
    """When to look again automatically (promise P11): payment that does not come, a window that closes, stock that returns."""
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
    return record.rechecked_at(min(moments, default=None), overdue=overdue)
