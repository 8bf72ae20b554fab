"""What a replay comes to, store by store: prices that differ, what was at stake, what would wait or go off sale."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from orderwright.domain.money import Money
from orderwright.usecases.operator.pricing.replay import Replayed


@dataclass
class StoreTally:
    """Of one store. Averages are over the pieces really sold, on days on which both rules sell at a price in `currency`.

    `compared`: those pieces. `left_of`: those of them whose margin is known by both. `lost`: pieces that were sold while only the
    other rules would not have sold.
    """

    store: str
    currency: str
    skus: set[str] = field(default_factory=set)
    differing: set[str] = field(default_factory=set)
    sold: int = 0
    at_stake: int = 0
    lost: int = 0
    compared: int = 0
    left_of: int = 0
    revenue: list[int] = field(default_factory=lambda: [0, 0])
    left: list[int] = field(default_factory=lambda: [0, 0])
    waits: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))
    off_sale: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))
    biggest: Replayed | None = None

    def add(self, one: Replayed) -> None:
        """One listing on one day."""
        self.skus.add(one.sku)
        self.sold += one.sold
        for number, side in enumerate((one.now, one.other)):
            if side.waits is not None:
                self.waits[number].add(one.sku)
            if not side.on_sale:
                self.off_sale[number].add(one.sku)
        if one.differs:
            self.differing.add(one.sku)
            self.at_stake += one.sold
            if _share(one) > _share(self.biggest):
                self.biggest = one
        now, other = one.now.price, one.other.price
        self.lost += one.sold if one.now.on_sale and not one.other.on_sale else 0
        selling = one.now.on_sale and one.other.on_sale and now is not None and other is not None
        if one.sold and selling and now and other and {now.currency, other.currency} == {self.currency}:
            self.compared += one.sold
            self._sum(self.revenue, one.sold, now, other)
            if one.now.left is not None and one.other.left is not None:
                self.left_of += one.sold
                self._sum(self.left, one.sold, one.now.left, one.other.left)

    @staticmethod
    def _sum(sums: list[int], sold: int, now: Money, other: Money) -> None:
        sums[0] += now.minor * sold
        sums[1] += other.minor * sold

    def average_price(self, side: int) -> Money | None:
        """Of a piece sold: 0 by the rules in force, 1 by the other ones."""
        return self._average(self.revenue[side], self.compared)

    def average_left(self, side: int) -> Money | None:
        """What a piece sold left."""
        return self._average(self.left[side], self.left_of)

    def total_left(self, side: int) -> Money | None:
        """What all pieces sold left whose margin is known."""
        return Money(minor=self.left[side], currency=self.currency) if self.left_of else None

    def _average(self, minor: int, pieces: int) -> Money | None:
        if not pieces:
            return None
        unit = Money(minor=1, currency=self.currency).decimal
        return Money.of(Decimal(minor) / pieces * unit, self.currency)


def _share(one: Replayed | None) -> Decimal:
    """How far the prices are from each other, as a share of that by the rules in force."""
    now, other = (one.now.price, one.other.price) if one else (None, None)
    if now is None or other is None or now.currency != other.currency or not now.minor:
        return Decimal(0)
    return abs(Decimal(other.minor - now.minor)) / now.minor
