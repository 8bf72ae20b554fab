"""What CJ remembers of an order: its lines, its place among the five calls, its payments and its parcels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from local.sandbox.goods import Good

CREATED, IN_CART, UNPAID, UNSHIPPED = "CREATED", "IN_CART", "UNPAID", "UNSHIPPED"
SHIPPED, DELIVERED, CANCELLED = "SHIPPED", "DELIVERED", "CANCELLED"
DELIVERED_CODE = 12
WAREHOUSE_OUT_CODE = 1


@dataclass(frozen=True)
class Line:
    """One ordered variant; `unit_cost` (USD) is the price at the time of ordering."""

    good: Good
    quantity: int
    unit_cost: Decimal
    line_item_id: str
    store_line_item_id: str


@dataclass
class Parcel:
    """One parcel. `code` is the order id that CJ gives it: the order's own, or a split one such as SD1-2.

    `former` are the numbers that it had before; `last_number` and `last_carrier` belong to the last mile.
    """

    code: str
    tracking_number: str
    carrier: str
    quantities: dict[str, int]
    shipped_at: datetime
    status: int = WAREHOUSE_OUT_CODE
    former: list[str] = field(default_factory=list)
    last_number: str = ""
    last_carrier: str = ""

    @property
    def travels_as(self) -> str:
        """The number that carriers scan now."""
        return self.last_number or self.tracking_number


@dataclass
class Order:
    """One order. `quantities` by SKU; `address` holds the request's shipping fields; amounts are USD."""

    order_number: str
    order_id: str
    cj_order_id: str
    lines: tuple[Line, ...]
    address: dict[str, str]
    logistic_name: str
    from_country: str
    freight: Decimal
    logistics_miss: bool
    created_at: datetime
    sandbox: int
    ioss_type: int | None = None
    ioss_number: str = ""
    ioss_amount: Decimal | None = None
    ioss_handling: Decimal | None = None
    status: str = CREATED
    surcharge: Decimal = Decimal(0)
    paid_at: datetime | None = None
    updated_at: datetime | None = None
    parcels: list[Parcel] = field(default_factory=list)
    is_split: bool = False

    @property
    def quantities(self) -> dict[str, int]:
        """Ordered units by SKU."""
        total: dict[str, int] = {}
        for line in self.lines:
            total[line.good.sku] = total.get(line.good.sku, 0) + line.quantity
        return total

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

    def unshipped(self) -> dict[str, int]:
        """Units by SKU that are in no parcel yet."""
        left = dict(self.quantities)
        for parcel in self.parcels:
            for sku, count in parcel.quantities.items():
                left[sku] -= count
        return {sku: count for sku, count in left.items() if count}


@dataclass
class Shipment:
    """What addCartConfirm made of one or more orders; `bills` are the payIds, each with its USD by order id."""

    shipments_id: str
    orders: list[Order]
    bills: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    paid: set[str] = field(default_factory=set)
