"""A store that shows "fulfilled" from the supplier's acceptance: one fulfillment, its parcels added later (R13, promise P1)."""

from __future__ import annotations

import contextlib

import pytest

from local.sandbox.shopify.fulfillment import Fulfillments
from orderwright.domain.config import Config
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.shipment import FulfillmentState
from orderwright.messages import Message
from orderwright.usecases.operator.adopt import adopt_purchase_order
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from tests.support.shop import STORE, Boundary, Killed, test_config
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop

__all__ = ["open_shop"]

MS, COB = "HL-MS-400", "HL-COB-350"
CREATE, UPDATE = "fulfillmentCreate", "fulfillmentTrackingInfoUpdate"


def on_acceptance() -> Config:
    config = test_config()
    store = config.connections[STORE].model_copy(update={"fulfilled_on": "ACCEPTANCE"})
    return config.model_copy(update={"connections": {**config.connections, STORE: store}})


@pytest.fixture
def shop(open_shop: OpenShop) -> OrderShop:
    return open_shop(on_acceptance())


def buy(shop: OrderShop, *lines: tuple[str, int]) -> str:
    name = shop.store.buy(list(lines or [(MS, 1)])).name
    shop.run()
    return name


def ship(shop: OrderShop, name: str, part: dict[str, int] | None = None) -> str:
    parcel = shop.supplier.ship(shop.purchase_orders(name)[-1].reference, part)
    shop.run()
    return parcel.tracking_number


def recorded(shop: OrderShop) -> list[dict[str, int]]:
    """The store's ledger: units by SKU."""
    made = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    return [{line["sku"]: line["quantity"] for line in entry.data["lines"]} for entry in made]


def numbers(shop: OrderShop, name: str) -> list[list[str]]:
    """The numbers of each fulfillment that the store has, sorted: parcels of one instant have no order."""
    return [sorted(row[0] or "" for row in sent.tracking) for sent in shop.store.order(name).fulfillments]


def desk(shop: OrderShop) -> Desk:
    return Desk(shop.wiring.storage, shop.clock, "tester")


def subjects(shop: OrderShop) -> list[str]:
    return [mail.subject for mail in shop.post.mails]


def test_the_store_shows_fulfilled_when_the_supplier_accepted_and_nobody_is_mailed(shop: OrderShop) -> None:
    name = buy(shop, (MS, 2), (COB, 1))
    assert recorded(shop) == [{MS: 2, COB: 1}]
    (entry,) = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    assert (entry.data["number"], entry.data["notified"]) == (None, False)
    assert shop.record(name).state is OrderState.PLACED
    assert subjects(shop) == []


def test_the_parcels_number_goes_to_the_same_fulfillment_and_the_mail_comes_with_it(shop: OrderShop) -> None:
    name = buy(shop)
    number = ship(shop, name)
    assert recorded(shop) == [{MS: 1}]
    assert numbers(shop, name) == [[number]]
    assert len(subjects(shop)) == 1
    (parcel,) = shop.shipments(name)
    (held,) = shop.order(name).fulfillments.values()
    assert parcel.fulfillment is FulfillmentState.DONE
    assert parcel.fulfillment_id == held.model.fulfillment_id
    assert shop.store.order(name).fulfillments[0].tracking[0][1:] == (parcel.carrier_name, parcel.tracking_url)


def test_several_parcels_are_one_list_on_one_fulfillment(shop: OrderShop) -> None:
    name = buy(shop, (MS, 3))
    first = ship(shop, name, {MS: 1})
    second = ship(shop, name)
    assert recorded(shop) == [{MS: 3}]
    assert numbers(shop, name) == [sorted([first, second])]
    assert len(subjects(shop)) == 2
    shop.pass_time(3600, step=600)
    updates = shop.world.ledger.of_kind("shopify", "tracking_updated")
    assert len(updates) == 2, "nothing is said again once it is said"


def test_a_store_that_counts_from_tracking_is_told_nothing_at_acceptance(open_shop: OpenShop) -> None:
    shop = open_shop()
    buy(shop)
    assert recorded(shop) == []


