"""A supplier's answer about another order, or about ours with other contents, moves nothing (promises P1, P15)."""

from __future__ import annotations

import contextlib

import pytest

from local.sandbox.wire import Request, Response
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.messages import Message
from orderwright.usecases.operator.adopt import adopt_purchase_order
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.retry import retry_order
from tests.support.shop import Boundary, Killed
from tests.unit.usecases.order_shop import OrderShop, before_call, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop
from tests.unit.usecases.test_paid_after_all import given_up

__all__ = ["open_shop", "shop"]

MS, COB = "HL-MS-400", "HL-COB-350"
STEPS = ["createOrderV2", "addCart", "addCartConfirm", "saveGenerateParentOrder", "payBalanceV2"]
SETTLED = 400


def desk(shop: OrderShop) -> Desk:
    return Desk(shop.wiring.storage, shop.clock, "tester")


def parked(shop: OrderShop, name: str, code: str) -> str:
    """That it waits for the operator, told once, with nothing paid; gives the message."""
    record = shop.record(name)
    assert (record.state, [reason.code for reason in record.reasons]) == (OrderState.NEEDS_ATTENTION, [code])
    assert (shop.world.ledger.of_kind("cj", "order_paid"), len(shop.post.alerts)) == ([], 1)
    assert record.reasons[0].fix
    return record.reasons[0].message


@pytest.mark.parametrize("how", ["another_order", "no_reference"])
@pytest.mark.parametrize("operation", [step for step in STEPS if step != "addCartConfirm"])
def test_p15_an_answer_about_another_order_is_looked_up_and_ours_is_bought_once(
    shop: OrderShop, operation: str, how: str
) -> None:
    if (operation, how) == ("payBalanceV2", "no_reference"):
        pytest.skip("CJ documents no reference in this answer")
    shop.supplier.faults.script(operation, how)
    name = buy(shop, (MS, 1))
    shop.pass_time(4 * SETTLED, step=SETTLED)
    (po,) = shop.purchase_orders(name)
    assert [entry.reference for entry in shop.world.ledger.of_kind("cj", "order_paid")] == [po.reference]
    assert (len(shop.world.ledger.of_kind("cj", "order_created")), shop.spent()) == (1, 930)
    assert shop.record(name).state is OrderState.PLACED
    assert shop.world.ledger.of_kind("cj", "mixed_up")


def test_p15_a_shipment_that_is_not_ours_is_parked_unpaid(shop: OrderShop) -> None:
    shop.supplier.faults.script("addCartConfirm", "another_order")
    name = buy(shop, (MS, 1))
    shop.pass_time(4 * SETTLED, step=SETTLED)
    parked(shop, name, "OUTCOME_UNCLEAR")


@pytest.mark.parametrize("how", ["another_order", "no_reference"])
def test_p15_a_look_up_that_goes_on_showing_another_order_is_parked_and_a_retry_looks_again(
    shop: OrderShop, how: str
) -> None:
    shop.supplier.faults.script("createOrderV2", "accept_then_timeout")
    shop.supplier.faults.script("getOrderDetail", *[how] * 6)
    name = buy(shop, (MS, 1))
    shop.pass_time(10 * SETTLED, step=SETTLED)
    assert "another order than ours" in parked(shop, name, "ANOTHER_ORDER")
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert (shop.bought(name), len(shop.world.ledger.of_kind("cj", "order_created"))) == ({MS: 1}, 1)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(
    ("how", "told"), [("other_lines", "2 of "), ("other_address", "another country, another city")]
)
def test_p15_our_reference_with_other_contents_is_parked_and_never_paid(
    shop: OrderShop, how: str, told: str, lost: bool
) -> None:
    """`lost`: as if another stack had ordered under the same reference, and our own send never arrived."""
    if lost:
        real = shop.supplier.handle

        def lose(request: Request) -> Response:
            answer = real(request)
            return Response(hang=True) if request.path.endswith("createOrderV2") else answer

        shop.supplier.handle = lose  # type: ignore[method-assign]
        shop.wiring = shop.new_worker()
    shop.supplier.faults.script("createOrderV2", how)
    name = buy(shop, (MS, 1))
    shop.pass_time(4 * SETTLED, step=SETTLED)
    if how == "other_address" and not lost:
        # The answer of createOrderV2 shows no destination: nothing was looked up, so nobody could know.
        assert shop.bought(name) == {MS: 1}
        return
    message = parked(shop, name, "ORDER_DIFFERS")
    assert told in message
    assert "Tromsø" not in message
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert shop.codes(name) == ["ORDER_DIFFERS"], "a retry looks, and sends nothing"
    assert len(shop.world.ledger.of_kind("cj", "order_created")) == 1


