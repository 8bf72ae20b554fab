"""Exchange rates from files: crossed to the base currency, and compared with those in force. Nothing is guessed.

A row that cannot be meant is refused by name. What is left of a file is taken as a whole, or waits as a whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from typing import NamedTuple, Self

from orderwright.domain.base import Model, changed
from orderwright.domain.fx import newest_rate
from orderwright.domain.money import CURRENCIES
from orderwright.domain.rules import FileRate, FxRate

DAYS_KEPT = 3
"""Of each currency and file: what is calculated for the day before finds the rate of that day."""
REPRICES_AT_ONCE = Decimal(1)
"""Percent. Smaller moves of one day are priced together."""
_DIGITS = Context(prec=12)


class RateRow(NamedTuple):
    """One rate as a file says it. `rate` is None where `why` says what is wrong with the row."""

    line: int
    currency: str
    rate: Decimal | None
    dated: date | None
    why: str = ""


class RateTable(NamedTuple):
    """A whole file. `units_per_base`: it says how many units one unit of `base` costs; else how much of `base` a unit costs.

    `signs`: the decimal signs that its numbers show.
    """

    base: str
    units_per_base: bool
    rows: Sequence[RateRow]
    signs: Mapping[str, str] = {}


class BadRate(NamedTuple):
    """A row that does not count, and why. `later`: it may count on another day."""

    line: int
    currency: str
    why: str
    later: bool = False


class FileRefused(Exception):
    """Nothing of this file can be used. The message says why."""


class Move(Model):
    """A rate that a file would change: before and after, in units of the base currency."""

    currency: str
    before: Decimal
    after: Decimal

    @property
    def percent(self) -> Decimal:
        """By how much of the rate before, up or down."""
        return abs(self.after - self.before) / self.before * 100

    def __str__(self) -> str:
        return f"{self.currency} from {self.before} to {self.after} ({self.percent:.1f} %)"


class RatesNoted(Model):
    """What is kept of a file beside its rates: those that wait for a person, and since when small moves add up."""

    waiting: tuple[FileRate, ...] = ()
    moves: tuple[Move, ...] = ()
    repriced_on: date | None = None
    drift: Decimal = Decimal(0)

    @property
    def mark(self) -> str:
        """Which rates wait: another file has another mark. "" where none wait."""
        if not self.waiting:
            return ""
        text = "\n".join(f"{one.currency} {one.rate} {one.dated} {one.base}" for one in self.waiting)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def waits(self, rates: Sequence[FileRate], moves: Sequence[Move]) -> Self:
        """These rates are not taken before a person says so."""
        return changed(self, waiting=tuple(rates), moves=tuple(moves))

    def taken(self, moves: Sequence[Move], today: date, *, freed: bool = False) -> tuple[Self, bool]:
        """Nothing waits any more. Also: are all prices to be made again now? `freed`: some could not be made before."""
        drift = self.drift + max((one.percent for one in moves), default=Decimal(0))
        due = freed or (bool(moves) and (self.repriced_on != today or drift >= REPRICES_AT_ONCE))
        after = changed(self, waiting=(), moves=(), drift=Decimal(0) if due else _DIGITS.plus(drift))
        return (changed(after, repriced_on=today) if due else after), due


def rates_of(table: RateTable, file: str, to: str, today: date) -> tuple[tuple[FileRate, ...], list[BadRate]]:
    """The rates to the base currency `to`, the newest days of each currency; and the rows that do not count.

    Raises FileRefused where no row is good, or none leads to `to`.
    """
    values, bad = _values(table, today)
    days = values.get(to, {})
    if table.base != to and not days:
        more = f"; {bad[0].currency or 'a row'}: {bad[0].why}" if bad and not values else ""
        raise FileRefused(f"it gives rates to {table.base}, and no rate of {to}, which rules.base_currency names{more}")
    found = []
    for currency, by_day in values.items() if table.base == to else _crossed(values, days, table.base):
        newest = sorted(by_day, reverse=True)[:DAYS_KEPT]
        rates = {day: _DIGITS.plus(by_day[day]) for day in newest} if currency != to else {}
        found += [FileRate(currency=currency, rate=rate, dated=day, base=to, file=file) for day, rate in rates.items()]
    if not found:
        raise FileRefused(f"it has no rate that can be used{f'; {bad[0].currency}: {bad[0].why}' if bad else ''}")
    return tuple(sorted(found, key=lambda one: (one.currency, one.dated))), bad


_Values = dict[str, dict[date, Decimal]]


def _values(table: RateTable, today: date) -> tuple[_Values, list[BadRate]]:
    """What one unit of each currency costs in the file's own base, by day."""
    values, bad, twice = _Values(), list[BadRate](), set[tuple[str, date]]()
    for line, currency, rate, dated, told in table.rows:
        why, later = told, False
        if currency not in CURRENCIES:
            why = "is no currency of ISO 4217"
        elif not why and rate is not None and rate <= 0:
            why = "a rate must be above zero"
        elif not why and dated is None:
            why = "has no date"
        elif not why and dated is not None and dated > today:
            why, later = f"is dated {dated}, a day that has not come yet", True
        if why or rate is None or dated is None:
            bad.append(BadRate(line, currency[:20], why, later))
            continue
        value = 1 / rate if table.units_per_base else rate
        if currency == table.base:
            if value != 1:
                bad.append(BadRate(line, currency, "is the file's own base, whose rate is 1"))
            continue
        if values.setdefault(currency, {}).setdefault(dated, value) != value:
            twice.add((currency, dated))
            bad.append(BadRate(line, currency, f"has two rates of {dated}"))
    for currency, day in twice:  # which of both is right nobody knows
        del values[currency][day]
    return {currency: by_day for currency, by_day in values.items() if by_day}, bad


