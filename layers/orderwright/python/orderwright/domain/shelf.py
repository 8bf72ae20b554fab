"""How many pieces lie on a shelf of the merchant's own: the last count, and what came and left since (promise P3).

A count says how many there are at its own time. What was entered as moved after that time counts on top of it, also if the
count is typed in later; what moved before is in the count already.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.unit_cost import MOST_DECIMALS, UnitCost

MOST_MOVES = 40
"""Moves that are kept one by one. A count that is older than these cannot be reckoned any more."""


class Move(Model):
    """Pieces that came (above zero) or left (below)."""

    at: Instant
    units: int


class CountTooOld(Exception):
    """There is a newer count, or too much has moved since. `since`: a count must be newer than this."""

    def __init__(self, since: datetime) -> None:
        super().__init__("the count is too old")
        self.since = since


class Shelf(Model):
    """The pieces of one SKU. `base` is what there was at `settled`, without the moves.

    The sum may be below zero, where more has left than was counted: then nothing is sold, and the next count corrects it.
    """

    base: int = 0
    counted_at: Instant | None = None
    settled: Instant | None = Field(default=None, description="all moves up to then are in `base`")
    moves: tuple[Move, ...] = ()

    @property
    def pieces(self) -> int:
        """On the shelf now, as far as it is known."""
        return self.base + sum(move.units for move in self.moves)

    def counted(self, units: int, at: datetime) -> Self:
        """Somebody counted so many at that time. Raises CountTooOld."""
        since = max(filter(None, (self.settled, self.counted_at)), default=None)
        if since is not None and at < since:
            raise CountTooOld(since)
        later = tuple(move for move in self.moves if move.at > at)
        return changed(self, base=units, counted_at=at, settled=at, moves=later)

    def moved(self, units: int, at: datetime) -> Self:
        """So many came, or left where `units` is below zero. What was there at the last count is in it already."""
        if self.counted_at is not None and at <= self.counted_at:
            return self
        if self.settled is not None and at <= self.settled:
            return changed(self, base=self.base + units)
        moves = sorted((*self.moves, Move(at=at, units=units)), key=lambda move: move.at)
        old, kept = moves[:-MOST_MOVES], tuple(moves[-MOST_MOVES:])
        base = self.base + sum(move.units for move in old)
        return changed(self, base=base, settled=old[-1].at if old else self.settled, moves=kept)


def average_cost(pieces: int, cost: UnitCost, more: int, their_cost: UnitCost) -> UnitCost:
    """The moving average: what one piece costs once `more` of them have come, to all digits that a cost may have."""
    there = max(0, pieces)
    total = cost.exact * there + their_cost.exact * more
    exact = (total / (there + more)).quantize(Decimal(1).scaleb(-MOST_DECIMALS), ROUND_HALF_EVEN)
    return UnitCost.parse(exact, their_cost.currency)
