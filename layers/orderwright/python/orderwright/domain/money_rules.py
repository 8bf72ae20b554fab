"""What a parcel costs on its way to a buyer, as the merchant's rules in orderwright.yaml say it: tax, duty, handling, fees.

All are data with a date, an origin and the name of who confirmed them. Nothing is built in: a rate that this file guessed would
be a bug that waits. What is missing stops what needs it (reckoning.py names it), and is never taken for zero.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from orderwright.domain.base import Model
from orderwright.domain.config_values import ConnectionId, Dated, Destination, HsCode, Owed, Percent


class Remitter(StrEnum):
    """Who pays the tax to the state: the merchant, the supplier (in its bill), the marketplace, or the customer at the door."""

    MERCHANT = "merchant"
    SUPPLIER = "supplier"
    MARKETPLACE = "marketplace"
    CUSTOMER = "customer"


class TaxTerms(Model):
    """Tax on the sale. `rate` in percent; without it, what needs it waits (TAX_RATE_MISSING)."""

    rate: Percent | None = None
    in_price: Literal["included", "by_country", "excluded"] = Field(
        description="included: the listed price has this tax in it; excluded: the store adds it;"
        " by_country: the listed price has home_rate in it, and the store sets it to this country's rate"
    )
    home_rate: Percent | None = Field(default=None, description="for by_country: the rate inside the listed price")
    remitter: Remitter

    @model_validator(mode="after")
    def _home_rate(self) -> Self:
        if (self.in_price == "by_country") != (self.home_rate is not None):
            raise ValueError("home_rate: belongs to in_price: by_country, and to nothing else; give both or neither")
        return self


class DutyTerms(Model):
    """Duty on one parcel. All that is given is added up. Percentages are of `value`; up to `up_to` of goods, net, per parcel."""

    per_heading: Owed | None = Field(default=None, description="for each different HS6 of a parcel, any quantity")
    percent: Percent | None = None
    percent_by_heading: dict[HsCode, Percent] = Field(
        default_factory=dict, description="a heading that is not listed stops the order"
    )
    percent_by_origin: dict[Destination, Percent] = Field(
        default_factory=dict, description="where the goods were made; an origin that is not listed stops the order"
    )
    value: Literal["cost", "revenue"] | None = Field(
        default=None,
        description="what the percentage is taken of: what you pay for the goods, or what the buyer pays, net",
    )
    up_to: Owed | None = Field(default=None, description="the value of goods up to which this rule counts")

    @property
    def by_percent(self) -> bool:
        """Is a share of a value due?"""
        return self.percent is not None or bool(self.percent_by_heading) or bool(self.percent_by_origin)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.per_heading is None and not self.by_percent:
            raise ValueError(
                'says no duty: give per_heading, percent, percent_by_heading or percent_by_origin, with 0 or "none" where'
                " nothing is due"
            )
        return self


class HandlingTerms(Model):
    """What the carrier, the post or the supplier asks for clearing a parcel."""

    per_parcel: Owed | None = None
    per_heading: Owed | None = None


class AboveTerms(Model):
    """What counts for a parcel above `duty.up_to`. What is left out is as below it."""

    tax: TaxTerms | None = None
    duty: DutyTerms | Literal["none"]
    handling: HandlingTerms | None = None


class DestinationRule(Dated):
    """What counts for parcels to these destinations. Exactly one rule fits a store, a destination, a warehouse and a day."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)

    name: str = ""
    to: tuple[Destination, ...] = Field(
        min_length=1, description="countries (DE), or territories with own taxes (ES-CN)"
    )
    ships_from: tuple[Destination, ...] = Field(
        default=(), alias="from", description="countries the supplier ships from; empty: all"
    )
    stores: tuple[ConnectionId, ...] = ()
    tax: TaxTerms
    duty: DutyTerms | Literal["none"] = Field(description='"none" where no duty is due')
    handling: HandlingTerms | None = None
    above: AboveTerms | None = Field(default=None, description="for parcels above duty.up_to; without it they wait")
    incoterm: Literal["DDP", "DAP"] | None = Field(
        default=None, description="DDP: duty is paid before the door; DAP: the customer pays it there"
    )
    duty_in: Literal["bill", "freight", "carrier"] | None = Field(
        default=None,
        description="where duty and handling are paid: in the supplier's bill, within its freight, or to a carrier later",
    )

    @model_validator(mode="after")
    def _says_all(self) -> Self:
        if self.valid_from is None:
            raise ValueError("valid_from: is missing; give the day from which this counts, such as 2026-07-01")
        if self.above is not None and (self.duty == "none" or self.duty.up_to is None):
            raise ValueError("above: needs duty.up_to, the value of goods up to which the first part counts")
        if self.above is not None and self.above.duty != "none" and self.above.duty.up_to is not None:
            raise ValueError("above.duty.up_to: there is no second step; take it out")
        return self

    @property
    def called(self) -> str:
        """The name for people."""
        return self.name or ", ".join(self.to)

    def overlaps(self, other: DestinationRule) -> bool:
        """Could both fit one parcel?"""
        pairs = ((self.to, other.to), (self.ships_from, other.ships_from), (self.stores, other.stores))
        return all(not one or not two or set(one) & set(two) for one, two in pairs) and self.shares_days(other)


class FeeRule(Dated):
    """What a payment gateway or a marketplace keeps of an order: percent of `base`, and a fixed amount."""

    percent: Percent = Decimal(0)
    fixed: Owed | None = None
    base: Literal["gross", "net"] = Field(
        default="gross", description="gross: all that was charged, with tax; net: without it"
    )
    stores: tuple[ConnectionId, ...] = Field(default=(), description="empty: every store")
