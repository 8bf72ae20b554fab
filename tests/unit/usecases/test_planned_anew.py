"""A purchase order that waited is bought as it is offered now, or not at all (promises P1, P3, P10)."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from local.sandbox.goods import good_of
from orderwright.domain.catalogue import Offer
from orderwright.domain.money import Money
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.unit_cost import UnitCost
from orderwright.records import offer_key
from orderwright.storage import Put
from tests.support.shop import SUPPLIER, Boundary, Killed
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop
from tests.unit.usecases.test_place_purchase_order import kill

__all__ = ["open_shop", "shop"]

MS, COB = "HL-MS-400", "HL-COB-350"
RECHECK = 300


def offer(shop: OrderShop, sku: str) -> Offer:
    return shop.wiring.storage.load_sku(sku).offers[SUPPLIER].model


def offered(shop: OrderShop, sku: str, **changes: Any) -> None:
    """What an import or a poll writes."""
    held = shop.wiring.storage.load_sku(sku).offers[SUPPLIER]
    shop.wiring.storage.commit([Put(offer_key(sku, SUPPLIER), held.model.model_copy(update=changes), held.version)])


def remapped(shop: OrderShop) -> None:
    """`cj.goods` is corrected: our SKU is another article of the supplier, at another cost."""
    right = good_of(COB)
    offered(
        shop, MS, supplier_sku=right.supplier.supplier_sku, supplier_ref=right.supplier.vid,
        cost=UnitCost.parse(str(right.cost), "USD"), freight=UnitCost.parse(str(right.freight), "USD"),
    )  # fmt: skip


def waiting(shop: OrderShop, *lines: tuple[str, int]) -> str:
    """An order whose purchase order is held by the kill switch."""
    kill(shop, on=True)
    name = buy(shop, *(lines or ((MS, 1),)))
    assert shop.world.ledger.of_kind("cj", "order_created") == []
    return name


def released(shop: OrderShop) -> None:
    kill(shop, on=False)
    shop.pass_time(2 * RECHECK, step=RECHECK)


def test_a_mapping_that_was_corrected_meanwhile_is_what_is_bought(shop: OrderShop) -> None:
    name = waiting(shop)
    remapped(shop)
    released(shop)
    first, second = shop.purchase_orders(name)
    assert (first.state, first.cancel_outcome) == (PurchaseOrderState.CANCELLED, "REPLANNED")
    assert (second.state, second.lines[0].supplier_ref) == (PurchaseOrderState.PLACED, good_of(COB).supplier.vid)
    assert "another article" in first.log[-1].why
    (paid,) = shop.paid_orders(name)
    assert (paid.data["quantities"], paid.reference) == ({COB: 1}, second.reference)
    assert shop.spent() == (paid.data["amount"] * 100)
    assert (shop.sellable(MS), list(offer(shop, MS).open)) == (
        39,
        [f"{shop.order(name).pk}|{first.lines[0].reservation}"],
    )


def test_another_freight_is_planned_with_and_the_parcels_own_quote_decides(shop: OrderShop) -> None:
    name = waiting(shop, (MS, 2))
    offered(shop, MS, freight=UnitCost.parse("99.00", "USD"))
    released(shop)
    first, second = shop.purchase_orders(name)
    assert (first.cancel_outcome, shop.bought(name)) == ("REPLANNED", {MS: 2})
    assert (second.freight, second.quoted_freight) == (Money.parse("198.00", "USD"), Money.parse("5.80", "USD"))


def test_another_cost_is_planned_with_before_anything_is_sent(shop: OrderShop) -> None:
    name = waiting(shop, (MS, 2))
    offered(shop, MS, cost=UnitCost.parse("99.00", "USD"))
    released(shop)
    first, second = shop.purchase_orders(name)
    assert (first.cancel_outcome, second.state, shop.bought(name)) == ("REPLANNED", PurchaseOrderState.PARKED, {})
    assert shop.codes(name) == ["MARGIN_TOO_LOW"]
    assert shop.world.ledger.of_kind("cj", "order_created") == []


def test_p3_what_is_not_offered_any_more_is_not_bought_and_its_stock_is_free(shop: OrderShop) -> None:
    name = waiting(shop)
    offered(shop, MS, retired=True)
    released(shop)
    assert (shop.codes(name), shop.bought(name)) == (["SKU_RETIRED"], {})
    assert (shop.record(name).state, shop.sellable(MS), shop.spent()) == (OrderState.NEEDS_ATTENTION, 40, 0)


def test_p3_the_last_unit_stays_with_the_order_that_reserved_it(shop: OrderShop) -> None:
    offered(shop, MS, stock=1, sellable=1)
    first = waiting(shop)
    offered(shop, MS, cost=UnitCost.parse("6.00", "USD"))
    second = shop.store.buy([(MS, 1)]).name
    shop.run()
    released(shop)
    assert (shop.bought(first), shop.codes(first)) == ({MS: 1}, [])
    assert (shop.bought(second), shop.codes(second)) == ({}, ["OUT_OF_STOCK"])


def test_news_of_stock_alone_plans_nothing_anew(shop: OrderShop) -> None:
    name = waiting(shop)
    offered(shop, MS, stock=30, sellable=29, observed_at=shop.clock.now(), freight=offer(shop, MS).freight)
    released(shop)
    (po,) = shop.purchase_orders(name)
    assert (po.state, shop.bought(name)) == (PurchaseOrderState.PLACED, {MS: 1})


def test_a_cost_that_never_rests_is_planned_with_three_times_and_then_left_to_the_bill(shop: OrderShop) -> None:
    name = waiting(shop)
    for cents in range(50, 62):
        offered(shop, MS, cost=UnitCost.parse(f"6.{cents}", "USD"))
        shop.pass_time(RECHECK, step=RECHECK)
    released(shop)
    orders = shop.purchase_orders(name)
    assert [po.cancel_outcome for po in orders] == ["REPLANNED"] * 3 + [""]
    assert (orders[-1].state, len(shop.paid_orders(name)), shop.spent()) == (PurchaseOrderState.PLACED, 1, 930)


def test_p1_what_may_have_been_sent_is_not_planned_anew(shop: OrderShop) -> None:
    shop.supplier.faults.script("createOrderV2", "timeout")
    name = buy(shop, (MS, 1))
    remapped(shop)
    shop.pass_time(900, step=300)
    (po,) = shop.purchase_orders(name)
    assert (po.state, po.number, shop.bought(name)) == (PurchaseOrderState.PLACED, 1, {MS: 1})


def test_what_the_supplier_certainly_did_not_take_in_is_planned_anew(shop: OrderShop) -> None:
    shop.supplier.faults.script("createOrderV2", "rate_limited")
    name = buy(shop, (MS, 1))
    assert (shop.purchase_orders(name)[0].state, shop.spent()) == (PurchaseOrderState.INTENT, 930)
    remapped(shop)
    shop.pass_time(900, step=300)
    paid, (first, second) = shop.paid_orders(name)[0].data["amount"], shop.purchase_orders(name)
    assert (first.reserved_spend, second.state, shop.bought(name)) == (None, PurchaseOrderState.PLACED, {COB: 1})
    assert shop.spent() == paid * 100


def test_p10_a_cost_with_more_digits_is_counted_as_it_is_paid_rounded_up(shop: OrderShop) -> None:
    shop.supplier.faults.script("createOrderV2", "rate_limited")
    offered(shop, MS, cost=UnitCost.parse("3.275", "USD"), freight=UnitCost.parse("2.901", "USD"))
    (po,) = shop.purchase_orders(buy(shop, (MS, 3)))
    assert (str(po.lines[0].unit_cost), str(po.freight), str(po.expected_cost)) == (
        "3.275 USD",
        "8.71 USD",
        "18.53 USD",
    ), "three at 3.275 are 9.83; the parcel's own quote of 8.70 counts instead of the planned freight"
    assert shop.spent() == 1853


def test_a_cancelled_order_is_withdrawn_not_planned_anew(shop: OrderShop) -> None:
    name = waiting(shop)
    remapped(shop)
    shop.store.cancel(name)
    released(shop)
    assert (shop.record(name).state, shop.sellable(MS), len(shop.purchase_orders(name))) == (
        OrderState.CANCELLED,
        40,
        1,
    )


def test_a_plan_of_this_moment_reads_no_offer_again(shop: OrderShop) -> None:
    """What an order costs at AWS stays what it was; only one that waited reads its offers, one read a SKU."""

    def reads(seconds: float) -> int:
        boundary = shop.boundary = Boundary()
        shop.pass_time(seconds, step=seconds) if seconds else shop.run()
        return boundary.calls.count("dynamodb:GetItem")

    shop.store.buy([(MS, 1)])
    assert reads(0) == 0
    kill(shop, on=True)
    buy(shop, (MS, 1), (COB, 2))
    assert reads(RECHECK) == 2 + 1, "two offers, and the configuration, whose cache has run out"


@pytest.mark.parametrize("side", ["before", "after"])
def test_p1_a_worker_that_dies_while_it_plans_anew_leaves_one_purchase(open_shop: OpenShop, side: str) -> None:
    """Killed at each call of the visit that ends the old plan, and of the one that makes the new one."""
    for function in ("place_purchase_order", "ingest_order"):
        for number in range(1, 60):
            shop = open_shop()
            name = waiting(shop)
            remapped(shop)
            kill(shop, on=False)
            shop.clock.advance(RECHECK)
            shop.sweep()
            if function == "ingest_order":
                shop.call("place_purchase_order", shop.queues["place_purchase_order"].popleft())
                shop.relay()
            message, boundary = shop.queues[function].popleft(), Boundary((number, side))
            with contextlib.suppress(Killed):
                shop.call(function, message, boundary)
            if boundary.dead:
                shop.queues[function].append(message)
            shop.wiring = shop.new_worker()
            shop.pass_time(3 * RECHECK, step=RECHECK)
            assert (shop.bought(name), shop.sellable(MS)) == ({COB: 1}, 39), (function, number, side)
            if not boundary.dead:
                break
        else:
            raise AssertionError(f"{function} never came to its end")


def test_nothing_is_bought_whose_stock_nobody_knows_any_more(shop: OrderShop) -> None:
    name = waiting(shop)
    offered(shop, MS, stock_from="a-feed-that-was-taken-out")
    released(shop)
    assert (shop.codes(name), shop.paid_orders(name)) == (["SOURCE_GONE"], [])
