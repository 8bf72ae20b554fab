"""Money: integer minor units with their currency. Sources: ISO 4217 for the number of minor digits."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_UP, Decimal, InvalidOperation
from typing import Self

from pydantic import field_validator

from orderwright.domain.base import Model

CURRENCIES = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY "  # noqa: SIM905
    "COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP "
    "MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR "
    "SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV "
    "WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG".split()
)
"""The currencies of ISO 4217 that are paid with, as of 2026."""
_NO_MINOR_UNIT = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_THREE_DIGITS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were added or compared."""


def minor_digits(currency: str) -> int:
    """How many decimals an amount of this currency has: JPY 0, USD 2, KWD 3."""
    if currency in _NO_MINOR_UNIT:
        return 0
    return 3 if currency in _THREE_DIGITS else 2


def checked_currency(value: str) -> str:
    """The code in capital letters. Raises ValueError unless it has the form of an ISO 4217 code."""
    if len(value) != 3 or not value.isascii() or not value.isalpha():
        raise ValueError(f"currency must be a three-letter ISO 4217 code such as USD, got {len(value)} characters")
    return value.upper()


class Money(Model):
    """An exact amount: `minor` in the currency's smallest unit, `currency` as ISO 4217 code."""

    minor: int
    currency: str

    @field_validator("currency")
    @classmethod
    def _is_code(cls, value: str) -> str:
        return checked_currency(value)

    @classmethod
    def parse(cls, amount: str | Decimal | int, currency: str) -> Self:
        """An amount in major units ("22.99"). More digits than the currency has are refused, floats too (by type).

        Raises ValueError with the kind of problem, never the value of a personal field.
        """
        try:
            exact = Decimal(amount)
        except InvalidOperation:
            raise ValueError(
                f'amount must be a decimal number such as "22.99", got text of {len(str(amount))} characters'
            ) from None
        if not exact.is_finite():
            raise ValueError("amount must be a finite number")
        scaled = exact.scaleb(minor_digits(currency.upper()))
        if scaled != scaled.to_integral_value():
            raise ValueError(
                f"amount has more than {minor_digits(currency.upper())} decimals, which {currency} does not have"
            )
        return cls(minor=int(scaled), currency=currency)

    @classmethod
    def of(cls, amount: Decimal, currency: str, *, up: bool = False) -> Self:
        """A computed amount, rounded to the currency's minor unit: half even, or away from zero for a cost."""
        rounding = ROUND_UP if up else ROUND_HALF_EVEN
        scaled = amount.scaleb(minor_digits(currency.upper())).to_integral_value(rounding=rounding)
        return cls(minor=int(scaled), currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Nothing, in this currency."""
        return cls(minor=0, currency=currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor).scaleb(-minor_digits(self.currency))

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be combined without a rate")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(minor=self.minor + self._same(other), currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(minor=self.minor - self._same(other), currency=self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(minor=self.minor * count, currency=self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __str__(self) -> str:
        return f"{self.decimal:f} {self.currency}"
