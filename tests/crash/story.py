"""One customer's order from Buy to the door, as far as the faults let it come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from local.sandbox.shopify import Address, Buyer
from tests.crash.shop_in_time import TimedShop

PATIENCE = timedelta(minutes=15)
CANARY = Buyer("Kanaria", "Lintukoto", "kanaria.lintukoto@example.com", "+358401234567")
HOME = Address(
    address1="Varpusentie 99", city="Tampere", zip="33100", first_name="Kanaria", last_name="Lintukoto",
    phone="+358401234567",
)  # fmt: skip
CANARIES = ("Lintukoto", "Kanaria", "Varpusentie", "kanaria.lintukoto", "401234567")
CART = (("HL-MS-400", 1), ("HL-KID-120", 2))
ACTS: tuple[str, ...] = ("buy", "ship", "out_for_delivery", "delivered", "late_scan")


def buy(shop: TimedShop) -> None:
    """The customer orders two articles, pays, and agrees to text messages."""
    order = shop.scene.store.buy(list(CART), buyer=CANARY, address=HOME, sms=True)
    shop.scene.memory["order"] = order.name


def ship(shop: TimedShop) -> None:
    """The supplier sends what it was paid for, in one parcel (the first paid of orders with one number)."""
    for order in shop.scene.supplier.orders:
        if order.paid_at is not None and order.unshipped():
            shop.scene.memory["parcel"] = shop.scene.supplier.ship(order.order_id).tracking_number


def scan(status: str) -> Callable[[TimedShop], None]:
    """The carrier scans the parcel, if there is one."""

    def act(shop: TimedShop) -> None:
        if "parcel" in shop.scene.memory:
            shop.scene.carrier.scan(shop.scene.memory["parcel"], status, status)

    return act


_DO: dict[str, Callable[[TimedShop], None]] = {
    "buy": buy,
    "ship": ship,
    "out_for_delivery": scan("out_for_delivery"),
    "delivered": scan("delivered"),
    "late_scan": scan("in_transit"),
}


def play(shop: TimedShop) -> None:
    """From where the scene is to the end. Each act starts when all is quiet, or 15 minutes after the last fault."""
    while True:
        calm = shop.settle(PATIENCE)
        memory = shop.scene.memory
        if not calm:
            memory.setdefault("restless", []).append(memory.get("act", ""))
        done = memory.setdefault("acts", [])
        if len(done) == len(ACTS):
            return
        memory["act"] = ACTS[len(done)]
        done.append(memory["act"])
        shop.scene.clock.advance(1)
        _DO[memory["act"]](shop)
