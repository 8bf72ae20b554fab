"""Moved prices stay within their bounds, what is not known moves none, and two stores that watch each other come to rest."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import combinations_with_replacement, groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orderwright.domain.base import changed
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.price_ending import round_up_to_ending
from orderwright.domain.repricing.bounds import day_before
from orderwright.domain.repricing.signals import Signals
from orderwright.domain.shown_price import PublishedPrice, with_shown
from tests.properties.repricing_strategies import MOVES, signals
from tests.unit.domain.repricing_kit import NOW, priced, quote, quotes
from tests.unit.domain.repricing_kit import signals as seeing

FAST = settings(max_examples=150, deadline=None)
endings = st.sampled_from(("", ".99", ".50", "9"))
eur = st.integers(500, 9_000).map(lambda minor: Money(minor=minor, currency="EUR"))


@FAST
@given(st.fixed_dictionaries({**MOVES, "ending": endings}), signals, st.lists(eur, max_size=3), st.none() | eur)
def test_the_bounds_hold_in_a_day_and_in_all(
    rule: dict[str, Any], anything: Signals, history: list[Money], price_now: Money | None
) -> None:
    shown = tuple(PublishedPrice(price=price, at=NOW - timedelta(hours=50 - 20 * n)) for n, price in enumerate(history))
    seen = anything._replace(shown=shown, price_now=price_now)
    found = priced(rule, seen)
    assert found.price is not None
    assert found.floor is not None
    price, by_cost = found.price, priced({**rule, "competitors": None, "demand": None, "slow_movers": None}, None).price
    if not any(rule[name] for name in ("competitors", "demand", "slow_movers")):
        assert price == by_cost
        return
    assert by_cost is not None
    bounds, cent, aim = rule["bounds"], Decimal("0.01"), Decimal(20)
    floor = round_up_to_ending(found.floor.decimal, "EUR", rule["ending"])
    least, most = aim - aim * bounds.percent / 100, max(aim + aim * bounds.percent / 100, by_cost.decimal)
    day = day_before(shown, NOW, "EUR")[0]
    if day is None or price == price_now:
        assert least <= price.decimal <= most + cent or price <= floor
        return
    step = day.decimal * bounds.per_day_percent / 100
    assert price.decimal >= day.decimal - step
    # A floor, and what the bounds in all demand by cost, lift at once.
    lifted = round_up_to_ending(max(found.floor.decimal, least), "EUR", rule["ending"])
    assert price.decimal <= day.decimal + step or price <= lifted
    if least <= day.decimal <= most:
        assert least <= price.decimal <= most + cent or price <= floor


@FAST
@given(st.fixed_dictionaries({**MOVES, "ending": endings}), signals, st.integers(1_200, 3_500), st.booleans())
def test_competitors_that_are_not_known_move_no_price(
    rule: dict[str, Any], anything: Signals, minor: int, old: bool
) -> None:
    now = Money(minor=minor, currency="EUR")
    of = (quotes(quote("a", "15.00 EUR", seen_at=NOW - timedelta(hours=49))),) if old else ()
    moving = {**rule, "competitors": {}, "bounds": {"percent": 80, "per_day_percent": 1}}
    found = priced(moving, anything._replace(competitors=of, price_now=now))
    assert found.price == now
    assert found.notes[0].code == ("COMPETITOR_STALE" if old else "COMPETITOR_ABSENT")


@FAST
@given(signals, endings)
def test_a_rule_by_cost_gives_what_it_gave_whatever_others_do(anything: Signals, ending: str) -> None:
    rule = {"ending": ending, "minimum_margin_percent": 30, "markup": "1.4"}
    found = priced(rule, anything)
    assert changed(found, notes=(), steps=(), compared=None) == changed(priced(rule, None), steps=())


FOLLOWING: dict[str, dict[str, Any]] = {
    "match": {},
    "percent": {"undercut_percent": 3},
    "money": {"undercut_by": "0.50 EUR"},
    "median": {"to": "median"},
    "median, percent": {"to": "median", "undercut_percent": 5},
}
DAYS, MOST_CHANGES = 30, {".99": 12, "": 16}


@pytest.mark.parametrize("pair", [*combinations_with_replacement(FOLLOWING, 2)], ids=" and ".join)
@pytest.mark.parametrize("ending", [".99", ""])
@pytest.mark.parametrize("others", [(), ("18.40 EUR", "26.00 EUR")])
def test_two_stores_that_watch_each_other_come_to_rest(
    pair: tuple[str, str], ending: str, others: tuple[str, ...]
) -> None:
    costs, start = ("10", "11"), Money.parse("20.99", "EUR")
    shown: list[tuple[PublishedPrice, ...]] = [with_shown((), start, NOW - timedelta(days=2)) for _ in pair]
    played: list[list[Money]] = [[start], [start]]
    for day in range(DAYS):
        now, before = NOW + timedelta(days=day), [prices[-1].price for prices in shown]
        for store, name in enumerate(pair):
            of = [quote("other", str(before[1 - store])), *(quote(f"third {n}", one) for n, one in enumerate(others))]
            rule = {"competitors": FOLLOWING[name], "ending": ending, "bounds": {"percent": 30, "per_day_percent": 5}}
            seen = seeing(quotes(*of, at=now - timedelta(days=1)), now=now, shown=shown[store])
            found = priced(rule, seen._replace(price_now=before[store]), cost=costs[store])
            assert found.price is not None
            assert found.floor is not None
            aim = Decimal(costs[store]) * 2
            assert found.price >= found.floor
            assert aim * Decimal("0.7") <= found.price.decimal <= aim * Decimal("1.3")
            assert abs(found.price.decimal - before[store].decimal) <= before[store].decimal * Decimal("0.05")
            shown[store] = with_shown(shown[store], found.price, now)
            played[store].append(found.price)
    for prices in played:
        last = [price.minor for price in prices[-4:]]
        assert max(last) - min(last) <= (100 if ending else 0), prices
        assert len(list(groupby(prices))) - 1 <= MOST_CHANGES[ending], prices


def test_an_earlier_look_that_is_still_to_come_stays_so_that_the_same_again_writes_nothing() -> None:
    listing, soon = Listing(sku="A", store="shop"), NOW + timedelta(hours=2)
    once = listing.told((), soon, NOW)
    assert once.told((), soon + timedelta(hours=1), NOW) == once
    assert once.told((), soon + timedelta(hours=3), soon).review_at == soon + timedelta(hours=3)
    assert once.told((), None, NOW) == listing
