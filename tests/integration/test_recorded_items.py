"""All that an older version wrote is still read: items by the models of today, messages and due times by the functions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from orderwright.messages import QUEUE_OF, Message, NotAMessage, parse
from orderwright.records import Key
from orderwright.usecases.dispatch_schedules import dispatch_schedules
from orderwright.usecases.publish_product import publish_product
from tests.support.catalogue_world import SKU, World, make_world, message, new_token, push_listings
from tests.support.fakes import unit_usd, usd
from tests.support.polled_feed import PolledFeed
from tests.support.polled_supplier import PolledSupplier
from tests.support.recorded import MODELS, Item, ShopOfThen, kind_of, message_of_then, put_items, read, world_of_then
from tests.support.shop import Shop
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.test_reconcile_store import Reconciler

ITEMS: list[Item] = [*read("orders"), *read("goods")]
DUE = {item["due_at"].partition("#")[2] for item in ITEMS if "due_at" in item}
NEVER_SENT = "reservation.close_due"
"""A type that no code of then sent, and for which no item waited; it is gone (docs/decisions.md)."""
TYPES = sorted(fields["type"] for fields in read("messages") if fields["type"] != NEVER_SENT)


@pytest.fixture
def storage() -> Iterator[World]:
    """Empty tables."""
    made = make_world()
    yield made
    made.aws.close()


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world()
    world_of_then(made)
    yield made
    made.aws.close()


# --- items ------------------------------------------------------------------------------------------------------------


def test_there_is_an_item_of_every_model_of_then() -> None:
    assert {kind_of(item) for item in ITEMS} == {*MODELS, "control BUDGET"}


def same(then: Any, now: Any) -> bool:
    """Does it still say the same? What is added since does not count; a cost in whole cents is a decimal amount today."""
    if isinstance(then, dict) and then.keys() == {"minor", "currency"} and "amount" in now:
        return bool(Decimal(now["amount"]).scaleb(2) == then["minor"] and now["currency"] == then["currency"])
    if isinstance(then, dict):
        return all(name in now and same(value, now[name]) for name, value in then.items())
    if isinstance(then, list):
        return len(then) == len(now) and all(map(same, then, now))
    return bool(then == now)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item['pk']}-{item['sk']}")
def test_an_item_is_read_without_loss(storage: World, item: Item) -> None:
    key = Key(item["table"], item["pk"], item["sk"])
    put_items(storage.aws.client("dynamodb"), storage.storage._tables, [item])
    if kind_of(item) == "control BUDGET":
        return  # counted by the table itself; test_p10 reads it
    held = storage.storage.get(key, MODELS[kind_of(item)])
    assert held is not None
    assert held.version == item["version"]
    assert same(item["body"], held.model.model_dump(mode="json"))


def test_orders_and_skus_are_read_as_a_whole(storage: World) -> None:
    put_items(storage.aws.client("dynamodb"), storage.storage._tables, ITEMS)
    for order_id in read("world")["orders"].values():
        file = storage.storage.load_order(f"lamp-shop#{order_id}")
        parts = [item for item in ITEMS if item["pk"] == file.pk]
        held: list[object] = [file.record, file.details, *file.purchase_orders, *file.shipments]
        held += [*file.notices, *file.fulfillments]
        assert len([part for part in held if part is not None]) == len(parts)
    for sku in (SKU, "SKU-0"):
        goods = storage.storage.load_sku(sku)
        assert goods.record is not None
        assert (set(goods.offers), set(goods.listings)) == ({"cj"}, {"shop"})


# --- due times and messages -------------------------------------------------------------------------------------------


def test_every_due_text_of_then_is_known_to_the_sweep(storage: World) -> None:
    put_items(storage.aws.client("dynamodb"), storage.storage._tables, ITEMS)
    sent: list[Message] = []
    storage.clock.forward(minutes=60 * 24 * 30)
    dispatch_schedules(
        "sweep",
        storage=storage.storage,
        config=storage.config,
        send=sent.extend,
        clock=storage.clock,
        new_token=new_token,
    )
    assert {message.type for message in sent} == DUE
    assert len(sent) == len([item for item in ITEMS if "due_at" in item])


def test_the_types_of_then_still_go_where_they_went() -> None:
    for fields in read("messages"):
        if fields["type"] != NEVER_SENT:
            assert QUEUE_OF[fields["type"]] == fields["queue"]
    with pytest.raises(NotAMessage):
        parse(message_of_then(NEVER_SENT)[1])


def test_every_message_of_then_is_taken_by_the_function_of_today() -> None:
    shop = OrderShop()
    shop.connect()
    shop.stock_up()
    ShopOfThen(shop)
    place = {"LocationConstraint": "eu-north-1"}
    shop.aws.client("s3").create_bucket(Bucket="recorded", CreateBucketConfiguration=place)
    shop._environ["SNAPSHOTS_BUCKET"] = "recorded"
    for kind in sorted(TYPES, key="connection.closed".__eq__):  # that one ends what the others need
        queue, body = message_of_then(kind)
        Shop.call(shop, queue, body)
    shop.close()


# --- stock, price, listings -------------------------------------------------------------------------------------------


def test_a_price_that_waited_for_its_push_is_pushed_and_read_back(world: World) -> None:
    assert push_listings(world) == []
    assert (world.store.of(SKU).price, world.store.of(SKU).quantity) == (usd("25.99"), 4)
    world.clock.forward(minutes=1)
    assert push_listings(world) == []
    assert world.listing().checked_at == world.clock.now()


def test_a_sku_that_waited_for_its_publication_goes_on_sale_once(world: World) -> None:
    for _ in range(2):
        publish_product(
            message("listing.publication_due", connection="shop", resource="SKU-0"),
            storage=world.storage,
            config=world.config,
            store_catalogue_for=world.catalogue_for,
            clock=world.clock,
            timing=world.timing,
        )
    assert world.store.calls.count("publish_goods") == 1
    assert world.listing("SKU-0").published


def test_a_feed_goes_on_from_its_snapshot_and_lease_of_then(world: World) -> None:
    polls = PolledFeed(world)
    polls.rows = {"SKU-0": (5, "6.40"), SKU: (4, "7.60")}
    polls.show()
    fence = polls.state.fence
    polls.poll()
    assert (polls.state.broken, polls.state.rows, world.offer().stock) == (False, 2, 4)
    polls.show(HL_MS_400=(3, "7.60"))
    polls.poll()
    assert (world.offer().stock, world.offer("SKU-0").stock) == (3, 5)
    assert polls.state.fence > fence
    polls.show(SKU_0=None, HL_MS_400=None)
    polls.poll()
    assert polls.state.broken, "an empty file is held against the rows of before"
    assert world.offer().stock == 3


def test_a_rolling_poll_goes_on_with_the_points_that_were_used(world: World) -> None:
    supplier = PolledSupplier(world)
    used = supplier.used
    assert used > 0
    supplier.stock.answers["vid-SKU-0"] = (2, unit_usd("6.40"))
    supplier.run(message("stock.news", connection="cj", pk="SKU#SKU-0", sk="OFFER#cj"))
    assert world.offer("SKU-0").stock == 2
    assert supplier.used > used


def test_p2_the_reconciler_goes_on_from_where_it_was(world: World) -> None:
    reconciler = Reconciler(world)
    before = reconciler.state.reconciled_until
    world.clock.forward(minutes=30)
    reconciler.run()
    assert before is not None
    assert reconciler.state.reconciled_until == world.clock.now()
