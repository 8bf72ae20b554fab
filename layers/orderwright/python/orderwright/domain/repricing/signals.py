"""What prices follow, as it is kept with a SKU: competitors' prices and our own sales; and all that one decision looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.money import Money
from orderwright.domain.shown_price import CampaignStart, PublishedPrice

DEMAND_DAYS = 56


class CompetitorQuote(Model):
    """One competitor's price of one piece, as its file says it."""

    seller: str = Field(description="the competitor, as the file names it")
    price: Money
    shipping: Money | None = Field(default=None, description="None: the file does not tell it; counted as none")
    condition: str = Field(default="new", description="lower case")
    tax_in_price: bool | None = Field(default=None, description="None: as our own store has it")
    tax_percent: Decimal | None = Field(default=None, description="the rate that is, or is not, in the price")
    seen_at: Instant | None = Field(default=None, description="when it was seen, where each row tells it")
    matched_by: str = Field(default="sku", description="gtin, mpn or sku")

    def matched(self, by: str) -> Self:
        """It is of a SKU that this id named."""
        return self if by == self.matched_by else changed(self, matched_by=by)


class CompetitorPrices(Model):
    """All quotes of one file for one SKU (Catalogue COMPETITORS). `at`: when the file first said so."""

    sku: str
    feed: str
    at: Instant
    quotes: tuple[CompetitorQuote, ...] = ()


class Demand(Model):
    """How many pieces of a SKU were sold a day in each store (Catalogue DEMAND), the newest day, `day`, first."""

    sku: str
    day: date
    sold: dict[str, tuple[int, ...]] = Field(default_factory=dict, description="by store; at most 56 days")
    last_sold: date | None = None

    def of(self, store: str) -> tuple[int, ...]:
        """Of one store."""
        return self.sold.get(store, ())


class Signals(NamedTuple):
    """All that a price looks at beside its cost, for one SKU in one store, at `now`.

    `heard`: when each file of competitors' prices was read well last. `shown`: the prices that the store showed, oldest first.
    `stock`: pieces that can be sold from all offers. `zone`: the shop's time zone. `campaign`: the one that runs, or
    ran last.
    """

    now: datetime
    competitors: Sequence[CompetitorPrices] = ()
    heard: Mapping[str, datetime] = {}
    demand: Demand | None = None
    stock: int = 0
    shown: Sequence[PublishedPrice] = ()
    listed_at: datetime | None = None
    price_now: Money | None = None
    zone: str = "UTC"
    campaign: CampaignStart | None = None
