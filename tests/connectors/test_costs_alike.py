"""A supplier's cost is the same whether his API or his file tells it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.connectors.suppliers.cj.fields import unit_usd
from orderwright.domain.pricing import Offered, PriceDecision, Shop, price_for
from orderwright.domain.rules import Limits, PriceRule, Rules
from orderwright.domain.unit_cost import UnitCost
from orderwright.ports.feed import BadRow
from orderwright.usecases.stock.feed_rows import report_of
from tests.support.feed_rows import scan_rows

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RULES = Rules(prices=(PriceRule(name="all", markup=Decimal(10), ending=""),))


def _price(cost: UnitCost | None) -> PriceDecision:
    freight = UnitCost.parse("2.90", "USD")
    return price_for(
        Offered(cost, freight), RULES, Limits(), Shop("shop", "USD"), sku="A", category="", today=AT.date()
    )


def test_the_same_cost_from_a_feed_and_from_cj_gives_the_same_price() -> None:
    feed = CsvSettings(kind="csv", url="https://feeds.example.com/stock.csv", offers_of="cj", decimal_sign=".")
    (row,) = scan_rows([b"sku,qty,cost\nA,1,3.275\n"], feed)
    assert not isinstance(row, BadRow)
    told, asked = report_of(row, AT).cost, unit_usd(Decimal("3.275"))
    assert told is not None
    assert told == asked
    assert str(told.times(3)) == "9.83 USD"
    assert _price(told) == _price(asked)
    assert str(_price(told).price) == "61.75 USD"
