"""Promise P14 where the account was paused: one alert a cause, nothing given up for it, and what waited goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from orderwright.domain.notice import NoticeState
from tests.simulation.cloud.pausing import SAYS
from tests.simulation.judge.case import Case

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

GOES_WITHIN = timedelta(minutes=20)
"""What waits is tried each quarter of an hour, by a sweep; its message may be late."""
TOLD_WITHIN = timedelta(minutes=15)
APART = timedelta(minutes=45)
"""Where nothing was tried for so long, the cause may be taken for a new one: an hour, less what is not written down each time."""
REPEATS = {"kill", "lose_answer", "doubled", "undeleted", "repeated_batch", "freeze", "slow"}
"""Faults by which the same alert may be published twice."""


def judge_silence(sim: Sim, cases: Iterable[Case]) -> Iterator[str]:
    """At the end."""
    kept: dict[str, list[datetime]] = sim.memory.get("kept", {})
    for channel, times in sorted(kept.items()):
        yield from _alerts(sim, channel, SAYS[channel][0], times)
    for case in cases if kept else ():
        yield from _notices(sim, case)


def _alerts(sim: Sim, channel: str, code: str, times: list[datetime]) -> Iterator[str]:
    told = sum(f"NOTICES_WAIT: {channel}: {code}" in alert for alert in sim.seen.alerts)
    # A worker that is killed behind its refusal says nothing; it is not killed each time.
    if not told and len(times) > 2 and times[-1] - times[0] > TOLD_WITHIN:
        yield f"P14: {channel} was kept {len(times)} times by {code}, and nobody was told"
    causes = 1 + sum(after - before > APART for before, after in pairwise(times))
    rates = getattr(getattr(sim.chaos, "mix", None), "rates", {})
    if told > causes and not REPEATS & set(rates):
        yield f"P14: {told} alerts of {channel} were raised for {causes} times {code}"


def _notices(sim: Sim, case: Case) -> Iterator[str]:
    over = case.now - sim.memory["pause"][1]
    for _, stored in sorted(case.file.notices.items()):
        notice = stored.model
        code = SAYS[notice.channel][0]
        for told in notice.told:
            if told.state is NoticeState.FAILED and code in told.note:
                yield f"P14: {told.milestone.value} of {case.sold.name} by {notice.channel} was given up over {code}"
        if notice.state is NoticeState.WAITING and notice.cause == code and over >= GOES_WITHIN:
            yield f"P14: {notice.milestone.value} of {case.sold.name} by {notice.channel} still waits, and {code} is over"
