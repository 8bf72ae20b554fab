"""orderwright logs: what the functions wrote."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click

from local.cli.answer import Answer, json_text, text
from local.cli.shop import Shop
from orderwright.aws.operator.logs import CloudWatchLogs
from orderwright.domain.outside_texts import visible
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.logs import FUNCTIONS, LEVELS, log_rows, order_trace
from orderwright.usecases.people.words import in_words, item_name

_EVERY, _LATE = 2.0, timedelta(minutes=1)
"""While following: seconds between two looks, and how late a line may come into the log, or this clock be early."""
_BEFORE = timedelta(minutes=15)
"""How long before its first line in the time line a line may be about the order."""
_KEPT, _LONGEST = timedelta(days=30), 400
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@click.option("--function", type=click.Choice(FUNCTIONS), metavar="NAME", help="Only this one, such as ingest_order.")
@click.option(
    "--since", default="", metavar="1h", help="How far back: 90s, 30m, 1h (default), 7d. Of an order: its begin."
)
@click.option(
    "--order", default="", metavar="'#1001'", help="Lines about this order, and of the runs in its time line."
)
@click.option(
    "--level",
    default="DEBUG",
    type=click.Choice(LEVELS, case_sensitive=False),
    metavar="WARNING",
    help="This and above.",
)
@click.option("--limit", default=200, type=click.IntRange(1, 100_000), help="The newest so many.", show_default=True)
@click.option("--follow", is_flag=True, help="Go on until Ctrl-C.")
def logs(shop: Shop, function: str | None, since: str, order: str, level: str, limit: int, follow: bool) -> Answer:
    """What the functions wrote, newest last. Lines hold ids and no personal data; AWS keeps them for 30 days."""
    now = shop.wiring.clock.now()
    trace = order_trace(shop.storage, shop.order(order)) if order else None
    begin = now - _back(since or "1h")
    if trace is not None and not since:
        begin = max((trace.since or begin) - _BEFORE, now - _KEPT)
    source = CloudWatchLogs(shop.wiring.client("logs"), shop.target.stack)
    wanted = [function] if function else list(FUNCTIONS)

    rows, cut = log_rows(source, wanted, begin, level=level, order=trace, most=limit)
    told_from = rows[0]["at"] if rows else begin
    notes = [] if rows else [f"nothing was written there since {text(begin)} (UTC)"]
    notes += [f"{name} wrote more than is read at once: its newest are not here; a shorter --since" for name in cut]

    def since_last() -> list[dict[str, Any]]:
        fresh = order_trace(shop.storage, trace.pk) if trace else None
        at = max(shop.wiring.clock.now() - _LATE - timedelta(seconds=_EVERY), told_from)
        return log_rows(source, wanted, at, level=level, order=fresh)[0]

    return _Lines(rows, notes, since_last=since_last if follow else None, seen={row["id"] for row in rows})


@dataclass(frozen=True)
class _Lines(Answer):
    """One line a row, also as JSON, so that it can be followed. `since_last` looks again; `seen` are ids that were told."""

    since_last: Callable[[], list[dict[str, Any]]] | None = None
    seen: Collection[str] = ()

    def print(self, *, as_json: bool) -> None:
        """The rows, then those that come until Ctrl-C."""
        seen = self.seen
        try:
            self._tell(self.data, as_json=as_json)
            for note in self.shown:
                click.echo(note, err=True)
            while self.since_last is not None:
                _wait(_EVERY)
                rows = self.since_last()
                self._tell([row for row in rows if row["id"] not in seen], as_json=as_json)
                seen = {row["id"] for row in rows}  # every later look begins later
        except KeyboardInterrupt:
            click.echo("", err=True)

    def _tell(self, rows: list[dict[str, Any]], *, as_json: bool) -> None:
        for row in rows:
            told = {key: value for key, value in row.items() if key != "id"}
            click.echo(json_text(told, None) if as_json else _line(row))


def _wait(seconds: float) -> None:
    time.sleep(seconds)


def _line(row: dict[str, Any]) -> str:
    """Time (UTC), level, function, message, and what else is known."""
    known = (item_name(row["order"]), *(f"{name}={row[name]}" for name in ("correlation", "code") if row[name]))
    about = " ".join(filter(None, known))
    told = f"{text(row['at'])} {row['level']:<7} {row['function']:<20} {in_words(row['message'])[:_LONGEST]}"
    return visible(told + (f"  {about}" if about else ""))


def _back(since: str) -> timedelta:
    found = re.fullmatch(r"([1-9]\d{0,5})([smhd])", since.strip())
    if not found:
        raise Refused("INPUT", f"--since {since!r} is no length of time", "a number with s, m, h or d: --since 30m")
    return min(timedelta(**{_UNITS[found[2]]: int(found[1])}), _KEPT)
