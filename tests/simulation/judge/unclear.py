"""Promise P5: exactly one message, unless its worker ended between SENDING and the answer, or the answer was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from orderwright.domain.notice import NoticeState
from tests.simulation.judge.tables import Tables
from tests.simulation.kernel.trace import Trace
from tests.simulation.kernel.workers import ENDS, FAILS

TELLING = "notify_customer#"
STRUCK = ("*** is killed", "*** timed out", "*** freezes")
SENDS = ("sesv2:SendEmail", "sns:Publish")


@dataclass
class Mishaps:
    """How many workers met something after which nobody can know whether a message was sent; read from the trace.

    `calls` and `failed` are about workers that have not ended yet.
    """

    lines: int = 0
    count: int = 0
    calls: dict[str, str] = field(default_factory=dict)
    failed: dict[str, bool] = field(default_factory=dict)

    def read(self, trace: Trace) -> None:
        """Whatever is new in the trace: at the end, or before a part of it is forgotten."""
        fresh, self.lines = trace.since(self.lines), trace.end
        for _, who, what in fresh:
            if who.startswith(TELLING):
                self.add(who, what)

    def add(self, who: str, what: str) -> None:
        """One line of a worker. A call that went wrong and was repeated at once by the SDK is no mishap."""
        if what.startswith("*** "):
            if what in STRUCK or self.calls.get(who) in SENDS:
                self.count += 1
            else:
                self.failed[who] = True
            return
        if self.failed.pop(who, False) and what != self.calls.get(who):
            self.count += 1
        if what == ENDS or what.startswith(FAILS):
            self.calls.pop(who, None)
        else:
            self.calls[who] = what


def judge_unclear(mishaps: Mishaps, tables: Tables) -> Iterator[str]:
    """No more messages are unclear than there were mishaps."""
    unclear = sum(
        told.state is NoticeState.UNCLEAR
        for file in tables.files.values()
        for notice in file.notices.values()
        for told in notice.model.told
    )
    if unclear > mishaps.count:
        yield f"P5: {unclear} messages are unclear, and only {mishaps.count} sends can have gone wrong"