def test_what_the_operator_had_deleted_there_is_bought_under_the_next_number(shop: OrderShop) -> None:
    shop.supplier.faults.script("createOrderV2", "other_lines")
    name = buy(shop, (MS, 1))
    shop.pass_time(SETTLED, step=SETTLED)
    parked(shop, name, "ORDER_DIFFERS")
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing, not_ordered=True)
    shop.run()
    first, second = shop.purchase_orders(name)
    assert (first.state, second.state) == (PurchaseOrderState.CANCELLED, PurchaseOrderState.PLACED)
    assert (shop.bought(name), shop.sellable(MS), shop.spent()) == ({MS: 1}, 39, 930)


def test_case_and_spaces_in_an_address_are_no_difference(shop: OrderShop) -> None:
    shop.supplier.faults.script("createOrderV2", "accept_then_timeout")
    name = buy(shop, (MS, 1))
    order = shop.supplier.book.find(shop.purchase_orders(name)[0].reference)
    assert order is not None
    city = order.address["shippingCity"]
    order.address |= {"shippingCity": f" {city.upper()} ", "shippingCountryCode": "fi"}
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert shop.bought(name) == {MS: 1}


def test_p15_what_was_paid_with_other_contents_after_all_is_parked_not_placed(shop: OrderShop) -> None:
    """Cancelled during an unclear payment and withdrawn; then the supplier takes the money for other lines."""
    name = given_up(shop)
    shop.supplier.faults.script("getOrderDetail", *["other_lines"] * 3)
    shop.pass_time(1200, step=300)
    (po,) = shop.purchase_orders(name)
    assert (po.state, shop.codes(name)) == (PurchaseOrderState.PARKED, ["ORDER_DIFFERS"])
    assert any("ORDER_DIFFERS" in alert for alert in shop.post.alerts)
    # Looked at once more, it is ours: counted again, and its stock is not given back a second time.
    shop.supplier.faults.queued.clear()
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    shop.pass_time(7 * 86400, step=86400)
    assert shop.purchase_orders(name)[0].state is PurchaseOrderState.PLACED
    budget = shop.purchase_orders(name)[0].reserved_spend
    assert (str(budget), shop.sellable(MS)) == ("9.30 USD", 40)


