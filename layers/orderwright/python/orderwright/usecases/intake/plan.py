"""From what the store says now and what we hold, to one commit. Pure: the same input gives the same changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.freight import freight_to
from orderwright.domain.money import Money
from orderwright.domain.order import OrderDetails, OrderRecord, Reason, StoreOrder, units_of
from orderwright.domain.payment import KnownPayment, PaymentGate, payment_gate
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_line import Customs, PurchaseOrderLine
from orderwright.domain.releases import not_covered
from orderwright.domain.routing.decision import RoutingDecision
from orderwright.domain.routing.door import parcel_price
from orderwright.domain.routing.lines import RoutedLine, Routing
from orderwright.domain.territories import destination_of
from orderwright.domain.time_line import log_entry
from orderwright.records import OrderFile, purchase_order_key, purchase_reference, routing_key
from orderwright.storage import Change, Put
from orderwright.usecases.intake import approvals, digital, needs, stock
from orderwright.usecases.intake.margins import reckoned_again
from orderwright.usecases.intake.order_changes import changes_of
from orderwright.usecases.intake.refunds import with_refund
from orderwright.usecases.intake.work import FUNCTION, Setting, Work
from orderwright.usecases.placing.true_money import sold_as_read


def plan(
    order: StoreOrder, file: OrderFile, offers: stock.Offers, goods: Mapping[str, SkuRecord], setting: Setting
) -> list[Change]:
    """All changes that this state of the order calls for; empty when nothing is new. `goods`: what is known by SKU."""
    details = details_of(order, file)
    record = with_refund(_record(order, file, setting), file, details)
    orders = {sk: held.model for sk, held in file.purchase_orders.items()}
    work = Work(file.pk, record, details, orders)
    if wants_goods(order):
        routing = stock.routing_of(work, offers, setting)
        work, routing, moved = stock.reserve(work, routing)
        if moved:
            work, moved = _kept(work, routing, moved, setting)
        work = _judge(work, order, file, routing, goods, setting)
        if _may_buy(work, routing, setting):
            work = digital.opened(_buy(work, routing, goods, setting), order, file, setting)
    else:
        work = replace(work, record=record.digital_waits(left=False))
        stopped = work.with_orders({sk: po.stopped(setting.now) for sk, po in orders.items()})
        work, moved = stock.give_back(stopped, setting.now)
    return changes_of(reckoned_again(work, file, setting), order, file, setting, moved)


def details_of(order: StoreOrder, file: OrderFile) -> OrderDetails:
    """The personal half as it is kept: with the operator's address, and bare where the person was erased."""
    old, read = file.details.model if file.details else None, OrderDetails.of(order)
    if file.record.model.erased_at if file.record else old is not None:
        return read.erased()
    return read.corrected(old.fixed_address) if old else read


def _record(order: StoreOrder, file: OrderFile, setting: Setting) -> OrderRecord:
    """Where the person was erased before the order was ever seen, intake/erasure.py leaves the empty details."""
    if file.record is not None:
        return file.record.model.seen_again(order)
    record = OrderRecord.first_seen(order, setting.now, erased=file.details is not None)
    return record if record.erased_at else record.linked(setting.link_mark(file.pk), setting.now)


def wants_goods(order: StoreOrder) -> bool:
    """Nothing is bought or held for an order that is cancelled, refunded in full, or a test."""
    return order.cancelled_at is None and not order.test and payment_gate(order).gate is not PaymentGate.STOP


# --- deciding and buying ----------------------------------------------------------------------------------------------


def _judge(
    work: Work, order: StoreOrder, file: OrderFile, routing: Routing, goods: Mapping[str, SkuRecord], setting: Setting
) -> Work:
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
    left = digital.left(work, order, file, setting)
    if left:
        late = (*late, *digital.problems(work, left, setting))
    problems = (*problems, *not_covered(work.record, late))
    holds = needs.holds_of(order, setting.config, work.record, setting.now)
    known = file.record.model if file.record else None
    wanted = approvals.approvals_of(order, setting.config, work.record, known)
    if setting.config.rules.approve_margin_below_percent is not None:
        sold = sold_as_read(order, work.details)
        low = approvals.low_margin(planned(work, routing, goods, setting), sold, setting.config, setting.now.date())
        wanted = (*wanted, *not_covered(work.record, filter(None, [low])))
    judged = work.record.judged(problems, holds, wanted).digital_waits(left=bool(left))
    return replace(work, record=judged)


def _kept(work: Work, routing: Routing, moved: list[Change], setting: Setting) -> tuple[Work, list[Change]]:
    """With the decision itself, in the commit that takes the stock for it (R40)."""
    if routing.question is None or routing.answer is None:
        return work, moved
    record = work.record.routing_decided()
    decision = RoutingDecision.made(
        record.routed, setting.now, setting.why, routing.question, routing.answer, routing.words
    )
    return replace(work, record=record), [*moved, Put(routing_key(work.pk, record.routed), decision, 0)]


