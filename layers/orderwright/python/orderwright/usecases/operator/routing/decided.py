"""What was decided on an order, and whether the same would be chosen again from what is kept (R40)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orderwright.domain.routing.decision import RoutingDecision, replayed
from orderwright.domain.routing.question import Answer, Share
from orderwright.records import OrderFile, routing_key
from orderwright.storage import Storage


class Replay(NamedTuple):
    """One decision made again. `differs`: need, the shares of then, the shares of now; empty where the answer is the same."""

    decision: RoutingDecision
    now: Answer
    differs: tuple[tuple[str, tuple[Share, ...], tuple[Share, ...]], ...]

    @property
    def same(self) -> bool:
        """The same suppliers for the same pieces at the same cost."""
        then = self.decision.answer
        return not self.differs and (then.cost, then.rank, then.worth) == (self.now.cost, self.now.rank, self.now.worth)


def decisions_of(file: OrderFile, storage: Storage) -> list[RoutingDecision]:
    """All decisions of an order, the oldest first."""
    most = file.record.model.routed if file.record else 0
    held = storage.get_many([routing_key(file.pk, number) for number in range(1, most + 1)], RoutingDecision)
    return [one.model for one in held.values()]


def replay(decisions: Sequence[RoutingDecision]) -> list[Replay]:
    """Each made again from what is kept of it."""
    found = []
    for one in decisions:
        then, now = one.answer, replayed(one)
        pairs = [(need.name, _sorted(then.of(need.name)), _sorted(now.of(need.name))) for need in one.question.needs]
        found.append(Replay(one, now, tuple(pair for pair in pairs if pair[1] != pair[2])))
    return found


def _sorted(shares: Sequence[Share]) -> tuple[Share, ...]:
    return tuple(sorted(shares, key=lambda share: share.source))
