"""What waits for a person by rule (R9): a customer's first order, and an order that would leave too little."""

from __future__ import annotations

from decimal import Decimal

import pytest

from orderwright.connectors.stores.shopify.orders import ShopifyOrders
from orderwright.domain.catalogue import FreightQuoteRecord, FreightTable
from orderwright.domain.order import OrderRecord, OrderState, StoreOrder
from orderwright.errors import Retryable
from orderwright.records import freight_key
from orderwright.storage import Put
from orderwright.usecases.intake.approvals import approvals_of
from tests.support.shop import SUPPLIER, test_config
from tests.unit.domain.order_kit import order, unit_usd
from tests.unit.usecases.order_shop import OrderShop, buy, limited
from tests.unit.usecases.shop_fixture import OpenShop, open_shop
from tests.unit.usecases.true_money_shop import FINLAND, finnish_config, taxed

__all__ = ["open_shop"]

MS, COB = "HL-MS-400", "HL-COB-350"
WAITS = OrderState.AWAITING_APPROVAL


def waits(shop: OrderShop, name: str) -> list[str]:
    """The codes for which it waits for approval, unbought; else nothing."""
    return shop.codes(name) if shop.record(name).state is WAITS and not shop.bought(name) else []


# --- the first order of a customer ------------------------------------------------------------------------------------


def test_a_customers_first_order_waits_and_the_store_is_asked_once_for_each_order(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ask = list[str](), ShopifyOrders.earlier_orders

    def counted(self: ShopifyOrders, one: StoreOrder) -> int | None:
        asked.append(one.name)
        if len(asked) == 1:
            raise Retryable("the store does not answer", code="UNAVAILABLE")
        return ask(self, one)

    monkeypatch.setattr(ShopifyOrders, "earlier_orders", counted)
    shop = open_shop(test_config(approve_new_customers=True))
    first = shop.store.buy([(MS, 1)]).name
    shop.run()
    assert shop.bought(first) == {}, "nobody knows yet whose order it is"
    shop.pass_time(600)
    assert (waits(shop, first), shop.sellable(MS)) == (["NEW_CUSTOMER"], 39)
    second = buy(shop, (MS, 1))
    shop.store.set_risk(first, "ACCEPT")
    shop.run()
    assert (waits(shop, first), shop.bought(second)) == (["NEW_CUSTOMER"], {MS: 1}), "the next order does not lift it"
    assert asked == [first, first, second]
    shop.release(first)
    shop.run()
    assert shop.bought(first) == {MS: 1}


@pytest.mark.parametrize(
    ("earlier", "rule", "words"),
    [(None, True, "does not say"), (0, True, "first order"), (3, True, ""), (0, False, "")],
)
def test_what_the_store_does_not_say_counts_as_a_first_order(earlier: int | None, rule: bool, words: str) -> None:
    one = order().ordered_after(earlier)
    record = OrderRecord.first_seen(one, one.created_at, erased=False)
    found = approvals_of(one, test_config(approve_new_customers=rule), record, None)
    assert [reason.code for reason in found] == (["NEW_CUSTOMER"] if words else [])
    assert not words or words in found[0].message


# --- an order that would leave too little -----------------------------------------------------------------------------


def test_an_order_that_would_leave_too_little_waits_and_a_release_holds_for_nothing_worse(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(approve_margin_below_percent="60"))
    name = buy(shop, (MS, 1))
    assert (waits(shop, name), shop.sellable(MS)) == (["LOW_MARGIN"], 39)
    (reason,) = shop.record(name).reasons
    assert "22.99 USD, landed cost 9.30 USD" in reason.message
    assert "a margin of 13.69 USD (59.5 %), below the 60 %" in reason.message
    shop.release(name)
    shop.store.refund_money(name, Decimal(1))
    shop.run()
    assert waits(shop, name) == ["LOW_MARGIN"]
    shop.release(name)
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_the_margin_counts_the_freight_that_was_quoted_to_that_country(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(approve_margin_below_percent="50"))
    quote = FreightQuoteRecord(price=unit_usd("9.90"), quoted_at=shop.clock.now(), warehouse="CN")
    table = FreightTable(sku=MS, supplier=SUPPLIER, quotes={"FI": quote})
    shop.wiring.storage.commit([Put(freight_key(MS, SUPPLIER), table, 0)])
    name = buy(shop, (MS, 1))
    assert waits(shop, name) == ["LOW_MARGIN"]
    assert "landed cost 16.30 USD" in shop.record(name).reasons[0].message
    shop.release(name)
    shop.run()
    assert [str(po.freight) for po in shop.purchase_orders(name)] == ["2.90 USD"], "it is held against the offers"


def test_the_gate_before_paying_stays_and_the_order_says_so(open_shop: OpenShop) -> None:
    config = limited(test_config(approve_margin_below_percent="70"), minimum_order_margin_percent="60")
    shop = open_shop(config)
    name = buy(shop, (MS, 1), (COB, 1))
    assert waits(shop, name) == ["LOW_MARGIN"]
    assert "stopped once more before it is paid" in shop.record(name).reasons[0].message
    shop.release(name)
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["MARGIN_TOO_LOW"], {})


def test_a_margin_that_is_not_known_is_left_to_the_gate_that_names_it(open_shop: OpenShop) -> None:
    shop = open_shop(finnish_config({**FINLAND, "confirmed_by": ""}, approve_margin_below_percent="90"))
    taxed(shop, MS)
    assert shop.codes(buy(shop, (MS, 1))) == ["RULE_UNCONFIRMED"]
