"""Suppliers' stock and cost to changed offers (R23, R24): feeds by difference, counted calls by a rolling poll.

stock.poll_due {connection}                    a feed or an API supplier, by schedule
stock.news {connection, resource}              one SKU: the vendor's id at an API supplier, our SKU at a feed
reservation.close_due {pk, sk}                 a placed purchase order: does the supplier's stock show it by now?
"""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.config import CjConnection, Config, CsvConnection
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured
from orderwright.messages import Message
from orderwright.ports import Clock, SupplierFeed, SupplierStock
from orderwright.ports_snapshots import OfferReader, ReadFeed, Snapshots
from orderwright.records import CATALOGUE, ORDERS, Key, reference_ref
from orderwright.storage import Due, Put, Storage
from orderwright.usecases.stock.closing import close_reservations, offers_of, ready_at
from orderwright.usecases.stock.feed_poll import FeedPoll
from orderwright.usecases.stock.rolling import SupplierPoll


def poll_stock(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    feed_for: Callable[[str], SupplierFeed],
    stock_for: Callable[[str], SupplierStock],
    read_feed: ReadFeed,
    snapshots: Snapshots,
    offers: OfferReader,
    clock: Clock,
    timing: Timing,
    new_token: Callable[[], str],
) -> None:
    """One message. May be killed anywhere and run again; nothing older ever replaces something newer."""
    correlation = message.correlation or message.id

    def supplier_poll(supplier: str) -> SupplierPoll:
        settings = config.supplier(supplier)
        return SupplierPoll(supplier, settings, storage, stock_for(supplier), clock, correlation, timing)

    if message.type == "reservation.close_due":
        _close(message, storage=storage, config=config, timing=timing, clock=clock, supplier_poll=supplier_poll)
        return
    settings = config.connections.get(message.connection)
    if isinstance(settings, CsvConnection):
        poll = FeedPoll(
            message.connection, settings, storage, feed_for(message.connection), read_feed, snapshots, offers,
            clock, timing, new_token, correlation,
        )  # fmt: skip
        if message.type == "stock.news":
            poll.read_one(message.resource)
        else:
            poll.run()
    elif isinstance(settings, CjConnection):
        if message.type == "stock.news" and message.sk:
            supplier_poll(message.connection).follow([Key(CATALOGUE, message.pk, message.sk)])
        elif message.type == "stock.news":
            supplier_poll(message.connection).news_of(message.resource)
        else:
            supplier_poll(message.connection).roll()
    elif settings is not None:
        raise Misconfigured(
            f"connection {message.connection} is a {settings.role}: stock comes from suppliers and feeds only"
        )
    # A connection that was taken out of the configuration has nothing to poll any more.


def _close(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    timing: Timing,
    clock: Clock,
    supplier_poll: Callable[[str], SupplierPoll],
) -> None:
    """Close; else ask the supplier about the offers of this purchase order, so that no reservation waits for ever (P11)."""
    file = storage.load_order(message.pk)
    if close_reservations(file, message.sk, storage=storage, config=config, timing=timing, clock=clock):
        return
    stored = file.purchase_orders.get(message.sk)
    if stored is None or stored.model.state is not PurchaseOrderState.PLACED:
        return
    po = stored.model
    ready = ready_at(po, config, timing)
    if ready is not None and clock.now() > ready:
        supplier_poll(po.supplier).read_now(offers_of(po))
        if close_reservations(file, message.sk, storage=storage, config=config, timing=timing, clock=clock):
            return
    if po.tracking_due is not None:
        return  # the poll for parcels comes by here as well, and an item has one due time
    now = clock.now()
    again = ready if ready is not None and ready > now else now + timing.retry_max
    due = Due(again, message.type)
    try:
        put = Put(Key(ORDERS, message.pk, message.sk), po, stored.version, due=due, ref=reference_ref(po.reference))
        storage.commit([put])
    except Conflict:
        return  # whoever wrote it set the next due time