def _may_buy(work: Work, routing: Routing, setting: Setting) -> bool:
    """Nothing is bought before every unit is reserved. By ship: when_ready, lines without a supplier hold no others."""
    record = work.record
    if record.reserving:
        return False
    gate = payment_gate(KnownPayment(record.payment, record.total, record.refunded, work.details.lines)).gate
    stops = record.problems
    if setting.config.rules.routing.ship == "when_ready":
        stops = tuple(problem for problem in stops if problem not in routing.problems)
    return gate is PaymentGate.FORWARD and not (stops or record.holds or record.approvals)


def _buy(work: Work, routing: Routing, goods: Mapping[str, SkuRecord], setting: Setting) -> Work:
    """One purchase order per supplier, for the lines that none covers. No line stands twice in one."""
    orders = dict(work.orders)
    for supplier, routed in routing.by_supplier.items():
        for part in _each_line_once(routed):
            number = 1 + sum(1 for po in orders.values() if po.supplier == supplier)
            key = purchase_order_key(work.pk, supplier, number)
            orders[key.sk] = purchase_order_for(work, supplier, number, part, goods, setting)
    return work.with_orders(orders)


def _each_line_once(routed: Sequence[RoutedLine]) -> list[list[RoutedLine]]:
    """Pieces of a line that were reserved later go into a purchase order of their own: suppliers know a line by its id."""
    parts: list[list[RoutedLine]] = []
    for entry in routed:
        fit = (part for part in parts if all(other.line.line_id != entry.line.line_id for other in part))
        part = next(fit, None)
        if part is None:
            parts.append([entry])
        else:
            part.append(entry)
    return parts


def planned(work: Work, routing: Routing, goods: Mapping[str, SkuRecord], setting: Setting) -> list[PurchaseOrder]:
    """What would be asked of each supplier now, at the freight that it quoted there. Nothing is reserved for these."""
    return [
        _at_known_freight(purchase_order_for(work, supplier, 0, routed, goods, setting), routed, work, setting)
        for supplier, routed in routing.by_supplier.items()
    ]


def _at_known_freight(po: PurchaseOrder, routed: Sequence[RoutedLine], work: Work, setting: Setting) -> PurchaseOrder:
    """With the sum of what the supplier quoted lately for one piece of each to that country, where it has for all."""
    where, known = work.details.destination, list[Money]()
    for entry in routed if where and po.quoted_freight is None else ():
        file = setting.skus.get(entry.offer.sku)
        held = file.freights.get(po.supplier) if file else None
        quote = freight_to(held.model if held else None, where.country_code if where else "", setting.now.date())
        if quote is not None and quote.price is not None and quote.price.currency == po.freight.currency:
            known.append(quote.price.times(entry.quantity))
    return po.quoted("", sum(known[1:], known[0]), None) if known and len(known) == len(routed) else po


def purchase_order_for(
    work: Work,
    supplier: str,
    number: int,
    routed: Sequence[RoutedLine],
    goods: Mapping[str, SkuRecord],
    setting: Setting,
) -> PurchaseOrder:
    """What would be asked of one supplier for these lines, with the offers of now.

    Where its settings say what a parcel there costs (`parcel_freight`), that is its quote until it gives another.
    """
    order, where, settings = work.record, work.details.destination, setting.config.suppliers[supplier]
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
            reservation=entry.reservation,
            unit_cost=entry.offer.cost,
        ).declared(customs_of(goods[entry.offer.sku]) if entry.offer.sku in goods else None)
        for entry in routed
    )
    freight = routed[0].offer.freight.times(routed[0].quantity)
    for entry in routed[1:]:
        freight = freight + entry.offer.freight.times(entry.quantity)
    weights = [goods[one.offer.sku].weight_grams if one.offer.sku in goods else None for one in routed]
    grams = [one.quantity * weight for one, weight in zip(routed, weights, strict=True) if weight is not None]
    to = destination_of(where.country_code, where.postcode) if where else ""
    pieces, total = sum(one.quantity for one in routed), sum(grams) if len(grams) == len(routed) else None
    quoted = parcel_price(settings.parcel_freight, to, pieces, total)
    why = "; ".join(f"{entry.offer.sku}: {entry.why}" for entry in routed)
    return PurchaseOrder(
        supplier=supplier,
        number=number,
        reference=reference,
        lines=lines,
        freight=freight,
        quoted_freight=quoted if quoted is not None and quoted.currency == freight.currency else None,
        on_account=setting.config.on_account(supplier),
        agreed_days=settings.terms.deliver_within_days.get(where.country_code) if where else None,
        own_stock=settings.own_stock,
        created_at=setting.now,
        log=(log_entry(setting.now, FUNCTION, f"{reference}: made for {supplier}", why, setting.correlation),),
    )


def customs_of(record: SkuRecord) -> Customs:
    """What customs ask of a SKU, as a line of a purchase order holds it."""
    return Customs(record.heading, record.made_in, record.maker_number)
