"""The best plan found for needs that share sources, and what is proven of it. Counted steps end the search, never the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orderwright.domain.routing.by_lines import by_lines, pairs
from orderwright.domain.routing.by_sources import BySources
from orderwright.domain.routing.numbers import NEVER, Numbers, Plan

MOST_STEPS = 9_000_000
"""At most two seconds of processor time where `import boto3` takes 100 ms."""
MOST_LINE_STEPS = 6_000_000
"""What an exact search by lines may take: 12 lines x 10 sources."""
WINDOW_PAIRS = 1000
"""Six lines: so many are placed anew at a time."""
ROUNDS, TURNS = 6, 40


class Found(NamedTuple):
    """`bound`: no plan weighs less. So a plan that weighs this is the best."""

    plan: Plan
    weight: int
    bound: int
    steps: int


def best_plan(numbers: Numbers, needs: Sequence[int], most_steps: int) -> Found:
    """Exact where the bound by sources is met, or where few lines are left to look at."""
    search = _Search(numbers, needs, most_steps)
    at = search.relax({})
    for turn in range(ROUNDS):
        if search.finish() or search.left <= 0:
            break
        search.improve(turn * TURNS)
        for plan in (search.plan, at):
            at = search.relax(plan) if search.left > 0 else at
    return Found(search.plan, search.weight, search.bound, most_steps - search.left)


class _Search:
    """The plan at hand, and what a better one could be. `allowed`: by need, the sources that a better one may take it from."""

    def __init__(self, numbers: Numbers, needs: Sequence[int], most_steps: int) -> None:
        self.numbers, self.needs, self.left = numbers, needs, most_steps
        self.allowed = {need: set(numbers.options(need)) for need in needs}
        self.may_be_unmet = set(needs)
        self.plan: Plan = {}
        self.weight, self.bound = numbers.weight({}, needs), -NEVER
        self._seen: set[tuple[object, ...]] = set()

    def relax(self, at: Plan) -> Plan:
        """A bound and the plan that comes with it, mended. What no better plan does is left out from then on."""
        relaxed = BySources(self.numbers, self.needs, self.allowed, at)
        self.left -= relaxed.steps
        self._take(*self._mended(relaxed.plan))
        # What was left out weighs no less than the plan at hand did then.
        self.bound = min(self.weight, max(self.bound, relaxed.weight))
        if self.weight > self.bound:
            self.left -= relaxed.steps
            for (need, source), least in relaxed.forced().items():
                if least >= self.weight:
                    (self.may_be_unmet if source is None else self.allowed[need]).discard(
                        need if source is None else source
                    )
        return relaxed.plan

    def _take(self, plan: Plan, weight: int) -> None:
        if weight < self.weight:
            self.plan, self.weight = plan, weight

    def _mended(self, plan: Plan) -> tuple[Plan, int]:
        """Its shares, need by need, as far as parcels and stock allow; then others, by what they add. And the weight."""
        weight = self.numbers.weight(plan, self.needs)
        if weight < NEVER:
            return plan, weight
        mended: Plan = {}
        whole = {need: self.numbers.needs[need].quantity for need in self.needs}
        choices = [(need, [shares]) for need, shares in plan.items()]
        choices += [(need, [{source: whole[need]} for source in self.numbers.options(need)]) for need in self.needs]
        for need, ways in choices:
            for shares in [] if need in mended else ways:
                more = self.numbers.weight(mended | {need: shares}, self.needs)
                if more < weight:
                    weight, mended = more, mended | {need: shares}
        return mended, weight

    def finish(self) -> bool:
        """By lines, if that is not too much. True if the plan at hand is then known to be the best."""
        needs = self.numbers.needs
        if any(not self.allowed[need] and need not in self.may_be_unmet for need in self.needs):
            self.bound = self.weight
        fixed: Plan = {}
        for need in self.needs:
            if len(self.allowed[need]) == 1 and need not in self.may_be_unmet and not needs[need].divisible:
                fixed[need] = dict.fromkeys(self.allowed[need], needs[need].quantity)
        free = [need for need in self.needs if need not in fixed]
        exact = all(self.numbers.any_part(need) for need in free)
        if self.weight > self.bound and exact and self._cost(free) <= min(self.left, MOST_LINE_STEPS):
            self._place(free, fixed)
            self.bound = self.weight
        return self.weight == self.bound

    def _cost(self, free: Sequence[int]) -> int:
        sources = {source for need in free for source in self.allowed[need]}
        return pairs([self.numbers.units[need][1] for need in free]) * (len(sources) + 1)

    def _place(self, free: Sequence[int], fixed: Plan) -> None:
        self.left -= self._cost(free)
        weight, plan = by_lines(self.numbers, free, self.allowed, fixed)
        self._take(plan, weight)

    def improve(self, first: int) -> None:
        """A few needs at a time are placed anew while the others stay."""
        for window in self._windows(first):
            if self.weight == self.bound or self.left <= 0:
                return
            fixed = {need: shares for need, shares in self.plan.items() if need not in window}
            key = (window, tuple(sorted((need, *sorted(shares.items())) for need, shares in fixed.items())))
            if key not in self._seen:
                self._seen.add(key)
                self._place(window, fixed)

    def _windows(self, first: int) -> Iterable[tuple[int, ...]]:
        """Needs mixed by a fixed rule; each second time, those of one source together."""
        units = self.numbers.units
        for turn in range(first, first + TURNS):
            order = sorted(self.needs, key=lambda need: (need + 1) * (2 * turn + 1) * 2_654_435_761 % 65_521)
            if turn % 2 == 0:
                order.sort(key=lambda need: min(self.plan.get(need, {-1: 0})))
            window: list[int] = []
            for need in order:
                if not self.allowed[need] or any(n % units[need][0] for n in self.plan.get(need, {}).values()):
                    continue
                if window and pairs([units[each][1] for each in [*window, need]]) > WINDOW_PAIRS:
                    yield tuple(sorted(window))
                    window = []
                window.append(need)
            if window:
                yield tuple(sorted(window))
