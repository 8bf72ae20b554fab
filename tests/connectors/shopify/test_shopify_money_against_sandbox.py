"""An order's money as the connector reads it from the sandbox's store, taxed and refunded."""

from __future__ import annotations

from decimal import Decimal

import pytest
from graphql import GraphQLSchema

from local.sandbox.shopify import GERMAN_ADDRESS as BERLIN
from local.sandbox.shopify import Address, CartLine, TaxRule
from local.sandbox.shopify.orders_state import OrderState
from orderwright.connectors.stores.shopify.connector import ShopifyConnector
from orderwright.domain.order_money import OrderMoney
from orderwright.errors import Retryable
from tests.connectors.shopify import nodes
from tests.connectors.shopify.bench import Bench, order_id
from tests.connectors.shopify.scripted import ScriptedStore
from tests.connectors.shopify.test_shopify_order_money import refund

PORTLAND = Address("100 SW Example Street", "Portland", "97204", "US", "United States")
TWO = CartLine("HL-COB-350", 2, price=Decimal("29.99"), duty=Decimal("6.00"))


@pytest.fixture
def shop(bench: Bench) -> Bench:
    bench.store.config.taxes.update({"DE": TaxRule(Decimal(19)), "US": TaxRule(Decimal(8), included=False)})
    return bench


def read(shop: Bench, order: OrderState) -> OrderMoney:
    found = shop.shopify.fetch_order(order_id(order)).money
    assert found is not None
    assert found.unclear == ()
    return found


def figures(found: OrderMoney) -> tuple[int, ...]:
    """Net and tax of the first line, net and tax of shipping, duty, money given back."""
    line = found.lines[0]
    amounts = (line.net, line.tax, found.shipping, found.shipping_tax, found.duty, found.given_back)
    return tuple(amount.minor for amount in amounts)


def test_tax_in_the_price_and_on_top_are_both_read(shop: Bench) -> None:
    german = read(shop, shop.store.buy([TWO], address=BERLIN, shipping_price=Decimal("4.90")))
    american = read(shop, shop.store.buy([TWO], address=PORTLAND, shipping_price=Decimal("4.90"), oversell=True))
    assert (figures(german), german.charged.minor) == ((5040, 958, 412, 78, 600, 0), 7088)
    assert (figures(american), american.charged.minor) == ((5998, 480, 490, 39, 600, 0), 7607)


@pytest.mark.parametrize("gross", [True, False])
@pytest.mark.parametrize("address", [BERLIN, PORTLAND])
def test_every_kind_of_refund_is_taken_apart(shop: Bench, gross: bool, address: Address) -> None:
    shop.store.config.gross_refunds = gross
    bought = shop.store.buy([TWO], address=address, shipping_price=Decimal("4.90"))
    shop.store.refund(bought.gid, [("HL-COB-350", 1)], shipping=Decimal("4.90"))
    assert read(shop, bought).given_back.minor == 0
    shop.store.refund_money(bought.gid, Decimal(5), Decimal("0.80"))
    expected = (2520, 479, 0, 0, 300, 420) if address is BERLIN else (2999, 240, 0, 0, 300, 420)
    assert figures(read(shop, bought)) == expected
    shop.store.refund_money(bought.gid, Decimal(2), pending=True)
    assert read(shop, bought).given_back.minor == 700, "two adjustments with different words: no tax is believed"


def test_a_refund_of_many_lines_is_read_page_by_page(shop: Bench) -> None:
    bought = shop.store.buy(
        [CartLine(None, 1, f"Part {number}", Decimal("1.19")) for number in range(20)], address=BERLIN
    )
    shop.store.refund(bought.gid, [(line.number, 1) for line in bought.lines])
    assert read(shop, bought).given_back.minor == 0


def test_an_order_without_refunds_is_one_question(schema: GraphQLSchema, shop: Bench) -> None:
    before = shop.store.api.bucket.level
    shop.shopify.fetch_order(order_id(shop.store.buy([TWO], address=BERLIN)))
    assert before - shop.store.api.bucket.level < 40, "points for one line, one payment and one way of shipping"


def test_refunds_of_an_order_that_changed_meanwhile_are_read_again_later(
    store: ScriptedStore, shopify: ShopifyConnector
) -> None:
    store.script("Order", {"order": nodes.order(totalRefundedSet=nodes.bag("5.00"))})
    answer = {"updatedAt": "2026-11-22T09:59:00Z", "refundDiscrepancySet": nodes.bag("-5.0"), "refunds": [refund()]}
    store.script("Refunds", {"order": answer})
    with pytest.raises(Retryable):
        shopify.fetch_order(nodes.ORDER_ID)
