"""Promise P5: exactly one message, unless its worker ended between SENDING and the answer, or the answer was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orderwright.domain.shipment import NoticeState
from tests.simulation.judge.tables import Tables

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

TELLING = "notify_customer#"
ENDS = ("*** is killed", "*** timed out", "*** freezes")
SENDS = ("sesv2:SendEmail", "sns:Publish")


@dataclass
class Mishaps:
    """How many workers met something after which nobody can know whether a message was sent."""

    count: int = 0
    calls: dict[str, str] = field(default_factory=dict)
    failed: dict[str, bool] = field(default_factory=dict)

    def add(self, who: str, what: str) -> None:
        """One line of a worker. A call that went wrong and was repeated at once by the SDK is no mishap."""
        if what.startswith("*** "):
            if what in ENDS or self.calls.get(who) in SENDS:
                self.count += 1
            else:
                self.failed[who] = True
            return
        if self.failed.pop(who, False) and what != self.calls.get(who):
            self.count += 1
        self.calls[who] = what


def judge_unclear(sim: Sim, tables: Tables) -> Iterator[str]:
    """No more messages are unclear than there were mishaps."""
    mishaps = Mishaps()
    for _, who, what in sim.trace.lines:
        if who.startswith(TELLING):
            mishaps.add(who, what)
    unclear = sum(
        told.state is NoticeState.UNCLEAR
        for file in tables.files.values()
        for notice in file.notices.values()
        for told in notice.model.told
    )
    if unclear > mishaps.count:
        yield f"P5: {unclear} messages are unclear, and only {mishaps.count} sends can have gone wrong"
