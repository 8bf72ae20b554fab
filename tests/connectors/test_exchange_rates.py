"""A file of exchange rates: tables and JSON, where its date stands, and which numbers are not guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderwright.connectors.context import Context
from orderwright.connectors.http import requests_transport
from orderwright.connectors.signals.exchange_rates.connector import build
from orderwright.connectors.signals.exchange_rates.settings import ExchangeRatesSettings
from orderwright.domain.repricing.rates import RateTable
from orderwright.errors import Rejected
from orderwright.ports.feed import FeedAnswer
from orderwright.usecases.operator.trial import TrialCredentials
from tests.support.fakes import FakeClock

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
DAY = date(2026, 12, 1)
BOTH = [("USD", Decimal("1.0823"), DAY, ""), ("JPY", Decimal("162.37"), DAY, "")]


def read(text: str, modified: datetime | None = AT, **more: object) -> RateTable:
    settings = ExchangeRatesSettings.model_validate(
        {"kind": "exchange_rates", "url": "files://rates.csv", "base": "EUR", "quoted": "units_per_base", **more}
    )
    context = Context(
        "bank", settings, TrialCredentials({}, settings), requests_transport("aws"), FakeClock(), timedelta(minutes=1)
    )
    return build(context).read_rates(FeedAnswer("", AT, iter([text.encode()]), None, modified_at=modified), {})


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("currency,rate,dated\nUSD,1.0823,2026-12-01\njpy,162.37,2026-12-01T09:00:00+01:00\n", {}),
        ("Code;Kurs;Datum\nUSD;1,0823;1.12.2026\nJPY;162,37;01.12.2026\n",
         {"currency_column": "code", "rate_column": "kurs", "date_column": "datum"}),
        ("Rates of 1.12.2026\n\ncurrency,rate\nUSD,1.0823\nJPY,162.37\n", {"lines_above_header": 2}),
        ("currency,rate,as of 2026-12-01\nUSD,1.0823,\nJPY,162.37,\n", {}),
        ("currency,rate\nUSD,1.0823\nJPY,162.37\nSEK,11.2\n", {"dated": "modified", "currencies": ["USD", "JPY"]}),
        ('{"base": "EUR", "date": "2026-12-01", "rates": {"USD": 1.0823, "JPY": "162.37"}}', {}),
        ('{"timestamp": 1796115600, "rates": {"USD": 1.0823, "JPY": 162.37}}', {}),
        ('[{"currency": "USD", "rate": 1.0823, "date": "2026-12-01"}, {"currency": "JPY", "rate": 162.37, "date": "2026-12-01"}]',
         {}),
    ],
)  # fmt: skip
def test_every_form_is_read_to_the_same_rates(text: str, settings: dict[str, Any]) -> None:
    found = read(text, **settings)
    assert [tuple(row)[1:] for row in found.rows] == BOTH
    assert (found.base, found.units_per_base) == ("EUR", True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("currency,rate\nUSD,1.0823\n", "has no date"),
        ("currency,rate,dated\nUSD,1.0823,12/01/2026\n", "has no date"),
        ("currency,rate,dated\nUSD,1.0823,2026-02-31\n", "has no date"),
        ("currency,rate,dated\nUSD,,2026-12-01\n", "has no rate"),
        ("currency,rate,dated\nUSD,N/A,2026-12-01\n", "is"),
        ('{"date": "2026-12-01", "rates": {"USD": null}}', "is no number"),
        ('{"date": "2026-12-01", "rates": {"USD": 1e400}}', "is no number"),
        ('{"date": "2026-12-01", "rates": {"USD": "NaN"}}', "is no number"),
        ('{"rates": {"USD": 1.0823}}', "has no date"),
    ],
)
def test_a_bad_cell_is_named(text: str, why: str) -> None:
    (row,) = read(text).rows
    assert row.currency == "USD"
    assert why in row.why


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"base": "USD", "date": "2026-12-01", "rates": {"EUR": 0.92}}', "FEED_RATES"),
        ('{"base": "EUR", "rates": {"USD": 1.08', "FEED_TRUNCATED"),
        ('{"rates": [1, 2]}', "FEED_UNREADABLE"),
        ("code,value\nUSD,1.08\n", "FEED_HEADER"),
        ("currency,rate,dated\nUSD,1.082,2026-12-01\n", "FEED_NUMBERS_AMBIGUOUS"),
    ],
)
def test_a_file_that_says_something_else_is_refused_as_a_whole(text: str, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        read(text)
    assert refused.value.code == code
