"""Prices that end as the merchant wants them: 22.32 becomes 22.99, or 21.99."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from orderwright.domain.money import Money, minor_digits


def round_up_to_ending(amount: Decimal, currency: str, ending: str) -> Money:
    """The next price at or above `amount` that ends so: 22.32 -> 22.99; KWD 7.100 -> 7.990; with "80", JPY 3,268 -> 3,280.

    A currency without decimals has no ending after the point; one with more digits than the currency is cut.
    """
    unit, tail = _form(currency, ending)
    whole, rest = divmod(_minor(amount, currency, ROUND_CEILING), unit)
    return Money(minor=(whole + (rest > tail)) * unit + tail, currency=currency)


def round_down_to_ending(amount: Decimal, currency: str, ending: str) -> Money:
    """The next price at or below `amount` that ends so; below zero where there is none."""
    unit, tail = _form(currency, ending)
    whole, rest = divmod(_minor(amount, currency, ROUND_FLOOR), unit)
    return Money(minor=(whole - (rest < tail)) * unit + tail, currency=currency)


def _minor(amount: Decimal, currency: str, rounding: str) -> int:
    return int(amount.scaleb(minor_digits(currency)).to_integral_value(rounding=rounding))


def _form(currency: str, ending: str) -> tuple[int, int]:
    """Prices that end so are n x the first + the second, in minor units."""
    digits = minor_digits(currency)
    if not ending or (digits == 0 and ending[0] == "."):
        return 1, 0
    if ending[0] == ".":
        return 10**digits, int(ending[1:].ljust(digits, "0")[:digits])
    return 10 ** (digits + len(ending)), int(ending) * 10**digits
