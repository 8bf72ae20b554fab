"""What cash will be needed (R22), by sums made by hand.

MS-400 costs 6.40 + 2.90, three are sold a day: 27.90. Two were bought today: 18.60. Two PRO-1200 wait for approval: 45.00. The
card's fee is 2.9 % + 0.30: 45.98 - 1.64 = 44.34 and 91.98 - 2.97 = 89.01 come two days later, 133.35.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from orderwright.domain.config import Config
from orderwright.domain.supplier_terms import SupplierTerms
from orderwright.records import offer_key
from orderwright.storage import Put
from orderwright.usecases.operator.cash import CashNeeded, cash_needed
from tests.support.shop import SUPPLIER, Shop, test_config
from tests.unit.cli.cli_kit import operator_of
from tests.unit.cli.test_cli_stock import sell
from tests.unit.domain.true_money_kit import money

RULES = {
    "fees": {"shopify_payments": {"percent": "2.9", "fixed": "0.30 USD"}},
    "payouts": {"Shopify_Payments": {"days": 2}},
}


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    made = Shop(test_config(approve_orders_above="60.00 USD"))
    made.connect()
    made.stock_up()
    for sku in ("HL-MS-400", "HL-PRO-1200"):
        made.store.buy([(sku, 2)])
        made.run()
    sell(made, HL_MS_400=3)
    yield made
    made.close()


def count(shop: Shop, of_cj: dict[str, Any], **rules: Any) -> CashNeeded:
    """With other rules than those by which was bought, and 50.00 to begin with."""
    config = Config.model_validate({**test_config().model_dump(by_alias=True), "rules": {"prices": [], **rules}})
    cj = config.connections[SUPPLIER].model_copy(update=of_cj)
    config = config.model_copy(update={"connections": {**config.connections, SUPPLIER: cj}})
    return cash_needed(shop.wiring.storage, config, shop.clock.now(), money("50.00 USD"), 3)


def left(needed: CashNeeded) -> list[str]:
    return [str(day.balance.decimal) for day in needed.found.days]


def test_what_waits_what_will_sell_and_what_is_paid_out_make_the_balance(shop: Shop) -> None:
    needed = count(shop, {}, **RULES)
    assert left(needed) == ["5.00", "-22.90", "82.55"]
    assert (str(needed.found.below), needed.found.lacking, needed.unknown) == ("2026-11-23", money("22.90 USD"), ())
    days = [[(flow.what, flow.who, str(flow.amount.decimal)) for flow in day.flows] for day in needed.found.days]
    assert days == [
        [("orders that wait for you", "cj", "-45.00")],
        [("expected sales", "cj", "-27.90")],
        [("expected sales", "cj", "-27.90"), ("payout", "shopify_payments", "133.35")],
    ]


@pytest.mark.parametrize(
    ("of_cj", "rules", "balance", "unknown"),
    [
        # On account, a day later: what was bought today and what waits tomorrow, tomorrow's sales on the day after.
        ({"charges": "ON_ACCOUNT", "terms": SupplierTerms(invoice_days=1)}, {}, ["50.00", "-13.60", "91.85"], []),
        ({"charges": "ON_ACCOUNT"}, {}, ["50.00", "50.00", "183.35"],
         [("bought on account, cj: on account, and terms.invoice_days", "18.60 USD"), ("expected sales, cj", "55.80 USD"),
          ("orders that wait for you, cj", "45.00 USD")]),
        ({}, {"payouts": {}}, ["5.00", "-22.90", "-50.80"],
         [("payout of shopify_payments, sales since 2026-10-25: no rules.payouts", "133.35 USD")]),
        ({}, {"fees": {}}, ["5.00", "-22.90", "-50.80"],
         [("payout of shopify_payments: no rule says what shopify_payments costs (FEE_MISSING)", "137.96 USD")]),
        ({}, {"base_currency": "EUR"}, ["5.00", "-22.90", "82.55"], []),
    ],
    ids=["on account", "on account, due nobody says when", "no payout rule", "no fee", "one currency needs no rate"],
)  # fmt: skip
def test_what_nobody_knows_is_named_with_its_amount_and_never_nothing(
    shop: Shop, of_cj: dict[str, Any], rules: dict[str, Any], balance: list[str], unknown: list[tuple[str, str]]
) -> None:
    needed = count(shop, of_cj, **{**RULES, **rules})
    assert left(needed) == balance
    assert len(needed.unknown) == len(unknown)
    for said, (begin, amount) in zip(needed.unknown, unknown, strict=True):
        assert (said[: len(begin)], said.rpartition(": ")[2]) == (begin, amount)


def test_what_is_left_of_an_order_that_was_bought_in_part_is_still_to_be_paid() -> None:
    shop = Shop(test_config(routing={"ship": "when_ready"}))
    shop.connect()
    shop.stock_up()
    held = shop.wiring.storage.load_sku("HL-PRO-1200").offers[SUPPLIER]
    none = held.model.model_copy(update={"stock": 0, "sellable": 0})
    shop.wiring.storage.commit([Put(offer_key("HL-PRO-1200", SUPPLIER), none, held.version)])
    shop.store.buy([("HL-MS-400", 2), ("HL-PRO-1200", 1)], oversell=True)
    shop.run()
    assert left(count(shop, {}, **RULES))[0] == "27.50"
    shop.close()


def test_the_operator_is_told_the_first_day_on_which_it_is_not_enough_and_all_assumptions(shop: Shop) -> None:
    operator = operator_of(shop)
    said = operator("money", "cash", "--days", "3", "--have", "50.00 USD", "--all").out
    assert (
        "not enough: below zero on 2026-11-23; 50.80 USD more would do; what is named below as not counted is not in it"
        in said
    )
    assert all(
        text in said for text in ("orders that wait for you, cj", "expected sales, cj", "not counted: payout of")
    )
    assert "assumed: a buyer's payment counts from the day of the order" in said
    data = operator("money", "cash", "--have", "500 USD", "--json").json
    assert (len(data["days"]), data["days"][0]["goes_out"][0]["amount"], len(data["assumed"])) == (14, "45.00", 7)
    refused = operator("money", "cash", "--have", "many")
    assert (refused.code, "--have 'many' is no amount" in refused.err.replace("have:", "have")) == (1, True)
