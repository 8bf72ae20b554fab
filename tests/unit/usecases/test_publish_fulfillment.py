"""A parcel is recorded in the store once, with the right lines, without the store mailing anybody (R29, promise P11)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orderwright.domain.order import OrderState
from orderwright.domain.shipment import FulfillmentState
from orderwright.ports.connection import Clock
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, COB = "HL-MS-400", "HL-COB-350"


class ClockAhead:
    """An operator's machine, some seconds ahead of the workers'."""

    def __init__(self, true: Clock) -> None:
        self._true = true

    def now(self) -> datetime:
        """What that machine believes."""
        return self._true.now() + timedelta(seconds=5)


def parcel(shop: OrderShop, *lines: tuple[str, int], part: dict[str, int] | None = None) -> str:
    """An order, paid and sent: its name. What the store makes of it comes afterwards."""
    name = shop.store.buy(list(lines or [(MS, 1)])).name
    shop.run()
    shop.supplier.ship(shop.purchase_orders(name)[0].reference, part)
    return name


def recorded(shop: OrderShop) -> list[dict[str, int]]:
    """The store's ledger: units by SKU."""
    made = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    return [{line["sku"]: line["quantity"] for line in entry.data["lines"]} for entry in made]


def test_the_right_lines_are_recorded_with_number_and_carrier_and_the_store_mails_nobody(shop: OrderShop) -> None:
    name = parcel(shop, (MS, 2), (COB, 1))
    shop.run()
    (entry,) = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    assert recorded(shop) == [{MS: 2, COB: 1}]
    (shipment,) = shop.shipments(name)
    assert entry.data["number"] == shipment.tracking_number
    assert entry.data["company"]
    assert entry.data["notified"] is False


def test_two_parcels_are_two_records(shop: OrderShop) -> None:
    name = parcel(shop, (MS, 3), part={MS: 1})
    shop.run()
    shop.supplier.ship(shop.purchase_orders(name)[0].reference)
    shop.run()
    assert recorded(shop) == [{MS: 1}, {MS: 2}]


@pytest.mark.parametrize("how", ["accept_then_timeout", "accept_then_500", "timeout", "error_500", "accept_late"])
def test_a_silent_store_is_read_before_anything_is_recorded_again(shop: OrderShop, how: str) -> None:
    name = parcel(shop)
    shop.store.config.faults.script("fulfillmentCreate", how)
    shop.run()
    shop.pass_time(1200, step=300)
    assert recorded(shop) == [{MS: 1}]
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.DONE


def test_two_silences_are_parked_with_a_reason(shop: OrderShop) -> None:
    name = parcel(shop)
    shop.store.config.faults.script("fulfillmentCreate", "timeout", "timeout")
    shop.run()
    shop.pass_time(1800, step=300)
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.NEEDS_ATTENTION, ["FULFILLMENT_OUTCOME_UNCLEAR"])
    assert recorded(shop) == []


def test_a_retry_from_a_machine_whose_clock_is_ahead_is_carried_out_a_minute_later(shop: OrderShop) -> None:
    name = parcel(shop)
    shop.store.config.faults.script("fulfillmentCreate", "timeout", "timeout")
    shop.run()
    shop.pass_time(1800, step=300)
    desk = Desk(shop.wiring.storage, ClockAhead(shop.clock), "tester")
    retry_order(desk, shop.order(name).pk, shop.wiring.timing, not_ordered=True)
    shop.run()
    assert recorded(shop) == []
    shop.pass_time(60)
    assert (recorded(shop), shop.record(name).state) == ([{MS: 1}], OrderState.SHIPPED)


def test_the_same_word_twice_is_one_record(shop: OrderShop) -> None:
    name = parcel(shop)
    shop.deliver()
    while shop.queues["update_tracking"]:
        shop.call("update_tracking", shop.queues["update_tracking"].popleft())
    shop.relay()
    shop.queues["publish_fulfillment"].extend(list(shop.queues["publish_fulfillment"]) * 2)
    shop.run()
    assert recorded(shop) == [{MS: 1}]
    assert len(shop.shipments(name)) == 1


def test_lines_that_were_closed_by_hand_are_parked_visibly_and_the_customer_is_told(shop: OrderShop) -> None:
    name = parcel(shop)
    (fulfillment_order,) = shop.store.order(name).fulfillment_orders
    for part in fulfillment_order.lines:
        part.remaining = 0
    shop.run()
    (reason,) = shop.record(name).reasons
    assert (shop.record(name).state, reason.code) == (OrderState.NEEDS_ATTENTION, "FULFILLMENT_LINES_NOT_OPEN")
    assert reason.fix
    assert len(shop.post.mails) == 1


def test_a_throttled_store_is_served_later(shop: OrderShop) -> None:
    parcel(shop)
    shop.store.config.faults.script("fulfillmentCreate", *["rate_limited"] * 3)
    shop.run()
    assert recorded(shop) == []
    shop.pass_time(1800, step=600)
    assert recorded(shop) == [{MS: 1}]


def test_a_store_that_stays_closed_is_parked_in_the_end(open_shop: OpenShop) -> None:
    shop = open_shop()
    name = parcel(shop)
    shop.store.tokens.revoke_all()
    shop.store.shop.installed = False
    shop.run()
    shop.pass_time(3 * 86400, step=18 * 3600)
    assert shop.record(name).state is OrderState.NEEDS_ATTENTION
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.PARKED
    assert len(shop.shipments(name)[0].log) < 24
