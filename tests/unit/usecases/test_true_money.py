"""Promise P13 from the store's order to the supplier's ledger: nothing is bought at a loss, and no gap is taken for zero.

An MS-400 sold for 22.99 in Finland leaves 5.05 (see tests/unit/cli/test_cli_money.py): net 18.32, landed 12.30, fee 0.97.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.kit.people import Address
from local.sandbox.shopify import Terms
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.records import details_key, sku_key
from orderwright.storage import Put
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from orderwright.usecases.placing.true_money import freight_missing, sold_as_held
from tests.support.shop import test_config
from tests.unit.usecases.order_shop import OrderShop, before_call, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop
from tests.unit.usecases.true_money_shop import FINLAND, finnish_config, taxed

__all__ = ["open_shop", "shop"]

MS, COB = "HL-MS-400", "HL-COB-350"


def finnish(open_shop: OpenShop, config: Config | None = None, **cj: Any) -> OrderShop:
    """A shop that charges Finnish tax."""
    made = open_shop(config or finnish_config(), **cj)
    taxed(made, MS, COB)
    return made


def usd(text: str) -> Money:
    """Dollars."""
    return Money.parse(text, "USD")


def test_money_refunded_before_placement_stops_the_order_that_would_be_a_loss(shop: OrderShop) -> None:
    # 20.00 of 22.99 went back: 2.99 is left, and the goods cost 9.30.
    name = shop.store.buy([(MS, 1)], pay="authorized").name
    shop.run()
    shop.store.capture(name)
    shop.store.refund_money(name, Decimal("20.00"))
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["MARGIN_TOO_LOW"], {})
    assert "a margin of -6.31 USD" in shop.record(name).reasons[0].message


def test_money_refunded_while_it_is_being_placed_stops_it_before_it_is_paid(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    before_call(shop, "addCart", lambda: shop.store.refund_money(name, Decimal("20.00")))
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["MARGIN_TOO_LOW"], {})


def test_money_refunded_after_placement_makes_the_written_margin_true(open_shop: OpenShop) -> None:
    shop = finnish(open_shop)
    name = buy(shop, (MS, 1))
    assert shop.record(name).margin == usd("5.05")
    shop.store.refund_money(name, Decimal("10.00"), tax=Decimal("2.03"))
    shop.run()
    # 7.97 of it was net.
    assert (shop.record(name).margin, shop.bought(name)) == (usd("-2.92"), {MS: 1})


def test_two_purchase_orders_share_what_belongs_to_the_order_and_add_up_to_its_margin(open_shop: OpenShop) -> None:
    shop = finnish(open_shop)
    name = buy(shop, (MS, 1), (COB, 1))
    # 22.99 and 16.99: tax 4.67 and 3.45, net 18.32 + 13.54. Goods and freight 9.30 + 7.00, one heading 3.00,
    # card 2.9 % of 39.98 + 0.30 = 1.46.
    (po,) = shop.purchase_orders(name)
    assert po.reckoning is not None
    assert (po.reckoning.net, po.reckoning.landed, po.reckoning.fee) == (usd("31.86"), usd("19.30"), usd("1.46"))
    assert shop.record(name).margin == usd("11.10")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"confirmed_by": "confirm"}, "RULE_UNCONFIRMED"),
        ({"valid_until": "2026-07-31"}, "RULE_NOT_VALID"),
        ({"to": ["SE"]}, "DESTINATION_WITHOUT_RULE"),
        ({"duty_in": None}, "DUTY_IN_FREIGHT_UNKNOWN"),
        ({"tax": {"rate": "0", "in_price": "excluded", "remitter": "customer"}}, "REMITTER_UNKNOWN"),
    ],
)
def test_a_gap_in_the_rules_parks_the_order_until_it_is_filled(
    open_shop: OpenShop, changed: dict[str, Any], code: str
) -> None:
    shop = finnish(open_shop, finnish_config({**FINLAND, **changed}))
    name = buy(shop, (MS, 1))
    assert (shop.codes(name), shop.bought(name)) == ([code], {})
    (po,) = shop.purchase_orders(name)
    assert po.state is PurchaseOrderState.PARKED


@pytest.mark.parametrize(("field", "code"), [("hs6", "HEADING_MISSING"), ("mpn", "IDENTIFIER_MISSING")])
def test_goods_that_customs_do_not_know_are_parked_and_may_be_released_at_that_cost(
    open_shop: OpenShop, field: str, code: str
) -> None:
    shop = finnish(open_shop)
    held = shop.wiring.storage.get(sku_key(MS), SkuRecord)
    assert held is not None
    unknown = held.model.model_copy(update={field: ""})
    shop.wiring.storage.commit([Put(sku_key(MS), unknown, held.version, state="SKU")])
    name = buy(shop, (MS, 1))
    assert (shop.codes(name), shop.bought(name)) == ([code], {})
    shop.release(name)
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_what_customs_ask_is_read_again_when_a_parked_order_is_retried(open_shop: OpenShop) -> None:
    shop = finnish(open_shop)
    held = shop.wiring.storage.get(sku_key(MS), SkuRecord)
    assert held is not None
    shop.wiring.storage.commit([Put(sku_key(MS), held.model.model_copy(update={"hs6": ""}), held.version, state="SKU")])
    name = buy(shop, (MS, 1))
    assert shop.codes(name) == ["HEADING_MISSING"]
    taxed(shop, MS)
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert (shop.bought(name), shop.record(name).margin) == ({MS: 1}, usd("5.05"))


def test_figures_that_were_not_clear_are_read_again_when_the_order_is_retried(open_shop: OpenShop) -> None:
    shop = finnish(open_shop)
    order = shop.store.buy([(MS, 1)], pay="authorized", terms=Terms(estimated_taxes=True))
    shop.run()
    shop.clock.advance(25 * 3600)
    shop.store.capture(order.name)
    shop.run()
    assert (shop.codes(order.name), shop.bought(order.name)) == (["TAX_SPLIT_UNCLEAR"], {})
    order.terms = replace(order.terms, estimated_taxes=False)
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(order.name).pk, shop.wiring.timing)
    shop.run()
    assert shop.bought(order.name) == {MS: 1}


def test_an_order_that_an_older_version_took_in_without_its_money_is_read_again_and_bought_once(
    shop: OrderShop,
) -> None:
    shop.supplier.faults.script("freightCalculate", "rate_limited")
    name = buy(shop, (MS, 1))
    file = shop.order(name)
    older = file.details.model.model_copy(update={"money": None})
    shop.wiring.storage.commit([Put(details_key(file.pk), older, file.details.version)])
    shop.clock.advance(600)
    shop.sweep()
    shop.run()
    assert (shop.bought(name), len(shop.purchase_orders(name))) == ({MS: 1}, 1)


def test_a_gateway_without_a_fee_parks_the_order(open_shop: OpenShop) -> None:
    shop = finnish(open_shop, finnish_config(fees={"paypal": {"percent": "3.4"}}))
    name = buy(shop, (MS, 1))
    assert (shop.codes(name), shop.bought(name)) == (["FEE_MISSING"], {})


def test_a_territory_of_a_country_is_not_sold_to_by_the_countrys_rule(open_shop: OpenShop) -> None:
    shop = finnish(open_shop)
    name = shop.store.buy([(MS, 1)], address=Address(zip="22100", city="Mariehamn")).name
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["DESTINATION_WITHOUT_RULE"], {})


def test_the_freight_to_another_country_is_no_freight_to_this_one(open_shop: OpenShop) -> None:
    shop = finnish(open_shop)
    name = buy(shop, (MS, 1))
    unquoted = shop.purchase_orders(name)[0].model_copy(update={"quoted_freight": None, "payable": None})
    sold = sold_as_held("lamp-shop", shop.order(name).details.model)
    config = finnish_config()
    missing = freight_missing(unquoted, sold, config)
    assert missing is not None
    assert missing.reason.code == "FREIGHT_MISSING"
    assert freight_missing(unquoted, sold, test_config()) is None, "goods and freight only, as planned"
    cj = config.suppliers["cj"].model_copy(update={"freight_country": "FI"})
    same = config.model_copy(update={"connections": {**config.connections, "cj": cj}})
    assert freight_missing(unquoted, sold, same) is None


def test_a_release_of_what_is_not_known_passes_no_loss_that_shows_without_it(open_shop: OpenShop) -> None:
    shop = finnish(open_shop, finnish_config(fees={"paypal": {"percent": "3.4"}}))
    name = buy(shop, (MS, 1))
    assert shop.codes(name) == ["FEE_MISSING"]
    shop.release(name)
    # Before it goes on, 20.00 of 22.99 goes back: that is another order than the one that was shown.
    shop.store.refund_money(name, Decimal("20.00"), tax=Decimal("4.06"))
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["FEE_MISSING"], {})
    # Whatever the fee is, the goods cost more than is left.
    shop.release(name)
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["MARGIN_TOO_LOW"], {})
