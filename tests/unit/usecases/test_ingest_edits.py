"""What the merchant edits on an order, before and after it is bought (R7, R11; promises P3, P6)."""

from __future__ import annotations

import pytest

from local.sandbox.kit.people import Address, Buyer, CartLine
from orderwright.domain.order import OrderState
from tests.support.shop import Shop, test_config
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, COB, UL = "HL-MS-400", "HL-COB-350", "HL-UL-300"


def buy(shop: Shop, *lines: tuple[str, int] | CartLine, **how: object) -> str:
    """Buy and let everything happen; the order's name."""
    order = shop.store.buy(list(lines), **how)  # type: ignore[arg-type]
    shop.run()
    return order.name


# --- edits ------------------------------------------------------------------------------------------------------------


def test_a_line_edited_out_before_placement_gives_its_stock_back(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(upsell_window_minutes=30))
    name = buy(shop, (MS, 1), (COB, 3))
    shop.store.edit(name, {COB: 0})
    shop.run()
    assert (shop.sellable(MS), shop.sellable(COB)) == (39, 40)
    shop.pass_time(3600, step=1200)
    assert shop.bought(name) == {MS: 1}


def test_an_edit_before_the_purchase_order_is_opened_makes_it_anew(shop: OrderShop) -> None:
    name = buy_without_placing(shop, (MS, 1), (COB, 3))
    shop.store.edit(name, {COB: 0, MS: 2})
    shop.run()
    assert shop.bought(name) == {MS: 2}
    assert (shop.sellable(MS), shop.sellable(COB)) == (38, 40)


def buy_without_placing(shop: Shop, *lines: tuple[str, int], **how: object) -> str:
    """Everything up to the purchase order, which nobody opens yet."""
    name = shop.store.buy(list(lines), **how).name  # type: ignore[arg-type]
    shop.deliver()
    while shop.queues["ingest_order"]:
        shop.call("ingest_order", shop.queues["ingest_order"].popleft())
    return name


@pytest.mark.parametrize("units", [1, 3])
def test_a_quantity_changed_before_placement_is_bought_once_as_it_is_now(shop: OrderShop, units: int) -> None:
    name = buy_without_placing(shop, (MS, 2))
    shop.store.edit(name, {MS: units})
    if units > 2:
        shop.store.capture(name)
    shop.run()
    assert shop.bought(name) == {MS: units}
    assert len(shop.paid_orders(name)) == 1
    assert shop.sellable(MS) == 40 - units


def test_a_quantity_raised_after_placement_buys_the_difference_only(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.store.edit(name, {MS: 3})
    shop.run()
    assert shop.record(name).state is OrderState.AWAITING_PAYMENT
    assert shop.bought(name) == {MS: 1}
    shop.store.capture(name)
    shop.run()
    assert [po.lines[0].quantity for po in shop.purchase_orders(name)] == [1, 2]
    assert (shop.bought(name), shop.sellable(MS)) == ({MS: 3}, 37)


def test_a_quantity_raised_again_and_lowered_while_it_waits_keeps_one_reservation(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    for units in (3, 5, 2):
        shop.store.edit(name, {MS: units})
        shop.run()
        assert shop.sellable(MS) == 40 - units
    shop.store.edit(name, {MS: 1})
    shop.run()
    assert (shop.record(name).state, shop.sellable(MS)) == (OrderState.PLACED, 39)


def test_the_last_piece_is_not_promised_twice_when_a_quantity_is_raised(shop: OrderShop) -> None:
    name = buy(shop, (UL, 2))
    shop.store.edit(name, {UL: 3})
    shop.store.capture(name)
    shop.run()
    assert shop.record(name).state is OrderState.NEEDS_ATTENTION
    assert (shop.codes(name), shop.bought(name)) == (["OUT_OF_STOCK"], {UL: 2})


def test_the_reserved_last_piece_of_a_raised_quantity_is_not_taken_for_missing(shop: OrderShop) -> None:
    name = buy(shop, (UL, 1))
    shop.store.edit(name, {UL: 2})
    shop.run()
    shop.store.capture(name)
    shop.run()
    assert (shop.bought(name), shop.sellable(UL)) == ({UL: 2}, 0)


def test_a_raise_taken_back_before_it_is_bought_is_not_bought(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.store.edit(name, {MS: 2})
    shop.store.capture(name)
    shop.deliver()
    while shop.queues["ingest_order"]:
        shop.call("ingest_order", shop.queues["ingest_order"].popleft())
    shop.store.edit(name, {MS: 1})
    shop.deliveries.clear()
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_a_line_added_after_placement_is_bought_by_itself(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.store.edit(name, add=[(COB, 1)])
    shop.store.capture(name)
    shop.run()
    assert shop.bought(name) == {MS: 1, COB: 1}
    assert len(shop.paid_orders(name)) == 2


def test_a_line_removed_after_placement_comes_before_the_operator(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1), (COB, 1))
    shop.store.edit(name, {COB: 0})
    shop.run()
    assert shop.record(name).state is OrderState.NEEDS_ATTENTION
    assert shop.codes(name) == ["LINES_CHANGED_AFTER_PLACEMENT"]
    assert len(shop.post.alerts) == 1


# --- addresses --------------------------------------------------------------------------------------------------------


def test_an_address_changed_after_payment_comes_before_the_operator(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.store.set_address(name, Address(address1="Esimerkkitie 22"))
    shop.run()
    assert (shop.record(name).state, shop.codes(name)) == (
        OrderState.NEEDS_ATTENTION,
        ["ADDRESS_CHANGED_AFTER_PLACEMENT"],
    )


def test_an_order_without_postcode_waits_with_field_and_fix_and_goes_once_it_is_mended(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1), address=Address(zip=None))
    (reason,) = shop.record(name).reasons
    assert (reason.code, reason.field) == ("POSTCODE_MISSING", "address.postcode")
    assert reason.fix
    shop.store.set_address(name, Address())
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_an_order_without_address_waits_and_goes_once_it_has_one(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1), address=None)
    assert shop.codes(name) == ["ADDRESS_MISSING"]
    shop.store.set_address(name, Address())
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_an_order_without_e_mail_is_bought_all_the_same(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1), buyer=Buyer(email=None))
    assert shop.bought(name) == {MS: 1}
