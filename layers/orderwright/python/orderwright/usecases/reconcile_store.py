"""What a store's webhooks did not bring (promise P2): compare its changed orders with ours, fix its subscriptions.

It writes no order: each one that is missing or older here becomes an `order.changed` fact, the same way that a
webhook takes. Calls: one of the store's a page of changed orders, one strongly consistent query an order in it, and
one write a page that lacks something or is not the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.time_line import log_entry
from orderwright.errors import VendorError
from orderwright.messages import Message
from orderwright.ports.connection import Clock, Subscription, Webhooks
from orderwright.ports.store import ChangedOrder, StoreOrders
from orderwright.records import order_pk
from orderwright.storage import Fact, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import held_connection, note_failure, update_connection

FUNCTION = "reconcile_store"
# The vendor's clock may differ from ours by ten minutes, and its index may lag.
OVERLAP = timedelta(minutes=15)
CHECK_WEBHOOKS_EVERY = timedelta(hours=1)
# What one item may carry.
FACTS_AT_ONCE = 20
MOST_PAGES = 10_000


def reconcile_store(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    store_for: Callable[[str], StoreOrders],
    webhooks_for: Callable[[str], Webhooks | None],
    subscription_for: Callable[[str], Subscription],
    clock: Clock,
) -> None:
    """One store (`connection`). A vendor's failure is recorded with the connection; the next schedule tries again."""
    store = message.connection
    settings = config.connections.get(store)
    if not isinstance(settings, StoreSettings):
        return  # the store was taken out of the configuration
    now = clock.now()
    correlation = message.correlation or message.id
    state = held_connection(storage, store).model
    if not state.open:
        return  # it took the app away: there is no credential to ask with
    try:
        last = state.reconciled_until
        since = last - OVERLAP if last is not None else now - timedelta(hours=settings.reconcile_window_hours)
        _catch_up(store, since, now, storage, store_for(store), correlation)
        checked, webhooks = state.subscriptions_checked_at, webhooks_for(store)
        if webhooks is not None and (checked is None or now - checked >= CHECK_WEBHOOKS_EVERY):
            _fix_webhooks(store, now, storage, webhooks, subscription_for(store), correlation)
    except VendorError as error:
        note_failure(storage, store, FUNCTION, error, now)


def _catch_up(
    store: str, since: datetime, now: datetime, storage: Storage, orders: StoreOrders, correlation: str
) -> None:
    """Page by page, oldest change first; how far it came is written with the facts of each page."""
    cursor = ""
    for _ in range(MOST_PAGES):
        page, cursor = orders.list_changed_orders(since, cursor)
        missed = [changed for changed in page if _is_missed(store, changed, storage)]
        reached = now if not cursor else max((changed.updated_at for changed in page), default=since)
        for start in range(0, len(missed), FACTS_AT_ONCE):
            # Not `reached` yet: killed between two of these writes, the rest of the page must be found again.
            _write(store, missed[start : start + FACTS_AT_ONCE], None, storage, now, correlation)
        _write(store, (), reached, storage, now, correlation)
        if not cursor:
            return


def _is_missed(store: str, changed: ChangedOrder, storage: Storage) -> bool:
    record = storage.load_order(order_pk(store, changed.order_id)).record
    return record is None or record.model.store_updated_at < changed.updated_at


def _write(
    store: str,
    missed: Sequence[ChangedOrder],
    reached: datetime | None,
    storage: Storage,
    now: datetime,
    correlation: str,
) -> None:
    facts = [Fact("order.changed", connection=store, resource=one.order_id, topic="reconciled") for one in missed]
    what = f"{len(facts)} orders had not arrived by webhook"

    def update(state: ConnectionState) -> ConnectionState:
        after = state.works(FUNCTION, now).reconciled(reached)
        return after.noted(log_entry(now, FUNCTION, what, "", correlation)) if facts else after

    update_connection(storage, store, update, facts, correlation=correlation)


def _fix_webhooks(
    store: str, now: datetime, storage: Storage, webhooks: Webhooks, wanted: Subscription, correlation: str
) -> None:
    """Platforms drop subscriptions after failures; a dropped one is silent, so it is asked for."""
    made = webhooks.ensure_webhooks(wanted)
    what = f"subscriptions made again: {', '.join(made)}"

    def update(state: ConnectionState) -> ConnectionState:
        after = state.subscriptions_checked(now)
        return after.noted(log_entry(now, FUNCTION, what, "", correlation)) if made else after

    update_connection(storage, store, update, [alert("WEBHOOKS_MENDED", store, message=what)], correlation=correlation)
