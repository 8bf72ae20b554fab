"""Eight orders and prices worked out by hand, to the cent, and three traps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from orderwright.domain.landed_cost import Bought
from orderwright.domain.money import Money
from orderwright.domain.order_money import OrderMoney
from orderwright.domain.price_ending import round_up_to_ending
from orderwright.domain.price_floor import Minimum, Piece, Sale
from orderwright.domain.reckoning import Reckoning, margin_fault
from orderwright.domain.rules import Rules
from tests.unit.domain.true_money_kit import (
    DAY,
    STORE,
    destination,
    floor_of,
    money,
    parcel,
    reckoned,
    rules,
    sold,
    tax,
)

EU_DUTY = {"per_heading": "3.00 EUR", "up_to": "150 EUR"}
CARD_EUR = {"percent": "2.9", "fixed": "0.30 EUR"}
GERMANY = rules(destination("DE", duty=EU_DUTY), fee=CARD_EUR)
FINLAND = rules(destination("FI", tax=tax("25.5"), duty=EU_DUTY), fee=CARD_EUR)
BRITAIN = rules(
    destination("GB", tax=tax("20"), duty={"percent": "0", "value": "cost", "up_to": "135 GBP"}),
    fee={"percent": "2", "fixed": "0.20 GBP"},
)


def _us(value: str) -> Rules:
    terms: dict[str, Any] = {
        "tax": tax("8", "excluded"),
        "duty": {"percent_by_origin": {"CN": "32.5"}, "value": value},
        "handling": {"per_parcel": "2.50 USD"},
    }
    return rules(destination("US", **terms), fee={"percent": "2.9", "fixed": "0.30 USD"})


JAPAN = rules(
    destination(
        "JP", tax=tax("0", "excluded", "customer"), duty={"percent": "0", "value": "cost", "up_to": "10000 JPY"}
    ),
    fee={"percent": "3.4"},
    base_currency="JPY",
    fx=[{"currency": "USD", "rate": "150", "dated": "2026-11-28"}],
)
NORWAY = rules(destination("NO", tax=tax("25")), fee={"percent": "2.9", "fixed": "2.50 NOK"})
HOME = rules(
    destination("US", tax=tax("7", "excluded"), **{"from": ["US"]}), fee={"percent": "2.9", "fixed": "0.30 USD"}
)
AMAZON = rules(destination("US", tax=tax("8", "excluded", "marketplace")), fee={"percent": "15", "base": "net"})


class Example(NamedTuple):
    """One worked order: what it is, and what it must come to."""

    bought: Bought
    order: OrderMoney
    by: Rules
    figures: str
    """Landed cost, net revenue, fee, margin, and the margin in percent."""


EXAMPLES = {
    "1 DE": Example(
        parcel("DE", "8.00 EUR", "4.00 EUR"), sold("25.20 EUR", "4.79"), GERMANY, "15.00 25.20 1.17 9.03 35.83"
    ),
    "2 FI": Example(
        parcel("FI", "12.00 EUR", "5.00 EUR", "610910", "910211"),
        sold("31.79 EUR", "8.11", lines=2),
        FINLAND,
        "23.00 31.79 1.46 7.33 23.06",
    ),
    "3 GB": Example(
        parcel("GB", "6.00 GBP", "3.00 GBP"), sold("20.00 GBP", "4.00"), BRITAIN, "9.00 20.00 0.68 10.32 51.60"
    ),
    "4a US, duty on cost": Example(
        parcel("US", "10.00 USD", "6.00 USD"), sold("40.00 USD", "3.20"), _us("cost"), "21.75 40.00 1.56 16.69 41.73"
    ),
    "4b US, duty on revenue": Example(
        parcel("US", "10.00 USD", "6.00 USD"), sold("40.00 USD", "3.20"), _us("revenue"), "31.50 40.00 1.56 6.94 17.35"
    ),
    "5 JP": Example(parcel("JP", "10.50 USD", "4.00 USD"), sold("4980 JPY", "0"), JAPAN, "2175 4980 170 2635 52.91"),
    "6 NO": Example(
        parcel("NO", "70.00 NOK", "55.00 NOK"), sold("319.20 NOK", "79.80"), NORWAY, "125.00 319.20 14.08 180.12 56.43"
    ),
    "7 US from the US": Example(
        parcel("US", "9.00 USD", "4.00 USD", ships_from="US"),
        sold("25.00 USD", "1.75"),
        HOME,
        "13.00 25.00 1.08 10.92 43.68",
    ),
    "8 Amazon US": Example(
        parcel("US", "11.00 USD", "4.00 USD"),
        sold("30.00 USD", "2.40", by_channel=True),
        AMAZON,
        "15.00 30.00 4.50 10.50 35.00",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_order_leaves_what_it_leaves_when_reckoned_by_hand(name: str) -> None:
    example = EXAMPLES[name]
    found = reckoned(example.bought, example.order, example.by)
    amounts = [money.decimal for money in (found.landed, found.net, found.fee, found.margin)]
    assert [*amounts, found.percent] == [Decimal(figure) for figure in example.figures.split()]


@pytest.mark.parametrize(
    ("to", "cost", "freight", "by", "margin", "exact", "lowest", "ending", "listed"),
    [
        ("DE", "8.00 EUR", "4.00 EUR", GERMANY, "20", "23.7848", "23.79 EUR", ".99", "23.99 EUR"),
        ("GB", "6.00 GBP", "3.00 GBP", BRITAIN, "30", "16.3314", "16.34 GBP", ".99", "16.99 GBP"),
        ("US", "10.00 USD", "6.00 USD", _us("cost"), "25", "30.6812", "30.70 USD", ".99", "30.99 USD"),
        ("US", "10.00 USD", "6.00 USD", _us("revenue"), "25", "47.7545", "47.78 USD", ".99", "47.99 USD"),
        ("JP", "10.50 USD", "4.00 USD", JAPAN, "30", "3265.7658", "3268 JPY", "80", "3280 JPY"),
        ("NO", "70.00 NOK", "55.00 NOK", NORWAY, "30", "240.1130", "240.12 NOK", ".00", "241.00 NOK"),
        ("US", "11.00 USD", "4.00 USD", AMAZON, "20", "23.0769", "23.09 USD", ".99", "23.99 USD"),
    ],
)
def test_a_floor_is_solved_exactly_and_then_passes_the_gate(
    to: str, cost: str, freight: str, by: Rules, margin: str, exact: str, lowest: str, ending: str, listed: str
) -> None:
    currency = lowest.split()[1]
    solved, found = floor_of(to, cost, freight, by, margin, currency)
    assert round(Decimal(solved.numerator) / solved.denominator, 4) == Decimal(exact)
    assert str(found) == lowest
    assert str(round_up_to_ending(found.decimal, currency, ending)) == listed


def test_a_floor_of_stock_at_home_is_solved_likewise() -> None:
    solved, found = floor_of("US", "9.00 USD", "4.00 USD", HOME, "20", "USD", ships_from="US")
    assert (round(float(solved), 4), str(found)) == (17.2959, "17.30 USD")


def test_one_minor_unit_below_the_floor_would_be_stopped_at_the_gate() -> None:
    # Two headings: of one piece the same as an article of a second heading whose duty stands in handling.
    by = rules(destination("FI", tax=tax("25.5"), duty=EU_DUTY, handling={"per_heading": "3.00 EUR"}), fee=CARD_EUR)
    piece = Piece(STORE, "FI", "CN", "SKU-1", money("12.00 EUR"), money("5.00 EUR"), "610910", "CN")
    sale, minimum = Sale(piece, by, "EUR", DAY), Minimum(Decimal(20))
    assert sale.lowest(minimum) == money("38.31 EUR")
    below = sale.at(money("38.30 EUR"))[0]
    assert margin_fault(below, Decimal(20), None)
    assert below.percent == Decimal("19.99")
    assert round_up_to_ending(Decimal("38.31"), "EUR", ".90") == money("38.90 EUR")
    assert sale.at(money("38.90 EUR"))[0].margin == money("6.57 EUR")


@pytest.mark.parametrize(("adjusted_tax", "net", "margin"), [("0.80", "21.00", "4.83"), ("0.00", "20.20", "4.03")])
def test_a_refund_of_money_takes_its_net_part_off_or_all_of_it_where_its_tax_is_unknown(
    adjusted_tax: str, net: str, margin: str
) -> None:
    back = Decimal("5.00") - Decimal(adjusted_tax)
    found = reckoned(parcel("DE", "8.00 EUR", "4.00 EUR"), sold("25.20 EUR", "4.79", given_back=str(back)), GERMANY)
    assert (found.net, found.margin) == (money(f"{net} EUR"), money(f"{margin} EUR"))


def test_tax_that_the_supplier_bills_is_borne_once() -> None:
    by = rules(destination("DE", tax=tax("19", remitter="supplier"), duty=EU_DUTY), fee=CARD_EUR)
    bill = money("12.00 EUR") + money("4.79 EUR") + money("0.50 EUR") + money("3.00 EUR")
    bought = parcel("DE", "8.00 EUR", "4.00 EUR", bill=bill, tax_in_bill=money("4.79 EUR"))
    found = reckoned(bought, sold("25.20 EUR", "4.79"), by)
    assert (found.net, found.margin) == (money("29.99 EUR"), money("8.53 EUR"))
    # Before the bill it is expected in it, with the handling fee by rule.
    handled = rules(
        destination("DE", tax=tax("19", remitter="supplier"), duty=EU_DUTY, handling={"per_parcel": "0.50 EUR"}),
        fee=CARD_EUR,
    )
    assert reckoned(parcel("DE", "8.00 EUR", "4.00 EUR"), sold("25.20 EUR", "4.79"), handled).margin == money(
        "8.53 EUR"
    )


def test_a_price_set_by_country_leaves_the_same_net_everywhere() -> None:
    by = rules(destination("FI", tax=tax("25.5", "by_country", home_rate="19")), fee=CARD_EUR)
    piece = Piece(STORE, "FI", "CN", "SKU-1", money("8.00 EUR"), money("4.00 EUR"))
    found = Sale(piece, by, "EUR", DAY).at(money("29.99 EUR"))[0]
    assert found.lines + found.tax == money("31.63 EUR")
    assert found.net == money("25.20 EUR")


@pytest.mark.parametrize(("net", "allowed"), [("135.00", True), ("135.01", False)])
def test_the_british_limit_is_held_against_the_net_value(net: str, allowed: bool) -> None:
    vat = round(Decimal(net) * Decimal("0.2"), 2)
    piece = Piece(STORE, "GB", "CN", "SKU-1", money("6.00 GBP"), money("3.00 GBP"))
    sale = Sale(piece, BRITAIN, "GBP", DAY)
    gross = Money.parse(Decimal(net) + vat, "GBP")
    if allowed:
        assert sale.at(gross)[0].lines == money("135.00 GBP")
    else:
        with pytest.raises(Exception, match="above the 135"):
            sale.at(gross)


def test_a_reckoning_is_stored_in_short_and_read_back_whole() -> None:
    found = reckoned(parcel("DE", "8.00 EUR", "4.00 EUR", bill=money("15.00 EUR")), sold("25.20 EUR", "4.79"), GERMANY)
    assert Reckoning.model_validate_json(found.model_dump_json()) == found
    unbilled = reckoned(parcel("DE", "8.00 EUR", "4.00 EUR"), sold("25.20 EUR", "4.79"), GERMANY)
    assert Reckoning.model_validate(unbilled.model_dump()) == unbilled
    assert len(unbilled.model_dump_json()) < 400
