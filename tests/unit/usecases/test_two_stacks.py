"""P15: two stacks on one shop that know of each other buy each order once, and the one that comes second says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from orderwright.config_store import note_identity
from orderwright.messages import Message
from orderwright.records import CATALOGUE
from tests.support.shop import STORE, SUPPLIER, Boundary, Killed, Shop

LAMP = "HL-MS-400"


def told(shop: Shop, order_id: str) -> None:
    """News of the store's order comes to this stack."""
    message = Message("order.changed", f"news-{order_id}", "now", connection=STORE, resource=order_id)
    shop.queues["ingest_order"].append(message.to_json())


def knows_of_the_other(shop: Shop) -> None:
    """As `connect --second-stack` writes it down."""
    note_identity(shop.wiring.storage, STORE, "shopify", lambda one: one.model_copy(update={"second_stack": True}))
    shop.wiring = shop.new_worker()


def reasons(shop: Shop, name: str) -> list[str]:
    """Why an order waits."""
    return [reason.code for reason in shop.order(name).record.model.reasons]


@pytest.fixture
def stacks() -> Iterator[tuple[Shop, Shop]]:
    """Two stacks on one shop: the first is stocked, the second has taken its catalogue over."""
    first = Shop()
    first.stock_up()
    second = Shop(beside=first)
    items = first.aws.client("dynamodb").scan(TableName=CATALOGUE)["Items"]
    for item in items:
        second.aws.client("dynamodb").put_item(TableName=CATALOGUE, Item=item)
    for shop in (first, second):
        knows_of_the_other(shop)
    yield first, second
    second.close()
    first.close()


def test_p15_both_make_the_same_reference_and_the_second_parks_in_front_of_the_operator(
    stacks: tuple[Shop, Shop],
) -> None:
    first, second = stacks
    order = first.store.buy([(LAMP, 1)])
    for shop in stacks:
        told(shop, str(order.number))
        shop.run()
        shop.pass_time(900)  # CJ gives an account a token once in five minutes
    assert len(first.paid_orders(order.name)) == 1
    assert (reasons(first, order.name), reasons(second, order.name)) == ([], ["BOUGHT_ELSEWHERE"])


@pytest.mark.parametrize("moment", range(1, 24))
@pytest.mark.parametrize("when", ["before", "after"])
def test_p15_wherever_one_stack_stands_still_while_the_other_buys_the_order_is_paid_once_at_most(
    stacks: tuple[Shop, Shop], moment: int, when: str
) -> None:
    first, second = stacks
    order = first.store.buy([(LAMP, 1)])
    told(first, str(order.number))
    first.work()
    first.relay()
    (body,) = first.queues["place_purchase_order"]
    with suppress(Killed):  # its message comes again, as below
        first.call("place_purchase_order", body, Boundary(kill_at=(moment, when)))
    told(second, str(order.number))
    second.run()
    first.wiring = first.new_worker()
    for shop in (first, second, first, second):
        shop.pass_time(1200)
    assert len(first.world.ledger.of_kind(SUPPLIER, "order_created")) == 1
    waits = [reasons(shop, order.name) for shop in stacks]
    # A lost answer to the cart's confirmation is one that CJ does not give again: parked unpaid, as with one stack (P1).
    assert len(first.paid_orders(order.name)) == (0 if waits[0] == ["ID_LOST"] else 1)
    assert waits in (
        [[], []],
        [[], ["BOUGHT_ELSEWHERE"]],
        [["BOUGHT_ELSEWHERE"], []],
        [["ID_LOST"], ["BOUGHT_ELSEWHERE"]],
    )


def test_a_shop_with_one_stack_asks_the_supplier_for_nothing_more(stacks: tuple[Shop, Shop]) -> None:
    alone = Shop()
    alone.stock_up()
    order = alone.store.buy([(LAMP, 1)])
    told(alone, str(order.number))
    alone.run()
    assert len(alone.paid_orders(order.name)) == 1
    assert not [call for call in alone.boundary.calls if "getOrderDetail" in call]
    alone.close()


def test_a_look_up_without_an_answer_is_tried_again_and_nothing_is_sent(stacks: tuple[Shop, Shop]) -> None:
    first, _ = stacks
    first.supplier.faults.script("getOrderDetail", "error_500")
    order = first.store.buy([(LAMP, 1)])
    told(first, str(order.number))
    first.run()
    assert first.world.ledger.of_kind(SUPPLIER, "order_created") == []
    first.pass_time(900)
    assert len(first.paid_orders(order.name)) == 1
