"""Indexes that are behind: a query of an index is answered from the table as it was some seconds ago."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.simulation.cloud.emulator import module_of

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

_INDEX_MEMBERS = "_index_members"
"""Where ministack keeps what it knows of a table's indexes; without it, it looks through the items."""
Key = tuple[str, str]
Item = dict[str, Any]
Items = dict[str, dict[str, Item]]
Members = dict[str, dict[Any, dict[Key, None]]]


@dataclass
class Lag:
    """The past of one table, from its own stream of changes.

    `written` says when each record was seen first, from the place `first` on; `places` which of these are about an item. What
    stood in an item before these is in `before`: there only, since the stream tells new images and no old ones.
    """

    sim: Sim
    table: str
    first: int = 0
    written: list[datetime] = field(default_factory=list)
    places: dict[Key, list[int]] = field(default_factory=dict)
    before: dict[Key, Item] = field(default_factory=dict)

    def watch(self) -> None:
        """Note the time of what was written since the last look; asked after each event."""
        account, end = self.sim.account, self.first + len(self.written)
        if account.stream_end(self.table) == end:
            return
        for place, record in enumerate(account.stream_since(self.table, end), end):
            self.written.append(self.sim.clock.at)
            self.places.setdefault(_key(record), []).append(place)

    def forget(self, before: datetime) -> int:
        """Nobody looks back beyond that time any more; gives the first place of the stream that is still looked at here."""
        count = bisect_left(self.written, before)
        for place, record in enumerate(
            self.sim.account.stream_since(self.table, self.first, self.first + count), self.first
        ):
            key, image = _key(record), record["dynamodb"].get("NewImage")
            places = self.places[key]
            oldest = places.pop(0)
            assert oldest == place
            if not places:
                del self.places[key]
            if image is None:
                self.before.pop(key, None)
            else:
                self.before[key] = image
        del self.written[:count]
        self.first += count
        return self.first

    @contextmanager
    def behind(self, seconds: float, index: str) -> Iterator[None]:
        """Within, ministack holds the table of that moment, as far as this index shows it."""
        self.watch()
        table = self.sim.account.table(self.table)
        past = self._images(self.sim.clock.at - timedelta(seconds=seconds))
        now = {name: table.pop(name) for name in ("items", _INDEX_MEMBERS) if name in table}
        if _INDEX_MEMBERS in now:
            table[_INDEX_MEMBERS] = _past_members(table, now["items"], now[_INDEX_MEMBERS], past, index)
        table["items"] = _past_items(now["items"], past)
        try:
            yield
        finally:
            table.pop(_INDEX_MEMBERS, None)
            table.update(now)

    def _images(self, then: datetime) -> dict[Key, Item | None]:
        """What was written since then, as it was before; None if it was not there."""
        first = self.first + bisect_right(self.written, then)
        account = self.sim.account
        past: dict[Key, Item | None] = {}
        for key in dict.fromkeys(_key(record) for record in account.stream_since(self.table, first)):
            places = self.places[key]
            before = bisect_right(places, first - 1) - 1
            if before < 0:
                past[key] = self.before.get(key)
            else:
                (record,) = account.stream_since(self.table, places[before], places[before] + 1)
                past[key] = record["dynamodb"].get("NewImage")
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


def _past_members(
    table: dict[str, Any], items: Items, members: Members, past: Mapping[Key, Item | None], index: str
) -> Members:
    """An index at that time. ministack would make it anew from all items, thousands of times in a large shop."""
    ministack = module_of("dynamodb")
    name, hashes, ranges = next(schema for schema in ministack._index_key_schemas(table) if schema[0] == index)
    partitions = dict(members[name])
    mine: dict[Any, dict[Key, None]] = {}

    def copied(partition: Any) -> dict[Key, None]:
        if partition not in mine:
            mine[partition] = partitions[partition] = dict(partitions.get(partition, ()))
        return mine[partition]

    for key, image in past.items():
        item = items.get(key[0], {}).get(key[1])
        is_in = None if item is None else ministack._index_partition(item, hashes, ranges)
        was_in = None if image is None else ministack._index_partition(image, hashes, ranges)
        if is_in == was_in:
            continue
        if is_in is not None:
            copied(is_in).pop(key, None)
        if was_in is not None:
            copied(was_in)[key] = None
    return {name: partitions}


def _key(record: dict[str, Any]) -> Key:
    keys = record["dynamodb"]["Keys"]
    return keys["pk"]["S"], keys["sk"]["S"]
