"""What must hold before a purchase order may be sent, and again, with the real amount, before it is paid. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.margin import margin_allowed
from orderwright.domain.money import Money
from orderwright.domain.order import OrderDetails, OrderRecord, Reason, StoreOrder
from orderwright.domain.payment import PaymentGate, payment_gate
from orderwright.domain.purchase_order import PurchaseOrder, destination_mark
from orderwright.usecases.intake.needs import units_covered, units_wanted


def revenue_of(po: PurchaseOrder) -> Money:
    """What the customer paid for these lines, in shop currency."""
    total = Money.zero(po.lines[0].revenue.currency)
    for line in po.lines:
        total = total + line.revenue
    return total


def money_gate(po: PurchaseOrder, cost: Money, record: OrderRecord, config: Config, today: date) -> Reason | None:
    """The cap per purchase order and the minimum margin, unless the operator released exactly that."""
    cap = config.limits.spend_per_purchase_order.get(po.supplier)
    if cap is not None and "CAP_PER_PURCHASE_ORDER" not in record.released:
        if cap.currency != cost.currency:
            return Reason(
                code="CAP_CURRENCY",
                field=f"limits.spend_per_purchase_order.{po.supplier}",
                message=f"The limit is in {cap.currency}, the supplier charges in {cost.currency}.",
                fix="Give the limit in the supplier's currency and run `orderwright apply`.",
            )
        if cost > cap.money:
            return Reason(
                code="CAP_PER_PURCHASE_ORDER",
                field=f"limits.spend_per_purchase_order.{po.supplier}",
                message=f"The supplier wants {cost}, the limit per purchase order is {cap.money}.",
                fix="Raise the limit, or release this order with `orders release`.",
            )
    if "MARGIN_TOO_LOW" in record.released:
        return None
    return margin_allowed(revenue_of(po), cost, config.limits.minimum_order_margin_percent, config.rules, today)


def offers_differ(po: PurchaseOrder, offers: Mapping[str, Offer | None], *, costs: bool) -> str:
    """Why what was planned is not what the supplier offers now, by SKU; "" where it is. `costs`: so does a changed cost."""
    freight = po.freight * 0
    for line in po.lines:
        offer = offers.get(line.sku)
        if offer is None or offer.retired:
            return f"{po.supplier} does not offer {line.sku} any more"
        ids = (offer.supplier_ref, line.supplier_ref)
        if ids[0] != ids[1] if all(ids) else offer.supplier_sku != line.supplier_sku:
            return f"{line.sku} is another article of {po.supplier} now"
        if costs and offer.cost != line.unit_cost:
            return f"{line.sku} costs {offer.cost} now, {line.unit_cost} when it was planned"
        if costs and offer.freight.currency == freight.currency:
            freight = freight + offer.freight * line.quantity
    return f"freight is {freight} now, {po.freight} when it was planned" if costs and freight != po.freight else ""


def changed_since(
    fresh: StoreOrder,
    po: PurchaseOrder,
    details: OrderDetails,
    others: Iterable[PurchaseOrder],
    released: Sequence[str],
) -> Reason | None:
    """Why the order, read again from the store, no longer justifies paying; None when it does (promise P6).

    `others` are the order's other purchase orders: together they never buy more than is sold.
    """
    if fresh.cancelled_at is not None:
        return Reason(code="CANCELLED_IN_STORE", message="The order was cancelled in the store before payment.")
    if payment_gate(fresh).gate is not PaymentGate.FORWARD:
        return Reason(
            code="PAYMENT_GONE",
            field="payment",
            message=f"The order's payment is {fresh.payment.value} now, so nothing is paid to the supplier.",
        )
    if fresh.risk_hold and "RISK" not in released:
        return Reason(code="RISK", message="The store flags this order as risky or holds it since it was seen.")
    lines, covered = {line.line_id: line for line in fresh.lines}, units_covered(others)
    for line in po.lines:
        if units_wanted(lines.get(line.line_id), covered) < line.quantity:
            return Reason(
                code="LINES_CHANGED",
                line_id=line.line_id,
                message="The order was edited: fewer units are sold now than this purchase order buys.",
            )
    if destination_mark(details.fixed_address or fresh.address, po.reference) != po.sent_to:
        return Reason(code="ADDRESS_CHANGED", field="address", message="The delivery address changed in the store.")
    return None
