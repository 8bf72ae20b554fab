"""A listing: what a store shows of a SKU, what we want there, and what we know is there."""

from __future__ import annotations

from pydantic import Field

from orderwright.domain.base import Instant, Model
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.time_line import Logged


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
