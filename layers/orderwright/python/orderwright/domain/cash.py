"""How much money suppliers will need before the payouts come, day by day (R22). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from orderwright.domain.cash_rules import PayoutRule
from orderwright.domain.money import Money

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Flow(NamedTuple):
    """An amount that comes in, or goes out (below zero). `counted`: the same in the balance's currency."""

    day: date
    amount: Money
    counted: Money
    what: str
    who: str

    def plus(self, other: Flow) -> Flow:
        """Both together."""
        return self._replace(amount=self.amount + other.amount, counted=self.counted + other.counted)


class CashDay(NamedTuple):
    """One day: what comes and goes by currency, and what is left at its end, in one currency."""

    day: date
    flows: tuple[Flow, ...]
    goes: tuple[Money, ...]
    comes: tuple[Money, ...]
    balance: Money


class Forecast(NamedTuple):
    """`below`: the first day that ends below zero; `lacking`: what would have to be there more, so that none does."""

    days: tuple[CashDay, ...]
    below: date | None
    lacking: Money


def payout_day(paid: date, rule: PayoutRule) -> date:
    """When the money of a payment comes."""
    day = paid + timedelta(days=rule.days)
    while rule.on and WEEKDAYS[day.weekday()] not in rule.on:
        day += timedelta(days=1)
    return day


def paid_out(amount: Money, rule: PayoutRule) -> Money:
    """What of it comes then: less the reserve, which is rounded up."""
    kept = amount.decimal * (rule.keeps_percent or Decimal(0)) / 100
    return amount - Money.of(kept, amount.currency, up=True)


def payout_rule(gateway: str, rules: Mapping[str, PayoutRule]) -> PayoutRule | None:
    """Of a gateway or marketplace by its name in any letter case."""
    return {name.strip().casefold(): rule for name, rule in rules.items()}.get(gateway.strip().casefold())


def forecast(flows: Iterable[Flow], have: Money, today: date, days: int) -> Forecast:
    """`days` days from today on. What was due before is due today; what comes later is not in it. Alike is added up."""
    by_day: dict[date, dict[tuple[bool, str, str, str], Flow]] = {today + timedelta(n): {} for n in range(days)}
    for flow in flows:
        due_on = by_day.get(max(today, flow.day))
        if due_on is not None:
            key = (flow.amount.minor > 0, flow.what, flow.who, flow.amount.currency)
            same = due_on.get(key)
            due_on[key] = same.plus(flow) if same else flow
    found, balance, lowest, below = [], have, Money.zero(have.currency), None
    for day, alike in by_day.items():
        due = [alike[key] for key in sorted(alike)]
        balance = sum((flow.counted for flow in due), balance)
        lowest = min(lowest, balance)
        below = day if below is None and balance.minor < 0 else below
        goes, comes = (_sums(one.amount for one in due if (one.amount.minor > 0) is coming) for coming in (False, True))
        found.append(CashDay(day, tuple(due), goes, comes, balance))
    return Forecast(tuple(found), below, lowest * -1)


def _sums(amounts: Iterable[Money]) -> tuple[Money, ...]:
    found: dict[str, Money] = {}
    for amount in amounts:
        found[amount.currency] = found.get(amount.currency, Money.zero(amount.currency)) + amount
    return tuple(found[currency] for currency in sorted(found))
