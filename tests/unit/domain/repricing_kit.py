"""Prices that follow others, in the fewest words: one SKU that costs 10 EUR, and by cost is sold at 20.00."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from orderwright.domain.money import Money
from orderwright.domain.pricing import Offered, PriceDecision, Shop, price_for
from orderwright.domain.repricing.signals import CompetitorPrices, CompetitorQuote, Demand, Signals
from orderwright.domain.rules import Limits, Rules
from orderwright.domain.shown_price import PublishedPrice
from orderwright.domain.unit_cost import UnitCost
from tests.unit.domain.true_money_kit import money

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY = NOW.date()
SHOP = Shop("shop", "EUR")
WIDE = {"per_day_percent": 80, "percent": 80}


def hours(count: float) -> datetime:
    """So long ago."""
    return NOW - timedelta(hours=count)


def quote(seller: str, price: str, shipping: str = "", **more: Any) -> CompetitorQuote:
    """What a file says of one competitor."""
    return CompetitorQuote(seller=seller, price=money(price), shipping=money(shipping) if shipping else None, **more)


def quotes(*of: CompetitorQuote, feed: str = "prices", at: datetime = NOW) -> CompetitorPrices:
    """One file."""
    return CompetitorPrices(sku="A", feed=feed, at=at, quotes=of)


def was(*prices: tuple[float, str]) -> tuple[PublishedPrice, ...]:
    """Shown since so many hours ago, the oldest first."""
    return tuple(PublishedPrice(price=money(f"{price} EUR"), at=hours(ago)) for ago, price in prices)


def sold(
    *week: int, store: str = "shop", before: int = 0, day: date = TODAY - timedelta(days=1), **more: Any
) -> Demand:
    """Pieces of the last days, yesterday first; `before`: in each day before these, up to 56."""
    days = (*week, *[before] * (56 - len(week)))
    return Demand(sku="A", day=day, sold={store: days, **more})


def signals(*competitors: CompetitorPrices, price_now: str = "", **more: Any) -> Signals:
    """All that is looked at, now."""
    shown = money(f"{price_now} EUR") if price_now else None
    return Signals(now=NOW, competitors=competitors, price_now=shown)._replace(**more)


def priced(
    rule: Mapping[str, Any], seen: Signals | None, *, cost: str = "10", rules: Mapping[str, Any] | None = None,
    shop: Shop = SHOP,
) -> PriceDecision:  # fmt: skip
    """The decision by one rule. Unless it says otherwise: twice the cost, no ending, and wide bounds."""
    one = {"name": "all", "markup": 2, "ending": "", "bounds": WIDE, "minimum_margin_percent": 10, **rule}
    made = Rules.model_validate({"base_currency": "EUR", "prices": [one], **(rules or {})})
    offered = Offered(
        UnitCost.parse(Decimal(cost), "EUR"), UnitCost.parse("0", "EUR"), "CN", {"DE": UnitCost.parse("0", "EUR")}
    )
    return price_for(offered, made, Limits(), shop, sku="A", category="", today=TODAY, signals=seen)


def amount(decision: PriceDecision) -> str:
    """The price alone."""
    assert isinstance(decision.price, Money), decision
    return f"{decision.price.decimal:f}"