@pytest.mark.parametrize("how", ["accept_then_timeout", "accept_then_500", "timeout", "error_500", "accept_late"])
def test_p1_a_silent_store_is_read_before_anything_is_recorded_again(shop: OrderShop, how: str) -> None:
    shop.store.config.faults.script(CREATE, how)
    name = buy(shop)
    number = ship(shop, name)
    shop.pass_time(1200, step=300)
    assert recorded(shop) == [{MS: 1}]
    assert numbers(shop, name) == [[number]]


@pytest.mark.parametrize("how", ["accept_then_timeout", "accept_then_500", "timeout", "error_500", "accept_late"])
def test_a_lost_answer_to_a_number_is_settled_before_a_newer_list_is_sent(shop: OrderShop, how: str) -> None:
    name = buy(shop, (MS, 2))
    shop.store.config.faults.script(UPDATE, how)
    first = ship(shop, name, {MS: 1})
    second = ship(shop, name)
    shop.pass_time(1200, step=300)
    assert recorded(shop) == [{MS: 2}]
    assert numbers(shop, name) == [sorted([first, second])]
    assert {parcel.fulfillment for parcel in shop.shipments(name)} == {FulfillmentState.DONE}


def test_a_store_that_never_confirms_a_number_is_given_up_after_two_days_and_tried_when_the_operator_says_so(
    shop: OrderShop,
) -> None:
    name = buy(shop)
    shop.store.config.faults.script(UPDATE, *["timeout"] * 400)
    number = ship(shop, name)
    shop.pass_time(3 * 86400, step=4 * 3600)
    (held,) = shop.order(name).fulfillments.values()
    assert [reason.code for reason in held.model.reasons] == ["FULFILLMENT_OUTCOME_UNCLEAR"]
    shop.store.config.faults.queued.clear()
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert numbers(shop, name) == [[number]]


def test_two_silences_are_parked_and_a_retry_looks_before_it_sends(shop: OrderShop) -> None:
    shop.store.config.faults.script(CREATE, "timeout", "timeout")
    name = buy(shop)
    shop.pass_time(1800, step=300)
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.NEEDS_ATTENTION, ["FULFILLMENT_OUTCOME_UNCLEAR"])
    number = ship(shop, name)
    assert recorded(shop) == []
    retry_order(desk(shop), f"{STORE}#{shop.store.order(name).number}", shop.wiring.timing, not_ordered=True)
    shop.run()
    shop.pass_time(600, step=300)
    assert recorded(shop) == [{MS: 1}]
    assert numbers(shop, name) == [[number]]
    assert shop.record(name).state is OrderState.SHIPPED


def test_what_the_merchant_recorded_by_hand_is_taken_as_it_is(shop: OrderShop) -> None:
    shop.store.config.faults.script(CREATE, "timeout")
    name = buy(shop)
    (order,) = shop.store.order(name).fulfillment_orders
    lines = [{"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{order.number}"}]
    Fulfillments(shop.store).create({"lineItemsByFulfillmentOrder": lines})
    number = ship(shop, name)
    shop.pass_time(1200, step=300)
    assert recorded(shop) == [{MS: 1}]
    assert numbers(shop, name) == [[number]]


def test_an_order_edited_up_gets_a_second_fulfillment_for_the_second_purchase_order(shop: OrderShop) -> None:
    name = buy(shop)
    shop.store.edit(name, {MS: 2})
    shop.store.capture(name)
    shop.run()
    shop.pass_time(120)
    assert len(shop.purchase_orders(name)) == 2
    assert recorded(shop) == [{MS: 1}, {MS: 1}]
    ids = {held.model.fulfillment_id for held in shop.order(name).fulfillments.values()}
    assert len(ids) == 2


