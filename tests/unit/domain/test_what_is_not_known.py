"""Nothing unknown is taken for zero: each gap stops the order by its own name, and says what to fill in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orderwright.domain.landed_cost import Bought, identifier_missing
from orderwright.domain.money import Money
from orderwright.domain.net_revenue import revenue_of
from orderwright.domain.not_known import PASSABLE, NotKnown
from orderwright.domain.order_money import OrderMoney
from orderwright.domain.price_floor import Minimum, Piece, Sale
from orderwright.domain.rules import Rules
from orderwright.domain.territories import destination_of
from tests.unit.domain.true_money_kit import (
    DAY,
    STORE,
    destination,
    money,
    order_lines,
    parcel,
    reckoned,
    rules,
    sold,
    tax,
)

EU_DUTY = {"per_heading": "3.00 EUR", "up_to": "150 EUR"}
PERCENT = {"percent": "12", "value": "cost"}
FEE = {"percent": "2.9"}


def _de(**terms: Any) -> Rules:
    return rules(destination("DE", **{"duty": EU_DUTY, **terms}), fee=FEE)


def _parcel(**more: Any) -> Bought:
    return parcel("DE", "8.00 EUR", "4.00 EUR", **more)


def _bare(**facts: Any) -> Bought:
    bought = _parcel()
    return bought._replace(lines=tuple(line._replace(**facts) for line in bought.lines))


def _sold(**more: Any) -> OrderMoney:
    return sold("25.20 EUR", "4.79", **more)


CASES: dict[str, tuple[str, Callable[[], tuple[Bought, OrderMoney, Rules]]]] = {
    "another country": ("DESTINATION_WITHOUT_RULE", lambda: (parcel("FI", "8 EUR", "4 EUR"), _sold(), _de())),
    "a territory of the country": ("DESTINATION_WITHOUT_RULE", lambda: (parcel("DE-27498", "8 EUR", "4 EUR"), _sold(), _de())),
    "another warehouse": ("DESTINATION_WITHOUT_RULE", lambda: (_parcel(ships_from="PL"), _sold(), _de())),
    "another store": ("DESTINATION_WITHOUT_RULE", lambda: (_parcel(), _sold(), _de(stores=["other"]))),
    "a rule that begins later": ("RULE_NOT_VALID", lambda: (_parcel(), _sold(), _de(valid_from="2026-11-30"))),
    "a rule that has ended": ("RULE_NOT_VALID", lambda: (_parcel(), _sold(), _de(valid_until="2026-11-28"))),
    "a rule without a name under it": ("RULE_UNCONFIRMED", lambda: (_parcel(), _sold(), _de(confirmed_by=""))),
    "a starter value": ("RULE_UNCONFIRMED", lambda: (_parcel(), _sold(), _de(confirmed_by="Confirm"))),
    "no tax rate": ("TAX_RATE_MISSING", lambda: (_parcel(), _sold(), _de(tax=tax(None)))),
    "a gateway without a fee": ("FEE_MISSING", lambda: (_parcel(), _sold(gateways=("cash on delivery",)), _de())),
    "no gateway at all": ("FEE_MISSING", lambda: (_parcel(), _sold(gateways=()), _de())),
    "a marketplace without a fee": ("FEE_MISSING", lambda: (_parcel(), _sold(channel="bazaar", by_channel=False), _de())),
    "a fee that has ended": (
        "RULE_NOT_VALID",
        lambda: (_parcel(), _sold(), rules(destination("DE"), fee={"valid_until": "2026-01-01"})),
    ),
    "a fee that is a starter value": (
        "RULE_UNCONFIRMED",
        lambda: (_parcel(), _sold(), rules(destination("DE"), fee={"confirmed_by": "confirm"})),
    ),
    "no HS code": ("HEADING_MISSING", lambda: (_bare(hs6=""), _sold(), _de())),
    "a heading without a rate": (
        "HEADING_MISSING",
        lambda: (_parcel(), _sold(), _de(duty={"percent_by_heading": {"910211": "4.5"}, "value": "cost"})),
    ),
    "no origin": (
        "ORIGIN_MISSING",
        lambda: (_bare(origin=""), _sold(), _de(duty={"percent_by_origin": {"CN": "12"}, "value": "cost"})),
    ),
    "an origin without a rate": (
        "ORIGIN_MISSING",
        lambda: (_bare(origin="VN"), _sold(), _de(duty={"percent_by_origin": {"CN": "12"}, "value": "cost"})),
    ),
    "goods above the limit": (
        "ABOVE_THRESHOLD",
        lambda: (_parcel(), sold("150.01 EUR", "28.50"), _de()),
    ),
    "a percentage of nobody says what": ("VALUE_BASIS_MISSING", lambda: (_parcel(), _sold(), _de(duty={"percent": "12"}))),
    "who pays the duty": ("INCOTERM_UNKNOWN", lambda: (_parcel(), _sold(), _de(incoterm=None))),
    "a promise that the rule does not keep": ("INCOTERM_UNKNOWN", lambda: (_parcel(), _sold(delivery_terms="DAP"), _de())),
    "where the duty is paid": ("DUTY_IN_FREIGHT_UNKNOWN", lambda: (_parcel(), _sold(), _de(duty_in=None))),
    "duty in a freight that does not show it": (
        "DUTY_IN_FREIGHT_UNKNOWN",
        lambda: (_parcel(duty_in_freight=False), _sold(), _de(duty_in="freight")),
    ),
    "figures that do not fit": ("TAX_SPLIT_UNCLEAR", lambda: (_parcel(), _sold(unclear=("line 1: 25.00 + 4.79",)), _de())),
    "tax on an order where the customer pays it": (
        "REMITTER_UNKNOWN",
        lambda: (_parcel(), _sold(), _de(tax=tax("19", "excluded", "customer"))),
    ),
    "no tax on an order where the merchant pays it": ("REMITTER_UNKNOWN", lambda: (_parcel(), sold("29.99 EUR", "0"), _de())),
    "tax that a marketplace keeps": ("REMITTER_UNKNOWN", lambda: (_parcel(), _sold(by_channel=True), _de())),
    "tax that no marketplace keeps": (
        "REMITTER_UNKNOWN",
        lambda: (_parcel(), _sold(), _de(tax=tax("19", remitter="marketplace"))),
    ),
    "tax of a marketplace that does not say": (
        "REMITTER_UNKNOWN",
        lambda: (_parcel(), _sold(by_channel=None, channel="card"), _de()),
    ),
    "tax in the order and in the bill": ("TAX_TWICE", lambda: (_parcel(tax_in_bill=money("4.79 EUR")), _sold(), _de())),
    "a business": ("BUSINESS_BUYER", lambda: (_parcel(), _sold(business=True), _de())),
    "more refunded than is left": ("REFUND_UNALLOCATED", lambda: (_parcel(), _sold(given_back="25.21"), _de())),
    "a cost of nothing": ("COST_MISSING", lambda: (parcel("DE", "0 EUR", "4 EUR"), _sold(), _de())),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_known_stops_the_order_by_its_name(name: str) -> None:
    code, made = CASES[name]
    bought, order, by = made()
    with pytest.raises(NotKnown) as stopped:
        reckoned(bought, order, by)
    reason = stopped.value.reason
    assert reason.code == code
    assert reason.message
    assert reason.fix
    assert reason.field
    assert code in PASSABLE | {"COST_MISSING"}


def test_the_same_order_passes_when_all_is_said() -> None:
    assert reckoned(_parcel(), _sold(), _de()).margin == money("25.20 EUR") - money("15.00 EUR") - money("0.87 EUR")


def test_goods_of_just_the_limit_are_below_it() -> None:
    assert reckoned(_parcel(), sold("150.00 EUR", "28.50"), _de()).duty == money("3.00 EUR")


def test_above_the_limit_the_other_part_of_the_rule_counts() -> None:
    above = {"duty": {"percent": "12", "value": "cost"}, "handling": {"per_parcel": "5.00 EUR"}}
    found = reckoned(_parcel(), sold("150.01 EUR", "28.50"), _de(above=above))
    assert (found.duty, found.handling) == (money("0.96 EUR"), money("5.00 EUR"))


@pytest.mark.parametrize(
    ("duty_in", "landed"), [("bill", "15.50 EUR"), ("freight", "15.50 EUR"), ("carrier", "18.50 EUR")]
)
def test_once_there_is_a_bill_its_total_decides(duty_in: str, landed: str) -> None:
    found = reckoned(_parcel(bill=money("15.50 EUR")), _sold(), _de(duty_in=duty_in))
    assert found.landed == money(landed)
    assert found.estimates == (("duty and handling",) if duty_in == "carrier" else ())


def test_duty_that_the_customer_pays_costs_nothing() -> None:
    assert reckoned(_parcel(), _sold(), _de(incoterm="DAP")).duty == Money.zero("EUR")


def test_a_product_identifier_is_asked_of_goods_from_outside_the_union_only() -> None:
    fault = identifier_missing(_bare(mpn=""))
    assert fault is not None
    assert fault.reason.code == "IDENTIFIER_MISSING"
    assert identifier_missing(_parcel()) is None
    assert identifier_missing(_bare(mpn="")._replace(ships_from="PL")) is None
    assert identifier_missing(_bare(mpn="")._replace(destination="NO")) is None


def test_no_price_is_enough_where_fees_and_margin_take_all_of_it() -> None:
    piece = Piece(STORE, "DE", "CN", "SKU-1", money("8.00 EUR"), money("4.00 EUR"), "610910", "CN")
    with pytest.raises(NotKnown) as stopped:
        Sale(piece, _de(), "EUR", DAY).lowest(Minimum(money("99.00 EUR").decimal))
    assert stopped.value.reason.code == "PRICE_IMPOSSIBLE"


@pytest.mark.parametrize(
    ("country", "postcode", "place"),
    [
        ("DE", "10115", "DE"),
        ("DE", "D-78266", "DE-78266"),
        ("ES", "35001", "ES-CN"),
        ("FI", "FI-22100", "FI-01"),
        ("FI", "00100", "FI"),
        ("GB", "BT1 5GS", "GB-NIR"),
        ("GB", "B1 1AA", "GB"),
        ("FR", "97110", "FR-DOM"),
        ("PT", "9000-001", "PT-30"),
        ("PT", "1000-001", "PT"),
        ("IT", "23041", "IT-23041"),
        ("US", "00601", "US"),
    ],
)
def test_a_territory_with_taxes_of_its_own_is_not_its_country(country: str, postcode: str, place: str) -> None:
    assert destination_of(country, postcode) == place


# --- what belongs to the whole order ----------------------------------------------------------------------------------


def test_shipping_duty_and_refunds_are_shared_by_value_and_add_up() -> None:
    order = sold("30.00 EUR", "5.70", lines=3, given_back="1.00").model_copy(
        update={"shipping": money("5.00 EUR"), "duty": money("3.01 EUR")}
    )
    lines = order_lines(1, 1, 1)
    parts = [revenue_of(order, lines, {name: 1}) for name in ("1", "2", "3")]
    assert [part.shipping.minor for part in parts] == [166, 167, 167]
    assert [part.duty.minor for part in parts] == [100, 100, 101]
    assert [part.given_back.minor for part in parts] == [33, 33, 34]
    assert sum(part.net.minor for part in parts) == 3000 + 500 + 301 - 100


def test_a_purchase_order_of_some_pieces_brings_in_their_part() -> None:
    order = sold("30.00 EUR", "5.70")
    found = revenue_of(order, order_lines(3), {"1": 2})
    assert (found.lines, found.tax) == (money("20.00 EUR"), money("3.80 EUR"))
    assert found.share * 3 == 2


def test_a_gift_card_and_what_is_not_shipped_carry_no_shipping() -> None:
    order = sold("30.00 EUR", "0", lines=2).model_copy(update={"shipping": money("4.00 EUR")})
    shipped, digital = order_lines(1, 1)
    lines = (shipped, digital.model_copy(update={"requires_shipping": False}))
    assert revenue_of(order, lines, {"1": 1}).net == money("19.00 EUR")


def test_a_gift_card_that_pays_costs_no_fee() -> None:
    paid = _sold(gateways=("gift_card",))
    assert reckoned(_parcel(), paid, _de()).fee == Money.zero("EUR")


def test_what_the_provider_took_counts_instead_of_the_rule() -> None:
    found = reckoned(_parcel(), _sold(fees=money("1.23 EUR"), gateways=()), _de())
    assert found.fee == money("1.23 EUR")


def test_of_several_gateways_the_dearest_counts_and_a_marketplace_comes_on_top() -> None:
    by = Rules.model_validate(
        {
            "destinations": [destination("DE", duty="none")],
            "fees": {"card": {"percent": "2"}, "later": {"percent": "5"}, "bazaar": {"percent": "10", "base": "net"}},
        }
    )
    order = _sold(gateways=("card", "later"), channel="bazaar")
    # 5 % of 29.99 is 1.4995, 10 % of 25.20 is 2.52: 4.0195
    assert reckoned(_parcel(), order, by).fee == money("4.02 EUR")
