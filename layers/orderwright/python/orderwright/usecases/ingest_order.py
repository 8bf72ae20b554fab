"""A store says that something about an order changed: fetch it, decide, and commit everything at once (R5 to R13).

read our version -> fetch from the store -> plan (pure) -> commit if nobody wrote meanwhile, else from the start
"""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.config import Config
from orderwright.domain.order import StoreOrder
from orderwright.errors import Conflict, NotFound, ShortOfStock
from orderwright.messages import Message
from orderwright.ports import Clock, StoreOrders
from orderwright.records import OrderFile, order_pk
from orderwright.storage import Storage
from orderwright.usecases import reservations
from orderwright.usecases.intake.deleted import deleted_order
from orderwright.usecases.intake.erasure import close_connection, erase_orders
from orderwright.usecases.intake.parked import park_webhook
from orderwright.usecases.intake.plan import FUNCTION, Setting, plan, stale_reservations
from orderwright.usecases.order_summary import order_put

TRIES = 8


def ingest_order(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    store_for: Callable[[str], StoreOrders],
    clock: Clock,
) -> None:
    """One message about orders. Raises what the store raises when it cannot be asked now: the message comes again."""
    if message.type == "order.webhook_parked":
        park_webhook(message, storage=storage, clock=clock)
    elif message.type == "order.erasure_asked":
        erase_orders(message, storage=storage, clock=clock)
    elif message.type == "connection.closed":
        close_connection(message, storage=storage, clock=clock)
    else:
        _take_in(message, storage=storage, config=config, store_for=store_for, clock=clock)


def _take_in(
    message: Message, *, storage: Storage, config: Config, store_for: Callable[[str], StoreOrders], clock: Clock
) -> None:
    connection, _, order_id = message.pk.partition("#") if message.pk else (message.connection, "", message.resource)
    pk = order_pk(connection, order_id)
    correlation = message.correlation or message.id
    for _ in range(TRIES):
        file = storage.load_order(pk)
        try:
            order = store_for(connection).fetch_order(order_id)
        except NotFound:
            gone = deleted_order(file)
            if gone is None:
                return
            order = gone
        setting = Setting(config, clock.now(), message.topic or message.type, correlation)
        try:
            if _give_stale_back(order, file, setting, storage):
                continue
            skus = [line.sku for line in order.lines if line.sku and line.requires_shipping]
            files = storage.load_skus(skus)
            offers = {sku: [held.model for held in found.offers.values()] for sku, found in files.items()}
            changes = plan(order, file, {sku: held for sku, held in offers.items() if held}, setting)
            if changes:
                storage.commit(changes, correlation=correlation)
            return
        except (Conflict, ShortOfStock):
            continue
    raise Conflict(f"order {order_id} changes faster than it can be taken in")


def _give_stale_back(order: StoreOrder, file: OrderFile, setting: Setting, storage: Storage) -> bool:
    """Reservations whose line was edited go back first: DynamoDB writes an item once per transaction."""
    stale = stale_reservations(order, file)
    if not stale or file.record is None:
        return False
    record = file.record.model.model_copy(update={"reserved": reservations.without(file.record.model.reserved, stale)})
    put = order_put(
        file.pk, file.record.model, record, file.record.version, setting.now, FUNCTION,
        "lines edited: their stock is reserved anew", setting.correlation,
    )  # fmt: skip
    storage.commit([put, *reservations.unreserve(file.pk, stale)], correlation=setting.correlation)
    return True
