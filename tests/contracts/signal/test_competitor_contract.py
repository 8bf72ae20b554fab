"""Every file of competitors' prices: rows with ids and a quote, sent again only when it changed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderwright.ports.signals import CompetitorFile
from tests.contracts.declared import lacks
from tests.contracts.stands.competitor_prices import MORE, STAND


@pytest.mark.parametrize("stand_of", [STAND, *MORE])
def test_prices_are_read_exactly_and_a_file_that_did_not_change_is_not_sent_again(stand_of: type[STAND]) -> None:
    stand = stand_of()
    connector = stand.connector()
    assert list(lacks(connector, CompetitorFile)) == []
    first = stand.read(connector)
    assert {(row.sku, row.quote.seller): row.quote.price.decimal for row in first} == {
        key: one.price for key, one in stand.vendor.quotes.items()
    }
    answer = connector.open_feed("")
    assert connector.open_feed(answer.etag).lines is None
    stand.vendor.set_price("HL-MS-400", "Outdoor Barn", Decimal("19.90"), shipping="4.95")
    (changed,) = [row for row in stand.read(connector) if row not in first]
    assert (changed.quote.price.decimal, changed.quote.shipping.decimal) == (Decimal("19.90"), Decimal("4.95"))
    assert changed.quote.seen_at == stand.clock.now()
    assert stand.world.ledger.of_kind("competitors", "price_set")