def _crossed(values: _Values, to: Mapping[date, Decimal], base: str) -> Iterable[tuple[str, dict[date, Decimal]]]:
    """The same in units of another currency, whose value in the base is `to`. A pair is as old as the older of both."""
    newest = max(to)
    yield base, {day: 1 / value for day, value in to.items()}
    for currency, by_day in values.items():
        yield (
            currency,
            {min(day, day if day in to else newest): value / to.get(day, to[newest]) for day, value in by_day.items()},
        )


def merged(kept: Sequence[FileRate], new: Sequence[FileRate]) -> tuple[FileRate, ...]:
    """All rates that are kept, with those of one file: nothing older counts over what is newer there (P4).

    Of a day that is known the rate may be corrected. Rates of this file to another base count no more.
    """
    file, base = new[0].file, new[0].base
    before = _Values()
    for one in kept:
        if (one.file, one.base) == (file, base):
            before.setdefault(one.currency, {})[one.dated] = one.rate
    after = {currency: dict(days) for currency, days in before.items()}
    for one in new:
        known = before.get(one.currency, {})
        if not known or one.dated in known or one.dated > max(known):
            after.setdefault(one.currency, {})[one.dated] = one.rate
    ours = (
        FileRate(currency=currency, rate=days[day], dated=day, base=base, file=file)
        for currency, days in sorted(after.items())
        for day in sorted(days)[-DAYS_KEPT:]
    )
    return (*(one for one in kept if one.file != file), *ours)


def moves_between(before: Sequence[FxRate], after: Sequence[FxRate], today: date) -> list[Move]:
    """Which rates in force change, the largest move first."""
    found = []
    for currency in sorted({one.currency for one in after}):
        old, new = newest_rate(currency, before, today), newest_rate(currency, after, today)
        if old and new and old.rate != new.rate:
            found.append(Move(currency=currency, before=old.rate, after=new.rate))
    return sorted(found, key=lambda one: -one.percent)


def freed_by(before: Sequence[FxRate], after: Sequence[FxRate], today: date, most_days: int) -> bool:
    """Is there a currency without a usable rate before, whose prices can be made now?"""

    def usable(rates: Sequence[FxRate]) -> set[str]:
        return {one.currency for one in rates if 0 <= (today - one.dated).days <= most_days}

    return bool(usable(after) - usable(before))
