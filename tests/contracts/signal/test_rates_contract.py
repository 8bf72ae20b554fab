"""Every file of exchange rates: exact rates of a day, sent again only when it changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from orderwright.ports.rates import RateFile
from tests.contracts.declared import lacks
from tests.contracts.stands.exchange_rates import MORE, STAND


@pytest.mark.parametrize("stand_of", [STAND, *MORE])
def test_rates_are_read_exactly_and_a_file_that_did_not_change_is_not_sent_again(stand_of: type[STAND]) -> None:
    stand = stand_of()
    connector = stand.connector()
    assert list(lacks(connector, RateFile)) == []
    table = stand.read(connector)
    assert (table.base, table.units_per_base) == ("EUR", True)
    day = date(2026, 11, 20)
    assert [(row.currency, row.rate, row.dated) for row in table.rows] == [
        ("USD", Decimal("1.0823"), day), ("JPY", Decimal("162.37"), day),
    ]  # fmt: skip
    answer = connector.open_feed("")
    assert connector.open_feed(answer.etag).lines is None
