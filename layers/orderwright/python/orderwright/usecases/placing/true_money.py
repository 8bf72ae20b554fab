"""What a purchase order leaves (promise P13), from the order as the store shows it and the supplier's bill. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from orderwright.declarations import Capability
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.fx import RateUnknown, convert
from orderwright.domain.landed_cost import Bought, BoughtLine
from orderwright.domain.money import Money
from orderwright.domain.net_revenue import revenue_of
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import Address, OrderDetails, OrderLine, OrderRecord, StoreOrder
from orderwright.domain.order_money import OrderMoney
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.reckoning import Reckoning, reckon
from orderwright.domain.territories import destination_of, in_union_vat


class Sold(NamedTuple):
    """The order's side: its store, its lines and money, and where it goes."""

    store: str
    lines: Sequence[OrderLine]
    money: OrderMoney | None
    destination: Address | None


def sold_as_read(order: StoreOrder, details: OrderDetails) -> Sold:
    """As the store shows the order now; the operator's correction of the address stays."""
    return Sold(order.connection, order.lines, order.money, details.fixed_address or order.address)


def sold_as_held(store: str, details: OrderDetails) -> Sold:
    """As the order was when it was taken in last."""
    return Sold(store, details.lines, details.money, details.destination)


def reckoning_of(
    po: PurchaseOrder, sold: Sold, config: Config, today: date, bought: Mapping[str, int] | None = None
) -> Reckoning:
    """Raises NotKnown and RateUnknown, whose `reason` says what is missing. `bought`: as revenue_of takes it."""
    units: dict[str, int] = {}
    for line in po.lines:
        units[line.line_id] = units.get(line.line_id, 0) + line.quantity
    revenue = revenue_of(sold.money, sold.lines, units, bought)
    assert sold.money is not None
    return reckon(bought_of(po, sold, config, today), revenue, sold.money, config.rules)


def freight_missing(po: PurchaseOrder, sold: Sold, config: Config) -> NotKnown | None:
    """With rules of destinations, only the parcel's own quote, its bill, or a planned freight to the same country is known."""
    settings = config.connections.get(po.supplier)
    if (
        not config.rules.know_true_cost
        or po.payable is not None
        or po.quoted_freight is not None
        or not sold.destination
    ):
        return None
    country = sold.destination.country_code.strip().upper()
    if isinstance(settings, SupplierSettings) and settings.freight_country == country:
        return None
    if isinstance(settings, SupplierSettings) and not settings.can(Capability.FREIGHT):
        return NotKnown(
            "FREIGHT_MISSING",
            f"the supplier quotes no freight, and what its offers say is that of {settings.freight_country}, not {country}",
            f"set freight_country to {country} where the offers' freight is that of {country}; or buy it at that freight",
            f"connections.{po.supplier}.freight_country",
        )
    unnamed = [line.sku for line in po.lines if not line.supplier_ref]
    return NotKnown(
        "FREIGHT_MISSING",
        f"the supplier has not said what this parcel to {country} costs; what was planned is another country's freight",
        f"SKU {', '.join(unnamed)}: import the supplier's own id of it, without which nobody can ask; then retry"
        if unnamed
        else "retry later: it is asked again then",
        "purchase_order.freight",
    )


def when_paid(
    po: PurchaseOrder, record: OrderRecord, details: OrderDetails | None, config: Config, today: date
) -> Reckoning | None:
    """What it leaves, with the bill that was paid; None where that cannot be said.

    As it was reckoned right before paying, where that was with this bill, and with the order as it still is: a refund that
    was taken in while the payment was under way is not looked at again by anybody else.
    """
    before = po.reckoning
    try:
        if details is None or (before is not None and _still_true(po, before, record, config)):
            return before
        return reckoning_of(po, sold_as_held(record.connection, details), config, before.day if before else today)
    except (NotKnown, RateUnknown):
        return before


def _still_true(po: PurchaseOrder, before: Reckoning, record: OrderRecord, config: Config) -> bool:
    overtaken = before.as_of is not None and record.store_updated_at >= before.as_of
    return before.billed == _billed(po, before, config) and not overtaken


def _billed(po: PurchaseOrder, before: Reckoning, config: Config) -> Money | None:
    if po.payable is None:
        return None
    return convert(po.payable, before.net.currency, config.rules, before.day, up=True)


def bought_of(po: PurchaseOrder, sold: Sold, config: Config, today: date) -> Bought:
    """The parcel: its goods, its freight as quoted or planned, and the bill where there is one."""
    settings = config.connections.get(po.supplier)
    to = sold.destination
    destination = destination_of(to.country_code, to.postcode) if to else ""
    lines = tuple(
        BoughtLine(
            line.line_id, line.sku, line.quantity, line.unit_cost.times(line.quantity), line.hs6, line.origin, line.mpn
        )
        for line in po.lines
    )
    return Bought(
        store=sold.store,
        destination=destination,
        ships_from=settings.from_country if isinstance(settings, SupplierSettings) else "",
        day=today,
        lines=lines,
        freight=po.freight if po.quoted_freight is None else po.quoted_freight,
        bill=po.payable,
        tax_in_bill=_tax_in_bill(po, settings, destination),
        duty_in_freight=po.duty_in_freight,
    )


def _tax_in_bill(po: PurchaseOrder, settings: object, destination: str) -> Money | None:
    """As the bill says; none where the supplier is told that somebody else pays the import tax. None: not known."""
    elsewhere = isinstance(settings, SupplierSettings) and settings.import_tax_elsewhere
    if po.tax_in_bill is None and elsewhere and in_union_vat(destination):
        return Money.zero(po.freight.currency)
    return po.tax_in_bill
