"""P15: two stacks on one shop that know of each other buy each order once, and the one that comes second says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.support.shop import SUPPLIER, Boundary, Killed, Shop
from tests.support.two_stacks import open_two, tell

LAMP = "HL-MS-400"


def reasons(shop: Shop, name: str) -> list[str]:
    """Why an order waits."""
    return [reason.code for reason in shop.order(name).record.model.reasons]


@pytest.fixture
def stacks() -> Iterator[tuple[Shop, Shop]]:
    """A supplier that refuses a repeated reference."""
    first, second = open_two()
    yield first, second
    second.close()
    first.close()


def test_p15_both_make_the_same_reference_and_the_second_parks_in_front_of_the_operator(
    stacks: tuple[Shop, Shop],
) -> None:
    first, second = stacks
    order = first.store.buy([(LAMP, 1)])
    for shop in stacks:
        tell(shop, order.number)
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
    tell(first, order.number)
    first.work()
    first.relay()
    (body,) = first.queues["place_purchase_order"]
    with suppress(Killed):  # its message comes again, as below
        first.call("place_purchase_order", body, Boundary(kill_at=(moment, when)))
    tell(second, order.number)
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


def test_a_shop_with_one_stack_asks_the_supplier_for_nothing_more() -> None:
    alone = Shop()
    alone.stock_up()
    order = alone.store.buy([(LAMP, 1)])
    tell(alone, order.number)
    alone.run()
    assert len(alone.paid_orders(order.name)) == 1
    assert not [call for call in alone.boundary.calls if "getOrderDetail" in call]
    alone.close()


def test_a_look_up_without_an_answer_is_tried_again_and_nothing_is_sent(stacks: tuple[Shop, Shop]) -> None:
    first, _ = stacks
    first.supplier.faults.script("getOrderDetail", "error_500")
    order = first.store.buy([(LAMP, 1)])
    tell(first, order.number)
    first.run()
    assert first.world.ledger.of_kind(SUPPLIER, "order_created") == []
    first.pass_time(900)
    assert len(first.paid_orders(order.name)) == 1
