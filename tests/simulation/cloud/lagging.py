"""Indexes that are behind: a query of an index is answered from the table as it was some seconds ago."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

_INDEX_MEMBERS = "_index_members"
"""Where ministack keeps what it knows of a table's indexes; without it, it looks through the items."""
Key = tuple[str, str]


@dataclass
class Lag:
    """The past of one table, from its own stream of changes. `written` says when each stream record was seen first."""

    sim: Sim
    table: str
    written: list[datetime] = field(default_factory=list)
    places: dict[Key, list[int]] = field(default_factory=dict)
    """Which stream records are about an item."""

    def watch(self) -> None:
        """Note the time of what was written since the last look; asked after each event."""
        records = self.sim.account.stream(self.table)
        for place in range(len(self.written), len(records)):
            self.written.append(self.sim.clock.at)
            self.places.setdefault(_key(records[place]), []).append(place)

    @contextmanager
    def behind(self, seconds: float) -> Iterator[None]:
        """Within, ministack holds the table of that moment."""
        self.watch()
        table = self.sim.account.table(self.table)
        first = bisect_right(self.written, self.sim.clock.at - timedelta(seconds=seconds))
        now = {name: table.pop(name) for name in ("items", _INDEX_MEMBERS) if name in table}
        table["items"] = self._past(now["items"], first)
        try:
            yield
        finally:
            table.pop(_INDEX_MEMBERS, None)
            table.update(now)

    def _past(self, items: dict[str, dict[str, Any]], first: int) -> dict[str, dict[str, Any]]:
        records = self.sim.account.stream(self.table)
        past = dict(items)
        copied: set[str] = set()
        for pk, sk in dict.fromkeys(_key(record) for record in records[first:]):
            if pk not in copied:
                copied.add(pk)
                past[pk] = dict(past.get(pk, {}))
            places = self.places[pk, sk]
            before = bisect_right(places, first - 1) - 1
            image = records[places[before]]["dynamodb"].get("NewImage") if before >= 0 else None
            if image is None:
                past[pk].pop(sk, None)
            else:
                past[pk][sk] = image
        return past


def _key(record: dict[str, Any]) -> Key:
    keys = record["dynamodb"]["Keys"]
    return keys["pk"]["S"], keys["sk"]["S"]
