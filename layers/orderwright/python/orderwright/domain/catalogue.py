"""SKU, offer, listing: what is sold, who supplies it, where it is shown. One partition holds all three."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from orderwright.domain.base import Instant, Model
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.time_line import Logged
from orderwright.domain.unit_cost import UnitCost


class SkuState(StrEnum):
    """ACTIVE is published and ordered; RETIRED is unpublished, while open orders of it go on."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class SkuRecord(Logged):
    """The one clean record of a thing that is sold (item SKU): internal SKU, texts, pictures, attributes, codes."""

    sku: str
    title: str
    description_html: str = ""
    images: tuple[str, ...] = ()
    category: str = ""
    tags: tuple[str, ...] = ()
    brand: str = ""
    gtin: str = ""
    mpn: str = ""
    hs6: str = Field(
        default="", description="the customs code as given: 6, 8 or 10 digits; its first six are the HS heading"
    )
    origin: str = Field(default="", description="the country where it was made, ISO 3166; not where it ships from")
    set_by_hand: dict[str, str] = Field(
        default_factory=dict, description="hs6, origin, mpn as the operator imported them: they win over the supplier's"
    )
    attributes: dict[str, str] = Field(default_factory=dict)
    weight_grams: int | None = None
    requires_shipping: bool = True
    state: SkuState = SkuState.ACTIVE

    @property
    def heading(self) -> str:
        """The customs code that counts, "" for none."""
        return self.set_by_hand.get("hs6", self.hs6)

    @property
    def made_in(self) -> str:
        """The country of origin that counts, "" for none."""
        return self.set_by_hand.get("origin", self.origin)

    @property
    def maker_number(self) -> str:
        """The manufacturer's number that counts, "" for none."""
        return self.set_by_hand.get("mpn", self.mpn)


class Offer(Logged):
    """One supplier's SKU for ours (item OFFER#supplier). `sellable` = stock - buffer - open reservations, kept by arithmetic.

    `open` maps "<order key>|<line id>" to the reserved quantity. `observed_at` is when the supplier said so.
    `cost` and `freight` are those of one piece.
    """

    sku: str
    supplier: str
    supplier_sku: str
    supplier_ref: str = ""
    cost: UnitCost
    freight: UnitCost
    stock: int = Field(ge=0)
    buffer: int = Field(default=0, ge=0)
    sellable: int
    open: dict[str, int] = Field(default_factory=dict)
    sold: int = Field(default=0, description="units bought here so far, counted where a reservation is closed")
    observed_at: Instant
    cost_observed_at: Instant | None = None
    retired: bool = False
    article: str = Field(default="", description="the supplier's id of the article whose variant this is")
    off_sale: bool = Field(default=False, description="the supplier does not sell it now: no report of stock counts")
    stock_from: str = Field(default="", description="who said the stock: the supplier, or a feed; empty: not kept")
    cost_from: str = Field(default="", description="who said the cost")
    feed: str = Field(default="", description="the feed to which it belongs: the first in the order that lists it")

    @property
    def landed_cost(self) -> UnitCost:
        """What one piece costs us at the customer's door: goods and freight."""
        return self.cost + self.freight


class FreightQuoteRecord(Model):
    """What a parcel with one piece costs to one country, as a supplier said it. Without `price` it offers no way there.

    `group` is what was asked: warehouse, method preferred, weight step, transport. `grams` is the weight of the article that
    was asked about, the heaviest of its group; None where no weight is known.
    """

    price: UnitCost | None = None
    method: str = ""
    carries_duty: bool | None = None
    quoted_at: Instant
    warehouse: str
    group: str = ""
    grams: int | None = None


class FreightTable(Model):
    """A supplier's freight for one SKU (item FREIGHT#supplier): by country of destination, for those that are sold to."""

    sku: str
    supplier: str
    quotes: dict[str, FreightQuoteRecord] = Field(default_factory=dict)


class PublishedPrice(Model):
    """A price that a store shows from `at` on, until the next one."""

    price: Money
    at: Instant


class Listing(Logged):
    """What a store shows of a SKU (item LISTING#store): what we want there, and what we know is there."""

    sku: str
    store: str
    variant_id: str = ""
    listed_id: str = Field(default="", description="the store's product id")
    stock_id: str = Field(default="", description="the store's inventory item id")
    location_id: str = ""
    desired_price: Money | None = None
    desired_quantity: int = 0
    published_price: Money | None = None
    published_quantity: int | None = Field(default=None, description="none: not known, so it is pushed whatever it is")
    desired_compare_at: Money | None = Field(default=None, description="to be shown struck through beside the price")
    compare_at_note: str = Field(
        default="",
        description="how it came about, or why it is left out; empty: no rule wants one, the store's own stays",
    )
    published_compare_at: Money | None = Field(default=None, description="what was set or seen while a rule wants one")
    price_history: tuple[PublishedPrice, ...] = Field(
        default=(), description="the prices known to have been shown, oldest first: those of the last 30 days"
    )
    pending_price: Money | None = Field(default=None, description="beyond the step limit: waits for approval")
    approved_price: Money | None = None
    floor: Money | None = None
    ceiling: Money | None = None
    on_sale: bool = True
    published: bool = False
    reasons: tuple[Reason, ...] = ()
    checked_at: Instant | None = None
    price_set_at: Instant | None = Field(
        default=None, description="a price, or an unconfirmed number, set then is not read back yet"
    )
    same_as: str = Field(
        default="",
        description="the store spells our SKU so; the listing of that one has all the rest, this one is empty",
    )
    pushes: int = Field(default=0, description="visits to the store that were written down")
    why: str = ""
