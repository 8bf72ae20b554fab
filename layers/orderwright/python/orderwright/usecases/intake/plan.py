"""From what the store says now and what we hold, to one commit. Pure: the same input gives the same changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.order import (
    FINAL_ORDER_STATES,
    OrderDetails,
    OrderRecord,
    OrderState,
    Reason,
    Reservation,
    StoreOrder,
)
from orderwright.domain.payment import KnownPayment, PaymentGate, payment_gate
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderLine, PurchaseOrderState
from orderwright.domain.routing import RoutedLine, Routing
from orderwright.domain.shipment import Milestone
from orderwright.records import (
    OrderFile,
    details_key,
    purchase_order_key,
    purchase_reference,
    reference_ref,
)
from orderwright.storage import Change, Due, Fact, Put, log_entry
from orderwright.usecases import reservations
from orderwright.usecases.intake import needs
from orderwright.usecases.order_summary import order_put, summarise

FUNCTION = "ingest_order"
UNCLEAR_CODES = frozenset({"OUTCOME_UNCLEAR", "LOOK_UP_LOST", "ID_LOST"})
STOCK_PROBLEMS = frozenset({"OUT_OF_STOCK"})


@dataclass(frozen=True)
class Setting:
    """What planning needs beside the order: rules, time, and for the time line who asked and why."""

    config: Config
    now: datetime
    why: str
    correlation: str


@dataclass(frozen=True)
class _Work:
    """The order's parts while they are being decided."""

    pk: str
    record: OrderRecord
    details: OrderDetails
    orders: dict[str, PurchaseOrder]
    touched: frozenset[str] = frozenset()


def plan(order: StoreOrder, file: OrderFile, offers: Mapping[str, Sequence[Offer]], setting: Setting) -> list[Change]:
    """All changes that this state of the order calls for; empty when nothing is new."""
    before = file.record.model if file.record else None
    details = _details(order, file)
    record = _record(order, before, setting)
    work = _Work(file.pk, record, details, {sk: held.model for sk, held in file.purchase_orders.items()})
    work = _stop_or_shrink(work, order)
    taken: list[Change] = []
    given: list[Change] = []
    routing = _routing(work, offers, setting)
    if _wants_goods(work.record, order):
        work, taken = _reserve(work, routing)
        work = _judge(work, order, file, routing, setting)
        if _may_buy(work):
            work = _buy(work, order, routing, setting)
    else:
        work, given = _give_back(work)
    return _changes(work, order, file, setting, [*given, *taken])


def _details(order: StoreOrder, file: OrderFile) -> OrderDetails:
    old = file.details.model if file.details else None
    erased = bool(file.record and file.record.model.erased_at)
    if erased:
        return OrderDetails(lines=order.lines)
    return OrderDetails(
        lines=order.lines,
        address=order.address,
        fixed_address=old.fixed_address if old else None,
        email=order.email,
        phone=order.phone,
        sms_consent=order.sms_consent,
        locale=order.locale,
        customer_id=order.customer_id,
    )


def _record(order: StoreOrder, before: OrderRecord | None, setting: Setting) -> OrderRecord:
    news = {
        "name": order.name,
        "payment": order.payment,
        "total": order.total,
        "refunded": order.refunded,
        "store_updated_at": order.updated_at,
        "cancelled": order.cancelled_at is not None,
        "test": order.test,
    }
    if before is not None:
        return before.model_copy(update=news)
    return OrderRecord.model_validate(
        {
            **news,
            "connection": order.connection,
            "order_id": order.order_id,
            "state": OrderState.AWAITING_PAYMENT,
            "created_at": order.created_at,
            "seen_at": setting.now,
        }
    )


def _wants_goods(record: OrderRecord, order: StoreOrder) -> bool:
    gate = payment_gate(KnownPayment(order.payment, order.total, order.refunded, order.lines)).gate
    return not record.cancelled and not record.test and gate is not PaymentGate.STOP


# --- what happens to purchase orders that exist -----------------------------------------------------------------------


def _stop_or_shrink(work: _Work, order: StoreOrder) -> _Work:
    """Cancelled or refunded: stop all. Edited: a purchase order not yet opened is taken back and made anew."""
    current = {line.line_id: line.quantity for line in order.lines}
    wanted = _wants_goods(work.record, order)
    orders, touched = dict(work.orders), set(work.touched)
    for sk, po in work.orders.items():
        shrunk = any(current.get(line.line_id, 0) < line.quantity for line in po.lines)
        stopped = po
        if not wanted:
            stopped = _stopped(po)
        elif po.state is PurchaseOrderState.NEW and shrunk:
            stopped = po.model_copy(update={"state": PurchaseOrderState.CANCELLED, "cancel_outcome": "EDITED"})
        if stopped != po:
            orders[sk] = stopped
            touched.add(sk)
    return replace(work, orders=orders, touched=frozenset(touched))


