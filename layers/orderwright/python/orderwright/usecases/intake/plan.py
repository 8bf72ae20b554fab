"""From what the store says now and what we hold, to one commit. Pure: the same input gives the same changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.order import OrderDetails, OrderRecord, OrderState, Reason, StoreOrder, units_of
from orderwright.domain.payment import KnownPayment, PaymentGate, payment_gate
from orderwright.domain.purchase_order import (
    UNCLEAR_CODES,
    Customs,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseOrderState,
)
from orderwright.domain.releases import not_covered
from orderwright.domain.routing import RoutedLine, Routing
from orderwright.domain.time_line import log_entry
from orderwright.records import OrderFile, purchase_order_key, purchase_reference
from orderwright.storage import Change
from orderwright.usecases.intake import needs, stock
from orderwright.usecases.intake.margins import reckoned_again
from orderwright.usecases.intake.order_changes import changes_of
from orderwright.usecases.intake.refunds import with_refund
from orderwright.usecases.intake.work import FUNCTION, Setting, Work


def plan(
    order: StoreOrder, file: OrderFile, offers: stock.Offers, goods: Mapping[str, SkuRecord], setting: Setting
) -> list[Change]:
    """All changes that this state of the order calls for; empty when nothing is new. `goods`: what is known by SKU."""
    before = file.record.model if file.record else None
    details = _details(order, file)
    record = _record(order, before, setting, erased=before is None and file.details is not None)
    record = with_refund(record, file, details)
    work = Work(file.pk, record, details, {sk: held.model for sk, held in file.purchase_orders.items()})
    if wants_goods(order):
        routing = stock.routing_of(work, offers, setting)
        work, moved = stock.reserve(work, routing)
        work = _judge(work, order, file, routing, setting)
        if _may_buy(work):
            work = _buy(work, routing, goods, setting)
    else:
        work, moved = stock.give_back(_stop(work), setting.now)
    return changes_of(reckoned_again(work, file, setting), order, file, setting, moved)


def _details(order: StoreOrder, file: OrderFile) -> OrderDetails:
    old = file.details.model if file.details else None
    if file.record.model.erased_at if file.record else old is not None:
        return OrderDetails(lines=order.lines, money=order.money)
    return OrderDetails(
        lines=order.lines,
        money=order.money,
        address=order.address,
        fixed_address=old.fixed_address if old else None,
        email=order.email,
        phone=order.phone,
        sms_consent=order.sms_consent,
        locale=order.locale,
        customer_id=order.customer_id,
    )


def _record(order: StoreOrder, before: OrderRecord | None, setting: Setting, *, erased: bool) -> OrderRecord:
    """`erased`: the person was erased before the order was ever seen (intake/erasure.py leaves the empty details)."""
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
            "erased_at": setting.now if erased else None,
        }
    )


def wants_goods(order: StoreOrder) -> bool:
    """Nothing is bought or held for an order that is cancelled, refunded in full, or a test."""
    return order.cancelled_at is None and not order.test and payment_gate(order).gate is not PaymentGate.STOP


# --- what happens to purchase orders that exist -----------------------------------------------------------------------


def _stop(work: Work) -> Work:
    orders = {sk: _stopped(po) for sk, po in work.orders.items()}
    touched = frozenset(sk for sk, po in orders.items() if po != work.orders[sk])
    return replace(work, orders=orders, touched=work.touched | touched)


def _stopped(po: PurchaseOrder) -> PurchaseOrder:
    """Ask a purchase order to end. What was sent and is unclear waits for its outcome (promise P6)."""
    if po.state is PurchaseOrderState.NEW:
        return po.model_copy(update={"state": PurchaseOrderState.CANCELLED, "cancel_outcome": "NOTHING_ORDERED"})
    if po.state in (PurchaseOrderState.INTENT, PurchaseOrderState.PLACED):
        return po.model_copy(update={"cancel_requested": True})
    unclear = {reason.code for reason in po.reasons} & UNCLEAR_CODES
    if po.state is PurchaseOrderState.PARKED and (po.ordered or not unclear):
        # Parked and not known to be paid: handed back to the placing function, which withdraws it. A step that was sent
        # is looked up first: giving up on a supplier that does not answer says nothing about what it did.
        sent = po.sends if po.resume_step in ("", po.step) else 0
        step = po.resume_step or po.step
        if not step:
            # Parked before its first step was ever opened: nothing exists anywhere.
            return po.model_copy(update={"state": PurchaseOrderState.CANCELLED, "cancel_outcome": "NOTHING_ORDERED"})
        return po.model_copy(
            update={"state": PurchaseOrderState.INTENT, "step": step, "sends": sent, "cancel_requested": True}
        )
    if po.state is PurchaseOrderState.REJECTED and po.placed_at is None:
        return po.model_copy(update={"state": PurchaseOrderState.CANCELLED, "cancel_outcome": "NOTHING_ORDERED"})
    return po


# --- deciding and buying ----------------------------------------------------------------------------------------------


def _judge(work: Work, order: StoreOrder, file: OrderFile, routing: Routing, setting: Setting) -> Work:
    parcels = [held.model for held in file.shipments.values()]
    in_parcels = units_of((line.line_id, line.quantity) for parcel in parcels for line in parcel.lines)
    orders = list(work.orders.values())
    problems: tuple[Reason, ...] = ()
    if needs.lines_needed(work.details.lines, orders):
        problems = needs.problems_of(work.details, routing, setting.config, work.record, setting.lacks)
    late = (
        *needs.changed_after_placement(work.details.lines, orders, in_parcels),
        *needs.address_changed_after_placement(work.details, orders, in_parcels),
    )
    problems = (*problems, *not_covered(work.record, late))
    record = work.record.model_copy(
        update={
            "problems": problems,
            "holds": needs.holds_of(order, setting.config, work.record, setting.now),
            "approvals": needs.approvals_of(
                order, setting.config, work.record, file.record.model if file.record else None
            ),
        }
    )
    return replace(work, record=record)


def _may_buy(work: Work) -> bool:
    """Nothing is bought before every unit is reserved."""
    record = work.record
    if record.reserving:
        return False
    gate = payment_gate(KnownPayment(record.payment, record.total, record.refunded, work.details.lines)).gate
    return gate is PaymentGate.FORWARD and not (record.problems or record.holds or record.approvals)


def _buy(work: Work, routing: Routing, goods: Mapping[str, SkuRecord], setting: Setting) -> Work:
    """One purchase order per supplier, for the lines that none covers."""
    orders, touched = dict(work.orders), set(work.touched)
    names = stock.names_by_line(work)
    for supplier, routed in routing.by_supplier.items():
        number = 1 + sum(1 for po in orders.values() if po.supplier == supplier)
        key = purchase_order_key(work.pk, supplier, number)
        orders[key.sk] = purchase_order_for(work.record, supplier, number, routed, names, goods, setting)
        touched.add(key.sk)
    return replace(work, orders=orders, touched=frozenset(touched))


def purchase_order_for(
    order: OrderRecord,
    supplier: str,
    number: int,
    routed: Sequence[RoutedLine],
    names: Mapping[str, str],
    goods: Mapping[str, SkuRecord],
    setting: Setting,
) -> PurchaseOrder:
    """What would be asked of one supplier for these lines, with the offers of now."""
    shop, account = (setting.config.identity(one).account_or_id for one in (order.connection, supplier))
    reference = purchase_reference(shop, order.order_id, account, number)
    lines = tuple(
        PurchaseOrderLine(
            line_id=entry.line.line_id,
            sku=entry.offer.sku,
            supplier_sku=entry.offer.supplier_sku,
            supplier_ref=entry.offer.supplier_ref,
            title=entry.line.title,
            quantity=entry.quantity,
            reservation=names[entry.line.line_id],
            unit_cost=entry.offer.cost,
            **(customs_of(goods[entry.offer.sku])._asdict() if entry.offer.sku in goods else {}),
        )
        for entry in routed
    )
    freight = routed[0].offer.freight.times(routed[0].quantity)
    for entry in routed[1:]:
        freight = freight + entry.offer.freight.times(entry.quantity)
    why = "; ".join(f"{entry.offer.sku}: {entry.why}" for entry in routed)
    return PurchaseOrder(
        supplier=supplier,
        number=number,
        reference=reference,
        lines=lines,
        freight=freight,
        on_account=setting.config.on_account(supplier),
        created_at=setting.now,
        log=(log_entry(setting.now, FUNCTION, f"{reference}: made for {supplier}", why, setting.correlation),),
    )


def customs_of(record: SkuRecord) -> Customs:
    """What customs ask of a SKU, as a line of a purchase order holds it."""
    return Customs(record.heading, record.made_in, record.maker_number)
