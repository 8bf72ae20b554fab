"""When each item that waits wakes up by itself, learnt from the tables' streams: asked often, so nothing is looked through."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from orderwright.domain.base import iso

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

Place = tuple[str, str, str]


@dataclass
class Waking:
    """The due times of all tables. `due` is what stands in the items now, `queue` also holds what stood there before."""

    sim: Sim
    read: dict[str, int] = field(default_factory=dict)
    due: dict[Place, str] = field(default_factory=dict)
    queue: list[tuple[str, Place]] = field(default_factory=list)

    def soonest(self) -> str:
        """The first "<time>#<message type>" of all; "" where nothing waits."""
        for table in self.sim.topology.tables:
            self._learn(table)
        while self.queue and self.due.get(self.queue[0][1]) != self.queue[0][0]:
            heapq.heappop(self.queue)
        return self.queue[0][0] if self.queue else ""

    def until(self, when: datetime) -> list[tuple[Place, str]]:
        """What stands in the items now and is due by then: place and "<time>#<message type>"."""
        self.soonest()
        last = iso(when) + "~"
        return [(place, due) for place, due in self.due.items() if due <= last]

    def _learn(self, table: str) -> None:
        end, read = self.sim.account.stream_end(table), self.read.get(table, 0)
        if end == read:
            return
        for record in self.sim.account.stream_since(table, read):
            change = record["dynamodb"]
            key = (table, change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"])
            due = change.get("NewImage", {}).get("due_at")
            if due is None:
                self.due.pop(key, None)
            else:
                self.due[key] = due["S"]
                heapq.heappush(self.queue, (due["S"], key))
        self.read[table] = end
