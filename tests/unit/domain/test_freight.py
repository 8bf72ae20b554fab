"""How long a quote of freight counts, and which articles share one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from orderwright.domain.catalogue import FreightQuoteRecord, FreightTable, SkuRecord
from orderwright.domain.freight import counts_for, freight_group, freight_to, weight_step
from orderwright.domain.unit_cost import UnitCost

ASKED = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 1)
QUOTE = FreightQuoteRecord(
    price=UnitCost.parse("4.10", "USD"),
    method="CJPacket Ordinary",
    quoted_at=ASKED,
    warehouse="CN",
    group="g",
    grams=180,
)


def table(**quotes: FreightQuoteRecord) -> FreightTable:
    return FreightTable(sku="A", supplier="cj", quotes=quotes)


def test_a_quote_is_known_for_thirty_days_and_for_its_countrys_territories() -> None:
    known = table(ES=QUOTE)
    assert freight_to(known, "ES", TODAY + timedelta(days=30)) == QUOTE
    assert freight_to(known, "ES", TODAY + timedelta(days=31)) is None
    assert freight_to(known, "ES-CN", TODAY) == QUOTE
    assert freight_to(known, "FI", TODAY) is None
    assert freight_to(None, "FI", TODAY) is None


def test_a_country_without_a_way_has_no_freight() -> None:
    assert freight_to(table(FI=QUOTE.model_copy(update={"price": None})), "FI", TODAY) is None


@pytest.mark.parametrize(
    ("grams", "step"),
    [(1, 100), (78, 100), (100, 100), (101, 200), (750, 750), (751, 1000), (5000, 5000), (5001, 6000), (None, None)],
)
def test_weights_share_a_quote_up_to_their_step(grams: int | None, step: int | None) -> None:
    assert weight_step(grams) == step


def test_warehouse_method_weight_and_transport_make_a_group_and_an_unknown_weight_is_alone() -> None:
    lamp = SkuRecord(sku="A", title="A", weight_grams=150, attributes={"Transport": "BATTERY"})
    assert freight_group(lamp, "CN", "CJPacket Ordinary") == "CN|CJPacket Ordinary|200 g|BATTERY"
    assert freight_group(lamp.model_copy(update={"weight_grams": None}), "CN", "M") == "CN|M|SKU A|BATTERY"


def test_a_quote_is_renewed_after_25_days_for_another_group_and_for_a_heavier_article() -> None:
    assert counts_for(QUOTE, "g", 180, TODAY + timedelta(days=25))
    assert not counts_for(QUOTE, "g", 180, TODAY + timedelta(days=26))
    assert not counts_for(QUOTE, "other", 180, TODAY)
    assert not counts_for(QUOTE, "g", 181, TODAY)
    assert not counts_for(None, "g", 1, TODAY)
