"""The search for who ships what, against all that there is to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.bench.figures.f13_routing import question as large
from orderwright.domain.routing import by_sources, numbers
from orderwright.domain.routing.numbers import NEVER, Numbers, Plan
from orderwright.domain.routing.parcel_cost import parcel_cost
from orderwright.domain.routing.question import Answer, Beside, Need, Option, Question, Share, Source
from orderwright.domain.routing.search import runners_up, solve

# No deadline: a busy machine is no failure.
FAST = settings(max_examples=80, deadline=None)
Objective = tuple[int, int, int, int]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Small ones, with all that a question may hold."""
    few = st.integers(0, 4)
    besides = st.builds(Beside, parcel=st.integers(0, 30), heading=st.sampled_from((0, 0, 4)))
    plain = draw(st.booleans())
    steps = st.sampled_from(((), ((5, 6), (12, 9)), ((3, 2), (8, 11), (40, 12))))
    sources = tuple(
        Source(
            name=name,
            beside=draw(besides),
            limit=None if plain else draw(st.sampled_from((None, 10, 25, 60))),
            above=draw(st.none() | besides),
            weight_steps=() if plain else draw(steps),
            worth=draw(few),
        )
        for name in draw(st.sampled_from(("A", "AB", "ABC")))
    )
    needs = tuple(
        Need(
            name=f"n{number}",
            sku=draw(st.sampled_from(("x", "y", "z"))),
            quantity=draw(st.integers(1, 3)),
            value=draw(st.integers(0, 20)),
            grams=draw(few),
            heading=draw(st.sampled_from(("", "61"))),
            divisible=draw(st.booleans()),
        )
        for number in range(draw(st.integers(1, 3)))
    )
    free = {(source.name, sku): draw(st.integers(-1, 5)) for source in sources for sku in "xyz"}
    options = tuple(
        Option(
            need=need.name,
            source=source.name,
            free=free[source.name, need.sku],
            held=draw(st.sampled_from((0, 0, 0, 1, 3))),
            goods=draw(st.integers(0, 20)),
            freight=draw(few),
            duty=draw(few),
            duty_above=draw(st.sampled_from((0, 3, 25))),
            rank=draw(st.sampled_from((0, 0, 1, 2))),
            worth=draw(st.sampled_from((0, 0, 3, -3))),
        )
        for need in needs
        for source in sources
        if draw(st.integers(0, 5))
    )
    return Question(day=date(2026, 11, 20), currency="EUR", needs=needs, sources=sources, options=options)


def ways(question: Question, need: Need) -> Iterator[dict[str, int]]:
    """All ways to meet a need, and to leave it."""
    yield {}
    options = [one for one in question.options if one.need == need.name]
    for amounts in product(range(need.quantity + 1), repeat=len(options)):
        shares = {one.source: amount for one, amount in zip(options, amounts, strict=True) if amount}
        if sum(amounts) == need.quantity and (need.divisible or len(shares) == 1):
            yield shares


def judged(question: Question, plan: dict[str, dict[str, int]]) -> Objective | None:
    """What a plan is worth, worked out from the question alone; None where it cannot be."""
    rank = worth = cost = used = 0
    taken: dict[tuple[str, str], int] = {}
    for need in question.needs:
        for source, amount in plan[need.name].items():
            option = question.option(need.name, source)
            beyond = max(0, amount - option.held)
            key = (source, need.sku)
            taken[key] = taken.get(key, 0) + beyond
            if taken[key] > max(0, option.free):
                return None
            rank, worth, used = rank + option.rank, worth + option.worth, used + min(amount, option.held)
    for sender in question.sources:
        name = sender.name
        shares = [Share(need=n, source=name, quantity=parts[name]) for n, parts in plan.items() if name in parts]
        if shares:
            parcel = parcel_cost(question, name, shares)
            if parcel is None:
                return None
            cost, worth = cost + parcel.total, worth + sender.worth
    held = {need.name: sum(o.held for o in question.options if o.need == need.name) for need in question.needs}
    given_up = sum(min(need.quantity, held[need.name]) for need in question.needs) - used
    return sum(1 for shares in plan.values() if not shares), given_up, rank, cost + worth


