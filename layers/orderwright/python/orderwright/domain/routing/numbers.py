"""A question as whole numbers, made once, so that a search adds up parcels fast. A test holds its sums equal to `parcel_cost`.

One number, a weight, stands for all that an answer is judged by: unmet needs, then reserved pieces given up, then ranks, then
cost + worth. Each of these counts more than all that come after it together. A reserved piece lowers the weight where it is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import reduce
from typing import NamedTuple

from orderwright.domain.routing.question import Need, Option, Question, Source

Plan = dict[int, dict[int, int]]
"""Pieces by need and source, each by its place in the question. A need that is not in it is unmet."""
Allowed = Mapping[int, Collection[int]]
"""By need, the sources that it may come from."""
NEVER = 1 << 160
"""The weight of what cannot be. No sum of real weights comes near."""
MOST_PARTS = 24
"""A divisible need of up to so many pieces may be cut anywhere by a search over lines; a larger one into equal parts."""


class Load(NamedTuple):
    """What pieces add to their parcel. `above`: how much more duty that is above the source's limit.

    `heads` has a bit for each heading; `used` holds in bit fields how much each SKU takes of the stock that needs share.
    """

    weight: int
    above: int
    value: int
    grams: int
    heads: int
    used: int


EMPTY = Load(0, 0, 0, 0, 0, 0)


def together(one: Load, other: Load) -> Load:
    """Both in one parcel."""
    return Load(
        one[0] + other[0],
        one[1] + other[1],
        one[2] + other[2],
        one[3] + other[3],
        one[4] | other[4],
        one[5] + other[5],
    )


class Scale(NamedTuple):
    """What one rank, one reserved piece and one unmet need weigh."""

    rank: int
    given_up: int
    unmet: int


class Sender:
    """One source: its parcels, and what each need's pieces add to them."""

    def __init__(self, source: Source, options: Mapping[int, Option], needs: Sequence[Need], scale: Scale) -> None:
        self.source, self.options, self._needs, self._scale = source, options, needs, scale
        self._heads = {heading: 1 << place for place, heading in enumerate(sorted({need.heading for need in needs}))}
        several = {sku for sku, count in Counter(needs[need].sku for need in options).items() if count > 1}
        stock = {needs[need].sku: option.free for need, option in options.items() if needs[need].sku in several}
        most = sum(need.quantity for need in needs)
        self._bits = most.bit_length() + 2
        self._field = {sku: place * self._bits for place, sku in enumerate(stock)}
        top = 1 << (self._bits - 1)
        # A field whose sum passes what is free carries into its top bit.
        self._room = sum((top - 1 - min(most, max(0, free))) << self._field[sku] for sku, free in stock.items())
        self._over = sum(top << field for field in self._field.values())

    def load(self, need: int, amount: int) -> Load | None:
        """Of so many pieces of a need; None where it has not so many."""
        option, what = self.options.get(need), self._needs[need]
        if amount == 0:
            return EMPTY
        if option is None or amount > max(0, option.free) + option.held:
            return None
        weight = option.worth + option.rank * self._scale.rank + option.piece * amount
        return Load(
            weight - self._scale.given_up * min(amount, option.held),
            amount * (option.duty_above - option.duty),
            amount * what.value,
            amount * what.grams,
            self._heads[what.heading],
            max(0, amount - option.held) << self._field[what.sku] if what.sku in self._field else 0,
        )

    def most(self, need: int) -> int:
        """How many pieces of a need it may send."""
        option, what = self.options.get(need), self._needs[need]
        has = 0 if option is None else min(what.quantity, max(0, option.free) + option.held)
        return has if what.divisible or has == what.quantity else 0

    def short(self, load: Load) -> bool:
        """Does this take more than there is of what several needs share?"""
        return bool(load[5] + self._room & self._over)

    def tight(self, needs: Sequence[int]) -> bool:
        """Is it short of these needs, of one SKU, if all of them come from here?"""
        return self.short(reduce(together, [self.load(need, self.most(need)) or EMPTY for need in needs]))

    def price(self, load: Load) -> int:
        """The weight of a parcel with this load; NEVER where it is not sent or there is no such stock."""
        if not load[4]:
            return 0
        if self.short(load):
            return NEVER
        source = self.source
        beside, extra = source.beside, 0
        if source.limit is not None and load[2] > source.limit:
            if source.above is None:
                return NEVER
            beside, extra = source.above, load[1]
        weight = load[0] + extra + source.worth + beside.parcel
        if beside.heading:
            weight += beside.heading * load[4].bit_count()
        if source.weight_steps:
            step = next((price for up_to, price in source.weight_steps if load[3] <= up_to), None)
            return NEVER if step is None else weight + step
        return weight


