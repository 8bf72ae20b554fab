"""Values that orderwright.yaml is made of: names, amounts, percentages, countries, dates from and until."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field, ValidationInfo, model_validator
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError

from orderwright.domain.base import Model
from orderwright.domain.money import Money
from orderwright.domain.territories import country_of, destination_fault
from orderwright.domain.web_address import fault_of_url

if TYPE_CHECKING:  # loading these takes time, and only the editor's schema is made with them
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

ConnectionId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Percent = Annotated[Decimal, Field(ge=0, le=100)]


def _may_be_requested(url: str, info: ValidationInfo) -> str:
    """For who applies a file, and says the stack's profile in the context. What is in force stays readable as it is."""
    fault = fault_of_url(url, info.context["profile"]) if info.context else None
    if fault is not None:
        raise PydanticCustomError(fault.code, fault.what, {"fix": fault.fix})
    return url


Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$"), AfterValidator(_may_be_requested)]
UNCONFIRMED = frozenset({"", "confirm"})
"""What stands in `confirmed_by` of a starter value that nobody has looked at."""
_SHORT_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?) +([A-Z]{3})")


def _is_destination(value: str) -> str:
    fault = destination_fault(value)
    if fault:
        raise ValueError(fault)
    return value


Destination = Annotated[str, AfterValidator(_is_destination)]
"""A country of ISO 3166 (DE), or one of its territories with taxes of its own (ES-CN for the Canary Islands)."""


def _is_country(value: str) -> str:
    if len(_is_destination(value)) > _OF_A_COUNTRY:
        raise ValueError(f"this is a part of {country_of(value)}; write the country, {country_of(value)}")
    return value


Country = Annotated[str, AfterValidator(_is_country)]
"""A country of ISO 3166 (DE)."""
_OF_A_COUNTRY = 2


def heading_fault(value: str) -> str:
    """Why this is no customs code; "" when it is one."""
    if value.isascii() and value.isdigit() and len(value) in (6, 8, 10):
        return ""
    return f"an HS code has 6, 8 or 10 digits without dots, got {len(value)} characters: look it up in the tariff"


def _is_heading(value: str) -> str:
    fault = heading_fault(value)
    if fault:
        raise ValueError(fault)
    return value


HsCode = Annotated[str, AfterValidator(_is_heading)]
"""A tariff heading: 6 digits of the Harmonized System, or the 8 or 10 digits of a country's own tariff below it."""


class MoneyText(Model):
    """An amount as written in the file: {amount: "200.00", currency: USD}, or in short "200.00 USD"."""

    amount: Decimal
    currency: CurrencyCode

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str) and (short := _SHORT_AMOUNT.fullmatch(value.strip())):
            return {"amount": short[1], "currency": short[2]}
        if not isinstance(value, (dict, MoneyText)):
            raise ValueError('must be an amount with its currency, such as "3.00 EUR"')
        return value

    @model_validator(mode="after")
    def _has_its_digits(self, info: ValidationInfo) -> Self:
        """For who applies a file: half a cent cannot be counted. What is in force stays readable as it is."""
        if info.context:
            _ = self.money
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(core), {"type": "string", "pattern": r"^\d+(\.\d+)? [A-Z]{3}$"}]}

    @property
    def money(self) -> Money:
        """The same as exact money."""
        return Money.parse(self.amount, self.currency)


def _is_owed(value: MoneyText) -> MoneyText:
    if value.amount < 0:
        raise ValueError("must not be below zero")
    return value


Owed = Annotated[MoneyText, AfterValidator(_is_owed)]
"""An amount that is to be paid, or a value of goods: never below zero."""


class Dated(Model):
    """A rule with its time and its origin. Both days are included. Legal figures are the merchant's to confirm."""

    valid_from: date | None = None
    valid_until: date | None = None
    source: str = Field(default="", description="where the figure comes from: a law, an invoice, a contract")
    confirmed_by: str = Field(default="", description='who checked it; empty or "confirm": nobody yet')

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until: lies before valid_from; give the later day here")
        return self

    def is_valid(self, day: date) -> bool:
        """Does it count on this day?"""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    def shares_days(self, other: Dated) -> bool:
        """Is there a day on which both count?"""
        return (other.valid_until is None or self.valid_from is None or self.valid_from <= other.valid_until) and (
            self.valid_until is None or other.valid_from is None or other.valid_from <= self.valid_until
        )
