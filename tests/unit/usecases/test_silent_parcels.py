"""A parcel without a scan for some days is told to merchant and customer before the customer asks (R34, promise P5)."""

from __future__ import annotations

import pytest

from orderwright.domain.shipment import Shipment
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
