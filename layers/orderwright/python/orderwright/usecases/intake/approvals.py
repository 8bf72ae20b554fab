"""What of an order waits until a person says yes, by rule (R9), before anything is bought; the gate before paying stays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.fx import RateUnknown
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderRecord, OrderState, Reason, StoreOrder
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.releases import PIECES, not_covered
from orderwright.domain.routing.lines import is_forwarded
from orderwright.usecases.placing.true_money import Sold, reckoning_of

OLDER, NEW_CUSTOMER = "OLDER_THAN_CONNECT", "NEW_CUSTOMER"
# A vendor's clock may differ from ours by ten minutes (P11's proof): an order of just after the connect is no old one.
CLOCKS_DIFFER = timedelta(minutes=15)
_OVER = frozenset({OrderState.CANCELLED, OrderState.IGNORED})


def buys_from(store: str, config: Config) -> datetime | None:
    """From when on a store's orders are bought unasked: its setting, else its first connect less what clocks may differ (P15)."""
    settings = config.connections.get(store)
    if isinstance(settings, StoreSettings) and settings.buy_orders_from is not None:
        return datetime.combine(settings.buy_orders_from, time(), UTC)
    connected = config.identity(store).first_connected_at
    return connected - CLOCKS_DIFFER if connected is not None else None


def approvals_of(
    order: StoreOrder, config: Config, record: OrderRecord, known: OrderRecord | None
) -> tuple[Reason, ...]:
    """What waits for the operator's approval by rule (R9), less what they approved as `record` has it.

    `known` is the order as we had it, None when it is seen first.
    """
    wanted = [*filter(None, [_new_customer(order, config, known)])]
    since = buys_from(order.connection, config)
    # Of what was known already nobody is surprised; what was held stays so until it is released.
    first_seen = known is None or any(reason.code == OLDER for reason in known.approvals)
    if since is not None and order.created_at < since and first_seen:
        wanted.append(
            Reason(
                code=OLDER,
                message=f"it was placed on {order.created_at:%Y-%m-%d}; orders are bought from {since:%Y-%m-%d %H:%M} UTC on",
                fix="see in the store whether it left already; then buy it, or cancel it in the store",
            )
        )
    above = config.rules.approve_orders_above
    if above is not None:
        same = above.currency == order.total.currency
        if not same or order.total > above.money:
            wanted.append(
                Reason(
                    code="HIGH_VALUE",
                    message=f"the total of {order.total} is above {above.money}"
                    if same
                    else "the total is in another currency",
                    fix="buy it, or cancel it in the store",
                    measure=order.total.minor,
                    unit=order.total.currency,
                    allowed=above.money.minor,
                    seen="" if same else f"the limit is in {above.currency}",
                )
            )
    if config.rules.approve_personalised:
        for line in order.lines:
            if line.personalised and is_forwarded(line):
                wanted.append(
                    Reason(
                        code="PERSONALISED",
                        line_id=line.line_id,
                        message=f"{line.title} is personalised",
                        fix="check the wish, tell the supplier, then buy it",
                        measure=line.quantity,
                        unit=PIECES,
                    )
                )
    return not_covered(record, wanted)


def asks_for_earlier(config: Config, known: OrderRecord | None) -> bool:
    """Is the store to be asked how often the customer ordered before? Once an order, when it is seen first.

    One that was over and is wanted again counts as seen first: what was decided of it is not kept.
    """
    return config.rules.approve_new_customers and (known is None or known.state in _OVER)


def _new_customer(order: StoreOrder, config: Config, known: OrderRecord | None) -> Reason | None:
    """Decided when the order is seen first: the customer's next order does not lift it."""
    if known is not None and not asks_for_earlier(config, known):
        held = config.rules.approve_new_customers
        return next((reason for reason in known.approvals if held and reason.code == NEW_CUSTOMER), None)
    if not config.rules.approve_new_customers or order.earlier_orders:
        return None
    first = "it is the first order of this customer in the store"
    unknown = "the store does not say whether this customer ordered before, so it counts as the first order"
    return Reason(
        code=NEW_CUSTOMER,
        message=first if order.earlier_orders is not None else unknown,
        fix="look at the address and the payment in the store; then buy it, or cancel it there",
    )


def low_margin(planned: Sequence[PurchaseOrder], sold: Sold, config: Config, today: date) -> Reason | None:
    """LOW_MARGIN: what the purchase orders that would be made now leave together, as far as it is known.

    One whose margin is not known is not counted here: it is stopped by name before it is sent (placing/gates.py).
    """
    percent, known = config.rules.approve_margin_below_percent, []
    for po in planned if percent is not None else ():
        try:
            known.append(reckoning_of(po, sold, config, today))
        except (NotKnown, RateUnknown):
            continue
    if percent is None or not known:
        return None
    net, landed, fee, margin = known[0].net, known[0].landed, known[0].fee, known[0].margin
    for one in known[1:]:
        net, landed, fee, margin = net + one.net, landed + one.landed, fee + one.fee, margin + one.margin
    if margin.minor * 100 >= percent * net.minor:
        return None
    left = f" ({round(100 * margin.minor / Decimal(net.minor), 1)} %)" if net.minor > 0 else ""
    least, some = (
        config.limits.minimum_order_margin_percent,
        "" if len(known) == len(planned) else " as far as it is known,",
    )
    again = margin.minor * 100 < least * net.minor
    return Reason(
        code="LOW_MARGIN",
        message=f"net revenue {net}, landed cost {landed}, fees {fee}:{some} a margin of {margin}{left}, below the {percent} %"
        " from which orders are bought unasked"
        + (
            f"; it is also below the minimum of {least} %, so it is stopped once more before it is paid"
            if again
            else ""
        ),
        fix="buy it at this margin, or cancel it in the store",
        field="rules.approve_margin_below_percent",
        measure=-margin.minor,
        unit=margin.currency,
        seen=",".join(sorted(po.contents for po in planned)),
    )
