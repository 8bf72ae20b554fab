"""A bound by subsets of sources: for each set of open sources, what each need then weighs at least. And the plan with it.

Where a parcel costs a fixed sum, so much a heading and so much a piece, the plan weighs as much as the bound, so it is the best,
for any number of lines. Limits and weight steps are replaced by straight lines that are nowhere above them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from operator import add, sub
from typing import NamedTuple

from orderwright.domain.routing.by_lines import all_unmet, dealt, pairs, priced, with_source
from orderwright.domain.routing.numbers import EMPTY, NEVER, Allowed, Load, Numbers, Plan

MOST_SOURCES = 11
"""Further sources count as open from the start, and their parcels as free: that is a bound as well."""

MOST_BLOCK_STEPS = 400_000


class Slope(NamedTuple):
    """A straight line: `start`, and `rise` for each `run`."""

    start: int = 0
    rise: int = 0
    run: int = 1


def below(corners: Sequence[tuple[int, int]], at: int) -> Slope:
    """The line nowhere above these steps that is highest at `at`. A corner: up to x, from the corner before it, the step is y."""
    rises = [(high - y, to - x) for (x, y), (to, high) in combinations(corners, 2) if high > y and to > x]
    lines = [
        Slope(min(y - -(-rise * x // run) for x, y in corners), rise, run)  # rounded down
        for rise, run in [(0, 1), *rises]
    ]
    return max(lines, key=lambda line: line.start + at * line.rise // line.run)


class Bent:
    """A source with straight lines in place of its limit and its weight steps, highest at the load `at`."""

    def __init__(self, numbers: Numbers, source: int, needs: Sequence[int], at: Load) -> None:
        self._sender = sender = numbers.senders[source]
        what, all_of = sender.source, [sender.load(need, sender.most(need)) or EMPTY for need in needs]
        value, grams = sum(load.value for load in all_of), sum(load.grams for load in all_of)
        beside, above = what.beside, what.above
        self._by_value, self._by_weight = Slope(beside.parcel), Slope()
        self.heading, self._limit = beside.heading, what.limit
        if what.limit is None or above is None or value <= what.limit:
            self._limit = None
        else:
            self.heading = min(beside.heading, above.heading)
            self._by_value = below([(what.limit, beside.parcel), (value, above.parcel)], at.value)
        if what.weight_steps:
            last = next((n for n, (up_to, _) in enumerate(what.weight_steps) if up_to >= grams), None)
            reached = what.weight_steps if last is None else what.weight_steps[: last + 1]
            self._by_weight = below([(min(up_to, grams), price) for up_to, price in reached], at.grams)
        self.parcel = what.worth + self._by_value.start + self._by_weight.start

    def price(self, load: Load) -> int:
        """What pieces add to the parcel at least."""
        if not load.heads:
            return 0
        if self._sender.short(load):
            return NEVER
        extra = 0
        if self._limit is not None:
            extra = load.above if load.value > self._limit else min(0, load.above)
        value, weight = self._by_value, self._by_weight
        return load.weight + extra + load.value * value.rise // value.run + load.grams * weight.rise // weight.run


class Line(NamedTuple):
    """One need, or those that share a stock. `best`: the lowest weight by set of open sources.

    `segments`, of one need: source, weight of a piece, pieces; lightest first. `whole`: it comes from one source, in one piece.
    """

    needs: tuple[int, ...]
    best: list[int]
    segments: list[tuple[int, int, int]]
    whole: bool


class BySources:
    """`weight`: no plan of these needs weighs less. `plan`: weighs that if parcels cost as the lines say and stock is enough."""

    def __init__(self, numbers: Numbers, needs: Sequence[int], allowed: Allowed, at: Plan) -> None:
        self._numbers = numbers
        sources = sorted({source for need in needs for source in allowed[need]})
        self._bent = {source: Bent(numbers, source, needs, numbers.load(source, at)) for source in sources}
        dear = sorted(sources, key=lambda source: (-self._bent[source].parcel, source))
        self._inside, self._open = sorted(dear[:MOST_SOURCES]), sorted(dear[MOST_SOURCES:])
        self._bit = {source: 1 << place for place, source in enumerate(self._inside)}
        self._totals = self._fees({source: bent.parcel for source, bent in self._bent.items()})
        self._groups: list[tuple[list[Line], list[int], list[int]]] = []
        self.steps = (len(needs) + 2) * len(self._totals)
        self._allowed = allowed
        headings: dict[str, list[Line]] = {}
        for block in self._blocks(needs):
            line = self._line(block[0]) if len(block) == 1 else self._joint(block)
            headings.setdefault(numbers.needs[block[0]].heading, []).append(line)
        fees = {source: bent.heading for source, bent in self._bent.items()}
        for lines in headings.values():
            own = best = [sum(each) for each in zip(*(line.best for line in lines), strict=True)]
            if any(fees[source] for source in self._inside):
                own = list(map(add, own, self._fees(fees)))
                best = _of_subsets(own, len(self._inside))
                self.steps += len(own) * len(self._inside)
            self._groups.append((lines, own, best))
            self._totals = list(map(add, self._totals, best))
        self.weight = min(self._totals)
        self.plan = self._plan(self._totals.index(self.weight))

    def forced(self) -> dict[tuple[int, int | None], int]:
        """By need and source (None: unmet), a weight that no plan with that choice is below; sources of whole needs only."""
        found: dict[tuple[int, int | None], int] = {}
        for lines, own, best in self._groups:
            rest, with_fees = self._totals, own is not best
            if with_fees:
                rest = [sum(each) for each in zip(map(sub, rest, best), *(line.best for line in lines), strict=True)]
            for line in [line for line in lines if len(line.needs) == 1]:
                need = line.needs[0]
                lowest, with_source = _with_each(list(map(sub, rest, line.best)), len(self._inside))
                found[need, None] = lowest + self._numbers.scale.unmet
                for source, weight, pieces in [] if self._numbers.needs[need].divisible else line.segments:
                    found[need, source] = lowest + weight * pieces
                    if bit := self._bit.get(source):
                        fee = self._bent[source].heading if with_fees else 0
                        found[need, source] += with_source[bit.bit_length() - 1] - lowest + fee
        return found

    def _fees(self, by_source: Mapping[int, int]) -> list[int]:
        """What a fee for each open source sums up to, by set."""
        sums = [0]
        for source in self._inside:
            fee = by_source[source]
            sums += [one + fee for one in sums]
        return sums

    def _blocks(self, needs: Sequence[int]) -> list[tuple[int, ...]]:
        """Needs that share a stock which is too small for all go together, where that is not too much to look at."""
        numbers, by_sku, blocks = self._numbers, dict[str, list[int]](), list[tuple[int, ...]]()
        for need in needs:
            by_sku.setdefault(numbers.needs[need].sku, []).append(need)
        for same in by_sku.values():
            steps = pairs([numbers.units[need][1] for need in same]) * len(self._totals)
            joint = steps <= MOST_BLOCK_STEPS and len({numbers.needs[need].heading for need in same}) == 1
            joint = joint and len(same) > 1 and all(numbers.any_part(need) for need in same)
            joint = joint and any(numbers.senders[source].tight(same) for source in self._bent)
            blocks += [tuple(same)] if joint else [(need,) for need in same]
            self.steps += steps if joint else 0
        return blocks

    def _prices(self, needs: Sequence[int], sources: Sequence[int]) -> dict[int, list[int]]:
        return {
            source: priced(self._numbers, source, needs, self._allowed, EMPTY, self._bent[source].price)
            for source in sources
        }

    def _joint(self, needs: tuple[int, ...]) -> Line:
        counts = tuple(self._numbers.units[need][1] for need in needs)
        layers = [all_unmet(counts, self._numbers.scale.unmet)]
        for prices in self._prices(needs, self._open).values():
            layers = [with_source(counts, layers[0], prices)]
        for prices in self._prices(needs, self._inside).values():
            layers += [with_source(counts, layer, prices) for layer in layers]
        return Line(needs, [layer[-1] for layer in layers], [], False)

    def _line(self, need: int) -> Line:
        numbers, quantity = self._numbers, self._numbers.needs[need].quantity
        whole = not numbers.split_pays(need)
        segments = []
        for source in self._allowed[need]:
            sender = numbers.senders[source]
            if whole:
                # One segment of one "piece", which is all of them.
                segments.append((source, self._bent[source].price(sender.load(need, quantity) or EMPTY), 1))
                continue
            option, has, one = sender.options[need], sender.most(need), sender.load(need, 1) or EMPTY
            fixed = option.worth + option.rank * numbers.scale.rank
            piece = option.piece + self._bent[source].price(one) - one.weight + (fixed // has if fixed > 0 else fixed)
            held = min(option.held, has)
            segments += [(source, piece - numbers.scale.given_up, held), (source, piece, has - held)]
        segments = sorted((one for one in segments if one[2]), key=lambda one: (one[1], one[0]))
        line = Line((need,), [], segments, whole)
        if whole:
            unmet, costs = numbers.scale.unmet, {source: weight for source, weight, _ in segments}
            line.best.append(min([unmet, *(costs[source] for source in self._open if source in costs)]))
            for source in self._inside:
                cost = costs.get(source, unmet)
                line.best.extend([one if one < cost else cost for one in line.best])
        else:
            self.steps += 10 * len(self._totals)
            line.best.extend(self._filled(line, opened)[0] for opened in range(1 << len(self._inside)))
        return line

    def _filled(self, line: Line, opened: int) -> tuple[int, dict[int, int]]:
        """The lightest segments first; what it weighs, and how much of each source."""
        weight, shares, left = 0, dict[int, int](), 1 if line.whole else self._numbers.needs[line.needs[0]].quantity
        for source, piece, pieces in line.segments:
            if source in self._open or opened & self._bit[source]:
                amount = min(left, pieces)
                weight, left, shares[source] = weight + piece * amount, left - amount, shares.get(source, 0) + amount
                if not left:
                    break
        return (self._numbers.scale.unmet, {}) if left or weight > self._numbers.scale.unmet else (weight, shares)

    def _plan(self, opened: int) -> Plan:
        """What comes from where if these sources are open."""
        plan: Plan = {}
        for lines, own, best in self._groups:
            chosen = opened
            while own[chosen] != best[opened]:
                chosen = (chosen - 1) & opened
            for line in lines:
                if len(line.needs) > 1:
                    among = [source for source in self._inside if chosen & self._bit[source]]
                    plan |= dealt(self._numbers, line.needs, self._prices(line.needs, [*self._open, *among]))[1]
                elif shares := self._filled(line, chosen)[1]:
                    of = self._numbers.needs[line.needs[0]].quantity if line.whole else 1
                    plan[line.needs[0]] = {source: amount * of for source, amount in shares.items()}
        return plan


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
