"""DynamoDB streams to functions: in order, filtered, again until it works, with the template's own limits on that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.simulation.cloud.filters import filter_matches
from tests.simulation.kernel.workers import Outcome

if TYPE_CHECKING:
    from tests.simulation.cloud.topology import StreamMapping
    from tests.simulation.sim import Sim

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0


@dataclass
class Stream:
    """One table's stream and its function. One batch at a time, as one shard is read."""

    sim: Sim
    spec: StreamMapping
    position: int = 0
    busy: bool = False
    tries: int = 0
    size: int = 0
    since: datetime | None = None

    def look(self) -> None:
        """Anything new? Cheap, for it is asked after every event."""
        if not self.busy and self.sim.account.stream_end(self.spec.table) > self.position:
            self.busy = True
            self.sim.agenda.after(self.sim.chaos.latency("stream"), "", self.turn)

    def turn(self) -> None:
        """Read the next batch and hand it over."""
        account, table = self.sim.account, self.spec.table
        end = min(self.position + (self.size or self.spec.batch_size), account.stream_end(table))
        batch = account.stream_since(table, self.position, end)
        wanted = [
            one for one in batch if not self.spec.filters or any(filter_matches(f, one) for f in self.spec.filters)
        ]
        if not wanted:
            self._move_on(end)
            return
        self.since = self.since or self.sim.clock.at
        event = {"Records": wanted}
        self.sim.workers.invoke(self.spec.function, event, _Done(self, end), f"{self.spec.table} x{len(wanted)}")

    def finished(self, end: int, outcome: Outcome) -> None:
        """On to the next batch, or again; a batch that fails is halved first, and at last named to the operator."""
        if outcome.ok:
            if self.sim.chaos.repeated():
                self.sim.fault(f"stream {self.spec.table}", "hands a batch over twice")
                self.sim.agenda.after(FIRST_WAIT, "", self.turn)
                return
            self._move_on(end)
            return
        self.tries += 1
        too_old = self.spec.max_age is not None and self.since is not None and (
            self.sim.clock.at - self.since > self.spec.max_age
        )  # fmt: skip
        if too_old or (self.spec.retries is not None and self.tries > self.spec.retries):
            self._give_up(end)
            return
        if self.spec.bisect and end - self.position > 1:
            self.size = max(1, (end - self.position) // 2)
        self.sim.agenda.after(min(FIRST_WAIT * 2 ** min(self.tries - 1, 6), LONGEST_WAIT), "", self.turn)

    def _give_up(self, end: int) -> None:
        self.sim.note(f"stream {self.spec.table}", "gives a batch up")
        if self.spec.on_failure is not None:
            about: dict[str, Any] = {"stream": self.spec.table, "from": self.position, "to": end}
            self.sim.queues[self.spec.on_failure].send(json.dumps(about))
        self._move_on(end)

    def _move_on(self, end: int) -> None:
        self.position, self.tries, self.size, self.since, self.busy = end, 0, 0, None, False
        self.look()


@dataclass
class _Done:
    stream: Stream
    end: int

    def __call__(self, outcome: Outcome) -> None:
        self.stream.finished(self.end, outcome)
