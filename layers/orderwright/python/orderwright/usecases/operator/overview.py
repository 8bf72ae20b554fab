"""How the whole is: orders by state, what is overdue, connections, breakers, what was spent today."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.feed_state import FeedState
from orderwright.domain.money import Money
from orderwright.domain.operations import Cursor, ShopErasure
from orderwright.domain.order import OrderState, Reason
from orderwright.ports.connection import Clock
from orderwright.records import CATALOGUE, CONTROL, ORDERS, Key, M, connection_key, erasure_key, feed_key, poll_key
from orderwright.storage import Storage
from orderwright.usecases.operator.takings import spent_on
from orderwright.usecases.watching import watched

MOST_COUNTED = 10_000
MOST_OVERDUE = 500


class ConnectionHealth(NamedTuple):
    """One connection: as configured, and how it has been. `points`: what it used of a day's points, where they are counted."""

    name: str
    kind: str
    role: str
    state: ConnectionState | None
    feed: FeedState | None
    points: Cursor | None
    erasure: ShopErasure | None


class Overview(NamedTuple):
    """Counts by state, overdue items by message type, today's spend by supplier, connections, and what has stopped reporting."""

    orders: dict[str, int]
    overdue: dict[str, int]
    spent: dict[str, Money]
    connections: list[ConnectionHealth]
    broken: tuple[str, ...]
    silent: dict[str, Reason]


def connections_health(storage: Storage, config: Config) -> list[ConnectionHealth]:
    """Every configured connection."""

    def held(key_of: Callable[[str], Key], model: type[M], *roles: str) -> dict[str, M]:
        keys = {key_of(name): name for name, one in config.connections.items() if not roles or one.role in roles}
        return {keys[key]: stored.model for key, stored in storage.get_many(list(keys), model).items()}

    states, feeds = held(connection_key, ConnectionState), held(feed_key, FeedState, "feed", "signal")
    erasures = held(erasure_key, ShopErasure, "store")
    points = {name: cursor for name, cursor in held(poll_key, Cursor).items() if cursor.points_day}
    return [
        ConnectionHealth(
            name, one.kind, one.role, states.get(name), feeds.get(name), points.get(name), erasures.get(name)
        )
        for name, one in config.connections.items()
    ]


def overview(storage: Storage, config: Config, clock: Clock) -> Overview:
    """The counts of this moment."""
    now = clock.now()
    orders = {state.value: storage.count_in_state(ORDERS, state.value, MOST_COUNTED) for state in OrderState}
    overdue: dict[str, int] = {}
    for table in (ORDERS, CATALOGUE, CONTROL):
        for _, message_type in storage.due(table, now, MOST_OVERDUE):
            overdue[message_type] = overdue.get(message_type, 0) + 1
    today = now.date()
    spent = {name: held for name in config.suppliers if (held := spent_on(storage, name, today))}
    health = connections_health(storage, config)
    broken = tuple(one.name for one in health if one.feed and one.feed.broken)
    counts = {state: count for state, count in orders.items() if count}
    return Overview(counts, overdue, spent, health, broken, watched(storage).causes)
