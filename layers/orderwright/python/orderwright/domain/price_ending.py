"""How a price ends: within floor, MAP and MSRP, and with the ending that the merchant wants: 22.32 becomes 22.99, or 21.99."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from orderwright.domain.fx import shown
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.rules import PriceRule


class Held(NamedTuple):
    """What holds every price: the margin floor, the higher of it and MAP, and MSRP."""

    margin: Decimal
    floor: Money
    map_price: Money | None
    ceiling: Money | None


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


def within(amount: Decimal, bounds: Held, rule: PriceRule, currency: str, steps: list[str]) -> Money:
    """The price for what is aimed at, as the floor, the ending, MAP and MSRP make it. Adds to `steps`."""
    if amount < bounds.margin:
        amount = bounds.margin
        steps.append(f"the minimum margin lifts to {shown(amount, currency)}")
    price = round_up_to_ending(amount, currency, rule.ending)
    if price.decimal != amount:
        steps.append(f"rounded up to {price}")
    return capped(price, bounds, steps)


def capped(price: Money, bounds: Held, steps: list[str]) -> Money:
    """MAP lifts it, MSRP caps it."""
    if bounds.map_price is not None and price < bounds.map_price:
        price = bounds.map_price
        steps.append(f"MAP lifts to {price}")
    if bounds.ceiling is not None and price > bounds.ceiling:
        price = bounds.ceiling
        steps.append(f"MSRP caps at {price}")
    return price
