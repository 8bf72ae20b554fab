"""An order's reservations while it is planned (promise P3): each unit that is sold and not bought yet is held once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.order import Address, OrderDetails, OrderLine, OrderRecord, Reason, Reservation, units_of
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.routing.case import Case, Value
from orderwright.domain.routing.choosing import route
from orderwright.domain.routing.eligible import barred
from orderwright.domain.routing.lines import RoutedLine, Routing
from orderwright.domain.routing_rules import may_split
from orderwright.domain.source_gone import source_gone
from orderwright.domain.territories import destination_of
from orderwright.storage import Change
from orderwright.usecases import reservations
from orderwright.usecases.intake import needs
from orderwright.usecases.intake.work import Setting, Work
from orderwright.usecases.rerouting import Tried, refusal_of, refused_by, usable

Offers = Mapping[str, Sequence[Offer]]


def routing_of(work: Work, offers: Offers, setting: Setting) -> Routing:
    """Which supplier would take which line now; what this order holds already does not count against it."""
    needed = needs.lines_needed(work.details.lines, list(work.orders.values()))
    tried = refused_by(work.orders.values())
    first = route(needed, offers, case_of(work, offers, setting, tried))
    again = tried.lifted(problem.line_id for problem in first.problems)
    return first if again is None else route(needed, offers, case_of(work, offers, setting, again))


def case_of(work: Work, offers: Offers, setting: Setting, tried: Tried) -> Case:
    """What the choice depends on beside lines and offers. `tried`: who is not asked again for which line."""
    config, where = setting.config, work.details.destination
    boxed = _boxed(offers, where, config)
    held: dict[str, list[str]] = {}
    for name, taken in _waiting(work.record, work.orders):
        held.setdefault(taken.line_id, []).append(name)

    def not_asked(line: OrderLine, offer: Offer) -> Reason | None:
        box = (offer.sku, offer.supplier) in boxed and where is not None
        return refusal_of(line, offer, tried, config) or (needs.box_reason(offer.supplier, config) if box else None)

    def lacks(supplier: str, routed: Sequence[RoutedLine]) -> Sequence[Reason]:
        return () if where is None else setting.lacks(supplier, where, [needs.asked_line(one) for one in routed])

    case = bare_case(work.record.connection, work.details, setting)
    return case._replace(order_key=work.pk, reserved_as=held, refused=not_asked, lacks=lacks)


def bare_case(store: str, details: OrderDetails, setting: Setting) -> Case:
    """Of goods that are not held yet and that nobody has refused, sold in this store."""
    config, where, files = setting.config, details.destination, setting.skus
    settings, lines = config.connections.get(store), {line.line_id: line for line in details.lines}
    money = details.money.lines if details.money else ()
    return Case(
        config.rules, setting.now.date(), unknown=lambda offer: source_gone(offer, config),
        switched_off=setting.switched_off, scores=setting.scores, measure=setting.measure,
        suppliers=config.suppliers, name_of=config.name_of,
        store=store, wholesale=isinstance(settings, StoreSettings) and settings.needs_wholesale,
        destination=destination_of(where.country_code, where.postcode) if where else "",
        goods={sku: file.record.model for sku, file in files.items() if file.record},
        freights={(sku, by): held.model for sku, file in files.items() for by, held in file.freights.items()},
        values={one.line_id: Value(one.net, max(1, lines[one.line_id].quantity)) for one in money if one.line_id in lines},
    )  # fmt: skip


def _boxed(offers: Offers, where: Address | None, config: Config) -> set[tuple[str, str]]:
    """(SKU, supplier) that does not deliver to this address, where another supplier of the SKU does."""
    found: set[tuple[str, str]] = set()
    for sku, held in offers.items():
        fit = [where is None or needs.delivers_to(one.supplier, where, config) for one in held]
        if any(ok and usable(one, config) for ok, one in zip(fit, held, strict=True)):
            found |= {(sku, one.supplier) for ok, one in zip(fit, held, strict=True) if not ok}
    return found


def _waiting(record: OrderRecord, orders: Mapping[str, PurchaseOrder]) -> Iterator[tuple[str, Reservation]]:
    """The reservations that no living purchase order uses; several of a line only where it may be split."""
    used = {line.reservation for po in orders.values() if po.state in needs.LIVE for line in po.lines}
    return ((name, held) for name, held in record.reserved.items() if name not in used)


def stale(work: Work, offers: Offers, setting: Setting) -> dict[str, Reservation]:
    """Waiting reservations of another quantity than is needed now, or of an offer that may not be bought any more."""
    rules, record = setting.config.rules.routing, work.record
    gone = needs.outdated(work.details.lines, work.orders, rules)
    kept = replace(work, orders={sk: po for sk, po in work.orders.items() if sk not in gone})
    wanted = {line.line_id: line for line in needs.lines_needed(work.details.lines, list(kept.orders.values()))}
    waiting = dict(_waiting(record, kept.orders))
    tried = refused_by(kept.orders.values())
    # One that was left unsent may have been taken again, where nobody else ships it: `drops` knows which reservation is which.
    case = case_of(kept, offers, setting, tried.lifted(held.line_id for held in waiting.values()) or tried)
    units = units_of((held.line_id, held.quantity) for held in waiting.values())

    def still(name: str, held: Reservation) -> bool:
        line = wanted.get(held.line_id)
        offer = next((one for one in offers.get(held.sku, ()) if one.supplier == held.supplier), None)
        if line is None or offer is None or tried.drops(name, held) or barred(line, offer, case) is not None:
            return False
        part = needs.may_be_partial(held.sku, rules) or (bool(record.reserving) and may_split(rules, held.sku))
        return units[held.line_id] == line.quantity or (part and units[held.line_id] < line.quantity)

    return {name: held for name, held in waiting.items() if not still(name, held)}


def reserve(work: Work, routing: Routing) -> tuple[Work, Routing, list[Change]]:
    """Reserve what is needed and is not reserved yet (when first seen, paid or not); of many, what fits into one commit.

    The routing comes back with the name of each line's reservation.
    """
    new: dict[str, Reservation] = {}
    named: dict[str, tuple[RoutedLine, ...]] = {}
    for supplier, routed in routing.by_supplier.items():
        entries = []
        for entry in routed:
            name = entry.reservation
            if not name:
                line_id, sku = entry.line.line_id, entry.offer.sku
                name = _fresh_name(work, line_id, new)
                new[name] = Reservation(line_id=line_id, sku=sku, supplier=supplier, quantity=entry.quantity)
            entries.append(entry._replace(reservation=name))
        named[supplier] = tuple(entries)
    first, rest = reservations.in_parts(new)
    record = work.record.stock_taken(first, len(rest))
    return replace(work, record=record), routing._replace(by_supplier=named), list(reservations.reserve(work.pk, first))


def _fresh_name(work: Work, line_id: str, new: Collection[str]) -> str:
    """The line's id, or the line and a count once that name was used: a name never stands for two takings of stock."""
    used = {line.reservation for po in work.orders.values() for line in po.lines} | set(work.record.reserved)
    used |= set(work.record.giving_back) | set(new)
    count, name = 0, line_id
    while name in used:
        count += 1
        name = f"{line_id}.{count}"
    return name


def give_back(work: Work, now: datetime) -> tuple[Work, list[Change]]:
    """Cancelled or refunded: what no purchase order holds any more goes back on sale."""
    ended = (PurchaseOrderState.CANCELLED, PurchaseOrderState.REJECTED)
    held = {line.reservation for po in work.orders.values() if po.state not in ended for line in po.lines}
    free = {name: taken for name, taken in work.record.reserved.items() if name not in held}
    closed = reservations.held_back(work.orders.values())
    bare = work.record.unwanted().stock_freed(free.keys())
    record, back = reservations.give_back(work.pk, bare, reservations.without(free, closed), now)
    return replace(work, record=record), list(back)
