"""A purchase order from NEW to paid, or to a visible end (promises P1, P6, P10, P11)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from local.sandbox.kit.people import Address
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.records import CONTROL, Key
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from tests.unit.usecases.order_shop import OrderShop, before_call, buy, limited
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, COB, PRO, UL = "HL-MS-400", "HL-COB-350", "HL-PRO-1200", "HL-UL-300"
STEPS = ["createOrderV2", "addCart", "addCartConfirm", "saveGenerateParentOrder", "payBalanceV2"]
SETTLED = 400


def desk(shop: OrderShop) -> Desk:
    return Desk(shop.wiring.storage, shop.clock, "tester")


def kill(shop: OrderShop, *, on: bool) -> None:
    table = shop._environ["CONTROL_TABLE"]
    key = {"pk": {"S": "KILL"}, "sk": {"S": "cj"}}
    client = shop.aws.client("dynamodb")
    if on:
        client.put_item(TableName=table, Item={**key, "version": {"N": "1"}})
    else:
        client.delete_item(TableName=table, Key=key)


# --- the way it goes --------------------------------------------------------------------------------------------------


def test_a_paid_order_is_bought_once_and_its_margin_recorded(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    (entry,) = shop.paid_orders(name)
    margin = shop.record(name).margin
    assert margin is not None
    assert margin.minor == 2299 - 930
    assert (entry.data["amount"], shop.spent()) == (Decimal("9.30"), 930)
    assert shop.world.ledger.of_kind("cj", "contract_violation") == []


def test_an_expired_token_is_renewed_on_the_way(shop: OrderShop) -> None:
    buy(shop, (MS, 1))
    shop.clock.advance(30 * 86400)
    shop.new_worker()
    assert shop.bought(buy(shop, (COB, 1))) == {COB: 1}


def test_two_workers_at_once_order_once(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    shop.deliver()
    while shop.queues["ingest_order"]:
        shop.call("ingest_order", shop.queues["ingest_order"].popleft())
    shop.relay()
    message = shop.queues["place_purchase_order"][0]
    before_call(shop, "addCart", lambda: shop.call("place_purchase_order", message))
    shop.run()
    assert len(shop.paid_orders(name)) == 1
    assert len(shop.world.ledger.of_kind("cj", "order_created")) == 1


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["createOrderV2", "addCartConfirm"])
def test_a_refusal_is_visible_with_its_reason_and_costs_nothing(shop: OrderShop, operation: str) -> None:
    shop.supplier.refuse_next(operation)
    name = buy(shop, (MS, 1))
    shop.pass_time(3 * SETTLED, step=SETTLED)
    (reason,) = shop.record(name).reasons
    assert shop.record(name).state is OrderState.NEEDS_ATTENTION
    assert (bool(reason.code), bool(reason.message), bool(reason.fix)) == (True, True, True)
    assert (shop.bought(name), shop.spent(), len(shop.post.alerts)) == ({}, 0, 1)
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert (shop.bought(name), shop.sellable(MS)) == ({MS: 1}, 39)


def test_an_intercepted_order_is_taken_back_and_visible(shop: OrderShop) -> None:
    shop.supplier.intercept_next()
    name = buy(shop, (MS, 1))
    assert shop.codes(name) == ["ORDER_INTERCEPTED"]
    assert len(shop.world.ledger.of_kind("cj", "order_deleted")) == 1


def test_an_empty_balance_parks_and_a_retry_pays_once(open_shop: OpenShop) -> None:
    shop = open_shop(None, balance=Decimal("1.00"))
    name = buy(shop, (MS, 1))
    assert shop.record(name).state is OrderState.NEEDS_ATTENTION
    assert (shop.bought(name), shop.spent()) == ({}, 0)
    shop.supplier.book.balance = Decimal("100.00")
    shop.clock.advance(86400)
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert (len(shop.paid_orders(name)), shop.spent()) == (1, 930)


# --- limits -----------------------------------------------------------------------------------------------------------


def test_the_limit_per_purchase_order_parks_before_anything_is_ordered(open_shop: OpenShop) -> None:
    shop = open_shop(limited(spend_per_purchase_order={"cj": {"amount": "18.59", "currency": "USD"}}))
    name = buy(shop, (MS, 2))
    assert (shop.codes(name), shop.bought(name)) == (["CAP_PER_PURCHASE_ORDER"], {})
    assert shop.world.ledger.of_kind("cj", "order_created") == []
    assert shop.bought(buy(shop, (MS, 1))) == {MS: 1}


def test_the_limit_of_a_day_is_used_to_the_last_cent_and_not_beyond(open_shop: OpenShop) -> None:
    shop = open_shop(limited(spend_per_day={"cj": {"amount": "18.60", "currency": "USD"}}))
    names = [buy(shop, (MS, 1)) for _ in range(3)]
    assert [shop.bought(name) for name in names] == [{MS: 1}, {MS: 1}, {}]
    assert (shop.codes(names[2]), shop.spent()) == (["CAP_REACHED"], 1860)
    shop.clock.advance(86400)
    retry_order(desk(shop), shop.order(names[2]).pk, shop.wiring.timing)
    shop.run()
    assert (shop.bought(names[2]), shop.spent()) == ({MS: 1}, 930)


def test_a_days_limit_in_another_currency_stops_with_a_fix_that_helps(open_shop: OpenShop) -> None:
    """A file that says so is refused now; an older version may have applied one."""
    shop = open_shop(limited(spend_per_day={"cj": {"amount": "900.00", "currency": "EUR"}}))
    name = buy(shop, (MS, 1))
    (reason,) = shop.purchase_orders(name)[0].reasons
    assert (reason.code, shop.spent(), shop.bought(name)) == ("CAP_CURRENCY", 0, {})
    assert "in the supplier's currency" in reason.fix


def test_a_bill_beyond_the_days_limit_can_be_paid_the_next_day(open_shop: OpenShop) -> None:
    shop = open_shop(limited(spend_per_day={"cj": {"amount": "10.00", "currency": "USD"}}))
    shop.supplier.set_payable_surcharge(MS, Decimal("1.00"))
    name = buy(shop, (MS, 1))
    assert (shop.codes(name), shop.spent()) == (["CAP_REACHED"], 0)
    buy(shop, (MS, 1))
    assert shop.spent() == 930
    shop.clock.advance(86400)
    # Yesterday's counter stays as it is: what is paid today counts today, against a limit that now suffices.
    shop.supplier.book.find(shop.purchase_orders(name)[0].reference).surcharge = Decimal("0.50")  # type: ignore[union-attr]
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert shop.codes(name) == ["CAP_REACHED"]


@pytest.mark.parametrize("cheaper", [False, True])
def test_the_kill_switch_holds_and_the_order_goes_on_by_itself(shop: OrderShop, cheaper: bool) -> None:
    """Also between create and pay, and also where the bill is lower than what was reserved."""
    if cheaper:
        shop.supplier.set_payable_surcharge(MS, Decimal("-0.10"))
        before_call(shop, "saveGenerateParentOrder", lambda: kill(shop, on=True))
    else:
        kill(shop, on=True)
    name = buy(shop, (MS, 1))
    shop.pass_time(900, step=300)
    assert shop.bought(name) == {}
    kill(shop, on=False)
    shop.pass_time(900, step=300)
    assert (shop.bought(name), shop.spent()) == ({MS: 1}, 920 if cheaper else 930)


def test_the_margin_gate_looks_before_anything_is_ordered(open_shop: OpenShop) -> None:
    shop = open_shop(limited(minimum_order_margin_percent="60"))
    name = buy(shop, (MS, 1))
    assert shop.codes(name) == ["MARGIN_TOO_LOW"]
    assert shop.world.ledger.of_kind("cj", "order_created") == []


def test_a_bill_that_eats_the_margin_is_parked_unpaid_until_released(shop: OrderShop) -> None:
    shop.supplier.set_payable_surcharge(PRO, Decimal("38.50"))
    name = buy(shop, (PRO, 1))
    (po,) = shop.purchase_orders(name)
    assert (str(po.payable), shop.codes(name), shop.bought(name)) == ("61.00 USD", ["MARGIN_TOO_LOW"], {})
    assert shop.spent() == 0
    shop.pass_time(3600, step=1200)
    assert shop.bought(name) == {}
    shop.release(name)
    shop.run()
    assert (len(shop.paid_orders(name)), shop.spent()) == (1, 6100)


# --- silence ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", [*STEPS[:2], *STEPS[3:]])
@pytest.mark.parametrize("how", ["accept_then_timeout", "error_500", "timeout"])
def test_a_silent_call_is_looked_up_before_anything_is_sent_again(shop: OrderShop, operation: str, how: str) -> None:
    shop.supplier.faults.script(operation, how)
    name = buy(shop, (MS, 1))
    assert shop.bought(name) in ({}, {MS: 1})
    shop.pass_time(4 * SETTLED, step=SETTLED)
    assert (shop.bought(name), len(shop.paid_orders(name)), shop.spent()) == ({MS: 1}, 1, 930)
    assert len(shop.world.ledger.of_kind("cj", "order_created")) == 1


def test_a_lost_id_of_the_confirmed_cart_is_parked_for_a_person(shop: OrderShop) -> None:
    shop.supplier.faults.script("addCartConfirm", "accept_then_timeout")
    name = buy(shop, (MS, 1))
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert (shop.codes(name), shop.bought(name), len(shop.post.alerts)) == (["ID_LOST"], {}, 1)


def test_a_supplier_that_is_down_is_asked_ever_more_seldom_and_then_served(shop: OrderShop) -> None:
    shop.supplier.faults.script("createOrderV2", *["rate_limited"] * 5)
    name = buy(shop, (MS, 1))
    (po,) = shop.purchase_orders(name)
    assert po.settle_until is not None
    assert po.settle_until > shop.clock.now()
    waits = []
    for _ in range(5):
        (po,) = shop.purchase_orders(name)
        assert po.settle_until is not None
        waits.append(po.settle_until - shop.clock.now())
        shop.pass_time(waits[-1].total_seconds() + 1, step=3600)
    assert waits == sorted(waits)
    assert waits[-1] > waits[0] >= timedelta(seconds=1)
    assert (shop.bought(name), shop.spent()) == ({MS: 1}, 930)


# --- cancellation -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", STEPS)
def test_a_cancellation_between_any_two_steps_has_one_clear_end(shop: OrderShop, operation: str) -> None:
    name = shop.store.buy([(MS, 1)]).name
    before_call(shop, operation, lambda: shop.store.cancel(name))
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    record, paid = shop.record(name), len(shop.paid_orders(name))
    if operation == "payBalanceV2":
        assert (paid, record.cancel_outcome, record.state) == (1, "ORDERED_TOO_LATE", OrderState.NEEDS_ATTENTION)
    else:
        assert (paid, record.cancel_outcome, record.state) == (0, "NOTHING_ORDERED", OrderState.CANCELLED)
        assert (shop.sellable(MS), shop.spent()) == (40, 0)


@pytest.mark.parametrize("operation", STEPS[:4])
def test_a_cancellation_that_was_taken_in_between_two_steps_stops_the_next(shop: OrderShop, operation: str) -> None:
    name = shop.store.buy([(MS, 1)]).name

    def cancel_and_hear() -> None:
        shop.store.cancel(name)
        shop.deliver()
        while shop.queues["ingest_order"]:
            shop.call("ingest_order", shop.queues["ingest_order"].popleft())

    before_call(shop, operation, cancel_and_hear)
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    record = shop.record(name)
    assert (shop.bought(name), record.cancel_outcome, record.state) == ({}, "NOTHING_ORDERED", OrderState.CANCELLED)
    assert (shop.sellable(MS), shop.spent()) == (40, 0)


@pytest.mark.parametrize("how", ["accept_then_timeout", "timeout"])
def test_a_cancellation_during_an_unclear_payment_waits_for_its_outcome(shop: OrderShop, how: str) -> None:
    shop.supplier.faults.script("payBalanceV2", how)
    name = buy(shop, (MS, 1))
    shop.store.cancel(name)
    shop.run()
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.PLACING, ["CANCEL_WAITS"])
    shop.pass_time(2 * SETTLED, step=SETTLED)
    paid = len(shop.paid_orders(name))
    assert paid == (how == "accept_then_timeout")
    assert shop.record(name).cancel_outcome == ("ORDERED_TOO_LATE" if paid else "NOTHING_ORDERED")


def test_an_order_that_the_supplier_refuses_after_a_cancellation_keeps_no_stock(shop: OrderShop) -> None:
    shop.supplier.faults.script("createOrderV2", "accept_then_timeout")
    name = buy(shop, (MS, 1))
    shop.store.cancel(name)
    shop.run()
    order = shop.supplier.book.find(shop.purchase_orders(name)[0].reference)
    assert order is not None
    order.status = "CANCELLED"
    shop.pass_time(2 * SETTLED, step=SETTLED)
    record = shop.record(name)
    assert (record.state, record.cancel_outcome) == (OrderState.CANCELLED, "NOTHING_ORDERED")
    assert (shop.sellable(MS), shop.spent(), dict(record.reserved)) == (40, 0, {})


def test_a_look_up_that_lags_does_not_turn_a_paid_order_into_nothing_ordered(shop: OrderShop) -> None:
    shop.supplier.faults.script("payBalanceV2", "accept_then_timeout")
    name = buy(shop, (MS, 1))
    shop.store.cancel(name)
    shop.run()
    order = shop.supplier.book.find(shop.purchase_orders(name)[0].reference)
    assert order is not None
    paid_at, order.paid_at, order.status = order.paid_at, None, "UNPAID"
    seen = []

    def catch_up() -> None:
        seen.append(1)
        order.paid_at, order.status = paid_at, "UNSHIPPED"

    handle = shop.supplier.book.detail

    def detail(reference: str) -> dict[str, object]:
        answer = handle(reference)
        catch_up()
        return answer

    shop.supplier._reads["getOrderDetail"] = lambda query: detail(query["orderId"])
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert seen
    assert shop.record(name).cancel_outcome == "ORDERED_TOO_LATE"


def test_a_cancellation_after_payment_is_told_as_too_late(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.store.cancel(name)
    shop.run()
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.NEEDS_ATTENTION, ["ORDERED_TOO_LATE"])
    shop.release(name)
    shop.run()
    assert shop.record(name).state is OrderState.CANCELLED


def test_a_cancelled_order_that_is_parked_unpaid_ends_with_nothing_ordered(shop: OrderShop) -> None:
    shop.supplier.set_payable_surcharge(PRO, Decimal("38.50"))
    name = buy(shop, (PRO, 1))
    shop.store.cancel(name)
    shop.run()
    assert (shop.record(name).state, shop.bought(name), shop.sellable(PRO)) == (OrderState.CANCELLED, {}, 40)
    shop.pass_time(1200, step=600)
    assert shop.spent() == 0


# --- changes before the money goes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("operation", ["addCart", "addCartConfirm", "saveGenerateParentOrder"])
def test_an_address_changed_before_payment_is_ordered_anew(shop: OrderShop, operation: str, heard: bool) -> None:
    """`heard`: the webhook is taken in while the purchase order, made for the old address, is on its way to payment."""
    name = shop.store.buy([(MS, 1)]).name

    def move() -> None:
        shop.store.set_address(name, Address(address1="Esimerkkitie 22", city="Oulu", zip="90100"))
        if heard:
            shop.deliver()
            while shop.queues["ingest_order"]:
                shop.call("ingest_order", shop.queues["ingest_order"].popleft())

    before_call(shop, operation, move)
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    (paid,) = shop.paid_orders(name)
    order = shop.supplier.book.find(paid.reference)
    assert order is not None
    assert order.address["shippingCity"] == "Oulu"
    assert (shop.record(name).state, shop.sellable(MS), shop.spent()) == (OrderState.PLACED, 39, 930)


@pytest.mark.parametrize("units", [0, 1])
def test_lines_changed_before_payment_are_bought_as_they_are_now(shop: OrderShop, units: int) -> None:
    name = shop.store.buy([(MS, 2), (COB, 1)]).name
    before_call(shop, "addCart", lambda: shop.store.edit(name, {MS: units}))
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert shop.bought(name) == ({MS: units, COB: 1} if units else {COB: 1})
    assert shop.sellable(MS) == 40 - units


def test_a_risk_flag_before_payment_holds_until_it_is_gone(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    before_call(shop, "addCart", lambda: shop.store.set_risk(name, "CANCEL"))
    shop.run()
    assert (shop.record(name).state, shop.bought(name)) == (OrderState.ON_HOLD, {})
    shop.store.set_risk(name, "ACCEPT")
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_money_taken_back_before_payment_orders_nothing(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    before_call(shop, "saveGenerateParentOrder", lambda: shop.store.refund(name, [(MS, 1)]))
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert (shop.record(name).state, shop.bought(name), shop.spent()) == (OrderState.CANCELLED, {}, 0)


def test_what_is_final_wakes_nobody(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.store.cancel(name)
    shop.run()
    states = {po.state for po in shop.purchase_orders(name)}
    assert states == {PurchaseOrderState.PLACED}
    shop.clock.advance(60)
    assert shop.wiring.storage.due("orders", shop.clock.now(), 10) == []
    assert Key(CONTROL, "KILL", "cj") not in [key for key, _ in shop.wiring.storage.list_raw("control", "KILL")]
