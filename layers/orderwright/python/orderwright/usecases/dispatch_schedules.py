"""A schedule to messages: overdue work found in the state (the sweep), polls, reconciliation, imports, repricing, statements.

What is sent follows from the schedule, the time and the state alone; sending it twice is harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.domain.base import iso
from orderwright.domain.config import Config
from orderwright.messages import QUEUE_OF, Message
from orderwright.ports.connection import Clock
from orderwright.records import CATALOGUE, CONTROL, ORDERS, SCORE_WORK, Key, statement_key
from orderwright.storage import Storage
from orderwright.usecases import watching
from orderwright.usecases.notices.missed import MISSED

TABLES = (ORDERS, CATALOGUE, CONTROL)
# Per table and index shard, oldest first; what is beyond it comes once these have moved on.
SWEEP_LIMIT = 500
SCHEDULES = ("sweep", "poll_stock", "poll_catalogue", "reconcile", "reprice", "statement")


class UnknownSchedule(ValueError):
    """The template names a schedule that this version does not know."""


class UnknownDue(ValueError):
    """An item waits for a message that this version does not know; everything else was sent."""


class Dispatched(NamedTuple):
    """How many messages were sent, and how many dead letters there are; None where they were not counted."""

    messages: int
    dead_letters: int | None = None


def dispatch_schedules(
    schedule: str,
    *,
    storage: Storage,
    config: Config,
    send: Callable[[list[Message]], None],
    clock: Clock,
    new_token: Callable[[], str],
    dead_letters: Callable[[], Mapping[str, int]] = dict,
    daily: bool = True,
) -> Dispatched:
    """Send what a schedule stands for. `new_token` names the run, to follow it through logs. `dead_letters` counts them by
    queue; `daily`: the daily schedules run here, and are missed when they do not.

    Raises UnknownSchedule, UnknownDue, and whatever `send` raises: the next run sends it all again.
    """
    now, run = clock.now(), new_token()
    unknown: list[str] = []
    if schedule == "sweep":
        messages, unknown = _sweep(storage, now, run)
    elif schedule == "poll_stock":
        messages = _each("stock.poll_due", _polled(config), now, run)
        messages += _each("signal.poll_due", config.signals, now, run)
    elif schedule == "poll_catalogue":
        # A supplier's import looks at all stores as well; without any such supplier the stores still want to be seen.
        suppliers = config.suppliers.items()
        own = [name for name, held in suppliers if held.own_stock and not config.has_catalogue(name)]
        names = [name for name in config.suppliers if name not in own]
        names = names or [*config.stores]
        messages = _each("catalogue.import_due", names, now, run)
    elif schedule == "reconcile":
        messages = _each("store.reconcile_due", config.stores, now, run)
    elif schedule == "reprice":
        # Exchange rates age, and campaigns and days pass, without any event.
        at = iso(now)
        messages = [Message("prices.reprice_due", f"reprice@{at}", at, correlation=run, detail={"why": "daily"})]
    elif schedule == "statement":
        pk = statement_key(now.date() - timedelta(days=1)).pk
        messages = [Message("statement.due", f"{pk}@{iso(now)}", iso(now), pk=pk, correlation=run)]
        scores = SCORE_WORK.pk
        messages.append(Message("scores.due", f"{scores}@{iso(now)}", iso(now), pk=scores, correlation=run))
        # What looks back at the day rides along: bounces and complaints whose events were lost.
        messages.append(Message(MISSED, f"{MISSED}@{iso(now)}", iso(now), correlation=run))
    else:
        raise UnknownSchedule(f"schedule {schedule[:40]!r} is not known; there are: {', '.join(SCHEDULES)}")
    if messages:
        send(messages)
    counted: int | None = None
    if schedule != "sweep":
        watching.note_run(storage, schedule, now)
    elif now.minute % watching.LOOK_EVERY_MINUTES == 0:
        dead = dead_letters()
        watching.look(storage, config, now, dead, daily=daily)
        counted = sum(dead.values())
    if unknown:
        raise UnknownDue(f"items wait for unknown messages: {', '.join(sorted(set(unknown)))[:200]}")
    return Dispatched(len(messages), counted)


def _polled(config: Config) -> list[str]:
    """Feeds, and suppliers whose calls are polled beside their webhooks."""
    return [*config.feeds, *(name for name, held in config.suppliers.items() if held.asks_stock)]


def _each(message_type: str, connections: Iterable[str], now: datetime, run: str) -> list[Message]:
    at = iso(now)
    return [
        Message(message_type, f"{message_type}#{name}@{at}", at, connection=name, correlation=run)
        for name in connections
    ]


def _sweep(storage: Storage, now: datetime, run: str) -> tuple[list[Message], list[str]]:
    """Overdue items of all tables. An outage longer than the stream's day loses nothing (promise P11)."""
    messages: list[Message] = []
    unknown: list[str] = []
    for table in TABLES:
        for key, message_type in storage.due(table, now, SWEEP_LIMIT):
            if message_type in QUEUE_OF:
                messages.append(_due_message(key, message_type, now, run))
            else:
                unknown.append(message_type or "(none)")
    return messages, unknown


def _due_message(key: Key, message_type: str, now: datetime, run: str) -> Message:
    at = iso(now)
    connection, resource = _concerns(key)
    name = f"{key.pk}#{key.sk}#{message_type}@{at}"
    return Message(
        message_type, name, at, connection=connection, pk=key.pk, sk=key.sk, resource=resource, correlation=run
    )


def _concerns(key: Key) -> tuple[str, str]:
    """Connection and resource of a key: store and order, store or supplier and SKU, or what Control names."""
    first, _, rest = key.pk.partition("#")
    if key.table == ORDERS:
        return first, rest
    if key.table == CATALOGUE:
        kind, _, connection = key.sk.partition("#")
        return (connection if kind in ("LISTING", "OFFER") else ""), rest
    return rest, ""
