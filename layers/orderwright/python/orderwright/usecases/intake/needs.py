"""What is still to be bought of an order, what stands against it, and where it would be bought. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.marks import destination_mark, short_mark
from orderwright.domain.order import Address, OrderDetails, OrderLine, OrderRecord, Reason, StoreOrder, units_of
from orderwright.domain.order_state import STOPS
from orderwright.domain.po_boxes import goes_to_po_box
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.releases import PIECES, not_covered
from orderwright.domain.routing.lines import RoutedLine, Routing, is_forwarded
from orderwright.domain.routing_rules import RoutingRules, may_split
from orderwright.domain.validation import NEEDED, validate_order
from orderwright.ports.supplier import PurchaseLine
from orderwright.usecases.intake.work import Lacks

LIVE = frozenset(set(PurchaseOrderState) - {PurchaseOrderState.CANCELLED})


def lines_needed(lines: Sequence[OrderLine], purchase_orders: Sequence[PurchaseOrder]) -> tuple[OrderLine, ...]:
    """The lines with the units that no living purchase order covers. A parked or refused one still covers its lines."""
    covered = units_covered(purchase_orders)
    needed = []
    for line in lines:
        units = units_wanted(line, covered)
        if units > 0:
            needed.append(line.reduced(units))
    return tuple(needed)


def units_covered(purchase_orders: Iterable[PurchaseOrder]) -> dict[str, int]:
    """Units per line id in living purchase orders."""
    return units_of((line.line_id, line.quantity) for po in purchase_orders if po.state in LIVE for line in po.lines)


def units_wanted(line: OrderLine | None, covered: Mapping[str, int]) -> int:
    """Units of a line that are sold, not shipped, and not covered."""
    if line is None or not is_forwarded(line):
        return 0
    return max(0, min(line.unfulfilled, line.quantity - covered.get(line.line_id, 0)))


def may_be_partial(sku: str, rules: RoutingRules) -> bool:
    """May a part of a line be held and bought while the rest of it waits?"""
    return rules.ship == "when_ready" and may_split(rules, sku)


def outdated(lines: Sequence[OrderLine], orders: Mapping[str, PurchaseOrder], rules: RoutingRules) -> frozenset[str]:
    """Purchase orders (by sk) that nobody has opened yet and that buy other quantities than the lines now want."""

    def differs(line: PurchaseOrderLine, others: Mapping[str, int]) -> bool:
        units = units_wanted(by_id.get(line.line_id), others)
        return units < line.quantity or (units > line.quantity and not may_be_partial(line.sku, rules))

    by_id = {line.line_id: line for line in lines}
    found: set[str] = set()
    for sk, po in sorted(orders.items()):
        if po.state is PurchaseOrderState.NEW:
            others = units_covered(other for name, other in orders.items() if name != sk and name not in found)
            if any(differs(line, others) for line in po.lines):
                found.add(sk)
    return frozenset(found)


def problems_of(
    details: OrderDetails, routing: Routing, config: Config, record: OrderRecord, lacks: Lacks
) -> tuple[Reason, ...]:
    """What the operator must fix, less what they accepted.

    Stock, mapping, a missing part of the address, and what a chosen supplier refuses cannot be accepted.
    """
    marked = (_marked(fault, details, record.order_id) for fault in validate_order(details, config.rules))
    found = tuple(marked)
    # What an older version accepted stays a fault where a part of the address is not there at all.
    open_faults = not_covered(record, found)
    faults = tuple(fault for fault in found if fault in open_faults or fault.code in NEEDED)
    told = {fault.field for fault in faults}
    where = details.destination
    refused: list[Reason] = []
    if where is not None:
        for supplier, lines in routing.by_supplier.items():
            refused += [*_box(supplier, where, config), *lacks(supplier, where, [asked_line(line) for line in lines])]
    return (*faults, *(one for one in refused if one.field not in told), *routing.problems)


def delivers_to(supplier: str, where: Address, config: Config) -> bool:
    """False for a post office box and a supplier whose settings say that it does not deliver there."""
    settings = config.connections.get(supplier)
    refuses = isinstance(settings, SupplierSettings) and not settings.delivers_to_po_boxes
    return not (refuses and goes_to_po_box(where))


def _box(supplier: str, where: Address, config: Config) -> tuple[Reason, ...]:
    return () if delivers_to(supplier, where, config) else (box_reason(supplier, config),)


def box_reason(supplier: str, config: Config) -> Reason:
    """It does not deliver to a post office box."""
    message = f"{config.name_of(supplier)} does not deliver to a post office box, and the address is one"
    fix = "give a street address, or have a supplier offer the SKU that delivers there"
    return Reason(code="PO_BOX_NOT_DELIVERED", message=message, fix=fix, field="address.line1")


def asked_line(routed: RoutedLine) -> PurchaseLine:
    """As its supplier is asked whether it can take it."""
    offer = routed.offer
    return PurchaseLine(routed.line.line_id, offer.supplier_sku, offer.supplier_ref, routed.quantity)


def _marked(fault: Reason, details: OrderDetails, order_id: str) -> Reason:
    """With a mark of what is faulty: the same fault of another address, mail or phone number is another one."""
    where = details.destination
    faulty = {"email": details.email, "phone": f"{details.phone} {where.country_code if where else ''}"}
    text = faulty.get(fault.field)
    mark = destination_mark(where, order_id) if text is None else short_mark(text, order_id)
    return fault.about(mark)


def changed_after_placement(
    lines: Sequence[OrderLine], purchase_orders: Sequence[PurchaseOrder], in_parcels: Mapping[str, int]
) -> tuple[Reason, ...]:
    """Lines that were edited down or refunded after they were bought, and have not left yet."""
    current = {line.line_id: line.quantity for line in lines}
    placed = [po for po in purchase_orders if po.state is PurchaseOrderState.PLACED]
    total = units_covered(placed)
    titles = {bought.line_id: (bought.title, po.supplier) for po in placed for bought in po.lines}
    return tuple(
        Reason(
            code="LINES_CHANGED_AFTER_PLACEMENT",
            line_id=line_id,
            message=f"{titles[line_id][0]}: fewer units are sold now than were bought from {titles[line_id][1]}",
            fix="stop the surplus at the supplier by hand, or let it ship, then say that you have seen it",
            measure=units - current.get(line_id, 0),
            unit=PIECES,
        )
        for line_id, units in total.items()
        if units > in_parcels.get(line_id, 0) and current.get(line_id, 0) < units
    )


def address_changed_after_placement(
    details: OrderDetails, purchase_orders: Sequence[PurchaseOrder], in_parcels: Mapping[str, int]
) -> tuple[Reason, ...]:
    """Paid purchase orders that were given another address than the order has now, and have not left yet."""
    if details.destination is None:
        return ()
    return tuple(
        Reason(
            code="ADDRESS_CHANGED_AFTER_PLACEMENT",
            field="address",
            message=f"{po.reference} was given another delivery address than the order has now",
            fix=f"have {po.supplier} correct the address by hand, then say that you have seen it",
            seen=destination_mark(details.destination, po.reference),
        )
        for po in purchase_orders
        if po.state is PurchaseOrderState.PLACED
        and destination_mark(details.destination, po.reference) != po.sent_to
        and any(line.quantity > in_parcels.get(line.line_id, 0) for line in po.lines)
    )


def holds_of(order: StoreOrder, config: Config, record: OrderRecord, now: datetime) -> tuple[Reason, ...]:
    """Why the order waits for an event: the store's risk flag, or an upsell window that is still open."""
    holds = []
    if order.risk_hold:
        holds.append(
            Reason(
                code="RISK",
                message=": ".join(filter(None, ("the store flags this order as risky or holds it", order.risk_note))),
                fix="decide in the store; the order goes on when the flag is gone, or release it here",
                seen=order.risk_note,
            )
        )
    opens = upsell_ends(order, config)
    if opens is not None and now < opens:
        holds.append(
            Reason(
                code="UPSELL_WINDOW",
                message=f"the window for changes after the purchase is open until {opens:%Y-%m-%d %H:%M} UTC",
                fix="nothing: its stock is reserved, and when the window closes all its lines are bought together",
            )
        )
    stopped = tuple(hold for code, hold in STOPS.items() if code in record.released)
    return (*stopped, *not_covered(record, holds))


def upsell_ends(order: StoreOrder, config: Config) -> datetime | None:
    """When the post-purchase window closes; None without one (R10)."""
    minutes = config.rules.upsell_window_minutes
    return order.created_at + timedelta(minutes=minutes) if minutes else None
