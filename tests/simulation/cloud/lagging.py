"""Indexes that are behind: a query of an index is answered from the table as it was some seconds ago."""

from __future__ import annotations

import importlib
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

_INDEX_MEMBERS = "_index_members"
"""Where ministack keeps what it knows of a table's indexes; without it, it looks through the items."""
FORGOTTEN: dict[str, Any] = {}
Key = tuple[str, str]
Item = dict[str, Any]
Items = dict[str, dict[str, Item]]
Members = dict[str, dict[Any, dict[Key, None]]]


@dataclass
class Lag:
    """The past of one table, from its own stream of changes. `written` says when each stream record was seen first."""

    sim: Sim
    table: str
    written: list[datetime] = field(default_factory=list)
    places: dict[Key, list[int]] = field(default_factory=dict)
    """Which stream records are about an item."""
    keeps: timedelta | None = None
    """How long what was overwritten is kept in memory; None: for ever."""
    overwritten: deque[tuple[datetime, Key]] = field(default_factory=deque)

    def watch(self) -> None:
        """Note the time of what was written since the last look; asked after each event."""
        records = self.sim.account.stream(self.table)
        if len(records) == len(self.written):
            return
        for place in range(len(self.written), len(records)):
            key = _key(records[place])
            places = self.places.setdefault(key, [])
            if places and self.keeps is not None:
                self.overwritten.append((self.sim.clock.at, key))
            self.written.append(self.sim.clock.at)
            places.append(place)
        if self.keeps is not None:
            self._forget(self.sim.clock.at - self.keeps)

    def _forget(self, before: datetime) -> None:
        """Let go of images that nobody can see any more; their places in the stream stay."""
        records = self.sim.account.stream(self.table)
        read = min(stream.position for stream in self.sim.streams if stream.spec.table == self.table)
        while self.overwritten and self.overwritten[0][0] < before:
            places = self.places[self.overwritten[0][1]]
            if places[0] >= read:
                return
            records[places.pop(0)] = FORGOTTEN
            self.overwritten.popleft()

    @contextmanager
    def behind(self, seconds: float) -> Iterator[None]:
        """Within, ministack holds the table of that moment."""
        self.watch()
        table = self.sim.account.table(self.table)
        first = bisect_right(self.written, self.sim.clock.at - timedelta(seconds=seconds))
        now = {name: table.pop(name) for name in ("items", _INDEX_MEMBERS) if name in table}
        past = self._images(first)
        if _INDEX_MEMBERS in now:
            table[_INDEX_MEMBERS] = _past_members(table, now["items"], now[_INDEX_MEMBERS], past)
        table["items"] = _past_items(now["items"], past)
        try:
            yield
        finally:
            table.pop(_INDEX_MEMBERS, None)
            table.update(now)

    def _images(self, first: int) -> dict[Key, Item | None]:
        """What was written since that place of the stream, as it was before; None if it was not there."""
        records = self.sim.account.stream(self.table)
        past: dict[Key, Item | None] = {}
        for key in dict.fromkeys(_key(record) for record in records[first:]):
            places = self.places[key]
            before = bisect_right(places, first - 1) - 1
            past[key] = records[places[before]]["dynamodb"].get("NewImage") if before >= 0 else None
        return past


def _past_items(items: Items, past: Mapping[Key, Item | None]) -> Items:
    """The partitions at that time; those in which nothing changed are shared with now."""
    then = dict(items)
    for pk in dict.fromkeys(pk for pk, _ in past):
        then[pk] = dict(then.get(pk, {}))
    for (pk, sk), image in past.items():
        if image is None:
            then[pk].pop(sk, None)
        else:
            then[pk][sk] = image
    return then


def _past_members(table: dict[str, Any], items: Items, members: Members, past: Mapping[Key, Item | None]) -> Members:
    """The indexes at that time. ministack would make them anew from all items, thousands of times in a large shop."""
    ministack: Any = importlib.import_module("ministack.services.dynamodb")
    then: Members = {}
    for name, hashes, ranges in ministack._index_key_schemas(table):
        then[name] = partitions = dict(members[name])
        for (pk, sk), image in past.items():
            item = items.get(pk, {}).get(sk)
            is_in = None if item is None else ministack._index_partition(item, hashes, ranges)
            was_in = None if image is None else ministack._index_partition(image, hashes, ranges)
            if is_in == was_in:
                continue
            if is_in is not None:
                partitions[is_in] = {key: None for key in partitions[is_in] if key != (pk, sk)}
            if was_in is not None:
                partitions[was_in] = {**partitions.get(was_in, {}), (pk, sk): None}
    return then


def _key(record: dict[str, Any]) -> Key:
    keys = record["dynamodb"]["Keys"]
    return keys["pk"]["S"], keys["sk"]["S"]