def everything(question: Question) -> list[Objective]:
    """What each possible plan is worth."""
    names = [need.name for need in question.needs]
    plans = product(*(list(ways(question, need)) for need in question.needs))
    return [found for plan in plans if (found := judged(question, dict(zip(names, plan, strict=True))))]


def objective(answer: Answer) -> Objective:
    return len(answer.unmet), answer.given_up, answer.rank, answer.cost + answer.worth


def as_plan(question: Question, answer: Answer) -> dict[str, dict[str, int]]:
    return {need.name: {share.source: share.quantity for share in answer.of(need.name)} for need in question.needs}


@FAST
@given(questions())
def test_the_answer_is_the_best_there_is(question: Question) -> None:
    answer, best = solve(question), min(everything(question))
    assert answer.exact
    assert objective(answer) == best == judged(question, as_plan(question, answer))
    assert answer.bound == best[3]
    assert [*answer.unmet] == [need.name for need in question.needs if not answer.of(need.name)]
    assert solve(question) == answer


def test_a_line_is_split_where_that_keeps_its_parcels_below_a_limit() -> None:
    need = Need(name="n", sku="x", quantity=2, value=10, divisible=True)
    sources = tuple(Source(name=one, beside=Beside(parcel=1), limit=12, above=Beside(parcel=1)) for one in "AB")
    options = tuple(Option(need="n", source=one, free=5, goods=5, duty_above=10) for one in "AB")
    answer = solve(Question(day=date(2026, 11, 20), currency="EUR", needs=(need,), sources=sources, options=options))
    assert (answer.cost, answer.bound, answer.exact) == (12, 12, True)


@FAST
@given(questions(), st.integers(0, 3000), st.integers(0, 3), st.integers(1, 3))
def test_a_search_that_looks_at_less_proves_nothing_false(
    question: Question, steps: int, sources: int, parts: int
) -> None:
    with patch.object(by_sources, "MOST_SOURCES", sources), patch.object(numbers, "MOST_PARTS", parts):
        answer, plans = solve(question, steps), everything(question)
    found = objective(answer)
    assert found == judged(question, as_plan(question, answer))
    assert answer.bound <= min(
        plan[3] for plan in plans if plan[:3] <= found[:3] and plan[0] <= found[0] and plan[2] <= found[2]
    )
    assert not answer.exact or found == min(plans)


@FAST
@given(questions(), st.data())
def test_fast_sums_are_the_sums_of_parcel_cost(question: Question, data: st.DataObject) -> None:
    names = [need.name for need in question.needs]
    chosen = [data.draw(st.sampled_from(list(ways(question, need)))) for need in question.needs]
    fast, want = Numbers(question), judged(question, dict(zip(names, chosen, strict=True)))
    places = {source.name: place for place, source in enumerate(question.sources)}
    plan: Plan = {n: {places[s]: amount for s, amount in shares.items()} for n, shares in enumerate(chosen) if shares}
    weight = fast.weight(plan, range(len(names)))
    assert (weight == NEVER) == (want is None)
    if want:
        unmet, given_up, rank, money = want
        scale = fast.scale
        assert weight == unmet * scale.unmet + (given_up - fast.reserved) * scale.given_up + rank * scale.rank + money


@FAST
@given(questions())
def test_a_runner_up_is_the_best_answer_without_the_winner(question: Question) -> None:
    answer = solve(question)
    for other in runners_up(question, answer, most=1):
        pairs = {(other.need, share.source) for share in answer.of(other.need)}
        found = objective(other.answer)
        assert found == min(everything(question.without(pairs)))
        assert (other.more, other.rank) == (found[3] - objective(answer)[3], found[2] - answer.rank)
        assert not {(other.need, source) for source in other.sources} & pairs


@pytest.mark.parametrize("shared", [False, True])
def test_twenty_lines_and_ten_suppliers_are_exact_or_have_a_proven_gap(shared: bool) -> None:
    plain, coupled = large(20, 10, False, shared, 1), large(20, 10, True, shared, 1)
    best, found = solve(plain), solve(coupled, 500_000)
    assert (best.exact, best.unmet, found.exact, found.unmet) == (True, (), False, ())
    assert best.steps < 120_000
    assert found.steps < 900_000
    assert 0 < found.bound < found.cost + found.worth
    assert found.gap_ppm < 60_000
