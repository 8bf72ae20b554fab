"""What revision 1bb4692 (2026-11-22) wrote: whole items of its tables, one message of each type, and a feed's snapshots.

They were recorded from that revision's own code and unit tests' shops, so all data is invented. They stay as they are: whatever
changes here, an installation may still hold such items, and such messages may still be on their way.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from orderwright.aws.values import to_item
from orderwright.domain.base import Model
from orderwright.domain.catalogue import Offer, SkuRecord
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.feed_state import FeedState
from orderwright.domain.listing import Listing
from orderwright.domain.notice import Notice
from orderwright.domain.operations import (
    Cursor,
    KillHistory,
    KillSwitch,
    Lease,
    ParkedNote,
    StoredConfig,
    WaitingMessage,
)
from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Shipment, StoreFulfillment
from orderwright.records import CATALOGUE, CONTROL, ORDERS, Key
from orderwright.usecases.intake import plan
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.kill import switch_kill
from tests.support.catalogue_world import World
from tests.support.shop import STORE, SUPPLIER
from tests.unit.usecases.order_shop import OrderShop

FOLDER = Path(__file__).parents[1] / "integration" / "recorded"
MS, COB, UL = "HL-MS-400", "HL-COB-350", "HL-UL-300"
UNTIL_SENT = ("ingest_order", "place_purchase_order", "update_tracking")
Item = dict[str, Any]
MODELS: dict[str, type[Model]] = {
    "orders ORDER": OrderRecord,
    "orders DETAILS": OrderDetails,
    "orders PO": PurchaseOrder,
    "orders SHIP": Shipment,
    "orders NOTICE": Notice,
    "orders FULFILLMENT": StoreFulfillment,
    "catalogue SKU": SkuRecord,
    "catalogue OFFER": Offer,
    "catalogue LISTING": Listing,
    "control CONFIG": StoredConfig,
    "control CONNECTION": ConnectionState,
    "control CURSOR": Cursor,
    "control FEED": FeedState,
    "control KILL": KillSwitch,
    "control KILL_HISTORY": KillHistory,
    "control PARKED": ParkedNote,
    "control TOKEN": Lease,
    "control WAIT": WaitingMessage,
}
"""The model under each kind of key."""


def read(name: str) -> Any:
    """A recorded file."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def message_of_then(kind: str) -> tuple[str, str]:
    """The function that took this message then, and the queue's body."""
    (fields,) = (fields for fields in read("messages") if fields["type"] == kind)
    return fields.pop("queue"), json.dumps(fields)


def kind_of(item: Item) -> str:
    """What lies under this key, as MODELS calls it."""
    part = item["pk"] if item["table"] == "control" else item["sk"]
    return f"{item['table']} {part.partition('#')[0]}"


def put_items(client: Any, tables: Mapping[str, str], items: Iterable[Item]) -> None:
    """Write items as they were written then, field by field."""
    for item in items:
        fields = {name: value for name, value in item.items() if name != "table"}
        client.put_item(TableName=tables[item["table"]], Item=to_item(fields))


def world_of_then(world: World) -> None:
    """The catalogue, the feed, the store and the states of a World, as they were, at the time of then."""
    world.clock.forward(minutes=10)
    world.store.has(MS, "22.99", 10)
    put_items(world.aws.client("dynamodb"), world.storage._tables, read("goods"))
    for name, (generation, data) in read("world")["snapshots"].items():
        connection, shard, slot = name.split("/")
        world.snapshots.parts[(connection, int(shard), int(slot))] = (generation, base64.b64decode(data))