def test_p15_a_withdrawal_that_is_answered_for_another_order_is_asked_again(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name

    def cancelled() -> None:
        shop.store.cancel(name)
        shop.supplier.faults.script("getOrderDetail", "another_order")
        shop.supplier.faults.script("deleteOrder", "another_order")
        shop.deliver()
        while shop.queues["ingest_order"]:
            shop.call("ingest_order", shop.queues["ingest_order"].popleft())

    before_call(shop, "createOrderV2", cancelled)
    shop.run()
    shop.pass_time(3 * SETTLED, step=SETTLED)
    assert (shop.record(name).state, shop.bought(name)) == (OrderState.CANCELLED, {})
    deleted = {entry.reference for entry in shop.world.ledger.of_kind("cj", "order_deleted")}
    assert deleted == {shop.purchase_orders(name)[0].reference}


def test_p15_parcels_of_another_order_are_not_taken(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    (po,) = shop.purchase_orders(name)
    shop.supplier.faults.script("getOrderDetail", *["another_order"] * 20)
    shop.supplier.ship(po.reference)
    shop.run()
    assert (shop.shipments(name), shop.record(name).state) == ([], OrderState.PLACED)
    shop.supplier.faults.queued.clear()
    shop.pass_time(3600, step=600)
    assert [parcel.lines[0].quantity for parcel in shop.shipments(name)] == [1]


def test_a_supplier_that_never_shows_our_order_after_payment_is_told_of(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.supplier.faults.script("getOrderDetail", *["another_order"] * 99)
    shop.pass_time(6 * 86400, step=21600)
    assert any("NO_TRACKING" in alert for alert in shop.post.alerts)
    assert (shop.record(name).state, shop.shipments(name)) == (OrderState.PLACED, [])


# --- the operator -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "code"), [("other_lines", "ORDER_DIFFERS"), ("another_order", "ANOTHER_ORDER"), ("not_found", "NOT_SHOWN")]
)
def test_p15_what_is_not_ours_is_adopted_only_on_the_operators_word(shop: OrderShop, how: str, code: str) -> None:
    shop.supplier.faults.script("addCartConfirm", "accept_then_timeout")
    name = buy(shop, (MS, 1))
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert shop.codes(name) == ["ID_LOST"]
    (po,) = shop.purchase_orders(name)
    timing, pk = shop.wiring.timing, shop.order(name).pk
    shop.supplier.faults.script("getOrderDetail", how)

    def adopt(*, checked: bool) -> None:
        supplier_for = shop.wiring.connectors.supplier if checked else None
        adopt_purchase_order(
            desk(shop), pk, po.vendor_ids["order_id"], shop.wiring.config(), timing, supplier_for=supplier_for
        )

    with pytest.raises(Refused) as refused:
        adopt(checked=True)
    assert (refused.value.code, "--unchecked" in refused.value.fix) == (code, True)
    assert shop.purchase_orders(name)[0].state is PurchaseOrderState.PARKED
    adopt(checked=how == "not_found")
    assert shop.purchase_orders(name)[0].state is PurchaseOrderState.PLACED


def test_parcels_that_left_while_it_was_parked_are_asked_for_soon_after_it_was_adopted(shop: OrderShop) -> None:
    shop.supplier.faults.script("payBalanceV2", "accept_then_timeout")
    shop.supplier.faults.script("getOrderDetail", *["other_address"] * 9)
    name = buy(shop, (MS, 1))
    shop.pass_time(SETTLED, step=SETTLED)
    (po,) = shop.purchase_orders(name)
    shop.supplier.ship(po.reference)
    shop.run()
    assert (shop.codes(name), shop.shipments(name)) == (["ORDER_DIFFERS"], [])
    shop.supplier.faults.queued.clear()
    pk, timing = shop.order(name).pk, shop.wiring.timing
    adopt_purchase_order(desk(shop), pk, po.vendor_ids["order_id"], shop.wiring.config(), timing)
    shop.pass_time(120, step=60)
    assert len(shop.shipments(name)) == 1


# --- crashes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("how", ["another_order", "other_lines"])
def test_p15_a_worker_that_dies_over_such_an_answer_pays_nothing_for_it(
    open_shop: OpenShop, how: str, side: str
) -> None:
    """Killed at each call from the create on: ours is bought once, or parked; never more, never another."""
    calls = 99
    for number in range(1, 99):
        if number > calls:
            break
        shop = open_shop()
        name = shop.store.buy([(MS, 1)]).name
        shop.deliver()
        while shop.queues["ingest_order"]:
            shop.call("ingest_order", shop.queues["ingest_order"].popleft())
        shop.relay()
        shop.supplier.faults.script("createOrderV2", how)
        boundary = Boundary((number, side))
        with contextlib.suppress(Killed):
            shop.call("place_purchase_order", shop.queues["place_purchase_order"].popleft(), boundary)
        calls = len(boundary.calls) if not boundary.dead else calls
        shop.wiring = shop.new_worker()
        shop.pass_time(6 * SETTLED, step=SETTLED)
        (po,) = shop.purchase_orders(name)
        paid = [entry.reference for entry in shop.world.ledger.of_kind("cj", "order_paid")]
        assert paid == [po.reference] * len(paid)
        made = shop.world.ledger.of_kind("cj", "order_created")
        as_asked = all(entry.data["quantities"] == {MS: 1} for entry in made)
        assert (len(paid), shop.codes(name)) in [(1, [])] if as_asked else [(0, ["ORDER_DIFFERS"])], (number, side)
    else:
        raise AssertionError("the worker never came to its end")


def test_news_of_an_order_that_is_none_of_ours_moves_nothing(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    news = Message("supplier.order_news", "n1", "now", connection="cj", resource="OTHER-1", detail={"order_id": "SD9"})
    shop.call("update_tracking", news.to_json())
    assert shop.record(name).state is OrderState.PLACED
