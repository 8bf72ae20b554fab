"""What is asked of the router, and what it answers: needs, the sources that could meet them, and all that counts, as numbers.

A question holds all that its answer depends on. Both are stored with the order, so that each decision can be made again (R40).
Amounts are whole millionths of the base currency (`MICRO`), so that nothing is rounded on the way.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from pydantic import Field

from orderwright.domain.base import Model, changed

MICRO = 1_000_000


class Need(Model):
    """So many pieces of one SKU, for one line of the order. `name` is the line's id."""

    name: str
    sku: str
    quantity: int = Field(gt=0)
    value: int = Field(default=0, description="what the buyer pays for one piece, net")
    grams: int = Field(default=0, description="weight of one piece; 0: not known")
    heading: str = Field(default="", description="the first six digits of its customs code")
    divisible: bool = Field(default=False, description="may several sources ship parts of it?")


class Beside(Model):
    """What one parcel costs beside its pieces."""

    parcel: int = 0
    heading: int = Field(default=0, description="for each different heading in it")


class Source(Model):
    """A supplier's account, or a warehouse of the merchant's own, as it would ship to this destination."""

    name: str
    beside: Beside = Beside()
    limit: int | None = Field(default=None, description="value of goods in one parcel up to which `beside` counts")
    above: Beside | None = Field(default=None, description="above that; none: no such parcel is sent")
    weight_steps: tuple[tuple[int, int], ...] = Field(
        default=(), description="up to so many grams a parcel's freight is so much; heavier than the last is not sent"
    )
    worth: int = Field(default=0, description="what sparing one more parcel is worth, by the rules; nobody pays it")
    days: int | None = Field(default=None, description="from the purchase order to the buyer's door; none: not known")
    score: int | None = Field(default=None, description="0 to 100, by the scorecard; none: too little evidence")


class Option(Model):
    """That `source` could meet `need`, and what one piece then costs.

    `free`: pieces that any need of this SKU may have; `held`: pieces that are reserved for this need already. `rank`: its place
    by the rules, lower is better. `worth`: what its days and its score are worth by the rules; nobody pays it.
    """

    need: str
    source: str
    free: int
    held: int = 0
    goods: int
    freight: int = 0
    duty: int = Field(default=0, description="duty that goes with the piece")
    duty_above: int = Field(default=0, description="in its place, in a parcel above the source's limit")
    rank: int = 0
    worth: int = 0

    @property
    def piece(self) -> int:
        """What one piece costs, without what the parcel costs beside."""
        return self.goods + self.freight + self.duty


class Excluded(Model):
    """That `source` may not meet `need`, and why, for the operator. `code` as in docs/reasons.md."""

    need: str
    source: str
    code: str
    message: str


class Question(Model):
    """One order, or a basket. `choose`: the rule by which options were ranked, for the words."""

    day: date
    currency: str
    destination: str = ""
    choose: str = "order"
    needs: tuple[Need, ...]
    sources: tuple[Source, ...]
    options: tuple[Option, ...]
    excluded: tuple[Excluded, ...] = ()

    def without(self, pairs: Collection[tuple[str, str]]) -> Question:
        """As if these (need, source) could not be."""
        return changed(self, options=tuple(one for one in self.options if (one.need, one.source) not in pairs))

    def need(self, name: str) -> Need:
        """By its name."""
        return next(one for one in self.needs if one.name == name)

    def source(self, name: str) -> Source:
        """By its name."""
        return next(one for one in self.sources if one.name == name)

    def option(self, need: str, source: str) -> Option:
        """By both names."""
        return next(one for one in self.options if (one.need, one.source) == (need, source))


class Share(Model):
    """So many pieces of a need come from this source."""

    need: str
    source: str
    quantity: int = Field(gt=0)


class Answer(Model):
    """The shares that are best: fewest `unmet`, then fewest `given_up`, then the lowest `rank`, then the lowest `cost` + `worth`.

    `given_up`: pieces that were reserved for their need and are not used: who reserved a line keeps it. `rank`: the sum over all
    options that are used. `worth`: of each option and each source that is used, once.
    `bound`: no answer with as few unmet needs and as low a rank has a lower cost + worth than this. `exact`: this one has it.
    `steps`: how much was looked at; it ends a search, never the clock, so that a replay ends at the same place.
    """

    shares: tuple[Share, ...]
    unmet: tuple[str, ...] = ()
    given_up: int = 0
    rank: int = 0
    cost: int = 0
    worth: int = 0
    bound: int = 0
    exact: bool = True
    steps: int = 0

    @property
    def gap_ppm(self) -> int:
        """How much dearer than the bound it may be at most, in millionths."""
        total = self.cost + self.worth
        return 0 if self.exact or total <= self.bound else -(-(total - self.bound) * MICRO // max(1, self.bound))

    def of(self, need: str) -> tuple[Share, ...]:
        """The shares of one need."""
        return tuple(share for share in self.shares if share.need == need)
