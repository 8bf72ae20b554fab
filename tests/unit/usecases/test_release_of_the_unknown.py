"""A release of what is not known holds for the money and the destination that were shown (promise P13)."""

from __future__ import annotations

from decimal import Decimal

from local.sandbox.kit.people import Address
from tests.support.shop import test_config
from tests.unit.usecases.order_shop import before_call, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop
from tests.unit.usecases.test_release_terms import release

__all__ = ["open_shop"]

MS = "HL-MS-400"
RULE = {
    "to": ["NZ"],
    "tax": {"rate": "0", "in_price": "excluded", "remitter": "merchant"},
    "duty": "none",
    "valid_from": "2026-01-01",
    "confirmed_by": "the owner",
}
CONFIG = test_config(destinations=[RULE], ship_to_countries=["FI", "SE", "NZ"])


def test_money_refunded_after_the_release_asks_again(open_shop: OpenShop) -> None:
    shop = open_shop(CONFIG)
    name = buy(shop, (MS, 1))
    assert shop.codes(name) == ["DESTINATION_WITHOUT_RULE"]
    release(shop, name)
    before_call(shop, "addCart", lambda: shop.store.refund_money(name, Decimal("20.00")))
    shop.run()
    assert (shop.codes(name), shop.bought(name), len(shop.post.alerts)) == (["DESTINATION_WITHOUT_RULE"], {}, 2)
    release(shop, name)
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["MARGIN_TOO_LOW"], {}), (
        "a loss even if what is unknown cost nothing"
    )
    release(shop, name)
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_another_country_than_the_released_one_asks_again(open_shop: OpenShop) -> None:
    shop = open_shop(CONFIG)
    name = buy(shop, (MS, 1))
    release(shop, name)
    shop.store.set_address(name, Address(city="Stockholm", zip="111 22", country_code="SE"))
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["DESTINATION_WITHOUT_RULE"], {})
