"""The best plan by subsets of lines: each source in turn may ship any part of what is left. Exact, whatever a parcel costs.

What it takes grows threefold with each line, so it is for few lines, or for some of many while the others stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from math import prod
from operator import add, itemgetter
from typing import Any

from orderwright.domain.routing.numbers import EMPTY, NEVER, Load, Numbers, Plan, together

Allowed = Mapping[int, Collection[int]]
"""By need, the sources that it may come from."""
_Getter = Callable[[Sequence[int]], tuple[int, ...]]


def pairs(counts: Sequence[int]) -> int:
    """How many pairs of a state and a part of it there are: what one source takes to look at."""
    return prod((count + 1) * (count + 2) // 2 for count in counts)


@lru_cache(maxsize=8)
def _parts(counts: tuple[int, ...]) -> list[_Getter]:
    """For each state, what picks all its parts from a list by state, in order. State 0 has none but itself."""
    below: list[list[int]] = [[0]]
    stride = 1
    for count in counts:
        below = [
            [part * stride + code for part in range(of + 1) for code in row] for of in range(count + 1) for row in below
        ]
        stride *= count + 1
    getters: list[Any] = [lambda codes: (codes[0],)]
    return getters + [itemgetter(*row) for row in below[1:]]


def loads(numbers: Numbers, source: int, base: Load, needs: Sequence[int], allowed: Allowed) -> list[Load | None]:
    """What this source's parcel holds with each state of these needs, on top of `base`; None where it has not so many."""
    sender = numbers.senders[source]
    rows: list[Load | None] = [base]
    for need in needs:
        unit, count = numbers.units[need]
        first = list(rows)
        for part in range(1, count + 1):
            more = sender.load(need, part * unit) if source in allowed[need] else None
            rows += [together(row, more) if row and more else None for row in first]
    return rows


def unmet(weight: int, counts: Sequence[int]) -> list[int]:
    """What it weighs that the needs of a state stay unmet, each as a whole or not at all."""
    states = [0]
    for count in counts:
        states += [NEVER] * (len(states) * (count - 1)) + [state + weight for state in states]
    return states


def added(counts: tuple[int, ...], layer: list[int], priced: list[int]) -> list[int]:
    """The lowest weights by state with one more source, which may take any part of each state."""
    return [min(map(add, part(priced), reversed(part(layer)))) for part in _parts(counts)]


def taken(counts: tuple[int, ...], layers: Sequence[tuple[int, list[int], list[int]]]) -> list[dict[int, int]]:
    """What each source takes of each need in the best way: parts by source. A layer: source, its prices, the layer before."""
    parts: list[dict[int, int]] = [{} for _ in counts]
    state = prod(count + 1 for count in counts) - 1
    for source, priced, before in reversed(layers):
        codes = _parts(counts)[state](range(state + 1))
        best = min(codes, key=lambda part: (priced[part] + before[state - part], part))
        state -= best
        for place, count in enumerate(counts):
            best, some = divmod(best, count + 1)
            if some:
                parts[place][source] = some
    return parts


def by_lines(numbers: Numbers, needs: Sequence[int], allowed: Allowed, fixed: Plan) -> tuple[int, Plan]:
    """The lowest weight of all needs in `needs` and `fixed`, and its plan; what is fixed stays as it is."""
    counts = tuple(numbers.units[need][1] for need in needs)
    layer = unmet(numbers.scale.unmet, counts)
    layers = []
    asked = {source for need in needs for source in allowed[need]}
    rest = 0
    for source in sorted(asked.union(*fixed.values())):
        sender, base = numbers.senders[source], numbers.load(source, fixed) or EMPTY
        if source not in asked:
            rest += sender.price(base)
            continue
        rows = loads(numbers, source, base, needs, allowed)
        priced = [NEVER if row is None else sender.price(row) for row in rows]
        layers.append((source, priced, layer))
        layer = added(counts, layer, priced)
    plan = {need: dict(shares) for need, shares in fixed.items()}
    for need, parts in zip(needs, taken(counts, layers), strict=True):
        if parts:
            plan[need] = {source: some * numbers.units[need][0] for source, some in parts.items()}
    return layer[-1] + rest, plan
