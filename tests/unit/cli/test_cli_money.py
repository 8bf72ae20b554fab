"""What an order leaves and why a price is what it is, as the operator is told; figures by hand.

MS-400 is sold at 22.99 with 25.5 % inside: tax 4.67, net 18.32. It costs 6.40 + 2.90, duty 3.00, card 2.9 % + 0.30 = 0.97.
So 18.32 - 12.30 - 0.97 = 5.05 is left, 27.57 % of 18.32.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.support.shop import Shop
from tests.unit.cli.cli_kit import Operator, operator_of
from tests.unit.usecases.true_money_shop import finnish_config, taxed

MS = "HL-MS-400"


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop with rules for Finland."""
    made = Shop(finnish_config())
    made.connect()
    made.stock_up()
    taxed(made, MS)
    yield made
    made.close()


@pytest.fixture
def operator(shop: Shop) -> Operator:
    """Somebody at its command line."""
    return operator_of(shop)


def test_a_finnish_order_leaves_what_it_leaves_when_reckoned_by_hand(shop: Shop, operator: Operator) -> None:
    order = shop.store.buy([(MS, 1)])
    shop.run()
    assert operator("orders", "show", order.name, "--json").json["margin"] == {"amount": "5.05", "currency": "USD"}
    (po,) = operator("margin", "explain", order.name, "--json").json["purchase_orders"]
    figures = {name: po["reckoning"][name]["amount"] for name in ("tax", "net", "duty", "landed", "fee", "margin")}
    assert figures == {
        "tax": "4.67",
        "net": "18.32",
        "duty": "3.00",
        "landed": "12.30",
        "fee": "0.97",
        "margin": "5.05",
    }
    assert (po["reckoning"]["rule"], po["reckoning"]["rule_from"]) == ("Finland", "2026-07-01")
    assert po["now"] == po["reckoning"]
    page = operator("margin", "explain", order.name).out
    assert "rule 'Finland', from 2026-07-01, confirmed by the owner" in page
    assert "27.57 % of net revenue" in page
    assert "net revenue 18.32 USD (without 4.67 USD of tax)" in operator("orders", "show", order.name).out


def test_a_price_is_explained_for_a_destination(operator: Operator) -> None:
    (sale,) = operator("price", "explain", MS, "--to", "FI", "--json").json["sales"]
    assert (sale["destination"], sale["problem"]["code"]) == ("FI", "FREIGHT_MISSING")
    unknown = operator("price", "explain", MS, "--to", "Finland", "--json")
    assert (unknown.code, unknown.json["error"]["code"]) == (1, "WRONG_DESTINATION")


def test_a_price_is_explained_to_the_cent_where_the_freight_is_known() -> None:
    config = finnish_config()
    cj = config.suppliers["cj"].model_copy(update={"freight_country": "FI"})
    shop = Shop(config.model_copy(update={"connections": {**config.connections, "cj": cj}}))
    shop.connect()
    shop.stock_up()
    taxed(shop, MS)
    operator = operator_of(shop)
    (sale,) = operator("price", "explain", MS, "--to", "FI", "--json").json["sales"]
    # At 18.32: tax 3.72, net 14.60, fee 0.84, so 1.46 is left, just 10 %. At 18.31: 1.45 of 14.59 is less.
    assert (sale["price"]["amount"], sale["floor"]["amount"]) == ("22.99", "18.32")
    assert sale["reckoning"]["margin"]["amount"] == "5.05"
    assert "floor 18.32 USD" in operator("price", "explain", MS).out
    assert "a margin of 5.05 USD, 27.57 % of net revenue" in operator("catalogue", "show", MS).out
    shop.close()


def test_without_rules_a_price_is_said_to_know_goods_and_freight_only() -> None:
    shop = Shop()
    shop.connect()
    shop.stock_up()
    operator = operator_of(shop)
    explained = operator("price", "explain", MS, "--json").json
    assert (explained["goods_and_freight_only"], explained["sales"]) == (True, [])
    assert operator("price", "explain", MS, "--to", "FI", "--json").json["error"]["code"] == "NO_MONEY_RULES"
    assert operator("catalogue", "show", MS, "--json").json["goods_and_freight_only"] is True
    order = shop.store.buy([(MS, 1)])
    shop.run()
    assert "goods and freight only" in operator("orders", "show", order.name).out
    shop.close()


def test_who_approves_an_order_sees_what_it_would_leave() -> None:
    shop = Shop(finnish_config(approve_orders_above="20.00 USD"))
    shop.connect()
    shop.stock_up()
    taxed(shop, MS)
    operator = operator_of(shop)
    order = shop.store.buy([(MS, 1)])
    shop.run()
    (waiting,) = operator("approvals", "list", "--json").json["orders"]
    (expected,) = waiting["expected"]
    assert (waiting["name"], expected["reckoning"]["margin"]["amount"]) == (order.name, "5.05")
    assert "a margin of 5.05 USD" in operator("approvals", "list").out
    shop.close()


def test_an_order_below_its_minimum_is_parked_with_its_figures_and_never_paid(shop: Shop, operator: Operator) -> None:
    shop.supplier.set_payable_surcharge(MS, Decimal("5.00"))
    order = shop.store.buy([(MS, 1)])
    shop.run()
    shown = operator("orders", "show", order.name, "--json").json
    assert [reason["code"] for reason in shown["waits"]] == ["MARGIN_TOO_LOW"]
    assert "a margin of 0.05 USD" in shown["waits"][0]["message"]
    assert shop.paid_orders(order.name) == []