def _stopped(po: PurchaseOrder) -> PurchaseOrder:
    """Ask a purchase order to end. What was sent and is unclear waits for its outcome (promise P6)."""
    if po.state is PurchaseOrderState.NEW:
        return po.model_copy(update={"state": PurchaseOrderState.CANCELLED, "cancel_outcome": "NOTHING_ORDERED"})
    if po.state in (PurchaseOrderState.INTENT, PurchaseOrderState.PLACED):
        return po.model_copy(update={"cancel_requested": True})
    if po.state is PurchaseOrderState.PARKED and not {reason.code for reason in po.reasons} & UNCLEAR_CODES:
        # Parked before it was paid, with a known state: handed back to the placing function, which withdraws it.
        return po.model_copy(
            update={"state": PurchaseOrderState.INTENT, "step": po.resume_step, "sends": 0, "cancel_requested": True}
        )
    return po


# --- stock ------------------------------------------------------------------------------------------------------------


def _routing(work: _Work, offers: Mapping[str, Sequence[Offer]], setting: Setting) -> Routing:
    needed = needs.lines_needed(work.details.lines, list(work.orders.values()))
    return needs.route_needed(needed, offers, setting.config, work.pk, setting.now)


def _name(work: _Work, line_id: str, quantity: int) -> str:
    """The reservation's name: the line, or for units added after a purchase order the line and a count."""
    covered = [po for po in work.orders.values() if any(line.line_id == line_id for line in po.lines)]
    return line_id if not covered else f"{line_id}.{len(covered)}"


def _reserve(work: _Work, routing: Routing) -> tuple[_Work, list[Change]]:
    """Reserve what is needed and is not reserved yet (when first seen, paid or not: promise P3)."""
    new: dict[str, Reservation] = {}
    for supplier, routed in routing.by_supplier.items():
        for entry in routed:
            name = _name(work, entry.line.line_id, entry.quantity)
            if name not in work.record.reserved:
                new[name] = Reservation(
                    line_id=entry.line.line_id, sku=entry.offer.sku, supplier=supplier, quantity=entry.quantity
                )
    record = work.record.model_copy(update={"reserved": {**work.record.reserved, **new}})
    return replace(work, record=record), list(reservations.reserve(work.pk, new))


def stale_reservations(order: StoreOrder, file: OrderFile) -> dict[str, Reservation]:
    """Reservations that no purchase order uses and whose quantity the store has edited since."""
    if file.record is None:
        return {}
    used = {line.reservation for held in file.purchase_orders.values() for line in held.model.lines
            if held.model.state in needs.LIVE and held.model.state is not PurchaseOrderState.NEW}  # fmt: skip
    wanted = {line.line_id: min(line.quantity, line.unfulfilled) for line in order.lines}
    return {
        name: held
        for name, held in file.record.model.reserved.items()
        if name not in used and "." not in name and wanted.get(held.line_id, 0) != held.quantity
    }


def _give_back(work: _Work) -> tuple[_Work, list[Change]]:
    """Cancelled or refunded: what no purchase order holds any more goes back on sale."""
    held_by_orders = {
        line.reservation
        for po in work.orders.values()
        if po.state is not PurchaseOrderState.CANCELLED and po.state is not PurchaseOrderState.REJECTED
        for line in po.lines
    }
    free = {name: held for name, held in work.record.reserved.items() if name not in held_by_orders}
    record = work.record.model_copy(
        update={
            "reserved": reservations.without(work.record.reserved, free),
            "problems": (),
            "holds": (),
            "approvals": (),
        }
    )
    return replace(work, record=record), list(reservations.unreserve(work.pk, free))


# --- deciding and buying ----------------------------------------------------------------------------------------------


def _judge(work: _Work, order: StoreOrder, file: OrderFile, routing: Routing, setting: Setting) -> _Work:
    released = work.record.released
    in_parcels: dict[str, int] = {}
    for held in file.shipments.values():
        for line in held.model.lines:
            in_parcels[line.line_id] = in_parcels.get(line.line_id, 0) + line.quantity
    orders = list(work.orders.values())
    problems: tuple[Reason, ...] = ()
    if needs.lines_needed(work.details.lines, orders):
        problems = needs.problems_of(work.details, routing, setting.config, released)
    if "LINES_CHANGED_AFTER_PLACEMENT" not in released:
        problems = (*problems, *needs.changed_after_placement(work.details.lines, orders, in_parcels))
    record = work.record.model_copy(
        update={
            "problems": problems,
            "holds": needs.holds_of(order, setting.config, released, setting.now),
            "approvals": needs.approvals_of(order, setting.config, released),
        }
    )
    return replace(work, record=record)


def _may_buy(work: _Work) -> bool:
    record = work.record
    gate = payment_gate(KnownPayment(record.payment, record.total, record.refunded, work.details.lines)).gate
    return gate is PaymentGate.FORWARD and not (record.problems or record.holds or record.approvals)


def _buy(work: _Work, order: StoreOrder, routing: Routing, setting: Setting) -> _Work:
    """One purchase order per supplier, for the lines that none covers."""
    orders, touched = dict(work.orders), set(work.touched)
    for supplier, routed in routing.by_supplier.items():
        number = 1 + sum(1 for po in orders.values() if po.supplier == supplier)
        key = purchase_order_key(work.pk, supplier, number)
        orders[key.sk] = _purchase_order(work, order, supplier, number, routed, setting)
        touched.add(key.sk)
    return replace(work, orders=orders, touched=frozenset(touched))


