"""A parcel without a scan for some days is told to merchant and customer before the customer asks (R34, promise P5)."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import timedelta

import pytest

from orderwright.domain.shipment import Milestone, Shipment, ShipmentState
from orderwright.messages import Message
from tests.support.shop import STORE, Boundary, Killed
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop
from tests.unit.usecases.test_update_tracking import scan, shipped, subjects

__all__ = ["OpenShop", "open_shop", "shop"]

DAY = 86_400


def parcel(shop: OrderShop, name: str) -> Shipment:
    (held,) = shop.order(name).shipments.values()
    found: Shipment = held.model
    return found


def silent(shop: OrderShop) -> int:
    return sum("PARCEL_SILENT" in alert for alert in shop.post.alerts)


def test_silence_is_told_once_to_customer_and_merchant_and_a_scan_ends_it(shop: OrderShop) -> None:
    name, number = shipped(shop)
    scan(shop, number, "in_transit")
    shop.pass_time(4 * DAY, step=DAY / 2)
    assert silent(shop) == 0
    shop.pass_time(4 * DAY, step=DAY / 2)
    assert (silent(shop), subjects(shop)) == (1, ["SHIPPED", "DELAYED"])
    assert "No news" in shop.post.mails[-1].subject
    assert parcel(shop, name).quiet_since is not None
    scan(shop, number, "in_transit")
    assert parcel(shop, name).quiet_since is None
    shop.pass_time(7 * DAY, step=DAY / 2)
    assert (silent(shop), subjects(shop)) == (2, ["SHIPPED", "DELAYED"]), "the merchant again, the customer not twice"


def test_what_is_out_for_delivery_is_never_told_a_step_back(shop: OrderShop) -> None:
    _, number = shipped(shop)
    scan(shop, number, "out_for_delivery")
    shop.pass_time(8 * DAY, step=DAY / 2)
    assert (silent(shop), subjects(shop)) == (1, ["SHIPPED", "OUT_FOR_DELIVERY"])


@pytest.mark.parametrize("state", ["available_for_pickup", "delivered"])
def test_what_waits_for_its_buyer_or_has_arrived_needs_no_scan(shop: OrderShop, state: str) -> None:
    _, number = shipped(shop)
    scan(shop, number, state)
    shop.pass_time(8 * DAY, step=DAY)
    assert silent(shop) == 0


def test_what_customs_hold_is_told_once_also_while_it_is_scanned_there(shop: OrderShop) -> None:
    name, number = shipped(shop)
    for _ in range(7):
        shop.carrier.scan(number, "in_transit", "Held by customs", code="EME")
        shop.pass_time(DAY, step=DAY / 2)
    held = parcel(shop, name)
    assert (held.state, held.milestone) == (ShipmentState.IN_CUSTOMS, Milestone.DELAYED)
    assert [sum(code in alert for alert in shop.post.alerts) for code in ("PARCEL_IN_CUSTOMS", "PARCEL_SILENT")] == [
        1,
        0,
    ]
    assert subjects(shop) == ["SHIPPED", "DELAYED"]
    assert "has not been scanned" not in shop.post.mails[-1].text
    scan(shop, number, "in_transit")
    assert (parcel(shop, name).quiet_since, parcel(shop, name).state) == (None, ShipmentState.IN_TRANSIT)


def test_what_customs_hold_without_a_scan_is_told_as_silence(shop: OrderShop) -> None:
    _, number = shipped(shop)
    shop.carrier.scan(number, "in_transit", "Held by customs", code="EME")
    shop.carrier.lose(number)
    scan(shop, number, "in_transit")
    shop.pass_time(6 * DAY, step=DAY / 2)
    assert (sum("PARCEL_IN_CUSTOMS" in alert for alert in shop.post.alerts), silent(shop)) == (1, 0)
    assert (subjects(shop), "No news" in shop.post.mails[-1].subject) == (["SHIPPED", "DELAYED"], True)


def test_a_day_of_the_carrier_that_has_passed_is_never_told_as_the_new_one(shop: OrderShop) -> None:
    _, number = shipped(shop)
    shop.carrier.scan(number, "in_transit", "Departed", est_delivery=shop.clock.now() + timedelta(days=2))
    shop.pass_time(4 * DAY, step=DAY / 2)
    assert subjects(shop) == ["SHIPPED", "DELAYED"]
    assert "now expected on" not in shop.post.mails[-1].text


@pytest.mark.parametrize("side", ["before", "after"])
def test_p5_a_worker_killed_at_any_call_tells_of_the_silence_once(shop: OrderShop, side: str) -> None:
    for number in itertools.count(1):
        name, _ = shipped(shop)
        file = shop.order(name)
        (sk,) = file.shipments
        shop.clock.advance(5 * DAY + 60)
        mails, alerts = len(shop.post.mails), silent(shop)
        boundary = Boundary(kill_at=(number, side))
        message = Message("tracking.due", f"m-{number}", "now", connection=STORE, pk=file.pk, sk=sk)
        with suppress(Killed):
            shop.call("update_tracking", message.to_json(), boundary)
        shop.wiring = shop.new_worker()
        shop.queues["update_tracking"].append(message.to_json())  # it comes again
        shop.run()
        told = [mail.reference for mail in shop.post.mails[mails:] if mail.reference.startswith(name)]
        assert (told, silent(shop) - alerts) == ([f"{name}-DELAYED"], 1)
        shop.carrier.scan(next(iter(file.shipments.values())).model.tracking_number, "delivered", "Delivered")
        shop.run()
        if not boundary.dead:
            assert number > 3
            return
