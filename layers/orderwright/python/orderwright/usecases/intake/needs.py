"""What is still to be bought of an order, what stands against it, and where it would be bought. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.order import OrderDetails, OrderLine, OrderRecord, Reason, StoreOrder
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.routing import Routing, is_forwarded, route
from orderwright.domain.validation import validate_order

LIVE = frozenset(set(PurchaseOrderState) - {PurchaseOrderState.CANCELLED})


def lines_needed(lines: Sequence[OrderLine], purchase_orders: Sequence[PurchaseOrder]) -> tuple[OrderLine, ...]:
    """The lines with the units that no living purchase order covers. A parked or refused one still covers its lines."""
    covered: dict[str, int] = {}
    for po in purchase_orders:
        if po.state in LIVE:
            for bought in po.lines:
                covered[bought.line_id] = covered.get(bought.line_id, 0) + bought.quantity
    needed = []
    for line in lines:
        units = min(line.unfulfilled, line.quantity - covered.get(line.line_id, 0))
        if is_forwarded(line) and units > 0:
            needed.append(line.model_copy(update={"quantity": units, "unfulfilled": units}))
    return tuple(needed)


def route_needed(
    needed: Sequence[OrderLine], offers: Mapping[str, Sequence[Offer]], config: Config, pk: str, now: datetime
) -> Routing:
    """Which supplier would take which line now; this order's own reservations do not count against it."""
    return route(needed, offers, config.rules, now.date(), order_key=pk)


def problems_of(details: OrderDetails, routing: Routing, config: Config, released: Sequence[str]) -> tuple[Reason, ...]:
    """What the operator must mend, less what they decided to pass over. Stock and mapping cannot be passed over."""
    found = [reason for reason in validate_order(details, config.rules) if reason.code not in released]
    return (*found, *routing.problems)


def changed_after_placement(
    lines: Sequence[OrderLine], purchase_orders: Sequence[PurchaseOrder], in_parcels: Mapping[str, int]
) -> tuple[Reason, ...]:
    """Lines that were edited down or refunded after they were bought, and have not left yet."""
    current = {line.line_id: line.quantity for line in lines}
    found = []
    for po in purchase_orders:
        if po.state is not PurchaseOrderState.PLACED:
            continue
        for bought in po.lines:
            still_here = bought.quantity - in_parcels.get(bought.line_id, 0)
            if still_here > 0 and current.get(bought.line_id, 0) < bought.quantity:
                found.append(
                    Reason(
                        code="LINES_CHANGED_AFTER_PLACEMENT",
                        line_id=bought.line_id,
                        message=f"{bought.title}: fewer units are sold now than were bought from {po.supplier}",
                        fix="stop the surplus at the supplier by hand, or let it ship, then release the order",
                    )
                )
    return tuple(found)


def holds_of(order: StoreOrder, config: Config, released: Sequence[str], now: datetime) -> tuple[Reason, ...]:
    """Why the order waits for an event: the store's risk flag, or an upsell window that is still open."""
    holds = []
    if order.risk_hold and "RISK" not in released:
        holds.append(
            Reason(
                code="RISK",
                message="the store flags this order as risky or holds it",
                fix="decide in the store; the order goes on when the flag is gone, or release it here",
            )
        )
    opens = upsell_ends(order, config)
    if opens is not None and now < opens and "UPSELL_WINDOW" not in released:
        holds.append(
            Reason(
                code="UPSELL_WINDOW",
                message="the window for changes after the purchase is still open",
                fix="nothing; the final lines are taken when it closes",
            )
        )
    return tuple(holds)


def upsell_ends(order: StoreOrder, config: Config) -> datetime | None:
    """When the post-purchase window closes; None without one (R10)."""
    minutes = config.rules.upsell_window_minutes
    return order.created_at + timedelta(minutes=minutes) if minutes else None


def approvals_of(order: StoreOrder, config: Config, released: Sequence[str]) -> tuple[Reason, ...]:
    """What waits for the operator's approval by rule (R9)."""
    wanted = []
    above = config.rules.approve_orders_above
    if above is not None and "HIGH_VALUE" not in released:
        same = above.currency == order.total.currency
        if not same or order.total > above.money:
            wanted.append(
                Reason(
                    code="HIGH_VALUE",
                    message=f"the total of {order.total} is above {above.money}"
                    if same
                    else "the total is in another currency",
                    fix="approve it with `orders release`, or cancel it in the store",
                )
            )
    if config.rules.approve_personalised and "PERSONALISED" not in released:
        for line in order.lines:
            if line.personalised and is_forwarded(line):
                wanted.append(
                    Reason(
                        code="PERSONALISED",
                        line_id=line.line_id,
                        message=f"{line.title} is personalised",
                        fix="check the wish, tell the supplier, then approve with `orders release`",
                    )
                )
    return tuple(wanted)


def is_first_payment(before: OrderRecord | None, paid_before: bool, pays_now: bool) -> bool:
    """True the first time an order is seen paid."""
    return pays_now and (before is None or not paid_before)
