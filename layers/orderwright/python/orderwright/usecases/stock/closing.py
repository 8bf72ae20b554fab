"""A reservation ends when the supplier's own stock shows the purchase (promise P3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.feed_state import FeedState
from orderwright.domain.order import Reservation
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.sources import connection_of
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.ports.connection import Clock
from orderwright.records import Key, OrderFile, Stored, feed_key, offer_key
from orderwright.storage import Change, Storage, Unreserve
from orderwright.usecases import reservations
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.order_summary import order_put

FUNCTION = "update_tracking"


def ready_at(po: PurchaseOrder, config: Config, timing: Timing) -> datetime | None:
    """From when on a supplier's report shows this purchase; None while nothing was placed, or once the supplier is gone.

    None for an own warehouse: nobody reports it, and its reservations end with the parcel (tracking/off_shelf.py).
    """
    supplier = config.connections.get(po.supplier)
    if po.placed_at is None or not isinstance(supplier, SupplierSettings) or supplier.own_stock:
        return None
    lag = timedelta(minutes=supplier.lag_minutes) * timing.reservation_lag_percent / 100
    return po.placed_at + lag


def visit_at(po: PurchaseOrder, planned: datetime, config: Config, timing: Timing, now: datetime) -> datetime:
    """When a placed purchase order is visited next: as planned, or sooner while its stock is reserved.

    The first such visit is when the supplier's stock has had the time to show it. Where no report comes, visits grow rarer.
    """
    ready = ready_at(po, config, timing)
    if ready is None or po.reservation_closed:
        return planned
    late = max(now - ready, timedelta(0))
    return min(planned, max(now, ready) + max(timing.retry_max, late / 4))


def first_visit(po: PurchaseOrder, config: Config, timing: Timing, now: datetime) -> datetime:
    """When a purchase order that has just been placed is visited."""
    return visit_at(po, now + timing.tracking_poll, config, timing, now)


def offers_of(po: PurchaseOrder) -> list[Key]:
    """The offers that a purchase order took from, each once."""
    return list(dict.fromkeys(offer_key(line.sku, po.supplier) for line in po.lines))


def close_reservations(
    file: OrderFile, sk: str, *, storage: Storage, config: Config, timing: Timing, clock: Clock
) -> bool:
    """Close the reservations of one purchase order, once every offer of it was reported after placement and lag.

    True: they are closed (read the file again before writing this purchase order). False: not yet, nothing was written.
    """
    stored = file.purchase_orders.get(sk)
    if stored is None or stored.model.state is not PurchaseOrderState.PLACED:
        return False
    if stored.model.reservation_closed:
        return True
    ready = ready_at(stored.model, config, timing)
    if ready is None or clock.now() <= ready:
        return False
    found = {key: storage.get(key, Offer) for key in offers_of(stored.model)}
    late = [offer.model for offer in found.values() if offer is not None and offer.model.observed_at <= ready]
    if not all(_feed_came_by(offer, ready, storage, config) for offer in late):
        return False
    try:
        given = _given_back(file.pk, stored.model, found)
        commit = OrderCommit(file, FUNCTION, clock.now(), why="the supplier's stock was reported after placement")
        commit.purchase_order(sk, stored.model.stock_shown(), "reservation closed")
        commit.beside(*_in_parts(file, given, clock)).write(storage)
    except Conflict:
        return False  # somebody wrote the purchase order or took from an offer: the next visit decides again
    return True


def _feed_came_by(offer: Offer, ready: datetime, storage: Storage, config: Config) -> bool:
    """Where a feed reports a supplier's offers, a row that did not change was reported too, with the whole file.

    What is always there, as the merchant says, needs no report, unless a feed reports it all the same.
    """
    supplier = config.suppliers[offer.supplier]
    if supplier.own_goods(offer.supplier_sku).stock == "always" and offer.stock_from in ("", offer.supplier):
        return True
    if supplier.asks_stock:
        return False  # each offer is read by itself, and says when
    feeds = [name for name, feed in config.feeds_of(offer.supplier).items() if feed.tells_stock]
    own = connection_of(offer.feed)
    for name in (own,) if own in feeds else feeds:
        state = storage.get(feed_key(name), FeedState)
        read_at = state.model.snapshot_at if state else None
        if read_at is not None and read_at > ready:
            return True
    return False


def _in_parts(file: OrderFile, given: list[Unreserve], clock: Clock) -> list[Change]:
    """What is too much for one commit waits in the order's record, from where ingest_order gives it back."""
    if file.record is None or sum(len(change.entries) for change in given) <= reservations.PART:
        return list(given)
    record = file.record.model
    held = {
        name.removeprefix(f"{file.pk}|"): Reservation(
            line_id="", sku=change.key.pk.removeprefix("SKU#"), supplier=change.key.sk.removeprefix("OFFER#"),
            quantity=quantity, sold=True,
        )
        for change in given
        for name, quantity in change.entries
    }  # fmt: skip
    after, first = reservations.give_back(file.pk, record, held, clock.now())
    why = "the supplier's stock shows what was bought: reservations close in parts"
    return [order_put(file.pk, record, after, file.record.version, clock.now(), FUNCTION, why, ""), *first]


def _given_back(pk: str, po: PurchaseOrder, found: dict[Key, Stored[Offer] | None]) -> list[Unreserve]:
    """What is still held; an entry that is not there has been given back already."""
    given: list[Unreserve] = []
    for key, offer in found.items():
        held = offer.model.open if offer else {}
        names = dict.fromkeys(
            f"{pk}|{line.reservation}" for line in po.lines if offer_key(line.sku, po.supplier) == key
        )
        entries = tuple((name, held[name]) for name in names if name in held)
        if entries:
            given.append(Unreserve(key, entries, sold=True))
    return given
