"""Two stacks on one shop, each of which knows of the other, as after `connect --second-stack`."""

from __future__ import annotations

from typing import Any

from orderwright.config_store import note_identity
from orderwright.messages import Message
from orderwright.records import CATALOGUE
from tests.support.shop import STORE, Shop


def open_two(**cj: Any) -> tuple[Shop, Shop]:
    """A stocked shop, and a second stack that has taken its catalogue over. `cj` are the supplier's settings."""
    first = Shop(**cj)
    first.stock_up()
    second = Shop(beside=first)
    for item in first.aws.client("dynamodb").scan(TableName=CATALOGUE)["Items"]:
        second.aws.client("dynamodb").put_item(TableName=CATALOGUE, Item=item)
    for shop in (first, second):
        note_identity(shop.wiring.storage, STORE, "shopify", lambda one: one.model_copy(update={"second_stack": True}))
        shop.wiring = shop.new_worker()
    return first, second


def tell(shop: Shop, number: int) -> None:
    """News of the store's order comes to this stack."""
    message = Message("order.changed", f"news-{number}", "now", connection=STORE, resource=str(number))
    shop.queues["ingest_order"].append(message.to_json())
