"""Exchange rates from files: what a row means, what is refused by name, what is kept, what is too far a move."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.domain.repricing.rates import (
    FileRefused,
    RateRow,
    RatesNoted,
    RateTable,
    merged,
    moves_between,
    rates_of,
)
from orderwright.domain.rules import FileRate, FxRate

TODAY = date(2026, 12, 1)
YESTERDAY = TODAY - timedelta(days=1)


def row(currency: str, rate: str | None = None, dated: date | None = TODAY, why: str = "") -> RateRow:
    return RateRow(2, currency, None if rate is None else Decimal(rate), dated, why)


def table(*rows: RateRow, base: str = "EUR", units_per_base: bool = True) -> RateTable:
    return RateTable(base, units_per_base, rows)


def rate(currency: str, value: str, dated: date = TODAY, base: str = "USD", file: str = "bank") -> FileRate:
    return FileRate(currency=currency, rate=Decimal(value), dated=dated, base=base, file=file)


def told(found: RateTable, to: str) -> dict[str, str]:
    return {one.currency: f"{one.rate} {one.dated:%d}" for one in rates_of(found, "bank", to, TODAY)[0]}


@pytest.mark.parametrize(
    ("found", "to", "wanted"),
    [
        (table(row("USD", "1.25"), row("GBP", "0.8")), "EUR", {"USD": "0.8 01", "GBP": "1.25 01"}),
        (table(row("USD", "0.8"), row("GBP", "1.25"), units_per_base=False), "EUR", {"USD": "0.8 01", "GBP": "1.25 01"}),
        # To another base: by the rate of that one, as old as the older of both.
        (table(row("USD", "1.25"), row("GBP", "0.8")), "USD", {"EUR": "1.25 01", "GBP": "1.5625 01"}),
        (table(row("USD", "1.25"), row("GBP", "0.8", YESTERDAY)), "USD", {"EUR": "1.25 01", "GBP": "1.5625 30"}),
        (table(row("USD", "1.25", YESTERDAY), row("GBP", "0.8")), "USD", {"EUR": "1.25 30", "GBP": "1.5625 30"}),
        (table(row("JPY", "162.37"), row("EUR", "1")), "EUR", {"JPY": "0.00615877317238 01"}),
    ],
)  # fmt: skip
def test_a_rate_is_crossed_to_the_base_currency(found: RateTable, to: str, wanted: dict[str, str]) -> None:
    assert told(found, to) == wanted


@pytest.mark.parametrize(
    ("bad", "why", "later"),
    [
        (row("USD", "0"), "must be above zero", False),
        (row("USD", "-1.2"), "must be above zero", False),
        (row("BTC", "0.00001"), "no currency", False),
        (row("USD", "1.25", None), "has no date", False),
        (row("USD", "1.25", TODAY + timedelta(days=1)), "has not come yet", True),
        (row("USD", why="is no number"), "is no number", False),
        (row("EUR", "1.1"), "file's own base", False),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused_by_name_and_the_others_count(
    bad: RateRow, why: str, later: bool
) -> None:
    rates, refused = rates_of(table(row("GBP", "0.8"), bad), "bank", "EUR", TODAY)
    assert [one.currency for one in rates] == ["GBP"]
    assert [(one.currency, why in one.why, one.later) for one in refused] == [(bad.currency, True, later)]


def test_of_two_rates_of_one_day_neither_counts_and_two_equal_ones_are_one() -> None:
    rates, refused = rates_of(
        table(row("USD", "1.25"), row("USD", "1.26"), row("GBP", "0.8"), row("GBP", "0.80")), "bank", "EUR", TODAY
    )
    assert ([one.currency for one in rates], [one.why for one in refused]) == (["GBP"], ["has two rates of 2026-12-01"])


@pytest.mark.parametrize(
    ("found", "to", "why"),
    [
        (table(row("GBP", "0.8")), "USD", "rates to EUR, and no rate of USD"),
        (table(), "EUR", "no rate that can be used"),
        (table(row("USD", "0")), "USD", "must be above zero"),
    ],
)
def test_a_file_without_a_way_to_the_base_currency_is_refused(found: RateTable, to: str, why: str) -> None:
    with pytest.raises(FileRefused, match=why):
        rates_of(found, "bank", to, TODAY)


def test_of_a_long_history_the_newest_days_are_kept() -> None:
    days = [TODAY - timedelta(days=number) for number in range(90)]
    rates, _ = rates_of(table(*(row("USD", "1.25", day) for day in days)), "bank", "EUR", TODAY)
    assert [one.dated for one in rates] == sorted(days[:3])


def test_nothing_older_counts_over_what_is_newer_and_a_known_day_may_be_corrected() -> None:
    kept = (
        rate("EUR", "1.08"),
        rate("GBP", "1.3", YESTERDAY),
        rate("EUR", "9", file="other"),
        rate("SEK", "1", base="EUR"),
    )
    new = (rate("EUR", "1.07", YESTERDAY), rate("GBP", "1.31", YESTERDAY), rate("GBP", "1.32"), rate("JPY", "0.0065"))
    assert merged(kept, new) == (
        rate("EUR", "9", file="other"), rate("EUR", "1.08"), rate("GBP", "1.31", YESTERDAY), rate("GBP", "1.32"),
        rate("JPY", "0.0065"),
    )  # fmt: skip


DAYS = st.integers(0, 6).map(lambda number: TODAY - timedelta(days=number))
RATES = st.lists(st.tuples(DAYS, st.decimals("0.9", "1.1", places=2)), min_size=1, max_size=4)


@given(st.lists(RATES, min_size=1, max_size=5))
def test_the_newest_day_never_goes_back(files: list[list[tuple[date, Decimal]]]) -> None:
    kept: tuple[FileRate, ...] = ()
    for days in files:
        newest = max((one.dated for one in kept), default=date.min)
        kept = merged(kept, [rate("EUR", str(value), day) for day, value in dict(days).items()])
        assert max(one.dated for one in kept) == max(newest, *(day for day, _ in days))
        assert len(kept) <= 3
        assert merged(kept, kept) == kept


def test_a_move_is_what_changes_the_rate_in_force() -> None:
    before = [FxRate(currency="EUR", rate=Decimal("1.00"), dated=YESTERDAY), rate("GBP", "1.3")]
    after = [*before, rate("EUR", "1.06"), rate("GBP", "1.2"), rate("SEK", "0.1")]
    (move,) = moves_between(before, after, TODAY)
    assert (move.currency, move.percent, str(move)) == ("EUR", Decimal(6), "EUR from 1.00 to 1.06 (6.0 %)")


def test_prices_are_made_again_once_a_day_or_when_moves_add_up_to_one_percent() -> None:
    moves = moves_between([rate("EUR", "1")], [rate("EUR", "1.004")], TODAY)
    noted, due = RatesNoted().taken(moves, TODAY)
    asked = [due]
    for _ in range(4):
        noted, due = noted.taken(moves, TODAY)
        asked.append(due)
    assert asked == [True, False, False, True, False]
    assert noted.taken([], TODAY + timedelta(days=1))[1] is False
    assert noted.taken(moves, TODAY + timedelta(days=1))[1] is True
