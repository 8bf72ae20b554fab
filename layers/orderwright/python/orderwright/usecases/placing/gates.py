"""What must hold before a purchase order may be sent, and again, with the real amount, before it is paid. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.fx import RateUnknown
from orderwright.domain.landed_cost import identifier_missing
from orderwright.domain.marks import destination_mark
from orderwright.domain.money import Money
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderDetails, OrderRecord, Reason, StoreOrder
from orderwright.domain.payment import PaymentGate, payment_gate
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.reckoning import Reckoning, margin_reason
from orderwright.domain.releases import covers
from orderwright.domain.territories import destination_of
from orderwright.usecases.intake.needs import units_covered, units_wanted
from orderwright.usecases.placing import true_money
from orderwright.usecases.placing.true_money import Sold


class Judged(NamedTuple):
    """What stands against the money of a purchase order, None for nothing; and what it leaves, as far as that is known."""

    reason: Reason | None
    reckoning: Reckoning | None = None


def money_gate(po: PurchaseOrder, cost: Money, record: OrderRecord, sold: Sold, config: Config, today: date) -> Judged:
    """The cap per purchase order and the minimum margin (P10, P13), unless the operator released this figure or a worse one."""
    over = _over_cap(po, cost, config)
    if over is not None and not covers(record, over):
        return Judged(over)
    unquoted = true_money.freight_missing(po, sold, config)
    if unquoted is not None and not covers(record, _shown(unquoted.reason, po, cost, sold)):
        return Judged(_shown(unquoted.reason, po, cost, sold))
    try:
        reckoning = true_money.reckoning_of(po, sold, config, today)
    except (NotKnown, RateUnknown) as unknown:
        unclear = _shown(unknown.reason, po, cost, sold)
        return Judged(_at_best(po, record, sold, config, today) if covers(record, unclear) else unclear)
    missing = identifier_missing(true_money.bought_of(po, sold, config, today)) if reckoning.rule else None
    for reason in (
        _shown(missing.reason, po, cost, sold) if missing else None,
        _too_low(reckoning, po, config),
    ):
        if reason is not None and not covers(record, reason):
            return Judged(reason, reckoning)
    return Judged(None, reckoning)


def _at_best(po: PurchaseOrder, record: OrderRecord, sold: Sold, config: Config, today: date) -> Reason | None:
    """What was accepted as unknown may cost nothing; even then the margin must be enough, or be accepted on its own."""
    try:
        best = true_money.reckoning_of(po, sold, config.without_money_rules(), today)
    except (NotKnown, RateUnknown) as unknown:
        unclear = _shown(unknown.reason, po, po.payable or po.expected_cost, sold)
        return None if covers(record, unclear) else unclear
    low = _too_low(best, po, config)
    return None if low is None or covers(record, low) else low


def _too_low(reckoning: Reckoning, po: PurchaseOrder, config: Config) -> Reason | None:
    low = margin_reason(reckoning, config.limits, config.rules)
    return low.about(po.contents) if low else None


def _shown(reason: Reason, po: PurchaseOrder, cost: Money, sold: Sold) -> Reason:
    """What is not known may be accepted for these lines to this destination at this cost, and for nothing dearer.

    No margin is reckoned then, so that it holds only as long as the order leaves what it left when it was shown.
    """
    to = destination_of(sold.destination.country_code, sold.destination.postcode) if sold.destination else ""
    left = sold.money.net if sold.money else "not read"
    seen = f"{po.contents} to {to}, net {left}"
    return reason.measured(cost.minor, cost.currency, seen)


def _over_cap(po: PurchaseOrder, cost: Money, config: Config) -> Reason | None:
    cap = config.limits.spend_per_purchase_order.get(po.supplier)
    if cap is None:
        return None
    if cap.currency != cost.currency:
        return Reason(
            code="CAP_CURRENCY",
            field=f"limits.spend_per_purchase_order.{po.supplier}",
            message=f"The limit is in {cap.currency}, the supplier charges in {cost.currency}.",
            fix="Give the limit in the supplier's currency and apply the file.",
        )
    if cost <= cap.money:
        return None
    return Reason(
        code="CAP_PER_PURCHASE_ORDER",
        field=f"limits.spend_per_purchase_order.{po.supplier}",
        message=f"The supplier wants {cost}, the limit per purchase order is {cap.money}.",
        fix="Raise the limit, or buy it this once.",
        measure=cost.minor,
        unit=cost.currency,
        allowed=cap.money.minor,
        seen=f"{po.supplier} {po.contents}",
    )


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
        if offer.supplier_ref and not line.supplier_ref:
            return f"{line.sku} has {po.supplier}'s own id now, with which freight can be asked"
        if costs and offer.cost != line.unit_cost:
            return f"{line.sku} costs {offer.cost} now, {line.unit_cost} when it was planned"
        if costs and offer.freight.currency == freight.currency:
            freight = freight + offer.freight.times(line.quantity)
    return f"freight is {freight} now, {po.freight} when it was planned" if costs and freight != po.freight else ""


def changed_since(
    fresh: StoreOrder,
    po: PurchaseOrder,
    details: OrderDetails,
    others: Iterable[PurchaseOrder],
    record: OrderRecord,
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
    risk = Reason(
        code="RISK",
        message="The store flags this order as risky or holds it since it was seen.",
        seen=fresh.risk_note,
    )
    if fresh.risk_hold and not covers(record, risk):
        return risk
    lines, covered = {line.line_id: line for line in fresh.lines}, units_covered(others)
    for line in po.lines:
        if units_wanted(lines.get(line.line_id), covered) < line.quantity:
            return Reason(
                code="LINES_CHANGED",
                line_id=line.line_id,
                message="The order was edited: fewer units are sold now than this purchase order buys.",
            )
    # Before the first send nobody was given an address yet.
    if po.sent_to and destination_mark(details.fixed_address or fresh.address, po.reference) != po.sent_to:
        return Reason(code="ADDRESS_CHANGED", field="address", message="The delivery address changed in the store.")
    return None
