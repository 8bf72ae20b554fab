"""What orderwright.yaml says of prices that follow competitors, demand and the calendar: parts of rules.prices, rules.campaigns.

A price rule aims at a price by cost. These parts move that aim, within `bounds`; floor, MAP, MSRP and the step limit hold always.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from orderwright.domain.base import Model
from orderwright.domain.config_values import ConnectionId, CurrencyCode, MoneyText


class CompetitorMove(Model):
    """Match a competitor, or stay below one. What is compared is the price with its shipping, by the tax of our store."""

    to: Literal["lowest", "median"] = "lowest"
    undercut_percent: Decimal = Field(default=Decimal(0), ge=0, le=50)
    undercut_by: MoneyText | None = Field(default=None, description="in place of undercut_percent")
    feeds: tuple[ConnectionId, ...] = Field(default=(), description="empty: all files of competitors' prices")
    sellers: tuple[str, ...] = Field(
        default=(), description="only these competitors, as the file names them; empty: all"
    )
    leave_out: tuple[str, ...] = Field(
        default=(), description="competitors that do not count, such as a shop of your own"
    )
    conditions: tuple[str, ...] = Field(default=("new",), description="a price without a condition counts as new")
    at_least: int = Field(default=1, ge=1, description="with fewer competitors the price stays where it is")
    stale_after_hours: int = Field(default=48, ge=1, description="an older price does not count")
    lowest_percent: int = Field(
        default=30, ge=1, le=100, description="a competitor below this share of the price by cost is left out as absurd"
    )
    highest_percent: int = Field(default=300, ge=100, description="one above this share is left out as absurd")
    our_shipping: MoneyText | None = Field(
        default=None, description="what the store charges for shipping; none: nothing"
    )

    @model_validator(mode="after")
    def _one_undercut(self) -> Self:
        if self.undercut_percent and self.undercut_by is not None:
            raise ValueError("undercut_by: give it or undercut_percent, not both")
        return self


class DemandMove(Model):
    """Raise the aim while a SKU sells faster than before, or its stock will not last; both where both are given."""

    faster_percent: Decimal | None = Field(
        default=None, gt=0, description="sold in 7 days, above the average of the same weekdays in the 4 weeks before"
    )
    days_of_stock: int | None = Field(default=None, ge=1, description="the stock lasts for fewer days than this")
    raise_percent: Decimal = Field(gt=0, le=100)
    at_least: int = Field(default=5, ge=1, description="pieces sold in 7 days: fewer say nothing")

    @model_validator(mode="after")
    def _some_cause(self) -> Self:
        if self.faster_percent is None and self.days_of_stock is None:
            raise ValueError("faster_percent: give it, or days_of_stock, or both")
        return self


class SlowMove(Model):
    """Lower the aim of what nobody buys, step by step; the first sale ends it."""

    after_days: int = Field(ge=1, description="without a sale, since it is in the store")
    lower_percent: Decimal = Field(gt=0, le=50, description="of the price by cost, with each step")
    every_days: int = Field(default=7, ge=1)
    most_percent: Decimal = Field(default=Decimal(20), gt=0, le=90, description="all steps together")


class Bounds(Model):
    """How far a price may move: in a day, and from the price that the rule asks for by cost."""

    per_day_percent: Decimal = Field(default=Decimal(5), gt=0, le=100, description="of the price a day before")
    percent: Decimal = Field(default=Decimal(20), gt=0, le=90, description="up or down from the price by cost")

    @model_validator(mode="after")
    def _do_not_cross(self) -> Self:
        if self.per_day_percent > self.percent:
            raise ValueError("per_day_percent: is more than percent, which is all that the price may ever move")
        return self


class Campaign(Model):
    """A price for some time. Both times are in the shop's zone (merchant.time_zone) where they name none.

    Of several that fit a SKU the first counts.
    """

    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stores: tuple[ConnectionId, ...] = ()
    currencies: tuple[CurrencyCode, ...] = ()
    begins: datetime
    ends: datetime
    percent: Decimal | None = Field(default=None, gt=0, lt=100, description="off the price shown when it began")
    price: MoneyText | None = Field(default=None, description="in place of percent: this price")
    compare_at: bool = Field(
        default=True, description="the price before it is shown struck through; in the EU the lowest of 30 days"
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.percent is None) == (self.price is None):
            raise ValueError("percent: give exactly one of percent and price")
        if (self.begins.tzinfo is None) != (self.ends.tzinfo is None):
            raise ValueError("ends: name a zone for both times, or for none")
        if self.ends <= self.begins:
            raise ValueError("ends: is not after begins")
        return self


class AnnouncedCost(Model):
    """A supplier said that goods will cost more or less. A rise counts from `since` on, until the supplier reports another

    cost. A fall counts once it is reported.
    """

    supplier: ConnectionId
    skus: tuple[str, ...] = Field(default=(), description="empty: all that it supplies")
    since: date = Field(description="the day from which it counts, in the shop's zone")
    cost: MoneyText | None = None
    percent: Decimal | None = Field(default=None, gt=-100, description="in place of cost: so much more, or less")

    @field_validator("percent")
    @classmethod
    def _not_nothing(cls, value: Decimal | None) -> Decimal | None:
        if value == 0:
            raise ValueError("changes nothing")
        return value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.cost is None) == (self.percent is None):
            raise ValueError("cost: give exactly one of cost and percent")
        return self
