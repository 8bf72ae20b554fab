"""What a supplier asks for one piece, with all digits that he gave. It becomes Money, rounded up, where it is paid."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Self

from pydantic import field_validator, model_validator

from orderwright.domain.base import Model
from orderwright.domain.money import CurrencyMismatch, Money, checked_currency, minor_digits

MOST_DECIMALS = 6
"""Digits after the point that a cost may have. More are noise of a vendor's floating point, or a wrong column."""
MOST_AMOUNT = 10**12


class UnitCost(Model):
    """The exact cost or freight of one piece: `amount` in major units ("3.275"), `currency` as ISO 4217 code.

    Stored as {"amount": "3.275", "currency": "USD"}. {"minor": 327, "currency": "USD"}, as older versions wrote it, is
    read as well. Two are equal when their values are: 3.2 is 3.20.
    """

    amount: Decimal
    currency: str

    @model_validator(mode="before")
    @classmethod
    def _older_form(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.keys() == {"minor", "currency"}:
            old = Money.model_validate(data)
            return {"amount": old.decimal, "currency": old.currency}
        return data

    @field_validator("amount", mode="before")
    @classmethod
    def _is_exact(cls, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise ValueError(f'amount must be text such as "3.275", got {type(value).__name__}: floats are not exact')
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise ValueError(
                f'amount must be a decimal number such as "3.275", got text of {len(str(value))} characters'
            ) from None
        if not amount.is_finite() or abs(amount) >= MOST_AMOUNT:
            raise ValueError(f"amount must be a finite number below {MOST_AMOUNT}")
        if _decimals(amount) > MOST_DECIMALS and amount != round(amount, MOST_DECIMALS):
            raise ValueError(f"amount has more than {MOST_DECIMALS} digits after the point")
        return amount

    @field_validator("currency")
    @classmethod
    def _is_code(cls, value: str) -> str:
        return checked_currency(value)

    @model_validator(mode="after")
    def _in_one_form(self) -> Self:
        """One text for one value: at least the currency's digits, and no zeros behind them."""
        digits = max(minor_digits(self.currency), _decimals(self.amount.normalize()))
        object.__setattr__(self, "amount", round(self.amount, digits))
        return self

    @classmethod
    def parse(cls, amount: str | Decimal | int, currency: str) -> Self:
        """A cost in major units ("3.275"), at most six digits after the point. Floats are refused.

        Raises ValueError with the kind of problem, never the value.
        """
        return cls(amount=cls._is_exact(amount), currency=currency)

    @property
    def exact(self) -> Decimal:
        """The cost in major units, not rounded."""
        return self.amount

    @property
    def is_positive(self) -> bool:
        """Above zero: a cost that can be believed."""
        return self.amount > 0

    @property
    def rounded(self) -> Money:
        """One piece as it is paid: up to the currency's minor unit."""
        return self.times(1)

    def times(self, quantity: int) -> Money:
        """So many pieces as they are paid: multiplied first, then rounded up (away from zero). 3 x 3.275 = 9.83."""
        return Money.of(self.amount * quantity, self.currency, up=True)

    def __add__(self, other: UnitCost) -> UnitCost:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be combined without a rate")
        return UnitCost(amount=self.amount + other.amount, currency=self.currency)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def _decimals(amount: Decimal) -> int:
    """How many digits stand after the point; a finite amount."""
    exponent = amount.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
