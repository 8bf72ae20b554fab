"""The best plan by subsets of lines: each source in turn may ship any part of what is left. Exact, whatever a parcel costs.

What it takes grows threefold with each line, so it is for few lines, or for some of many while the others stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import prod
from operator import add, itemgetter
from typing import Any

from orderwright.domain.routing.numbers import NEVER, Allowed, Load, Numbers, Plan, together


def pairs(counts: Sequence[int]) -> int:
    """How many pairs of a state and a part of it there are: what one source takes to look at."""
    return prod((count + 1) * (count + 2) // 2 for count in counts)


@lru_cache(maxsize=4)
def _parts(counts: tuple[int, ...]) -> list[Callable[[Sequence[int]], tuple[int, ...]]]:
    """For each state, what picks all its parts from a list by state, in order. A state: how much of each need, in one number."""
    below: list[list[int]] = [[0]]
    stride = 1
    for count in counts:
        below = [
            [part * stride + code for part in range(of + 1) for code in row] for of in range(count + 1) for row in below
        ]
        stride *= count + 1
    shared = list(range(stride))  # each number once in memory
    getters: list[Any] = [lambda codes: (codes[0],)]
    return getters + [itemgetter(*map(shared.__getitem__, row)) for row in below[1:]]


def priced(
    numbers: Numbers, source: int, needs: Sequence[int], allowed: Allowed, base: Load, price: Callable[[Load], int]
) -> list[int]:
    """What this source's parcel weighs with each state of these needs, on top of `base`."""
    sender = numbers.senders[source]
    rows: list[Load | None] = [base]
    for need in needs:
        unit, count = numbers.units[need]
        first = list(rows)
        for part in range(1, count + 1):
            more = sender.load(need, part * unit) if source in allowed[need] else None
            rows += [together(row, more) if row and more else None for row in first]
    return [NEVER if row is None else price(row) for row in rows]


def all_unmet(counts: Sequence[int], weight: int) -> list[int]:
    """By state, what it weighs that its needs stay unmet, each as a whole or not at all."""
    layer = [0]
    for count in counts:
        layer += [NEVER] * (len(layer) * (count - 1)) + [one + weight for one in layer]
    return layer


def with_source(counts: tuple[int, ...], layer: list[int], prices: list[int]) -> list[int]:
    """By state, the lowest weight where one more source may take any part of it."""
    return [min(map(add, part(prices), reversed(part(layer)))) for part in _parts(counts)]


def dealt(numbers: Numbers, needs: Sequence[int], prices: Mapping[int, list[int]]) -> tuple[int, Plan]:
    """The lowest weight of all these needs, and its plan, by what each source asks for each state."""
    counts = tuple(numbers.units[need][1] for need in needs)
    layers = [all_unmet(counts, numbers.scale.unmet)]
    for asked in prices.values():
        layers.append(with_source(counts, layers[-1], asked))
    plan: Plan = {}
    state = len(layers[0]) - 1
    for (source, asked), before in reversed(list(zip(prices.items(), layers, strict=False))):
        codes = _parts(counts)[state](range(state + 1))
        taken = min((asked[part] + before[state - part], part) for part in codes)[1]
        state -= taken
        for need, count in zip(needs, counts, strict=True):
            taken, some = divmod(taken, count + 1)
            if some:
                plan.setdefault(need, {})[source] = some * numbers.units[need][0]
    return layers[-1][-1], plan


def by_lines(numbers: Numbers, needs: Sequence[int], allowed: Allowed, fixed: Plan) -> tuple[int, Plan]:
    """The lowest weight of all needs in `needs` and `fixed`, and its plan; what is fixed stays as it is."""
    asked = {source for need in needs for source in allowed[need]}
    rest, prices = 0, {}
    for source in sorted(asked.union(*fixed.values())):
        base, price = numbers.load(source, fixed), numbers.senders[source].price
        if source in asked:
            prices[source] = priced(numbers, source, needs, allowed, base, price)
        else:
            rest += price(base)
    weight, plan = dealt(numbers, needs, prices)
    return weight + rest, fixed | plan
