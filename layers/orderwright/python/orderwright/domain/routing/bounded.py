"""The best plan found of needs that share sources, and what is proven of it. Counted steps end the search, never the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orderwright.domain.routing.by_lines import by_lines, pairs
from orderwright.domain.routing.by_sources import BySources
from orderwright.domain.routing.numbers import NEVER, Numbers, Plan

MOST_STEPS = 20_000_000
"""About two seconds of processor time where `import boto3` takes 100 ms."""
MOST_LINE_STEPS = 6_000_000
"""What an exact search over lines may take: 12 lines x 10 sources."""
WINDOW_PAIRS = 1000
ROUNDS = 6


class Found(NamedTuple):
    """`bound`: no plan weighs less than this."""

    plan: Plan
    weight: int
    bound: int
    steps: int

    @property
    def exact(self) -> bool:
        """Is it proven to be the best?"""
        return self.weight == self.bound


class _Search:
    """The state of one search. `allowed`: by need, the sources that a better plan than the one at hand may take it from."""

    def __init__(self, numbers: Numbers, needs: Sequence[int], most_steps: int) -> None:
        self.numbers, self.needs, self.left = numbers, needs, most_steps
        self.allowed = {need: set(numbers.options(need)) for need in needs}
        self.may_be_unmet = set(needs)
        self.plan: Plan = {}
        self.weight = numbers.weight({}, needs)
        self.bound = -NEVER
        self._looked_at: set[tuple[object, ...]] = set()

    def take(self, plan: Plan, weight: int | None = None) -> None:
        """Keep this plan if it is better."""
        weight = self.numbers.weight(plan, self.needs) if weight is None else weight
        if weight < self.weight:
            self.plan, self.weight = plan, weight

    def relax(self, at: Plan) -> Plan:
        """A bound, the plan that comes with it as far as it can be, and all that no better plan does left out."""
        relaxed = BySources(self.numbers, self.needs, self.allowed, at)
        self.left -= relaxed.steps
        # What was left out before cannot be better than the plan at hand, so the bound holds up to its weight.
        self.bound = min(self.weight, max(self.bound, relaxed.weight))
        self.take(self._mended(relaxed.plan))
        if self.weight > self.bound:
            for (need, source), least in relaxed.forced().items():
                if least >= self.weight and source is None:
                    self.may_be_unmet.discard(need)
                elif least >= self.weight:
                    self.allowed[need].discard(source or 0)
        return relaxed.plan

    def _mended(self, plan: Plan) -> Plan:
        """The shares of a plan, one need after the other, as far as parcels and stock allow; then others, by what they add."""
        if self.numbers.weight(plan, self.needs) < NEVER:
            return plan
        mended: Plan = {}
        for need in self.needs:
            if need in plan:
                self._add(mended, need, [plan[need]])
        for need in self.needs:
            if need not in mended:
                whole = self.numbers.needs[need].quantity
                options = [s for s in self.numbers.options(need) if self.numbers.senders[s].most(need) == whole]
                self._add(mended, need, [{source: whole} for source in options])
        return mended

    def _add(self, plan: Plan, need: int, choices: Iterable[dict[int, int]]) -> None:
        weights = [(self.numbers.weight(plan | {need: shares}, [*plan, need]), shares) for shares in choices]
        weight, shares = min(weights, key=lambda one: one[0], default=(NEVER, {}))
        if weight < NEVER:
            plan[need] = shares

    def finish(self) -> bool:
        """By lines, if it is not too much: then the best is known."""
        sure = {n for n in self.needs if len(self.allowed[n]) == 1 and n not in self.may_be_unmet and self._whole(n)}
        free = [need for need in self.needs if need not in sure]
        if any(not self.allowed[need] and need not in self.may_be_unmet for need in self.needs):
            self.bound = self.weight
        elif all(self._any_part(need) for need in free) and self._cost(free) <= min(self.left, MOST_LINE_STEPS):
            fixed = {n: dict.fromkeys(self.allowed[n], self.numbers.needs[n].quantity) for n in self.needs if n in sure}
            self._solve(free, fixed)
            self.bound = self.weight
        return self.bound == self.weight

    def _whole(self, need: int) -> bool:
        return not self.numbers.needs[need].divisible

    def _any_part(self, need: int) -> bool:
        unit, _ = self.numbers.units[need]
        return unit == 1 or self._whole(need)

    def _cost(self, free: Sequence[int]) -> int:
        sources = {source for need in free for source in self.allowed[need]}
        return pairs([self.numbers.units[need][1] for need in free]) * len(sources)

    def _solve(self, free: Sequence[int], fixed: Plan) -> None:
        if any(self.numbers.load(s, fixed) is None for s in {s for shares in fixed.values() for s in shares}):
            return
        self.left -= self._cost(free) + 100
        weight, plan = by_lines(self.numbers, free, self.allowed, fixed)
        self.take(plan, weight)

    def improve(self, seed: int) -> None:
        """A few needs at a time are placed anew, the others stay: until no such step helps, or steps run out."""
        for window in self._windows(seed):
            fixed = {need: shares for need, shares in self.plan.items() if need not in window}
            key = (window, tuple(sorted((n, *sorted(shares.items())) for n, shares in fixed.items())))
            if self.weight == self.bound or self.left <= 0:
                return
            if key not in self._looked_at:
                self._looked_at.add(key)
                self._solve(window, fixed)

    def _windows(self, seed: int) -> Iterable[tuple[int, ...]]:
        """Needs of the same sources together, then needs mixed by a fixed rule."""

        def mixed(turn: int) -> list[int]:
            return sorted(self.needs, key=lambda need: ((need + 1) * (2 * turn + 1) * 2_654_435_761 >> 7) % 65_521)

        for turn in range(seed * 40, seed * 40 + 40):
            order = mixed(turn)
            if turn % 2 == 0:
                order.sort(key=lambda need: min(self.plan.get(need, {-1: 0})))
            window: list[int] = []
            for need in order:
                if not self.allowed[need]:
                    continue
                unit = self.numbers.units[need][0]
                if any(quantity % unit for quantity in self.plan.get(need, {}).values()):
                    continue
                if window and pairs([self.numbers.units[each][1] for each in [*window, need]]) > WINDOW_PAIRS:
                    yield tuple(sorted(window))
                    window = []
                window.append(need)
            if window:
                yield tuple(sorted(window))


def best_plan(numbers: Numbers, needs: Sequence[int], most_steps: int) -> Found:
    """Of needs that share sources. Exact where `BySources` is, or where few lines are left to look at; else see `Found.bound`."""
    search = _Search(numbers, needs, most_steps)
    at = search.relax({})
    if search.weight > search.bound and not search.finish():
        for seed in range(ROUNDS):
            search.improve(seed)
            for load in (search.plan, at):
                at = search.relax(load)
            if search.left <= 0 or search.finish():
                break
    return Found(search.plan, search.weight, search.bound, most_steps - search.left)
