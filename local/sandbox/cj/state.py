"""What CJ remembers of an order: its lines, its place among the five calls, its payments and its parcels."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from local.sandbox.goods import Good
from local.sandbox.kit.supply import Parcel, Purchase

CREATED, IN_CART, UNPAID, UNSHIPPED = "CREATED", "IN_CART", "UNPAID", "UNSHIPPED"
SHIPPED, DELIVERED, CANCELLED = "SHIPPED", "DELIVERED", "CANCELLED"
DELIVERED_CODE = 12
__all__ = ["Line", "Order", "Parcel", "Shipment"]


@dataclass(frozen=True)
class Line:
    """One ordered variant; `unit_cost` (USD) is the price at the time of ordering."""

    good: Good
    quantity: int
    unit_cost: Decimal
    line_item_id: str
    store_line_item_id: str


@dataclass(kw_only=True)
class Order(Purchase):
    """One order. `address` holds the request's shipping fields; amounts are USD."""

    cj_order_id: str
    lines: tuple[Line, ...]
    logistic_name: str
    from_country: str
    freight: Decimal
    logistics_miss: bool
    sandbox: int
    ioss_type: int | None = None
    ioss_number: str = ""
    ioss_amount: Decimal | None = None
    ioss_handling: Decimal | None = None
    status: str = CREATED

    @property
    def quantities(self) -> dict[str, int]:
        """Ordered units by SKU."""
        total: dict[str, int] = {}
        for line in self.lines:
            total[line.good.sku] = total.get(line.good.sku, 0) + line.quantity
        return total

    @property
    def country(self) -> str:
        """Where it goes, two letters."""
        return self.address["shippingCountryCode"]

    @property
    def names(self) -> tuple[str, ...]:
        """Our number and CJ's two ids."""
        return self.order_number, self.order_id, self.cj_order_id

    @property
    def store_lines(self) -> list[str]:
        """The ids of the store's order lines, as the client gave them."""
        return [line.store_line_item_id for line in self.lines]

    @property
    def goods_amount(self) -> Decimal:
        """The goods without freight, USD."""
        return sum((line.unit_cost * line.quantity for line in self.lines), Decimal(0))

    @property
    def amount(self) -> Decimal:
        """Goods, freight, and the VAT and fee of CJ's own IOSS, as quoted at creation, USD."""
        tax = (self.ioss_amount or Decimal(0)) + (self.ioss_handling or Decimal(0))
        return self.goods_amount + self.freight + tax

    @property
    def payable(self) -> Decimal:
        """What CJ really asks for, USD: a surcharge may have come on top."""
        return self.amount + self.surcharge


@dataclass
class Shipment:
    """What addCartConfirm made of one or more orders; `bills` are the payIds, each with its USD by order id."""

    shipments_id: str
    orders: list[Order]
    bills: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