def test_a_purchase_order_that_the_supplier_gave_back_is_bought_again_and_takes_over_the_fulfillment(
    shop: OrderShop,
) -> None:
    name = buy(shop)
    (order,) = shop.supplier.orders
    order.status = "CANCELLED"
    shop.pass_time(5 * 3600, step=1800)
    assert "CANCELLED_BY_SUPPLIER" in shop.codes(name)
    retry_order(desk(shop), f"{STORE}#{shop.store.order(name).number}", shop.wiring.timing)
    shop.run()
    shop.pass_time(120)
    assert [entry.data["quantities"] for entry in shop.paid_orders(name)] == [{MS: 1}, {MS: 1}]
    assert recorded(shop) == [{MS: 1}], "never a second fulfillment for the same unit"
    number = ship(shop, name)
    shop.pass_time(120)
    assert numbers(shop, name) == [[number]]
    assert shop.record(name).state is OrderState.SHIPPED


@pytest.mark.parametrize("by", ["the supplier's news", "the operator"])
def test_a_cancellation_that_the_supplier_takes_back_keeps_the_fulfillment(shop: OrderShop, by: str) -> None:
    name = buy(shop)
    (order,) = shop.supplier.orders
    status, order.status, margin = order.status, "CANCELLED", shop.record(name).margin
    assert margin is not None
    shop.pass_time(5 * 3600, step=1800)
    assert ("CANCELLED_BY_SUPPLIER" in shop.codes(name), shop.record(name).margin) == (True, margin * 0)
    order.status = status
    (po,) = shop.purchase_orders(name)
    if by == "the operator":
        adopt_purchase_order(desk(shop), shop.order(name).pk, "CJ1", on_acceptance(), shop.wiring.timing)
    else:
        shop.call("update_tracking", Message("supplier.order_news", "news", "now", resource=po.reference).to_json())
    shop.run()
    assert shop.purchase_orders(name)[0].state is PurchaseOrderState.PLACED
    assert (recorded(shop), shop.record(name).margin) == ([{MS: 1}], margin), "a margin counts once"


def _kill_at(open_shop: OpenShop, stage: str, kill_at: tuple[int, str] | None) -> Boundary:
    """One order; the worker of publish_fulfillment dies in this stage at this call; then everything is judged."""
    shop = open_shop(on_acceptance())
    order = shop.store.buy([(MS, 2)])
    boundary = Boundary(kill_at)
    number = ""
    kept: list[Boundary] = []
    redelivered: list[str] = []
    through = shop.call

    def call(function: str, body: str, given: Boundary | None = None) -> None:
        mine = function == "publish_fulfillment" and not kept and (stage == "create" or bool(number))
        if not mine:
            through(function, body, given)
            return
        kept.append(boundary)
        with contextlib.suppress(Killed):
            through(function, body, boundary)
        shop.wiring = shop.new_worker()
        redelivered.append(body)

    shop.call = call  # type: ignore[method-assign,assignment]
    shop.run()
    number = shop.supplier.ship(shop.purchase_orders(order.name)[0].reference).tracking_number
    shop.run()
    shop.queues["publish_fulfillment"].extend(redelivered)
    shop.pass_time(900, step=450)
    assert kept
    assert recorded(shop) == [{MS: 2}]
    assert numbers(shop, order.name) == [[number]]
    assert shop.shipments(order.name)[0].fulfillment is FulfillmentState.DONE
    assert len(subjects(shop)) == 1
    assert shop.record(order.name).state is OrderState.SHIPPED
    shop.close()
    return boundary


@pytest.mark.parametrize("stage", ["create", "tell"])
def test_p1_a_kill_before_or_after_any_call_leaves_one_fulfillment_with_its_number(
    open_shop: OpenShop, stage: str
) -> None:
    calls = _kill_at(open_shop, stage, None).calls
    assert sum("graphql" in name for name in calls) >= (3 if stage == "create" else 1)
    # Before a call is after the one before it, and a read leaves everything as it was.
    effects = [n for n, name in enumerate(calls, 1) if not name.endswith((":Query", ":GetItem", ":GetParameter"))]
    for kill_at in [(1, "before"), *((number, "after") for number in effects)]:
        _kill_at(open_shop, stage, kill_at)
