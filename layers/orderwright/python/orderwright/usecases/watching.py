"""What has fallen silent (promise P14): found by the clock in the sweep, from times that are kept anyway.

One item (Control WATCH) holds when each schedule ran, what is watched since when, and what is wrong now. A look is one read
of it, one or two a connection, and one of the statement; it is written only where something changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import FeedSettings, SignalSettings, SupplierSettings
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.feed_state import FeedState
from orderwright.domain.operations import Cursor, Watch, Watched
from orderwright.domain.order import Reason
from orderwright.records import WATCH, connection_key, feed_key, poll_key, statement_key
from orderwright.storage import Put, Storage, held_or, retry_on_conflict
from orderwright.usecases.alerts import alert

LOOK_EVERY_MINUTES = 5
A_DAY = timedelta(hours=26)
SHORT = {"poll_stock": timedelta(minutes=15), "reconcile": timedelta(minutes=30)}
DAILY = {"poll_catalogue": A_DAY, "reprice": A_DAY, "statement": A_DAY}
RECONCILED = timedelta(minutes=60)
STATEMENT_BY = 6
"""The hour (UTC) by which yesterday's statement is written; it is begun at 02:15."""
TRIES = 4


def note_run(storage: Storage, schedule: str, now: datetime) -> None:
    """A schedule ran. Not the sweep: whether that runs is seen from outside, by its metric."""
    _change(storage, lambda watch: watch.dispatched(schedule, now))


def look(storage: Storage, config: Config, now: datetime, dead: Mapping[str, int], *, daily: bool) -> None:
    """Compare kept times with the clock: one alert for each new cause; what runs again is taken back."""
    things, limits = list(_connections(storage, config, now)), {**SHORT, **(DAILY if daily else {})}
    if daily:
        things.append(_statement(storage, now))
    gone = {f"|{name}": _dead(name) for name, count in dead.items() if count}

    def looked(watch: Watch) -> Watch:
        return watch.looked([*things, *(_schedule(name, watch, limits[name]) for name in limits)], gone, now)

    _change(storage, looked)


def watched(storage: Storage) -> Watch:
    """What is known now, for the operator."""
    return held_or(storage, WATCH, Watch()).model


def _change(storage: Storage, change: Callable[[Watch], Watch]) -> None:
    def written() -> None:
        held = held_or(storage, WATCH, Watch())
        before, after = held.model.causes, change(held.model)
        if after != held.model:
            fresh = {key: reason for key, reason in after.causes.items() if key not in before}
            facts = [alert(one.code, key.partition("|")[0], message=one.message) for key, one in fresh.items()]
            storage.commit([Put(WATCH, after, held.version, tuple(facts))])

    retry_on_conflict(written, "what is watched", tries=TRIES)


def _connections(storage: Storage, config: Config, now: datetime) -> Iterator[Watched]:
    for name, settings in config.connections.items():
        if isinstance(settings, FeedSettings | SignalSettings):
            stays = "published stock rests on" if isinstance(settings, FeedSettings) else "prices follow"
            after = "or take its goods off sale" if isinstance(settings, FeedSettings) else "or take it out"
            feed = storage.get(feed_key(name), FeedState)
            yield Watched(
                f"{name}|feed", feed.model.checked_at if feed else None, timedelta(hours=settings.stale_after_hours),
                Reason(
                    code="FEED_STALE",
                    message=f"no good report for {settings.stale_after_hours} hours; {stays} the last one",
                    fix=f"look at the feed's address and at its reasons, {after}",
                    field=f"connections.{name}.url",
                ),
            )  # fmt: skip
            continue
        if settings.role != "store" and not (isinstance(settings, SupplierSettings) and settings.asks_stock):
            continue
        held = storage.get(connection_key(name), ConnectionState)
        if held is not None and (held.model.last_failure or not held.model.open):
            continue  # it fails, or is closed: that is told already
        if settings.role == "store":
            yield Watched(
                f"{name}|reconcile", held.model.reconciled_until if held else None, RECONCILED,
                Reason(
                    code="RECONCILE_STALE",
                    message="orders that arrived by no webhook have not been looked for since an hour or longer",
                    fix="look at the dead letters and logs of reconcile_store",
                ),
            )  # fmt: skip
        elif (cursor := storage.get(poll_key(name), Cursor)) is not None:
            yield Watched(
                f"{name}|stock", cursor.model.at, A_DAY,
                Reason(
                    code="STOCK_STALE",
                    message="no stock of this supplier was read for a day",
                    fix="look at points_per_day, and at the dead letters and logs of poll_stock",
                ),
            )  # fmt: skip


def _statement(storage: Storage, now: datetime) -> Watched:
    due = now.hour >= STATEMENT_BY
    written = not due or storage.get_raw(statement_key(now.date() - timedelta(days=1))) is not None
    reason = Reason(
        code="STATEMENT_MISSING",
        message="yesterday's statement is not written",
        fix="`orderwright statement YESTERDAY --fresh` writes it; look at the dead letters and logs of write_statement",
    )
    return Watched("|statement of yesterday", now if written else None, A_DAY, reason)


def _schedule(name: str, watch: Watch, limit: timedelta) -> Watched:
    reason = Reason(
        code="SCHEDULE_STOPPED",
        message=f"the schedule {name} has not run in time",
        fix="look at the schedule in EventBridge Scheduler, and at the logs of dispatch_schedules",
    )
    return Watched(f"|schedule {name}", watch.ran.get(name), limit, reason)


def _dead(name: str) -> Reason:
    fix = f"`orderwright dead-letters show {name}`; fix the cause, then redrive"
    return Reason(code="DEAD_LETTERS", message=f"messages for {name} failed for good", fix=fix)
