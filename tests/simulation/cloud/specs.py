"""What the template declares, as plain facts: functions, queues, what feeds them, schedules, routes, tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FunctionSpec:
    """One function. `name` is its folder, `file` its code, `entry` the function in it, `concurrency` what is reserved."""

    name: str
    logical_id: str
    file: Path
    entry: str
    timeout: timedelta
    environment: dict[str, str]
    concurrency: int | None


@dataclass(frozen=True)
class QueueSpec:
    """One queue. `name` is the folder that it feeds, or that and `_dead_letter`; it stands for the URL as well."""

    name: str
    logical_id: str
    visibility: timedelta
    delay: timedelta
    retention: timedelta
    max_receives: int | None
    dead_letter: str | None


@dataclass(frozen=True)
class QueueMapping:
    """A queue to its function. `partial`: the function says which messages failed."""

    logical_id: str
    queue: str
    function: str
    batch_size: int
    window: timedelta
    partial: bool
    maximum_concurrency: int | None


@dataclass(frozen=True)
class StreamMapping:
    """A table's stream to its function. `retries` and `max_age` are None where nothing but the stream's own 24 hours ends it."""

    logical_id: str
    table: str
    function: str
    batch_size: int
    window: timedelta
    filters: tuple[dict[str, Any], ...]
    retries: int | None
    max_age: timedelta | None
    bisect: bool
    on_failure: str | None
    parallelization: int
    starting_position: str
    partial: bool


@dataclass(frozen=True)
class Schedule:
    """A function that is called again and again. `retries` are those of a call that Lambda did not take."""

    name: str
    logical_id: str
    every: timedelta
    function: str
    event: dict[str, Any]
    retries: int
    max_event_age: timedelta
    dead_letter: str | None
    at: timedelta = timedelta(0)

    def next_after(self, now: datetime, since: datetime = EPOCH) -> datetime:
        """The first call later than `now`, counted from `since` (when it was deployed), or `at` that time of each day (UTC)."""
        since += self.at
        return since + ((now - since) // self.every + 1) * self.every


@dataclass(frozen=True)
class Route:
    """An address of the API. `timeout` is when the API gives up waiting for the function."""

    method: str
    path: str
    function: str
    timeout: timedelta


@dataclass(frozen=True)
class IndexSpec:
    """One index of a table."""

    hash_key: str
    range_key: str | None
    projection: str


@dataclass(frozen=True)
class TableSpec:
    """One table by its role. `stream` is the view type; `ttl` the attribute by which items expire."""

    role: str
    logical_id: str
    hash_key: str
    range_key: str | None
    attributes: dict[str, str]
    indexes: dict[str, IndexSpec]
    stream: str | None
    ttl: str | None


@dataclass(frozen=True)
class Topology:
    """The whole of it, in the template's order. Functions and queues by name, tables by role, schedules by name."""

    functions: dict[str, FunctionSpec]
    queues: dict[str, QueueSpec]
    queue_mappings: tuple[QueueMapping, ...]
    stream_mappings: tuple[StreamMapping, ...]
    schedules: dict[str, Schedule]
    routes: tuple[Route, ...]
    tables: dict[str, TableSpec]
