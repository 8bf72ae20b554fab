"""Exchange by dated rates from the rules. Nothing is guessed: a missing or old rate stops what needs it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from orderwright.domain.money import Money, minor_digits
from orderwright.domain.order import Reason
from orderwright.domain.rules import FxRate, Rules
from orderwright.domain.unit_cost import UnitCost


class RateUnknown(Exception):
    """No usable rate. `code` is RATE_MISSING or RATE_STALE; `message` names the currency, `fix` what to write."""

    def __init__(self, code: str, currency: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.currency = currency
        self.message = message
        self.fix = (
            f"add a rate of {currency} with today's date under rules.fx in orderwright.yaml, then: orderwright apply;"
            " or see why a file does not give it: orderwright price rates"
        )

    @property
    def reason(self) -> Reason:
        """The same, as the reason why something waits."""
        return Reason(code=self.code, message=self.message, fix=self.fix, field="rules.fx")


def newest_rate(currency: str, rates: Iterable[FxRate], today: date) -> FxRate | None:
    """The rate that counts: the newest by its day; of one day the first, so that rules.fx goes before files."""
    return max(
        (rate for rate in rates if rate.currency == currency and rate.dated <= today),
        key=lambda rate: rate.dated,
        default=None,
    )


def _in_base(currency: str, rules: Rules, today: date) -> Decimal:
    """How many units of the base currency one unit costs, by the newest rate that is already valid."""
    if currency == rules.base_currency:
        return Decimal(1)
    newest = newest_rate(currency, rules.fx, today)
    if newest is None:
        raise RateUnknown(
            "RATE_MISSING", currency, f"there is no exchange rate from {currency} to {rules.base_currency}"
        )
    age = (today - newest.dated).days
    if age > rules.fx_max_age_days:
        raise RateUnknown(
            "RATE_STALE",
            currency,
            f"the exchange rate of {currency} is {age} days old; rules.fx_max_age_days allows {rules.fx_max_age_days}",
        )
    return newest.rate


def exact_amount(money: Money | UnitCost, to: str, rules: Rules, today: date) -> Decimal:
    """The amount in major units of `to`, not rounded. Raises RateUnknown unless both currencies are the same."""
    amount = money.exact if isinstance(money, UnitCost) else money.decimal
    if money.currency == to:
        return amount
    return amount * _in_base(money.currency, rules, today) / _in_base(to, rules, today)


def convert(money: Money, to: str, rules: Rules, today: date, *, up: bool = False) -> Money:
    """The amount in `to`, rounded half even, or away from zero with `up` (for costs). Raises RateUnknown."""
    if money.currency == to:
        return money
    return Money.of(exact_amount(money, to, rules, today), to, up=up)


def shown(amount: Decimal, currency: str) -> str:
    """An unrounded amount for people: in the currency's digits, with two more where they say something."""
    digits = minor_digits(currency)
    plain = amount.quantize(Decimal(1).scaleb(-digits))
    return f"{plain if plain == amount else amount.quantize(Decimal(1).scaleb(-digits - 2)):f} {currency}"
