"""How the whole is: orders by state, what is overdue, connections, breakers, what was spent today."""

from __future__ import annotations

from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.operations import ConnectionState, Cursor, FeedState, ShopErasure
from orderwright.domain.order import OrderState, Reason
from orderwright.ports.connection import Clock
from orderwright.records import CATALOGUE, CONTROL, ORDERS
from orderwright.storage import Storage
from orderwright.usecases.intake.erasure import connection_key, erasure_key
from orderwright.usecases.operator.takings import spent_on
from orderwright.usecases.stock.budget import cursor_key
from orderwright.usecases.stock.feeds import feed_key
from orderwright.usecases.watching import watched

MOST_COUNTED = 10_000
MOST_OVERDUE = 500


class ConnectionHealth(NamedTuple):
    """One connection: as configured, and how it has been."""

    name: str
    kind: str
    role: str
    state: ConnectionState | None
    feed: FeedState | None
    points_used: int | None
    points_day: str
    erasure: ShopErasure | None


class Overview(NamedTuple):
    """Counts by state, overdue items by message type, today's spend by supplier, connections, and what has fallen silent."""

    orders: dict[str, int]
    overdue: dict[str, int]
    spent: dict[str, Money]
    connections: list[ConnectionHealth]
    broken: tuple[str, ...]
    silent: dict[str, Reason]


def connections_health(storage: Storage, config: Config) -> list[ConnectionHealth]:
    """Every configured connection."""
    names = list(config.connections)
    states = storage.get_many([connection_key(name) for name in names], ConnectionState)
    feeds = storage.get_many([feed_key(name) for name in names], FeedState)
    erasures = storage.get_many([erasure_key(name) for name in names], ShopErasure)
    cursors = storage.get_many([cursor_key(name) for name in names], Cursor)
    found: list[ConnectionHealth] = []
    for name, settings in config.connections.items():
        state = states.get(connection_key(name))
        feed = feeds.get(feed_key(name)) if settings.role == "feed" else None
        erasure = erasures.get(erasure_key(name)) if settings.role == "store" else None
        cursor = cursors.get(cursor_key(name))
        counted = cursor.model if cursor and cursor.model.points_day else None
        found.append(
            ConnectionHealth(
                name,
                settings.kind,
                settings.role,
                state.model if state else None,
                feed.model if feed else None,
                counted.points_used if counted else None,
                counted.points_day if counted else "",
                erasure.model if erasure else None,
            )
        )
    return found


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
