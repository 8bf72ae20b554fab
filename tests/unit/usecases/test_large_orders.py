"""Orders of more SKUs than fit into one transaction: stock is taken and given back in parts (promise P3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwright.domain.order import Address, OrderLine, OrderRecord, OrderState, PaymentState, Reason, StoreOrder
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.messages import Message
from orderwright.records import OrderFile, purchase_order_key, reference_ref
from orderwright.storage import Put
from orderwright.usecases import reservations
from orderwright.usecases.ingest_order import ingest_order
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.routing.lately import Lately
from orderwright.usecases.stock.closing import close_reservations
from tests.support.catalogue_world import World, make_world
from tests.support.fakes import START, usd
from tests.support.shop import Killed
from tests.unit.usecases.shop_fixture import OpenShop, open_shop

__all__ = ["open_shop"]

PK = "shop#1001"
LONG = "Wörk lämp with a very long title, ünderlined " * 5
WRITES = ("PutItem", "TransactWriteItems")


def order_of(units: dict[str, int], **more: Any) -> StoreOrder:
    """A paid order of these SKUs, each on a line of its own."""
    lines = tuple(
        OrderLine(line_id=f"gid://shopify/LineItem/{index:014d}", sku=sku, title=LONG, quantity=count, unfulfilled=count,
                  unit_price=usd("22.99"))
        for index, (sku, count) in enumerate(units.items())
    )  # fmt: skip
    address = Address(name="Anna Example", line1="1 Main St", city="Springfield", province_code="IL", postcode="62701",
                      country_code="US")  # fmt: skip
    base: dict[str, Any] = {
        "connection": "shop", "order_id": "1001", "name": "#1001", "created_at": START, "updated_at": START,
        "payment": PaymentState.PAID, "total": usd("100000.00"), "refunded": usd("0.00"), "lines": lines,
        "address": address, "email": "anna@example.com",
    }  # fmt: skip
    return StoreOrder.model_validate({**base, **more})


@dataclass
class Orders:
    """One order of the store over a catalogue of cj's."""

    world: World
    order: StoreOrder

    def fetch_order(self, order_id: str) -> StoreOrder:
        return self.order

    def cancel(self) -> None:
        self.order = self.order.model_copy(update={"cancelled_at": START})

    def run(self, kill: tuple[int, str] | None = None) -> None:
        """One message; killed before or after its n-th commit."""
        seen: list[str] = []

        def hook(when: str) -> Callable[[str], None]:
            def meet(name: str) -> None:
                if name.rpartition(":")[2] in WRITES:
                    if when == "before":
                        seen.append(name)
                    if kill == (len(seen), when):
                        raise Killed(name)

            return meet

        self.world.aws.before, self.world.aws.after = hook("before"), hook("after")
        try:
            ingest_order(
                Message("order.changed", "m", "now", connection="shop", resource="1001"),
                storage=self.world.storage, config=self.world.config, store_for=lambda _: self,  # type: ignore[arg-type, return-value]
                supplier_for=lambda _: self,  # type: ignore[arg-type, return-value]
                timing=self.world.timing, clock=self.world.clock, bills=lambda _: self,  # type: ignore[arg-type, return-value]
                lately=Lately(self.world.storage, self.world.clock),
            )  # fmt: skip
        finally:
            self.world.aws.before = self.world.aws.after = lambda _: None

    def lacks(self, destination: Address, lines: object) -> list[Reason]:
        """As a supplier that takes anything."""
        return []

    @property
    def file(self) -> OrderFile:
        return self.world.storage.load_order(PK)

    @property
    def record(self) -> OrderRecord:
        assert self.file.record is not None
        return self.file.record.model

    def bought(self) -> dict[str, int]:
        """Units by SKU in purchase orders that live."""
        living = [held.model for held in self.file.purchase_orders.values() if held.model.state.value != "CANCELLED"]
        return {line.sku: line.quantity for po in living for line in po.lines}

    def taken(self, skus: dict[str, int]) -> dict[str, int]:
        """Units by SKU that the offers hold for somebody; what is sellable must say the same."""
        offers = {sku: self.world.offer(sku) for sku in skus}
        assert all(o.sellable == o.stock - sum(o.open.values()) for o in offers.values())
        return {sku: sum(offer.open.values()) for sku, offer in offers.items() if offer.open}


@pytest.fixture
def make() -> Iterator[Callable[[dict[str, int]], Orders]]:
    made: list[World] = []

    def one(units: dict[str, int], **stock: int) -> Orders:
        world = make_world()
        made.append(world)
        for sku, count in units.items():
            held = stock.get(sku, count + 3)
            world.has_offer(sku, stock=held, sellable=held)
        return Orders(world, order_of(units))

    yield one
    for world in made:
        world.aws.close()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The true size of a part is held by the property and by the operator's stop below."""
    monkeypatch.setattr(reservations, "PART", 8)


def skus(count: int) -> dict[str, int]:
    return {f"S{number}": 1 + number % 3 for number in range(count)}


@given(count=st.integers(1, 250))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_number_of_skus_is_reserved_once_bought_once_and_given_back(make: Any, count: int) -> None:
    units = skus(count)
    shop: Orders = make(units)
    shop.run()
    assert (shop.taken(units), shop.bought()) == (units, units)
    assert shop.record.state is OrderState.PLACING
    shop.cancel()
    shop.run()
    assert (shop.taken(units), shop.bought(), shop.record.giving_back) == ({}, {}, {})
    assert shop.record.state.value == "CANCELLED"
    largest = max(len(json.dumps(held.model.model_dump(mode="json"))) for held in shop.file.purchase_orders.values())
    assert largest < 300_000, "an item of DynamoDB holds 400 KB"


