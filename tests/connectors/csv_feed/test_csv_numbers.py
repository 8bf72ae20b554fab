"""Numbers of a stock file: one decimal sign for a column, shown or declared, and never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.ports.feed import BadRow
from tests.connectors.csv_feed.test_csv_rows import scan, settings
from tests.support.feed_rows import loaded


def costs(*texts: str, **changes: Any) -> list[Any]:
    """The costs of rows A, B, ...; None for a bad one."""
    body = "sku;qty;cost\n" + "".join(f"S{number};1;{text}\n" for number, text in enumerate(texts))
    rows = scan(body, **changes)
    found: dict[str, Any] = {row.sku: None for row in rows if isinstance(row, BadRow)}
    found |= {row[0]: row[2] for row in rows if not isinstance(row, BadRow)}
    assert len(found) == len(rows) == len(texts)
    return [found[f"S{number}"] for number in range(len(texts))]


@pytest.mark.parametrize(
    ("texts", "minor"),
    [
        (["1.250", "12.50"], [125, 1250]),
        (["1.250", "12,50"], [125000, 1250]),
        (["1,250", "5.0000", "12"], [125000, 500, 1200]),
        (["1,250", "12,5"], [125, 1250]),
        (["1.250", "1.299,00"], [125000, 129900]),
        (["1.250", "1,234,567"], [125, 123456700]),
        (["7", "1.250", "8", "free", "0.50"], [700, 125, 800, None, 50]),
        (["3.275", "1.00"], [Decimal("327.5"), 100]),
        (["12", "5"], [1200, 500]),
    ],
)
def test_the_sign_that_all_numbers_fit_and_one_shows_is_the_columns(texts: list[str], minor: list[Any]) -> None:
    assert costs(*texts) == minor
    assert costs(*reversed(texts)) == [*reversed(minor)]


@pytest.mark.parametrize("texts", [["1.250"], ["12", "3,275", "free"], ["12.50", "12,50"], ["1.250", "3,5", "2.5"]])
def test_a_column_that_shows_no_sign_or_two_is_refused_as_a_whole(texts: list[str]) -> None:
    with pytest.raises(FeedBroken, match="decimal_sign") as broken:
        costs(*texts)
    assert broken.value.code == "FEED_NUMBERS_AMBIGUOUS"


def test_a_declared_sign_makes_what_does_not_fit_a_bad_row() -> None:
    assert costs("1.250", "12,50", "1,250", decimal_sign=".") == [125, None, 125000]
    assert costs("1.250", "12,50", "12.50", decimal_sign=",") == [125000, 1250, None]


@pytest.mark.parametrize(
    ("texts", "minor", "signs"),
    [
        (["1.250"], b"125", {}),
        (["1.250", "9.00"], b"125", {"cost": "."}),
        (["12.50"], b"1250", {"cost": "."}),
        (["12,50"], b"1250", {"cost": ","}),
    ],
)
def test_a_sign_of_an_earlier_file_helps_until_a_number_contradicts_it(
    texts: list[str], minor: bytes, signs: Any
) -> None:
    body = "sku;qty;cost\n" + "".join(f"{sku};1;{text}\n" for sku, text in zip("AB", texts, strict=False))
    feed = loaded([body.encode()], settings(shards=1), {"cost": "."})
    assert feed.signs == signs
    assert feed.shards.take(0)[0].startswith(b"A\t1\t" + minor + b"\tUSD")


def test_numbers_that_were_read_by_an_earlier_sign_are_not_applied_when_another_shows_itself() -> None:
    with pytest.raises(FeedBroken, match="earlier files had a point") as broken:
        loaded([b"sku;qty;cost\nA;1;1.250\nB;1;12,50\n"], settings(), {"cost": "."})
    assert broken.value.code == "FEED_NUMBERS_AMBIGUOUS"


def test_three_decimals_prove_nothing_in_any_currency_and_are_none_in_yen() -> None:
    for currency in ("KWD", "JPY", "USD"):
        with pytest.raises(FeedBroken):
            costs("1.250", currency=currency)
    assert costs("1.250", "1.25", currency="KWD") == [1250, 1250]
    assert costs("1.250", "1.5", currency="JPY") == [None, Decimal("1.5")]
    assert costs("1.250", currency="JPY", decimal_sign=",") == [1250]


@pytest.mark.parametrize(
    ("texts", "stocks"),
    [
        (["-3", "-0", "4"], [0, 0, 4]),
        (["5.0", "12.00", "1,000"], [5, 12, 1000]),
        (["5,0", "1.000", "1,000"], [5, 1000, 1]),
        (["12,5", "7"], [None, 7]),
        (["In stock", " >50 ", "10+", "few"], [10, 50, 12, None]),
    ],
)
def test_stocks_of_other_forms(texts: list[str], stocks: list[Any]) -> None:
    words = {"in STOCK": 10, ">50": 50, "10+": 12}
    rows = scan("sku;qty;cost\n" + "".join(f"A;{text};1,00\n" for text in texts), stock_words=words)
    assert [None if isinstance(row, BadRow) else row[1] for row in rows] == stocks


def test_a_grouped_stock_alone_is_refused_and_the_last_row_of_a_sku_counts_though_it_had_to_wait() -> None:
    with pytest.raises(FeedBroken, match="'qty'"):
        scan("sku;qty;cost\nA;1.000;1.00\n")
    rows = scan("sku;qty;cost\nA;1;1.000\nA;2;2.00\nB;x;1\nA;3;3.000\n")
    assert [row[1] for row in rows if not isinstance(row, BadRow)] == [1, 2, 3]


@pytest.mark.parametrize("sku", ["4.00642E+12", "4,00642E+12", '="4.00642E+12"', "1.5e+100"])
def test_a_sku_in_scientific_notation_refuses_the_whole_file(sku: str) -> None:
    body = "sku;qty;cost\n" + "A;1;1.00\n" * 400 + f"{sku};x;1.00\n"
    with pytest.raises(FeedBroken, match="sku_may_look_scientific") as broken:
        scan(body)
    assert broken.value.code == "FEED_SKUS_DAMAGED"
    assert len(scan(body.replace(";x;", ";2;"), sku_may_look_scientific=True)) == 401


@pytest.mark.parametrize("sku", ["4E+12", "4.0E+1", "E+12", "1.5E12", "LAMP-4.1E+12"])
def test_other_skus_with_an_e_are_skus(sku: str) -> None:
    assert scan(f"sku;qty;cost\n{sku};1;1.00\n")[0][0] == sku
