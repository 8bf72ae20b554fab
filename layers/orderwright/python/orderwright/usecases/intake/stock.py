"""An order's reservations while it is planned (promise P3): each unit that is sold and not bought yet is held once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.order import Address, OrderLine, OrderRecord, Reservation
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.routing.lines import Routing, route
from orderwright.domain.source_gone import source_gone
from orderwright.storage import Change
from orderwright.usecases import reservations
from orderwright.usecases.intake import needs
from orderwright.usecases.intake.work import Setting, Work
from orderwright.usecases.rerouting import refusal_of, refused_by, usable

Offers = Mapping[str, Sequence[Offer]]


def routing_of(work: Work, offers: Offers, setting: Setting) -> Routing:
    """Which supplier would take which line now; what this order holds already does not count against it."""
    needed = needs.lines_needed(work.details.lines, list(work.orders.values()))
    own = {held.line_id: name for name, held in _waiting(work.record, work.orders)}
    offers = deliverable(offers, work.details.destination, setting.config)
    refused = refused_by(work.orders.values())
    return route(
        needed, offers, setting.config.rules, setting.now.date(), order_key=work.pk, reserved_as=own,
        unknown=lambda offer: source_gone(offer, setting.config),
        refused=lambda line, offer: refusal_of(line, offer, refused, setting.config),
    )  # fmt: skip


def deliverable(offers: Offers, where: Address | None, config: Config) -> Offers:
    """Without the offers of suppliers that do not deliver to this address, where another supplier of the SKU does."""
    if where is None:
        return offers
    fit = {
        sku: [one for one in found if needs.delivers_to(one.supplier, where, config)] for sku, found in offers.items()
    }
    return {sku: fit[sku] if any(usable(one, config) for one in fit[sku]) else found for sku, found in offers.items()}


def _waiting(record: OrderRecord, orders: Mapping[str, PurchaseOrder]) -> Iterator[tuple[str, Reservation]]:
    """The reservations that no living purchase order uses; `stale` leaves at most one a line."""
    used = {line.reservation for po in orders.values() if po.state in needs.LIVE for line in po.lines}
    return ((name, held) for name, held in record.reserved.items() if name not in used)


def stale(
    record: OrderRecord, lines: Sequence[OrderLine], orders: Mapping[str, PurchaseOrder], offers: Offers, config: Config
) -> dict[str, Reservation]:
    """Waiting reservations of another quantity than is needed now, or of an offer that cannot be bought any more."""
    gone = needs.outdated(lines, orders)
    kept = {sk: po for sk, po in orders.items() if sk not in gone}
    wanted = {line.line_id: line.quantity for line in needs.lines_needed(lines, list(kept.values()))}
    fit = {(offer.sku, offer.supplier) for found in offers.values() for offer in found if usable(offer, config)}
    refused = refused_by(kept.values())
    return {
        name: held
        for name, held in _waiting(record, kept)
        if wanted.get(held.line_id, 0) != held.quantity
        or (held.sku, held.supplier) not in fit
        or (held.line_id, held.supplier) in refused
    }


def reserve(work: Work, routing: Routing) -> tuple[Work, list[Change]]:
    """Reserve what is needed and is not reserved yet (when first seen, paid or not); of many, what fits into one commit."""
    held = {reservation.line_id for _, reservation in _waiting(work.record, work.orders)}
    new = {
        _fresh_name(work, entry.line.line_id): Reservation(
            line_id=entry.line.line_id, sku=entry.offer.sku, supplier=supplier, quantity=entry.quantity
        )
        for supplier, routed in routing.by_supplier.items()
        for entry in routed
        if entry.line.line_id not in held
    }
    first, rest = reservations.in_parts(new)
    record = work.record.stock_taken(first, len(rest))
    return replace(work, record=record), list(reservations.reserve(work.pk, first))


def _fresh_name(work: Work, line_id: str) -> str:
    """The line's id, or the line and a count once that name was used: a name never stands for two takings of stock."""
    used = {line.reservation for po in work.orders.values() for line in po.lines} | set(work.record.reserved)
    used |= set(work.record.giving_back)
    count, name = 0, line_id
    while name in used:
        count += 1
        name = f"{line_id}.{count}"
    return name


def names_by_line(work: Work) -> dict[str, str]:
    """Line id -> the reservation that a new purchase order for it uses."""
    return {held.line_id: name for name, held in _waiting(work.record, work.orders)}


def give_back(work: Work, now: datetime) -> tuple[Work, list[Change]]:
    """Cancelled or refunded: what no purchase order holds any more goes back on sale."""
    ended = (PurchaseOrderState.CANCELLED, PurchaseOrderState.REJECTED)
    held = {line.reservation for po in work.orders.values() if po.state not in ended for line in po.lines}
    free = {name: taken for name, taken in work.record.reserved.items() if name not in held}
    closed = reservations.held_back(work.orders.values())
    bare = work.record.unwanted().stock_freed(free.keys())
    record, back = reservations.give_back(work.pk, bare, reservations.without(free, closed), now)
    return replace(work, record=record), list(back)
