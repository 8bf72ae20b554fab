"""Prices that follow competitors, demand and slow sales, each move by a table; and the bounds that hold them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderwright.domain.pricing import Shop
from tests.unit.domain.repricing_kit import NOW, TODAY, amount, hours, priced, quote, quotes, signals, sold, was
from tests.unit.domain.true_money_kit import destination, tax

LOW, MID, TOP = quote("low", "17.00 EUR"), quote("mid", "18.00 EUR"), quote("top", "25.00 EUR")
IN_DE = Shop("shop", "EUR", ("DE",))


@pytest.mark.parametrize(
    ("move", "of", "price"),
    [
        ({}, [LOW, TOP], "17.00"),
        ({"to": "median"}, [LOW, MID, TOP], "18.00"),
        ({"to": "median"}, [LOW, TOP], "21.00"),
        ({"undercut_percent": 1}, [LOW], "16.83"),
        ({"undercut_by": "0.50 EUR"}, [LOW], "16.50"),
        ({"our_shipping": "2 EUR"}, [quote("a", "17.00 EUR", "3.50 EUR")], "18.50"),
        ({"sellers": ["MID"]}, [LOW, MID], "18.00"),
        ({"leave_out": ["Low"]}, [LOW, MID], "18.00"),
        ({}, [quote("used", "9.00 EUR", condition="used"), MID], "18.00"),
        ({"conditions": ["Used"]}, [quote("used", "15.00 EUR", condition="used"), MID], "15.00"),
        ({}, [quote("usd", "20.00 USD")], "18.00"),
        ({}, [quote("gbp", "2.00 GBP"), MID], "18.00"),  # no rate leads there
        ({}, [quote("old", "15.00 EUR", seen_at=hours(49)), MID], "18.00"),
        ({}, [quote("later", "15.00 EUR", seen_at=hours(-30)), MID], "18.00"),
        ({}, [quote("cent", "0.01 EUR"), quote("pack", "99.00 EUR"), MID], "18.00"),
        ({}, [quote("low", "18.50 EUR"), quote("LOW", "17.00 EUR")], "17.00"),
        ({"at_least": 2}, [quote("low", "18.50 EUR"), quote("LOW", "17.00 EUR")], "19.00"),  # one competitor, twice
        ({"at_least": 3}, [LOW, MID], "19.00"),
        ({"feeds": ["others"]}, [LOW], "19.00"),
        ({}, [quote("low", "3.00 EUR"), quote("taxed", "15.00 EUR", tax_in_price=True)], "19.00"),
        ({}, [quote("far", "10.50 EUR")], "11.12"),  # the floor stops it
        ({}, [], "19.00"),
    ],
)  # fmt: skip
def test_competitors_are_followed_or_the_price_stays(move: dict[str, Any], of: list[Any], price: str) -> None:
    fx = {"fx": [{"currency": "USD", "rate": "0.9", "dated": str(TODAY)}]}
    assert amount(priced({"competitors": move}, signals(quotes(*of), price_now="19.00"), rules=fx)) == price


@pytest.mark.parametrize(
    ("ours", "theirs", "price"),
    [
        (tax("25"), {}, "20.00"),
        (tax("25"), {"tax_in_price": True}, "20.00"),
        (tax("25"), {"tax_in_price": True, "tax_percent": "20"}, "20.83"),
        (tax("25"), {"tax_in_price": False}, "25.00"),
        (tax("25"), {"tax_in_price": False, "tax_percent": "19"}, "25.00"),
        (tax("25", "excluded"), {"tax_in_price": True}, "16.00"),
        (tax("25", "excluded"), {"tax_in_price": False}, "20.00"),
        (tax("20", "by_country", home_rate="25"), {"tax_in_price": False}, "25.00"),
        (tax("25", "excluded", "customer"), {"tax_in_price": True, "tax_percent": "0"}, "20.00"),
    ],
)
def test_tax_is_compared_as_our_store_has_it(ours: dict[str, Any], theirs: dict[str, Any], price: str) -> None:
    rules = {"destinations": [destination("DE", tax=ours)], "fees": {"card": {}}}
    seen = signals(quotes(quote("a", "20.00 EUR", **theirs)), price_now="22.00")
    assert amount(priced({"competitors": {}}, seen, rules=rules, shop=IN_DE)) == price


@pytest.mark.parametrize(
    ("of", "codes"),
    [
        ([quote("a", "19.00 EUR")], []),
        ([], ["COMPETITOR_ABSENT"]),
        ([quote("a", "19.00 EUR", seen_at=hours(50))], ["COMPETITOR_STALE"]),
        ([quote("a", "0.01 EUR")], ["COMPETITOR_ABSURD"]),
        ([quote("a", "0.01 EUR"), quote("b", "19.00 EUR")], ["COMPETITOR_ABSURD"]),
        ([quote("a", "10.50 EUR")], ["NO_MARGIN_HERE"]),
        ([quote("a", "40.00 EUR")], ["PRICE_FAR_BELOW"]),
    ],
)
def test_what_the_operator_should_know_is_noted(of: list[Any], codes: list[str]) -> None:
    rule = {"competitors": {}, "bounds": {"percent": 50, "per_day_percent": 50}}
    found = priced(rule, signals(quotes(*of), price_now="19.00"))
    assert [note.code for note in found.notes] == codes
    assert all(note.fix and note.field for note in found.notes)


def test_a_rule_by_cost_is_held_beside_competitors_and_not_moved_by_them() -> None:
    found = priced({}, signals(quotes(quote("a", "40.00 EUR"))))
    assert (amount(found), [note.code for note in found.notes]) == ("20.00", ["PRICE_FAR_BELOW"])
    never = priced({}, signals(quotes(quote("a", "40.00 EUR"))), rules={"alert_below_competitors_percent": None})
    assert (never.price, never.notes) == (priced({}, None).price, ())


def test_a_file_that_is_read_well_keeps_its_old_rows_fresh() -> None:
    old = quotes(LOW, at=hours(200))
    assert amount(priced({"competitors": {}}, signals(old, price_now="19.00", heard={"prices": hours(1)}))) == "17.00"
    assert amount(priced({"competitors": {}}, signals(old, price_now="19.00", heard={"prices": hours(49)}))) == "19.00"


def test_each_input_is_named_with_its_time_and_what_is_left_out_with_its_cause() -> None:
    of = [
        quote("late", "15.00 EUR", seen_at=hours(49)),
        quote("gbp", "2.00 GBP"),
        quote("low", "17.00 EUR", "1.00 EUR"),
    ]
    words = "; ".join(priced({"competitors": {}}, signals(quotes(*of))).steps)
    assert "the lowest of 1, low: 17.00 EUR + shipping 1.00 EUR (prices, 2026-11-29 12:00)" in words
    assert "late is left out: older than 48 h (prices, 2026-11-27 11:00)" in words
    assert "gbp is left out: there is no exchange rate from GBP to EUR" in words


def test_without_a_rate_for_the_rules_own_amount_the_price_stays() -> None:
    rule = {"competitors": {"our_shipping": "2 USD"}}
    found = priced(rule, signals(quotes(LOW), price_now="19.00"))
    assert (amount(found), [note.code for note in found.notes]) == ("19.00", ["RATE_MISSING"])


FASTER = {"faster_percent": 50, "raise_percent": 10}
SHORT = {"days_of_stock": 10, "raise_percent": 10}


@pytest.mark.parametrize(
    ("move", "demand", "stock", "price"),
    [
        (FASTER, sold(2, 2, 2, 2, 2, 2, 2, before=1), 0, "22.00"),
        (FASTER, sold(2, 2, 2, 1, 1, 1, 1, before=1), 0, "20.00"),
        (FASTER, sold(1, 1, 1, 1, before=0), 0, "20.00"),  # 4 of the 5 pieces that say something
        (FASTER, sold(2, 2, 2, 2, 2, 2, 2, before=1, store="other"), 0, "20.00"),
        (FASTER, sold(9, before=0), 0, "22.00"),
        (FASTER, None, 0, "20.00"),
        (SHORT, sold(before=1), 9, "22.00"),
        (SHORT, sold(before=1), 10, "20.00"),
        (SHORT, sold(before=1, other=(1,) * 7), 19, "22.00"),  # both stores sell from one stock
        (SHORT | FASTER, sold(before=1), 9, "20.00"),
        (SHORT | FASTER, sold(2, 2, 2, 2, 2, 2, 2, before=1), 9, "22.00"),
    ],
)
def test_demand_raises_the_aim(move: dict[str, Any], demand: Any, stock: int, price: str) -> None:
    assert amount(priced({"demand": move}, signals(demand=demand, stock=stock, price_now="20.00"))) == price


def test_a_count_that_stands_still_leaves_the_price() -> None:
    seen = signals(demand=sold(before=1, day=TODAY - timedelta(days=4)), stock=9, price_now="21.00")
    found = priced({"demand": SHORT}, seen)
    assert (amount(found), [note.code for note in found.notes]) == ("21.00", ["DEMAND_STALE"])


def test_of_a_past_that_is_not_known_nothing_is_made() -> None:
    young = sold(9).model_copy(update={"sold": {"shop": (9,) * 34}})
    assert amount(priced({"demand": FASTER}, signals(demand=young))) == "20.00"


SLOW = {"after_days": 30, "lower_percent": 5, "every_days": 7, "most_percent": 12}


@pytest.mark.parametrize(
    ("days", "price", "due"),
    [
        (29, "20.00", 1),
        (30, "19.00", 7),
        (37, "18.00", 7),
        (44, "17.60", None),
        (400, "17.60", None),
        (None, "20.00", None),
    ],
)
def test_slow_movers_fall_step_by_step_and_are_looked_at_again(days: int | None, price: str, due: int | None) -> None:
    listed_at = None if days is None else NOW - timedelta(days=days)
    found = priced({"slow_movers": SLOW}, signals(listed_at=listed_at))
    assert amount(found) == price
    assert (found.review_at and (found.review_at.date() - TODAY).days) == due


@pytest.mark.parametrize(
    ("demand", "price"),
    [
        (sold(0, 1), "20.00"),
        (sold(*[0] * 29, 1), "19.00"),
        (sold(0, 1, store="other"), "17.60"),
        (sold().model_copy(update={"last_sold": TODAY - timedelta(days=60)}), "17.60"),
    ],
)
def test_a_sale_in_the_store_ends_it(demand: Any, price: str) -> None:
    assert amount(priced({"slow_movers": SLOW}, signals(demand=demand, listed_at=hours(24 * 300)))) == price


TIGHT = {"percent": 20, "per_day_percent": 5}


@pytest.mark.parametrize(
    ("ending", "shown", "to", "price", "due"),
    [
        ("", was((30, "20.00")), "17.00", "19.00", 24.25),
        ("", was((30, "20.00"), (6, "19.00")), "17.00", "19.00", 18),
        ("", was((30, "19.00")), "12.00", "18.05", 24.25),
        ("", was((30, "16.20")), "12.00", "16.00", None),  # in all, 20 % of the price by cost
        ("", was((6, "20.00")), "17.00", "19.00", 24.25),  # the first price known
        ("", (), "17.00", "17.00", None),
        (".99", was((30, "20.99")), "18.50", "19.99", 24.25),
        (".99", was((30, "18.99")), "18.50", "18.05", 24.25),  # no price ends so within the day
        (".99", was((30, "18.05")), "18.50", "17.99", None),
        (".99", was((30, "16.00")), "23.50", "16.80", 24.25),
    ],
)
def test_the_bounds_hold_in_a_day_and_in_all(ending: str, shown: Any, to: str, price: str, due: float | None) -> None:
    rule = {"competitors": {}, "bounds": TIGHT, "ending": ending}
    found = priced(rule, signals(quotes(quote("a", f"{to} EUR")), shown=shown))
    assert amount(found) == price
    assert found.review_at == (None if due is None else NOW + timedelta(hours=due))


def test_a_higher_cost_lifts_at_once_and_a_lower_one_falls_by_days() -> None:
    rule, seen = {"competitors": {}, "bounds": TIGHT}, signals(shown=was((30, "20.00")), price_now="20.00")
    assert amount(priced(rule, seen, cost="30")) == "48.00"
    assert amount(priced(rule, seen, cost="6")) == "19.00"
    assert amount(priced({"slow_movers": SLOW, "bounds": TIGHT, "markup": "1.12"}, seen, cost="30")) == "33.34"


@pytest.mark.parametrize(
    ("ending", "to", "price"), [(".99", "17.30", "16.99"), (".99", "11.50", "11.99"), ("", "17.30", "17.30")]
)
def test_an_undercut_is_rounded_down_unless_that_is_below_the_floor(ending: str, to: str, price: str) -> None:
    assert amount(priced({"competitors": {}, "ending": ending}, signals(quotes(quote("a", f"{to} EUR"))))) == price


def test_map_and_msrp_hold_whatever_competitors_do() -> None:
    rule = {"competitors": {}, "map_price": "18 EUR", "msrp": "21 EUR"}
    assert amount(priced(rule, signals(quotes(LOW)))) == "18.00"
    assert amount(priced(rule, signals(quotes(TOP)))) == "21.00"
    # Also the price that stays.
    assert amount(priced(rule, signals(price_now="15.00"))) == "18.00"


def test_a_rule_may_be_for_a_currency_alone() -> None:
    rules = {
        "prices": [{"name": "usd", "currencies": ["USD"], "markup": 9}, {"name": "all", "markup": 3, "ending": ""}]
    }
    assert amount(priced({}, None, rules=rules)) == "30.00"
