"""The best answer to a question of routing, and for each need the next best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orderwright.domain.routing.bounded import MOST_STEPS, Found, best_plan
from orderwright.domain.routing.by_sources import BySources
from orderwright.domain.routing.numbers import Numbers, Plan
from orderwright.domain.routing.parcel_cost import parcel_cost
from orderwright.domain.routing.question import Answer, Question, Share


def solve(question: Question, most_steps: int = MOST_STEPS) -> Answer:
    """The best shares; the same question always has the same answer. See Answer for what is best.

    Exact where parcels cost a fixed sum, so much a heading and so much a piece; otherwise for few lines. `Answer.exact` says it.
    """
    numbers = Numbers(question)
    parts = _apart(numbers)
    found = [best_plan(numbers, needs, most_steps * len(needs) // len(question.needs)) for needs in parts]
    plan: Plan = {}
    for one in found:
        plan |= one.plan
    return _answer(numbers, plan, found)


RUNNERS_STEPS = 3_000_000
"""For all runners-up together: they are for the eye, so less is looked at for each of a large order."""


class RunnerUp(NamedTuple):
    """The best whole answer where a need does not come from those who are chosen. What it changes: `more` is cost + worth."""

    need: str
    sources: tuple[str, ...]
    more: int
    rank: int
    unmet: int
    answer: Answer


def runners_up(question: Question, answer: Answer, most: int = 3) -> tuple[RunnerUp, ...]:
    """For each need that is met, at most so many next best answers, best first: without its winner, without the next, ..."""
    found: list[RunnerUp] = []
    steps = RUNNERS_STEPS // max(1, most * len(question.needs))
    for need in question.needs:
        shares, gone = answer.of(need.name), set[tuple[str, str]]()
        for _ in range(most if shares else 0):
            gone |= {(need.name, share.source) for share in shares}
            other = solve(question.without(gone), steps)
            shares = other.of(need.name)
            if not shares:
                break
            more = other.cost + other.worth - answer.cost - answer.worth
            sources = tuple(share.source for share in shares)
            unmet = len(other.unmet) - len(answer.unmet)
            found.append(RunnerUp(need.name, sources, more, other.rank - answer.rank, unmet, other))
    return tuple(found)


def _apart(numbers: Numbers) -> list[list[int]]:
    """The needs in parts that share no source: each can be solved alone."""
    parts: list[tuple[set[int], list[int]]] = []
    for need in range(len(numbers.needs)):
        sources, needs = set(numbers.options(need)), [need]
        for part in [part for part in parts if part[0] & sources]:
            parts.remove(part)
            sources, needs = sources | part[0], part[1] + needs
        parts.append((sources, needs))
    return [sorted(needs) for _, needs in parts]


def _answer(numbers: Numbers, plan: Plan, found: Sequence[Found]) -> Answer:
    question, scale = numbers.question, numbers.scale
    shares = tuple(
        Share(need=numbers.needs[need].name, source=question.sources[source].name, quantity=quantity)
        for need in sorted(plan)
        for source, quantity in sorted(plan[need].items())
    )
    options = [(numbers.senders[source].options[need], n) for need in plan for source, n in plan[need].items()]
    rank, worth = sum(option.rank for option, _ in options), sum(option.worth for option, _ in options)
    used = sum(min(option.held, quantity) for option, quantity in options)
    cost = 0
    for source in question.sources:
        own = [share for share in shares if share.source == source.name]
        if own and (parcel := parcel_cost(question, source.name, own)):
            cost, worth = cost + parcel.total, worth + source.worth
    unmet = tuple(need.name for place, need in enumerate(numbers.needs) if place not in plan)
    lacking = scale.unmet * len(unmet) + scale.rank * rank - scale.given_up * used
    bound = sum(one.bound for one in found) - lacking
    if bound < 0:
        # It is not proven that no rank is lower, so ranks say nothing about cost.
        money = Numbers(question, only_money=True)
        relaxed = [
            BySources(money, needs, {need: money.options(need) for need in needs}, plan) for needs in _apart(money)
        ]
        bound = max(bound, sum(one.weight for one in relaxed) - money.scale.unmet * len(unmet))
    return Answer(
        shares=shares,
        unmet=unmet,
        given_up=numbers.reserved - used,
        rank=rank,
        cost=cost,
        worth=worth,
        bound=bound,
        exact=all(one.weight == one.bound for one in found),
        steps=sum(one.steps for one in found),
    )
