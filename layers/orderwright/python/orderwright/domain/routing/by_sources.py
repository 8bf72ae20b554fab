"""The best plan by subsets of sources: for each set of open sources, what each line then costs at least.

Where a parcel costs a fixed sum, so much a heading, and so much a piece, this is exact for any number of lines. Limits and weight
steps are replaced by straight lines that are nowhere above them, so the weight is then a bound: no plan has a lower one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from operator import add, sub
from typing import NamedTuple

from orderwright.domain.routing.by_lines import Allowed, added, loads, pairs, taken, unmet
from orderwright.domain.routing.numbers import EMPTY, NEVER, Load, Numbers, Plan, together

MOST_SOURCES = 11
"""Further sources count as open from the start, for their part of the parcel: that is a bound as well."""
MOST_BLOCK_STEPS = 400_000


class Slope(NamedTuple):
    """A straight line: `start`, and `rise` for each `run`."""

    start: int
    rise: int = 0
    run: int = 1


def below(corners: Sequence[tuple[int, int]], at: int) -> Slope:
    """The line nowhere above the steps that is highest at `at`. A corner: up to x the step is y; x rises and is above 0."""
    lowest: list[tuple[int, int]] = []
    for x, y in reversed(corners):
        lowest.append((x, min(y, lowest[-1][1]) if lowest else y))
    hull = [(0, lowest[-1][1])]
    for x, y in reversed(lowest):
        while len(hull) > 1 and (y - hull[-1][1]) * (hull[-1][0] - hull[-2][0]) <= (hull[-1][1] - hull[-2][1]) * (
            x - hull[-1][0]
        ):
            hull.pop()
        hull.append((x, y))
    for (x, y), (to, high) in pairwise(hull):
        if at <= to or to == hull[-1][0]:
            rise, run = high - y, to - x
            return Slope(y - -(-rise * x // run), rise, run)
    raise AssertionError("a step has no width")


class Bent:
    """A source with straight lines in place of its limit and its weight steps, highest at the load `at`."""

    def __init__(self, numbers: Numbers, source: int, needs: Iterable[int], at: Load) -> None:
        self.sender = sender = numbers.senders[source]
        what, one = sender.source, [load for need in needs if (load := sender.load(need, sender.most(need)))]
        value, grams = sum(load.value for load in one), sum(load.grams for load in one)
        self._limit, self._above = what.limit, what.above is not None and what.limit is not None and value > what.limit
        self.heading = what.beside.heading
        self._by_value = self._by_weight = Slope(0)
        self.parcel = what.beside.parcel + what.worth
        if what.limit is not None and what.above is not None and value > what.limit:
            self.heading = min(self.heading, what.above.heading)
            corners = [(what.limit, what.beside.parcel), (value, what.above.parcel)]
            self._by_value = below([corner for corner in corners if corner[0] > 0], at.value)
            self.parcel = self._by_value.start + what.worth
        if what.weight_steps:
            steps: list[tuple[int, int]] = []
            for up_to, price in what.weight_steps:
                if not steps or steps[-1][0] < min(up_to, grams):
                    steps.append((min(up_to, grams), price))
            steps = [step for step in steps if step[0] > 0] or [(1, steps[0][1])]
            self._by_weight = below(steps, at.grams)
            self.parcel += self._by_weight.start

    def price(self, load: Load) -> int:
        """What the pieces add to the parcel at least."""
        if not load.heads:
            return 0
        if self.sender.short(load):
            return NEVER
        extra = load.low
        if self._above:
            over = self._limit is not None and load.value > self._limit
            extra = load.high if over else min(load.low, load.high)
        by_value, by_weight = self._by_value, self._by_weight
        return (
            load.weight
            + extra
            + load.value * by_value.rise // by_value.run
            + load.grams * by_weight.rise // by_weight.run
        )


class Block:
    """Needs that must be looked at together, one for the most part. `best`: the lowest weight by set of open sources.

    `costs`: of a single need that comes from one source, by source; otherwise None.
    """

    def __init__(self, needs: tuple[int, ...], heading: str, best: list[int], costs: dict[int, int] | None) -> None:
        self.needs, self.heading, self.best, self.costs = needs, heading, best, costs


class BySources:
    """The bound of these needs, and the plan that would have this weight if all parcels cost as the lines say.

    `weight`: no plan weighs less. `plan`: it may be one that cannot be, where stock or splits were left out.
    """

    def __init__(self, numbers: Numbers, needs: Sequence[int], allowed: Allowed, at: Plan) -> None:
        self._numbers, self._allowed = numbers, allowed
        sources = sorted({source for need in needs for source in allowed[need]})
        self._bent = {source: Bent(numbers, source, needs, numbers.load(source, at) or EMPTY) for source in sources}
        parcels = {source: self._bent[source].parcel for source in sources}
        dear = sorted(sources, key=lambda source: (-parcels[source], source))
        self._inside, self._open = sorted(dear[:MOST_SOURCES]), sorted(dear[MOST_SOURCES:])
        self._share = {s: parcels[s] // len(needs) if parcels[s] > 0 else parcels[s] for s in self._open}
        self.steps = len(needs) << len(self._inside)
        headings: dict[str, list[Block]] = {}
        for group in self._grouped(needs):
            headings.setdefault(numbers.needs[group[0]].heading, []).append(self._block(group))
        self._totals = self._fees(parcels)
        self._groups: list[tuple[list[Block], list[int], list[int]]] = []
        for blocks in headings.values():
            own = [sum(each) for each in zip(*(block.best for block in blocks), strict=True)]
            fees = {source: self._bent[source].heading for source in sources}
            best = own
            if any(fees[source] for source in self._inside):
                own = list(map(add, own, self._fees(fees)))
                best = _of_subsets(own, len(self._inside))
            self._groups.append((blocks, own, best))
            self._totals = list(map(add, self._totals, best))
        self.weight = min(self._totals)
        self.plan = self._plan(self._totals.index(self.weight))

    def forced(self) -> dict[tuple[int, int | None], int]:
        """By need and source (None: unmet), a weight that no plan with that choice is below. Of needs with one source each."""
        found: dict[tuple[int, int | None], int] = {}
        for blocks, own, best in self._groups:
            rest = list(map(sub, self._totals, best))
            fee = own is not best
            free = [sum(each) for each in zip(*(block.best for block in blocks), strict=True)]
            for block in blocks:
                if block.costs is None:
                    continue
                others = [r + f - b for r, f, b in zip(rest, free, block.best, strict=True)]
                lowest, with_source = _with_each(others, len(self._inside))
                found[block.needs[0], None] = lowest + self._numbers.scale.unmet
                for source, cost in block.costs.items():
                    least = lowest
                    if source in self._inside:
                        least = with_source[self._inside.index(source)]
                        cost += self._bent[source].heading if fee else 0
                    found[block.needs[0], source] = least + cost
        return found

    def _fees(self, by_source: Mapping[int, int]) -> list[int]:
        """What a fee for each open source sums up to, by set."""
        sums = [0]
        for source in self._inside:
            fee = by_source[source]
            sums += [one + fee for one in sums]
        return sums

    def _grouped(self, needs: Sequence[int]) -> list[tuple[int, ...]]:
        """Needs that share a stock which is too small for all are one block, where that is not too much to look at."""
        by_sku: dict[str, list[int]] = {}
        for need in needs:
            by_sku.setdefault(self._numbers.needs[need].sku, []).append(need)
        blocks: list[tuple[int, ...]] = []
        for same in by_sku.values():
            one_heading = len({self._numbers.needs[need].heading for need in same}) == 1
            joint = one_heading and self._tight(same) and self._few(same)
            blocks += [tuple(same)] if joint else [(need,) for need in same]
        return blocks

    def _few(self, needs: Sequence[int]) -> bool:
        exact = all(unit == 1 or count == 1 for unit, count in (self._numbers.units[need] for need in needs))
        steps = pairs([self._numbers.units[need][1] for need in needs]) << len(self._inside)
        return exact and steps <= MOST_BLOCK_STEPS

    def _tight(self, needs: Sequence[int]) -> bool:
        for source, bent in self._bent.items():
            load, sender = EMPTY, bent.sender
            for need in needs:
                if source in self._allowed[need]:
                    load = together(load, sender.load(need, sender.most(need)) or EMPTY)
            if sender.short(load):
                return True
        return False

    def _block(self, needs: tuple[int, ...]) -> Block:
        heading, unmet_weight = self._numbers.needs[needs[0]].heading, self._numbers.scale.unmet
        if len(needs) > 1 or (self._numbers.split_pays(needs[0]) and self._few(needs)):
            return Block(needs, heading, [layer[-1] for layer in self._layers(needs, self._inside)], None)
        costs = self._costs(needs[0])
        best = [min([unmet_weight, *(costs[source] for source in self._open if source in costs)])]
        for source in self._inside:
            cost = costs.get(source, unmet_weight)
            best += [one if one < cost else cost for one in best]
        single = not self._numbers.split_pays(needs[0])
        return Block(needs, heading, best, costs if single else None)

    def _costs(self, need: int) -> dict[int, int]:
        """What a need weighs at least if it comes from this source. If splits are left out, as if each had enough."""
        senders, what = self._numbers.senders, self._numbers.needs[need]
        if not self._numbers.split_pays(need):
            return {
                source: self._bent[source].price(load) + self._share.get(source, 0)
                for source in self._allowed[need]
                if (load := senders[source].load(need, what.quantity))
            }
        found, bonus, held = {}, 0, 0
        for source in self._allowed[need]:
            option, load = senders[source].options[need], senders[source].load(need, 1) or EMPTY
            fixed = option.worth + option.rank * self._numbers.scale.rank
            bonus, held = bonus + min(0, fixed), held + option.held
            piece = option.piece + self._bent[source].price(load) - load.weight
            found[source] = max(0, fixed) + piece * what.quantity + self._share.get(source, 0)
        bonus -= self._numbers.scale.given_up * min(held, what.quantity)
        return {source: cost + bonus for source, cost in found.items()}

    def _priced(self, needs: Sequence[int], source: int) -> list[int]:
        rows, share = loads(self._numbers, source, EMPTY, needs, self._allowed), self._share.get(source, 0)
        return [NEVER if row is None else self._bent[source].price(row) + (share if row.heads else 0) for row in rows]

    def _layers(self, needs: tuple[int, ...], sources: Sequence[int]) -> list[list[int]]:
        """The lowest weights by state, for each set of `sources`; those that count as open are in all of them."""
        counts = tuple(self._numbers.units[need][1] for need in needs)
        layers = [unmet(self._numbers.scale.unmet, counts)]
        for source in self._open:
            layers = [added(counts, layers[0], self._priced(needs, source))]
        for source in sources:
            priced = self._priced(needs, source)
            layers += [added(counts, layer, priced) for layer in layers]
        return layers

    def _plan(self, opened: int) -> Plan:
        """What comes from where if these sources are open."""
        plan: Plan = {}
        for blocks, own, best in self._groups:
            chosen = opened
            while own[chosen] != best[opened]:
                chosen = (chosen - 1) & opened
            among = [*self._open, *(source for place, source in enumerate(self._inside) if chosen >> place & 1)]
            for block in blocks:
                plan |= self._joint(block.needs, among) if block.costs is None else self._single(block, among)
        return plan

    def _single(self, block: Block, among: Sequence[int]) -> Plan:
        need, costs = block.needs[0], block.costs or {}
        source = min((source for source in among if source in costs), key=lambda s: (costs[s], s), default=None)
        if source is None or costs[source] > self._numbers.scale.unmet:
            return {}
        return {need: {source: self._numbers.needs[need].quantity}}

    def _joint(self, needs: tuple[int, ...], among: Sequence[int]) -> Plan:
        if len(needs) == 1 and not self._few(needs):
            return self._filled(needs[0], among)
        counts = tuple(self._numbers.units[need][1] for need in needs)
        layer, layers = unmet(self._numbers.scale.unmet, counts), []
        for source in among:
            priced = self._priced(needs, source)
            layers.append((source, priced, layer))
            layer = added(counts, layer, priced)
        parts = zip(needs, taken(counts, layers), strict=True)
        return {need: {s: n * self._numbers.units[need][0] for s, n in some.items()} for need, some in parts if some}

    def _filled(self, need: int, among: Sequence[int]) -> Plan:
        """The cheapest first, each as far as it goes."""
        costs, left, shares = self._costs(need), self._numbers.needs[need].quantity, {}
        for source in sorted((source for source in among if source in costs), key=lambda s: (costs[s], s)):
            amount = min(left, self._numbers.senders[source].most(need))
            if amount:
                shares[source] = amount
                left -= amount
        return {} if left else {need: shares}


def _of_subsets(sums: Sequence[int], bits: int) -> list[int]:
    """By set, the lowest of all its subsets."""
    best = list(sums)
    for bit in range(bits):
        width = 1 << bit
        for start in range(width, len(best), 2 * width):
            best[start : start + width] = map(min, best[start : start + width], best[start - width : start])
    return best


def _with_each(sums: list[int], bits: int) -> tuple[int, list[int]]:
    """The lowest of all sets, and of those with each member."""
    found = [0] * bits
    for bit in reversed(range(bits)):
        low, high = sums[: 1 << bit], sums[1 << bit :]
        found[bit] = min(high)
        sums = list(map(min, low, high))
    return sums[0], found