class Numbers:
    """The whole question. `units`: the smallest part of a need that a search over lines moves, and how many there are."""

    def __init__(self, question: Question, only_money: bool = False) -> None:
        self.question = question
        self.needs = question.needs
        place = {need.name: number for number, need in enumerate(self.needs)}
        names = {source.name: number for number, source in enumerate(question.sources)}
        options: list[dict[int, Option]] = [{} for _ in names]
        for option in question.options:
            options[names[option.source]].setdefault(place[option.need], option)
        scale = _scale(question)
        self.scale = Scale(0, 0, scale.rank) if only_money else scale
        self.senders = [
            Sender(source, options[number], self.needs, self.scale) for number, source in enumerate(question.sources)
        ]
        held = [sum(one[need].held for one in options if need in one) for need in range(len(self.needs))]
        self.reserved = sum(min(need.quantity, of) for need, of in zip(self.needs, held, strict=True))
        self.units = [_unit(need) for need in self.needs]

    def options(self, need: int) -> list[int]:
        """The sources that could meet a need, at least in part."""
        return [place for place, sender in enumerate(self.senders) if sender.most(need)]

    def any_part(self, need: int) -> bool:
        """Do its units stand for all parts in which it may be sent?"""
        return self.units[need][0] == 1 or not self.needs[need].divisible

    def split_pays(self, need: int) -> bool:
        """May several sources together be better for it than one, where parcels cost a fixed sum and so much a piece?

        Or where all of it in one parcel is above a limit, and each part is not.
        """
        what = self.needs[need]
        value = what.quantity * what.value
        return what.divisible and any(
            sender.most(need) < what.quantity
            or 0 < option.held < what.quantity
            or option.worth + option.rank * self.scale.rank < 0
            or (sender.source.limit is not None and value > sender.source.limit and option.duty_above > option.duty)
            for sender in self.senders
            if (option := sender.options.get(need))
        )

    def load(self, source: int, plan: Plan) -> Load:
        """What one source would ship, of a plan that can be."""
        sender = self.senders[source]
        own = [sender.load(need, shares[source]) for need, shares in plan.items() if source in shares]
        return reduce(together, [load for load in own if load], EMPTY)

    def weight(self, plan: Plan, among: Sequence[int]) -> int:
        """Of a plan for these needs."""
        loads: dict[int, Load] = {}
        for need, shares in plan.items():
            for source, amount in shares.items():
                more = self.senders[source].load(need, amount)
                if more is None:
                    return NEVER
                loads[source] = together(loads.get(source, EMPTY), more)
        prices = [self.senders[source].price(load) for source, load in loads.items()]
        return (
            NEVER if NEVER in prices else sum(prices) + self.scale.unmet * sum(1 for need in among if need not in plan)
        )


def _unit(need: Need) -> tuple[int, int]:
    quantity = need.quantity
    if not need.divisible:
        return quantity, 1
    parts = next(parts for parts in range(min(quantity, MOST_PARTS), 0, -1) if quantity % parts == 0)
    return quantity // parts, parts


def _scale(question: Question) -> Scale:
    """So that no sum of what counts less reaches one of what counts more."""
    quantity = {need.name: need.quantity for need in question.needs}
    pieces = ((one, abs(one.piece) + abs(one.duty_above - one.duty)) for one in question.options)
    money = sum(piece * quantity[one.need] + abs(one.worth) for one, piece in pieces)
    for source in question.sources:
        for beside in filter(None, (source.beside, source.above)):
            money += abs(beside.parcel) + abs(beside.heading) * len(quantity)
        money += abs(source.worth) + max((abs(price) for _, price in source.weight_steps), default=0)
    rank = 2 * money + 1
    given_up = rank * (2 * sum(abs(one.rank) for one in question.options) + 1)
    held = sum(min(one.held, quantity[one.need]) for one in question.options)
    return Scale(rank, given_up, given_up * (held + 1))