class ShopOfThen:
    """A shop of today whose vendors have seen what those of then had seen, and whose tables hold what was recorded.

    Seven orders: `told` (placed, sent, in the store, mailed), `shipped` (not in the store yet, its mail waits), `accepted` (the
    store shows it from the acceptance; killed before that call), `parked` (a limit), `unpaid`, `intent` (killed before the
    supplier was called), `waiting` (its store was away). A kill switch is on for the supplier.
    """

    def __init__(self, shop: OrderShop) -> None:
        self.shop = shop
        self.orders: dict[str, str] = read("world")["orders"]
        self.items: list[Item] = read("orders")
        self.names: dict[str, str] = {}
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(
                plan, "purchase_reference", lambda shop, order_id, account, number: self.reference(order_id)
            )
            self._at_the_vendors()
        self._in_the_tables()

    def reference(self, order: str) -> str:
        """What its purchase order is called, by its name here or its id."""
        (item,) = self._of(self.orders.get(order, order), "PO#")
        return str(item["body"]["reference"])

    def paid(self, order: str) -> int:
        """How many times the supplier was paid for it, by the supplier's ledger."""
        paid = self.shop.world.ledger.of_kind("cj", "order_paid")
        return sum(entry.reference == self.reference(order) for entry in paid)

    def paid_units(self, order: str) -> dict[str, int]:
        """Units that the supplier was paid for, of an order whose purchase orders were made since."""
        return self.shop.bought(self.names[order])

    def in_store(self, order: str) -> list[list[str]]:
        """The tracking numbers of each fulfillment that the store has."""
        held = self.shop.store.order(self.names[order])
        return [[row[0] or "" for row in sent.tracking] for sent in held.fulfillments]

    def mailed(self, order: str) -> list[str]:
        """The milestones that its buyer was mailed since."""
        pk = f"{STORE}#{self.orders[order]}"
        return [mail.about.milestone for mail in self.shop.post.mails if mail.about.pk == pk]

    def supply(self) -> None:
        """The supplier's kill switch is lifted."""
        assert switch_kill(self.desk, [SUPPLIER], on=False) == [SUPPLIER]

    @property
    def desk(self) -> Desk:
        """The operator's."""
        return Desk(self.shop.wiring.storage, self.shop.clock, "tester")

    def _of(self, order_id: str, prefix: str) -> list[Item]:
        return [i for i in self.items if i["pk"] == f"{STORE}#{order_id}" and i["sk"].startswith(prefix)]

    def _at_the_vendors(self) -> None:
        """The vendors' side, played with the code of today. They number things as then, or the items take over their ids."""
        shop, through = self.shop, self.shop.call
        carts = {"told": MS, "shipped": COB, "accepted": MS, "parked": MS, "unpaid": MS, "intent": COB, "waiting": UL}
        for order, sku in carts.items():
            shop.store.shop.last_id = int(self.orders[order]) - 7
            units, pay = (2 if order == "parked" else 1), ("authorized" if order == "unpaid" else "paid")
            self.names[order] = shop.store.buy([(sku, units)], pay=pay).name
            if order not in ("told", "shipped", "accepted"):
                shop.deliveries.clear()
                continue
            shop.run()
            for parcel in self._of(self.orders[order], "SHIP#"):
                shop.supplier.ship(self.reference(order), tracking_number=parcel["body"]["tracking_number"])
            if order != "told":
                shop.call = lambda function, *rest: through(function, *rest) if function in UNTIL_SENT else None  # type: ignore[method-assign]
            shop.run()
            shop.call = through  # type: ignore[method-assign]
            for key, now in shop.wiring.storage.list_raw(ORDERS, f"{STORE}#{self.orders[order]}"):
                self._take_ids(key, now["body"])
        shop.post.mails.clear()
        shop.post.alerts.clear()

    def _take_ids(self, key: Key, now: Item) -> None:
        for item in self._of(key.pk.partition("#")[2], key.sk):
            body = item["body"]
            body |= {name: now[name] for name in ("tracker_id", "fulfillment_id") if name in body}
            if "vendor_ids" in body:
                body["vendor_ids"] = {name: now["vendor_ids"][name] for name in body["vendor_ids"]}

    def _in_the_tables(self) -> None:
        """Our own side is gone, and what was recorded stands there."""
        client, environ = self.shop.aws.client("dynamodb"), self.shop._environ
        tables = {name: environ[f"{name.upper()}_TABLE"] for name in (ORDERS, CATALOGUE, CONTROL)}
        for name in (ORDERS, CONTROL):
            for item in client.scan(TableName=tables[name])["Items"]:
                client.delete_item(TableName=tables[name], Key={part: item[part] for part in ("pk", "sk")})
        put_items(client, tables, self.items)
        self.shop.relay()
        assert not self.shop.queues["relay_facts_dead_letter"], "the facts of then are messages today"
        for queue in self.shop.queues.values():
            queue.clear()
        self.shop.wiring = self.shop.new_worker()