def _purchase_order(
    work: _Work, order: StoreOrder, supplier: str, number: int, routed: Sequence[RoutedLine], setting: Setting
) -> PurchaseOrder:
    reference = purchase_reference(order.connection, order.order_id, supplier, number)
    lines = tuple(
        PurchaseOrderLine(
            line_id=entry.line.line_id,
            sku=entry.offer.sku,
            supplier_sku=entry.offer.supplier_sku,
            supplier_ref=entry.offer.supplier_ref,
            title=entry.line.title,
            quantity=entry.quantity,
            reservation=_name(work, entry.line.line_id, entry.quantity),
            unit_cost=entry.offer.cost,
            revenue=entry.line.unit_price * entry.quantity,
        )
        for entry in routed
    )
    freight = routed[0].offer.freight * routed[0].quantity
    for entry in routed[1:]:
        freight = freight + entry.offer.freight * entry.quantity
    why = "; ".join(f"{entry.offer.sku}: {entry.why}" for entry in routed)
    return PurchaseOrder(
        supplier=supplier,
        number=number,
        reference=reference,
        lines=lines,
        freight=freight,
        created_at=setting.now,
        log=(log_entry(setting.now, FUNCTION, f"{reference}: made for {supplier}", why, setting.correlation),),
    )


# --- the commit -------------------------------------------------------------------------------------------------------


def _changes(
    work: _Work, order: StoreOrder, file: OrderFile, setting: Setting, stock: Sequence[Change]
) -> list[Change]:
    before = file.record.model if file.record else None
    shipments = [held.model for held in file.shipments.values()]
    record = summarise(work.record, work.details.lines, work.orders.values(), shipments)
    old_details = file.details.model if file.details else None
    changes: list[Change] = []
    for sk in sorted(work.touched):
        po = work.orders[sk]
        held = file.purchase_orders.get(sk)
        fact = Fact("purchase_order.due", connection=po.supplier, pk=work.pk, sk=sk)
        open_now = po.state in (PurchaseOrderState.NEW, PurchaseOrderState.INTENT) or po.cancel_requested
        due = Due(po.settle_until or setting.now, "purchase_order.due") if open_now else None
        if held is not None:
            entry = log_entry(setting.now, FUNCTION, f"{po.reference}: {setting.why}", "", setting.correlation)
            po = po.model_copy(update={"log": (*po.log, entry)})
        key = purchase_order_key(work.pk, po.supplier, po.number)
        version = held.version if held else 0
        facts = (fact,) if open_now else ()
        changes.append(Put(key, po, version, facts=facts, due=due, ref=reference_ref(po.reference)))
    if work.details != old_details:
        changes.append(Put(details_key(work.pk), work.details, file.details.version if file.details else 0))
    if changes or stock or record != before:
        version = file.record.version if file.record else 0
        put = order_put(
            work.pk, before, record, version, setting.now, FUNCTION, setting.why, setting.correlation,
            facts=_order_facts(before, record, order, setting), due=_due(record, order, setting),
        )  # fmt: skip
        changes.append(put)
    return [*changes, *stock]


def _order_facts(before: OrderRecord | None, record: OrderRecord, order: StoreOrder, setting: Setting) -> list[Fact]:
    facts: list[Fact] = []
    pk = f"{record.connection}#{record.order_id}"
    store = setting.config.store(record.connection)
    paid = payment_gate(KnownPayment(record.payment, record.total, record.refunded, order.lines)).gate
    was = (
        None
        if before is None
        else payment_gate(KnownPayment(before.payment, before.total, before.refunded, order.lines)).gate
    )
    first_payment = paid is PaymentGate.FORWARD and was is not PaymentGate.FORWARD
    live = record.state not in FINAL_ORDER_STATES or record.state is OrderState.NOTHING_TO_ORDER
    if first_payment and live and not record.test and Milestone.CONFIRMED.value not in store.store_mails:
        detail = {"milestone": Milestone.CONFIRMED.value}
        facts.append(Fact("notice.due", connection=record.connection, pk=pk, sk="ORDER", detail=detail))
    if first_payment and setting.config.rules.alert_new_orders and not record.test:
        detail = {"order": record.name[:60]}
        facts.append(Fact("alert.raised", connection=record.connection, pk=pk, topic="NEW_ORDER", detail=detail))
    return facts


def _due(record: OrderRecord, order: StoreOrder, setting: Setting) -> Due | None:
    """When to look again by itself: payment that never came, a window that closes."""
    if record.state is OrderState.AWAITING_PAYMENT:
        wait = order.created_at + timedelta(hours=setting.config.rules.payment_wait_hours)
        return Due(wait, "order.due") if wait > setting.now else None
    ends = needs.upsell_ends(order, setting.config)
    if record.state is OrderState.ON_HOLD and ends is not None and ends > setting.now:
        return Due(ends, "order.due")
    return None
