"""All kinds of moves of a price, and anything that a price may follow, absurd or not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from orderwright.domain.money import Money
from orderwright.domain.repricing.signals import CompetitorPrices, CompetitorQuote, Demand, Signals
from orderwright.domain.repricing_rules import Bounds, CompetitorMove, DemandMove, SlowMove
from orderwright.domain.shown_price import PublishedPrice
from tests.unit.domain.repricing_kit import NOW, TODAY

SELLERS = ("a", "b", "c")
times = st.integers(-100, 40).map(lambda hours: NOW + timedelta(hours=hours))
past = st.integers(-200, 0).map(lambda hours: NOW + timedelta(hours=hours))
monies = st.builds(Money, minor=st.integers(1, 60_000), currency=st.sampled_from(("EUR", "USD", "JPY", "SEK")))
percents = st.integers(1, 20).map(Decimal)


def _undercut(draw: Any) -> CompetitorMove:
    return CompetitorMove(
        to=draw(st.sampled_from(("lowest", "median"))),
        undercut_percent=draw(st.integers(0, 50).map(Decimal)),
        at_least=draw(st.integers(1, 2)),
        lowest_percent=draw(st.integers(1, 60)),
        highest_percent=draw(st.integers(100, 400)),
        leave_out=draw(st.sampled_from(((), ("c",)))),
    )


@st.composite
def _bounds(draw: st.DrawFn) -> Bounds:
    day, in_all = sorted((draw(st.integers(1, 90)), draw(st.integers(1, 90))))
    return Bounds(per_day_percent=Decimal(day), percent=Decimal(in_all))


MOVES: dict[str, st.SearchStrategy[Any]] = {
    "competitors": st.none() | st.composite(_undercut)(),
    "demand": st.none()
    | st.builds(DemandMove, faster_percent=percents, days_of_stock=st.none() | st.just(9), raise_percent=percents),
    "slow_movers": st.none()
    | st.builds(SlowMove, after_days=st.integers(1, 60), lower_percent=percents, every_days=st.integers(1, 9)),
    "bounds": _bounds(),
}
quotes = st.builds(
    CompetitorQuote,
    seller=st.sampled_from(SELLERS),
    price=monies,
    shipping=st.none() | monies,
    condition=st.sampled_from(("new", "new", "used")),
    tax_in_price=st.none() | st.booleans(),
    tax_percent=st.none() | st.integers(0, 30).map(Decimal),
    seen_at=st.none() | times,
)
competitors = st.lists(
    st.builds(
        CompetitorPrices,
        sku=st.just("A"), feed=st.sampled_from(("one", "two")), at=past, quotes=st.lists(quotes, max_size=4).map(tuple),
    ),
    max_size=2,
)  # fmt: skip
demand = st.builds(
    Demand,
    sku=st.just("A"),
    day=st.integers(1, 9).map(lambda days: TODAY - timedelta(days=days)),
    sold=st.dictionaries(st.just("shop"), st.lists(st.integers(0, 9), min_size=30, max_size=56).map(tuple)),
)
signals = st.builds(
    Signals,
    now=st.just(NOW),
    competitors=competitors,
    heard=st.dictionaries(st.just("one"), past),
    demand=st.none() | demand,
    stock=st.integers(0, 100),
    shown=st.lists(st.tuples(past, monies), max_size=4).map(
        lambda found: tuple(PublishedPrice(price=price, at=at) for at, price in sorted(found, key=lambda one: one[0]))
    ),
    listed_at=st.none() | st.integers(0, 300).map(lambda days: NOW - timedelta(days=days)),
    price_now=st.none() | monies,
    zone=st.just("UTC"),
    campaign=st.none(),
)
