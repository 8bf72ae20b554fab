"""Everything that the store knows, as plain records, with the few look-ups that all parts share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from local.sandbox.kit.orders import Refund
from local.sandbox.shopify.config import ShopifyConfig
from local.sandbox.shopify.orders_state import FulfillmentOrderState, FulfillmentState, OrderState
from local.sandbox.wire import World

# Above 2**53, as Shopify's own can be: a client that reads ids as floats breaks here.
FIRST_ID = 9_007_199_254_741_001
GID = re.compile(r"^gid://shopify/([A-Za-z]+)/(\d+)(?:\?.*)?$")


def gid(kind: str, number: int) -> str:
    """Shopify's global id for one record."""
    return f"gid://shopify/{kind}/{number}"


def number_of(global_id: str, kind: str) -> int | None:
    """The number in a global id of this kind, or None when it is of another kind or no id at all."""
    found = GID.match(global_id)
    return int(found[2]) if found and found[1] == kind else None


@dataclass
class LocationState:
    """A place that holds stock."""

    number: int
    name: str


@dataclass
class Level:
    """Units of one inventory item at one location; on hand = available + committed."""

    number: int
    location: int
    available: int = 0
    committed: int = 0

    @property
    def on_hand(self) -> int:
        """What is physically there: free and promised units."""
        return self.available + self.committed

    def quantity(self, name: str) -> int:
        """One of Shopify's named quantities; names that the sandbox never moves are 0."""
        return {"available": self.available, "committed": self.committed, "on_hand": self.on_hand}.get(name, 0)


@dataclass
class InventoryItemState:
    """The stock-keeping side of a variant. `levels` is keyed by location number."""

    number: int
    variant: int
    sku: str | None = None
    tracked: bool = True
    requires_shipping: bool = True
    weight_value: float = 0.0
    weight_unit: str = "GRAMS"
    hs_code: str | None = None
    levels: dict[int, Level] = field(default_factory=dict)


@dataclass
class VariantState:
    """One thing that can be bought; price in USD. `metafields`: (namespace, key) to (number, type, value)."""

    number: int
    product: int
    item: InventoryItemState
    created_at: datetime
    updated_at: datetime
    options: tuple[tuple[str, str], ...] = (("Title", "Default Title"),)
    price: Decimal = Decimal(0)
    compare_at_price: Decimal | None = None
    barcode: str | None = None
    taxable: bool = True
    policy: str = "DENY"
    position: int = 1
    metafields: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The option values, as Shopify names a variant."""
        return " / ".join(value for _, value in self.options)

    @property
    def available(self) -> int:
        """Units free to sell over all locations."""
        return sum(level.available for level in self.item.levels.values())


@dataclass
class ImageState:
    """One picture of a product."""

    number: int
    url: str
    alt: str | None


@dataclass
class ProductState:
    """A product page with its variants. `publications` holds the numbers of the channels that show it."""

    number: int
    title: str
    handle: str
    created_at: datetime
    updated_at: datetime
    status: str = "ACTIVE"
    description_html: str = ""
    vendor: str = ""
    product_type: str = ""
    tags: list[str] = field(default_factory=list)
    images: list[ImageState] = field(default_factory=list)
    variants: list[VariantState] = field(default_factory=list)
    publications: set[int] = field(default_factory=set)
    published_at: datetime | None = None

    @property
    def visible(self) -> bool:
        """True where a buyer can see and buy it."""
        return self.status == "ACTIVE" and bool(self.publications)


@dataclass
class Shop:
    """One store's whole state."""

    world: World
    config: ShopifyConfig
    last_id: int = FIRST_ID
    locations: dict[int, LocationState] = field(default_factory=dict)
    products: dict[int, ProductState] = field(default_factory=dict)
    orders: dict[int, OrderState] = field(default_factory=dict)
    orders_by_part: dict[int, OrderState] = field(default_factory=dict)
    """The order of each fulfillment order and fulfillment, by the number of these."""
    number: int = 0
    publication: int = 0
    installed: bool = True

    def __post_init__(self) -> None:
        self.number, self.publication = self.new_id(), self.new_id()

    def new_id(self) -> int:
        """The next number; the step hides nothing from clients that sort by id."""
        self.last_id += 7
        return self.last_id

    def now(self) -> datetime:
        """The world's time, cut to whole seconds as Shopify's time stamps are."""
        return self.world.clock().astimezone(UTC).replace(microsecond=0)

    def variants(self) -> Iterable[VariantState]:
        """All variants, oldest product first."""
        return (variant for product in self.products.values() for variant in product.variants)

    def variant(self, number: int | None) -> VariantState | None:
        """The variant with this number, or None."""
        return next((v for v in self.variants() if v.number == number), None)

    def item(self, number: int | None) -> InventoryItemState | None:
        """The inventory item with this number, or None."""
        return next((v.item for v in self.variants() if v.item.number == number), None)

    def by_sku(self, sku: str) -> VariantState | None:
        """The first variant with this SKU, or None."""
        return next((v for v in self.variants() if v.item.sku == sku), None)

    def level(self, number: int) -> tuple[InventoryItemState, Level] | None:
        """An inventory level and its item, or None."""
        pairs = ((v.item, level) for v in self.variants() for level in v.item.levels.values())
        return next((pair for pair in pairs if pair[1].number == number), None)

    def fulfillment_order(self, number: int | None) -> tuple[OrderState, FulfillmentOrderState] | None:
        """A fulfillment order and the order it belongs to, or None."""
        order = self.orders_by_part.get(number or 0)
        parts = order.fulfillment_orders if order else []
        return next(((order, part) for part in parts if order and part.number == number), None)

    def fulfillment(self, number: int | None) -> tuple[OrderState, FulfillmentState] | None:
        """A fulfillment and the order it belongs to, or None."""
        order = self.orders_by_part.get(number or 0)
        parts = order.fulfillments if order else []
        return next(((order, part) for part in parts if order and part.number == number), None)

    def refund(self, number: int | None) -> tuple[OrderState, Refund] | None:
        """A refund and the order it belongs to, or None."""
        pairs = ((order, refund) for order in self.orders.values() for refund in order.refunds)
        return next((pair for pair in pairs if pair[1].number == number), None)

    def add_fulfillment_order(self, order: OrderState, made: FulfillmentOrderState) -> None:
        """One more place that shall send something of an order."""
        order.fulfillment_orders.append(made)
        self.orders_by_part[made.number] = order