KILLS = [(number, when) for number in (1, 2, 3) for when in ("before", "after")]


@pytest.mark.parametrize("kill", KILLS)
def test_a_crash_between_two_parts_buys_nothing_and_gives_nothing_back_twice(
    make: Any, kill: tuple[int, str], small_parts: None
) -> None:
    units = skus(17)
    shop: Orders = make(units)
    with pytest.raises(Killed):
        shop.run(kill)
    if shop.file.record is not None and kill != (3, "after"):
        assert (shop.record.state, shop.bought()) == (OrderState.RESERVING, {})
        assert {sku: units[sku] for sku in shop.taken(units)} == shop.taken(units)
        at = shop.world.clock.now()
        assert "order.due" in [kind for _, kind in shop.world.storage.due("orders", at, 9)], "the sweep wakes it"
    shop.run()
    assert (shop.taken(units), shop.bought(), len(shop.file.purchase_orders)) == (units, units, 1)
    shop.cancel()
    with pytest.raises(Killed):
        shop.run(kill)
    shop.run()
    assert (shop.taken(units), shop.bought(), shop.record.state.value) == ({}, {}, "CANCELLED")


def test_a_shortage_in_a_later_part_waits_as_any_shortage_does(make: Any, small_parts: None) -> None:
    units = skus(10)
    shop: Orders = make(units, S9=0)
    shop.run()
    assert (shop.record.state, [reason.code for reason in shop.record.reasons]) == (
        OrderState.NEEDS_ATTENTION, ["OUT_OF_STOCK"],
    )  # fmt: skip
    assert (shop.bought(), len(shop.taken(units))) == ({}, 9)
    shop.world.change_offer("S9", stock=9, sellable=9)
    shop.run()
    assert shop.bought() == units


def test_an_order_cancelled_while_it_reserves_holds_nothing(make: Any, small_parts: None) -> None:
    units = skus(17)
    shop: Orders = make(units)
    with pytest.raises(Killed):
        shop.run((2, "after"))
    shop.cancel()
    shop.run()
    assert (shop.taken(units), shop.record.state) == ({}, OrderState.CANCELLED)


def test_many_lines_edited_out_go_back_in_parts(make: Any, small_parts: None) -> None:
    units = skus(17)
    shop: Orders = make(units)
    shop.run()
    shop.order = order_of({"S0": 1})
    shop.run()
    assert (shop.taken(units), shop.bought()) == ({"S0": 1}, {"S0": 1})


def test_an_operators_stop_of_a_large_order_gives_all_back(make: Any) -> None:
    units = skus(170)
    shop: Orders = make(units)
    shop.run()
    stop_order(Desk(shop.world.storage, shop.world.clock, "anna"), PK)
    assert len(shop.taken(units)) == 170 - reservations.PART
    assert [kind for _, kind in shop.world.storage.due("orders", shop.world.clock.now(), 9)] == ["order.due"]
    shop.run()
    assert (shop.bought(), shop.record.state, shop.record.giving_back) == ({}, OrderState.ON_HOLD, {})
    assert shop.taken(units) == units, "a held order keeps its goods, reserved anew"


def test_a_large_purchase_order_closes_its_reservations_in_parts(make: Any, small_parts: None) -> None:
    units = skus(17)
    shop: Orders = make(units)
    shop.run()
    world, key = shop.world, purchase_order_key(PK, "cj", 1)
    held = shop.file.purchase_orders[key.sk]
    placed = held.model.model_copy(update={"state": PurchaseOrderState.PLACED, "placed_at": START})
    world.storage.commit([Put(key, placed, held.version, ref=reference_ref(placed.reference))])
    world.clock.forward(minutes=30)
    for sku in units:
        world.change_offer(sku, observed_at=START + timedelta(minutes=20))
    assert close_reservations(
        shop.file, key.sk, storage=world.storage, config=world.config, timing=world.timing, clock=world.clock
    )
    assert len(shop.taken(units)) == 17 - reservations.PART
    shop.run()
    assert shop.taken(units) == {}
    assert {sku: world.offer(sku).sold for sku in units} == units
    closed = world.storage.get(key, PurchaseOrder)
    assert closed is not None
    assert closed.model.reservation_closed


def test_a_purchase_order_that_is_withdrawn_gives_back_in_parts(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reservations, "PART", 2)
    shop = open_shop()
    goods = ("HL-MS-400", "HL-COB-350", "HL-KID-120", "HL-PRO-1200", "HL-UL-300")
    name = shop.store.buy([(sku, 1) for sku in goods]).name
    before = {sku: shop.sellable(sku) for sku in goods}
    shop.deliver()
    while shop.queues["ingest_order"]:
        shop.call("ingest_order", shop.queues["ingest_order"].popleft())
    shop.relay()
    message = shop.queues["place_purchase_order"].popleft()
    shop.store.cancel(name)
    shop.call("place_purchase_order", message)
    held = shop.record(name)
    assert (len(held.giving_back), held.reserved) == (3, {}), "placing wrote it down for ingest_order"
    shop.run()
    assert {sku: shop.sellable(sku) for sku in goods} == before
