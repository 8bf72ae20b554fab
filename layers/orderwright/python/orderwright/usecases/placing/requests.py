"""From an order's file to what a supplier and the budget are asked. Pure."""

from __future__ import annotations

from datetime import date, datetime

from orderwright.domain.config import Config
from orderwright.domain.contact import first_phone
from orderwright.domain.fx import RateUnknown, convert
from orderwright.domain.marks import destination_mark
from orderwright.domain.money import Money
from orderwright.domain.net_revenue import revenue_of
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import Address, OrderDetails
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.errors import Rejected
from orderwright.ports.people import About
from orderwright.ports.supplier import PurchaseLine, PurchaseRequest
from orderwright.records import OrderFile
from orderwright.storage import Spend

SPEND_FIX = {
    "CAP_REACHED": "Wait until 00:00 UTC, then retry; or raise limits.spend_per_day and apply the file first.",
    "CAP_CURRENCY": "Write limits.spend_per_day in the supplier's currency, apply the file, then retry.",
    "KILL_SWITCH": "Switch it off: `orderwright kill off`, with --supplier for one supplier's; it then goes on automatically.",
}


def has_address(file: OrderFile) -> bool:
    """True when there is somewhere to ship to."""
    return file.details is not None and file.details.model.destination is not None


def mark(po: PurchaseOrder, file: OrderFile) -> str:
    """The mark of where this goes, by which a later change of the address is noticed."""
    assert file.details is not None
    return destination_mark(file.details.model.destination, po.reference)


def sent_destination(po: PurchaseOrder, file: OrderFile) -> Address | None:
    """Where the supplier was told to send it; None where that was changed or erased since."""
    if not has_address(file) or mark(po, file) != po.sent_to:
        return None
    assert file.details is not None
    return file.details.model.destination


def purchase_request(po: PurchaseOrder, file: OrderFile, config: Config, today: date) -> PurchaseRequest:
    """All that the supplier needs, personal data included: made right before the call and never kept.

    The declared value is the net price of the goods in the supplier's currency, for the step that makes the order.
    Raises Rejected where there is no exchange rate for it.
    """
    assert file.details is not None
    details = file.details.model
    assert details.destination is not None
    return _request(po, file, details, _declared(po, details, config, today))


def letter_request(po: PurchaseOrder, file: OrderFile) -> PurchaseRequest:
    """The same for a letter about it: what it is, without a value. Of somebody who was erased there is no address any more."""
    return _request(po, file, file.details.model if file.details else OrderDetails(lines=()), None)


def _request(po: PurchaseOrder, file: OrderFile, details: OrderDetails, declared: Money | None) -> PurchaseRequest:
    destination = details.destination or Address()
    sk = next((sk for sk, held in file.purchase_orders.items() if held.model.reference == po.reference), "")
    phone = first_phone(destination.country_code, destination.phone, details.phone)
    return PurchaseRequest(
        reference=po.reference,
        destination=destination.with_phone(phone),
        email=details.email,
        phone=phone,
        lines=tuple(
            PurchaseLine(
                line.line_id, line.supplier_sku, line.supplier_ref, line.quantity, line.sku, line.title, line.unit_cost
            )
            for line in po.lines
        ),
        shipping_method=po.shipping_method,
        vendor_ids=dict(po.vendor_ids),
        declared_value=declared,
        business=details.money is not None and details.money.business,
        about=About(file.pk, sk),
        again=po.maybe_sent,
    )


def _declared(po: PurchaseOrder, details: OrderDetails, config: Config, today: date) -> Money | None:
    """None where the order's money is not clear: an operator has let that pass."""
    if po.vendor_ids:
        return None
    units = {line.line_id: line.quantity for line in po.lines}
    try:
        net = revenue_of(details.money, details.lines, units).lines
        return convert(net, po.freight.currency, config.rules, today, up=True)
    except NotKnown:
        return None
    except RateUnknown as unknown:
        raise Rejected(f"declared value: {unknown.message}", code=unknown.code) from None


def spend_changes(po: PurchaseOrder, config: Config, now: datetime) -> list[Spend]:
    """Count the cost when it is first reserved, and the difference when the vendor names another amount.

    What is ordered already counts whatever limit and kill switch say.
    """
    cost = po.payable or po.expected_cost
    amount = cost if po.reserved_spend is None else cost - po.reserved_spend
    cap = None if po.ordered else config.limits.spend_per_day.get(po.supplier)
    day = po.spend_day or now.date().isoformat()
    return [Spend(po.supplier, day, amount, cap.money if cap else None, check_kill=not po.ordered)]


def free_spend(po: PurchaseOrder) -> list[Spend]:
    """Give back what was reserved and will not be paid."""
    if po.reserved_spend is None:
        return []
    back = po.reserved_spend * -1
    return [Spend(po.supplier, po.spend_day, back, None, check_kill=False)]
