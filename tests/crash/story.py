"""One customer's order from Buy to the door, as far as the faults let it come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from local.sandbox.shopify import Address, Buyer
from orderwright.storage import Delete
from orderwright.usecases.operator.kill import KillSwitch, kill_key
from tests.crash.shop_in_time import TimedShop
from tests.support.shop import SUPPLIER

PATIENCE = timedelta(minutes=15)
CANARY = Buyer("Kanaria", "Lintukoto", "kanaria.lintukoto@example.com", "+358401234567")
HOME = Address(
    address1="Varpusentie 99", city="Tampere", zip="33100", first_name="Kanaria", last_name="Lintukoto",
    phone="+358401234567",
)  # fmt: skip
CANARIES = ("Lintukoto", "Kanaria", "Varpusentie", "kanaria.lintukoto", "401234567")
CART = (("HL-MS-400", 1), ("HL-KID-120", 2))
LATE_SECONDS = 200.0
"""How late a late effect comes: inside the lateness that the windows of promise P1 allow for."""
ACTS: tuple[str, ...] = ("buy", "ship", "ship_rest", "out_for_delivery", "delivered", "late_scan")


def buy(shop: TimedShop) -> None:
    """The customer orders two articles, pays, and agrees to text messages."""
    order = shop.scene.store.buy(list(CART), buyer=CANARY, address=HOME, sms=True)
    shop.scene.memory["order"] = order.name


def ship(shop: TimedShop) -> None:
    """The supplier sends what it was paid for in one parcel; or, where it splits, one unit of one article first."""
    for order in shop.scene.supplier.orders:
        if order.paid_at is not None and order.unshipped():
            part = {CART[-1][0]: 1} if shop.scene.memory.get("split") else None
            shop.scene.supplier.ship(order.order_id, part)


def ship_rest(shop: TimedShop) -> None:
    """What is left follows in a second parcel."""
    for order in shop.scene.supplier.orders:
        if order.parcels and order.unshipped():
            shop.scene.supplier.ship(order.order_id)


def scan(status: str) -> Callable[[TimedShop], None]:
    """The carrier scans what was sent."""

    def act(shop: TimedShop) -> None:
        for entry in shop.scene.world.ledger.of_kind("cj", "order_shipped"):
            shop.scene.carrier.scan(entry.data["tracking_number"], status, status)

    return act


def _stop_is_over(shop: TimedShop) -> bool:
    """Switch the kill switch off again, if it is on, and keep what was paid while it was on."""
    memory = shop.scene.memory
    if not memory.pop("kill_switch", False):
        return False
    since = memory.pop("switched_before_pay", None)
    paid = shop.scene.world.ledger.of_kind("cj", "order_paid")
    memory["paid_while_stopped"] = sum(1 for entry in paid if since is not None and entry.at >= since)
    storage = shop.shop.wiring.storage
    held = storage.get(kill_key(SUPPLIER), KillSwitch)
    assert held is not None
    storage.commit([Delete(kill_key(SUPPLIER), held.version)])
    shop.scene.last_fault = shop.scene.clock.at
    return True


_DO: dict[str, Callable[[TimedShop], None]] = {
    "buy": buy,
    "ship": ship,
    "ship_rest": ship_rest,
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
        if _stop_is_over(shop):
            continue
        done = memory.setdefault("acts", [])
        if len(done) == len(ACTS):
            return
        memory["act"] = ACTS[len(done)]
        done.append(memory["act"])
        shop.scene.clock.advance(1)
        _DO[memory["act"]](shop)
