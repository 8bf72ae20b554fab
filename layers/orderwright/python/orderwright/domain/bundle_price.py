"""The sale of one bundle to one destination: the sales of its components, each with its part of the price (promises P4, P13).

Each component is held against the gate as a parcel of its own with its own freight, duty and fee, since each may be bought from
another supplier. The floor is the lowest price at which every one of them passes with the part of the money that it gets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor

from orderwright.domain.base import changed
from orderwright.domain.landed_cost import Terms
from orderwright.domain.money import Money
from orderwright.domain.money_rules import DestinationRule
from orderwright.domain.price_floor import MOST_STEPS, Minimum, Piece, Sale
from orderwright.domain.reckoning import AMOUNTS, Reckoning


@dataclass(frozen=True)
class BundleSale:
    """`parts`: each component's sale, and its part of the price; these add up to 1."""

    parts: Sequence[tuple[Sale, Fraction]]

    @property
    def _first(self) -> Sale:
        return self.parts[0][0]

    @property
    def piece(self) -> Piece:
        """Of the first component: all go to the same store and destination."""
        return self._first.piece

    @property
    def rule(self) -> DestinationRule:
        """Of the first component, for its name and how tax is shown."""
        return self._first.rule

    @property
    def currency(self) -> str:
        """The store's."""
        return self._first.currency

    @property
    def day(self) -> date:
        """On which the rules are asked."""
        return self._first.day

    def _share(self, listed: Money, part: Fraction) -> Money:
        """A minor unit less than its part: net and tax of an order are shared out each in whole minor units."""
        return Money(minor=max(0, floor(listed.minor * part) - 1), currency=self.currency)

    def _whole(self, needed: Money, part: Fraction) -> Money:
        return Money(minor=ceil((needed.minor + 1) / part), currency=self.currency)

    def at(self, listed: Money) -> list[Reckoning]:
        """What it leaves at this price, by each payment gateway: the sum of its components."""
        by_gateway = zip(*(sale.at(self._share(listed, part)) for sale, part in self.parts), strict=True)
        return [_sum(found) for found in by_gateway]

    def passes(self, listed: Money, minimum: Minimum) -> bool:
        """Would the gate let every component pass? Also with a minor unit more or less: a cent more may be a cent of fee."""
        return all(
            sale.passes(Money(minor=self._share(listed, part).minor + more, currency=self.currency), minimum)
            for sale, part in self.parts
            for more in range(4)
        )

    def lowest(self, minimum: Minimum) -> Money:
        """The floor. Raises as Sale.lowest."""
        return self.lowest_from(max(self._whole(sale.lowest(minimum), part) for sale, part in self.parts), minimum)

    def lowest_from(self, listed: Money, minimum: Minimum) -> Money:
        """The lowest price that passes, at or above `listed`. Raises as Sale.lowest_from."""
        for _ in range(MOST_STEPS):
            if self.passes(listed, minimum):
                return listed
            needed = (
                self._whole(sale.lowest_from(self._share(listed, part), minimum), part) for sale, part in self.parts
            )
            listed = max(Money(minor=listed.minor + 1, currency=self.currency), *needed)
        raise self._first.impossible()

    def terms(self, listed: Money) -> Terms:
        """Of the first component, at its part of the price."""
        part = self.parts[0][1]
        return self._first.terms(self._share(listed, part))

    def solved(self, terms: Terms, minimum: Minimum) -> Fraction:
        """The sum of what each component needs under its own terms."""
        return self._summed(lambda sale: sale.solved(sale.terms(Money.zero(self.currency)), minimum))

    def fixed_cost(self, terms: Terms) -> Money:
        """The landed cost of all components, each under its own terms, less what depends on the price."""
        costs = [sale.fixed_cost(sale.terms(Money.zero(self.currency))) for sale, _ in self.parts]
        return sum(costs[1:], costs[0])

    def listed_for(self, net: Fraction) -> Fraction:
        """The listed price of a net price, by the tax of each component's rule."""
        return self._summed(lambda sale: sale.listed_for(net), by_part=True)

    def _summed(self, of: Callable[[Sale], Fraction], *, by_part: bool = False) -> Fraction:
        return sum((of(sale) * (part if by_part else 1) for sale, part in self.parts), Fraction())


def _sum(found: Sequence[Reckoning]) -> Reckoning:
    first = found[0]
    amounts = {name: [getattr(one, name) for one in found] for name in AMOUNTS}
    return changed(first, **{name: sum(each[1:], each[0]) for name, each in amounts.items() if each[0] is not None})
