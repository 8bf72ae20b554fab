"""What can happen at one call boundary: a kill, a frozen worker, a cancellation, a switch, a lost answer of AWS."""

from __future__ import annotations

from datetime import timedelta

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from orderwright.config_store import CURRENT
from orderwright.domain.operations import StoredConfig
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.storage import Put
from orderwright.usecases.operator.kill import KillSwitch, kill_key
from tests.crash.edge import Action, Invocation
from tests.crash.scene import Flight
from tests.crash.shop_in_time import TimedShop
from tests.support.shop import STORE, SUPPLIER

LONGER_THAN_A_LEASE = timedelta(seconds=400)


def kill(shop: TimedShop, now: Invocation) -> None:
    """The worker ends here."""
    shop.kill(now)


def cancel(shop: TimedShop, now: Invocation) -> None:
    """The customer cancels in the store, where the store still allows it."""
    memory = shop.scene.memory
    try:
        shop.scene.store.cancel(memory["order"])
    except ValueError:
        memory["cancel_refused"] = True
    else:
        memory["cancelled_before_call"] = now.call
        shop.scene.last_fault = shop.scene.clock.at


def freeze(shop: TimedShop, now: Invocation) -> None:
    """This worker stands still until its lease and the supplier's lateness are over, and others do its work; it goes on then."""
    above, shop.current = shop.current, None
    shop.scene.memory["frozen"] = True
    now.deadline = None
    shop.scene.clock.at += LONGER_THAN_A_LEASE
    shop.scene.store.tick()
    shop.scene.supplier.tick()
    if now.flight is not None:
        old = now.flight
        shop.fly(Flight(shop.scene.clock.at, 0, old.queue, old.body, old.tries + 1))
    shop.sweep()
    while shop.job():
        pass
    shop.scene.last_fault = shop.scene.clock.at
    shop.current = above


def _purchase_orders(shop: TimedShop) -> list[PurchaseOrder]:
    number = shop.scene.store.order(shop.scene.memory["order"]).number
    file = shop.shop.wiring.storage.load_order(f"{STORE}#{number}")
    return [held.model for held in file.purchase_orders.values()]


def kill_switch(shop: TimedShop, now: Invocation) -> None:
    """The operator stops all spending at the supplier."""
    above, shop.current = shop.current, None
    shop.scene.last_fault = shop.scene.clock.at
    intent = any(po.state is PurchaseOrderState.INTENT and po.step == "pay" for po in _purchase_orders(shop))
    if not intent and not shop.scene.world.ledger.of_kind("cj", "order_paid"):
        shop.scene.memory["switched_before_pay"] = shop.scene.clock.at
    switch = KillSwitch(supplier=SUPPLIER, at=shop.scene.clock.at, by="test")
    shop.shop.wiring.storage.commit([Put(kill_key(SUPPLIER), switch, 0)])
    shop.scene.memory["kill_switch"] = True
    shop.current = above


def lower_cap(shop: TimedShop, now: Invocation) -> None:
    """The operator lowers the day's limit below what this order costs; functions read it within `config_cache`."""
    above, shop.current = shop.current, None
    storage = shop.shop.wiring.storage
    held = storage.get(CURRENT, StoredConfig)
    assert held is not None
    document = held.model.document.replace('"2000.00"', '"1.00"')
    assert document != held.model.document
    # A placing worker may have read the old limit already; any other moment before the first INTENT counts.
    if now.function != "place_purchase_order" and all(po.reserved_spend is None for po in _purchase_orders(shop)):
        shop.scene.memory["capped"] = True
    shop.scene.last_fault = shop.scene.clock.at
    storage.commit([Put(CURRENT, held.model.model_copy(update={"document": document}), held.version)])
    shop.current = above


def lose_answer(shop: TimedShop, now: Invocation) -> None:
    """AWS did it, and its answer is lost: the SDK raises, the worker lives on."""
    shop.scene.last_fault = shop.scene.clock.at
    raise ReadTimeoutError(endpoint_url="http://127.0.0.1")


def fail_500(shop: TimedShop, now: Invocation) -> None:
    """AWS answers 500."""
    shop.scene.last_fault = shop.scene.clock.at
    answer = {"Error": {"Code": "InternalFailure"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    raise ClientError(answer, "Operation")


def throttle(shop: TimedShop, now: Invocation) -> None:
    """AWS refuses for now."""
    shop.scene.last_fault = shop.scene.clock.at
    answer = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    raise ClientError(answer, "Operation")


def no_connection(shop: TimedShop, now: Invocation) -> None:
    """AWS cannot be reached."""
    shop.scene.last_fault = shop.scene.clock.at
    raise EndpointConnectionError(endpoint_url="http://127.0.0.1")


ACTIONS: dict[str, Action] = {
    action.__name__: action
    for action in (kill, cancel, freeze, kill_switch, lower_cap, lose_answer, fail_500, throttle, no_connection)
}
