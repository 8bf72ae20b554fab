"""A supplier's scorecard: what its last days come to, and one number that routing may use where there is enough evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.forecast import EVIDENCE
from orderwright.domain.scoring.counting import LANE
from orderwright.domain.scoring.day import SupplierDay

DAYS = 90
"""What it looks back at."""
MOST_LANES = 100
"""Countries and carriers of one supplier of which it is kept how long parcels took."""
FALL = 10
"""Points below the best score since the last alert, at which the merchant is told."""
WEIGHTS = {"accepted": 25, "filled": 20, "in_stock": 15, "on_time": 25, "arrived": 10, "kept": 5}
"""score = sum of weight x share, divided by the weights of the shares that there is anything to say of."""


class Share(Model):
    """`part` of `of`: the evidence stands beside the number."""

    part: int
    of: int = Field(gt=0)

    @property
    def exact(self) -> Fraction:
        """0 to 1."""
        return Fraction(self.part, self.of)

    @property
    def percent(self) -> str:
        """For people, with one digit, never rounded up to 100."""
        tenths = self.part * 1000 // self.of
        return f"{tenths // 10}.{tenths % 10} %"


class Median(Model):
    """Half of so many took at most `hours`: exact to the hour up to two days, beyond that whole days, rounded up."""

    hours: int
    events: int

    @property
    def days(self) -> int:
        """Whole days, rounded up."""
        return -(-self.hours // 24)


class Scorecard(Model):
    """As it stands. Days are whole, rounded up."""

    supplier: str
    at: Instant
    day: date = Field(default=date.min, description="the last day that is in it")
    events: int = Field(description="purchase orders with an outcome in the time that is looked at")
    score: int | None = Field(default=None, description="0 to 100; none: too little evidence")
    shares: dict[str, Share] = Field(default_factory=dict, description="by the names of WEIGHTS; only what there is")
    medians: dict[str, Median] = Field(default_factory=dict, description="to_accept, to_ship, to_deliver DE")
    counts: dict[str, int] = Field(default_factory=dict, description="sums, named as in domain/scoring/counting.py")
    making_days: int | None = Field(default=None, description="from the order until a parcel leaves, measured")
    transport_days: dict[str, int] = Field(default_factory=dict, description="by country, measured often enough")
    lanes: dict[str, dict[int, int]] = Field(
        default_factory=dict,
        description="by country and carrier, such as DE dhl: how many parcels took at most so many hours",
    )
    lies_ppm: int | None = Field(
        default=None, description="pieces refused for stock that it had reported, per million that were ordered"
    )
    best: int | None = Field(default=None, description="the best score since an alert told of a fall")

    def after(self, before: Scorecard | None) -> tuple[Scorecard, bool]:
        """With the best score so far, and whether it fell so far below it that the merchant is told."""
        best = before.best if before else None
        if self.score is None:
            return changed(self, best=best), False
        fell = best is not None and best - self.score >= FALL
        return changed(self, best=self.score if fell or best is None else max(best, self.score)), fell


def shares_of(counts: Mapping[str, int]) -> dict[str, Share]:
    """The shares that a score is made of; none where there is nothing to divide by."""
    held = Counter(counts)
    sold, shipped, delivered = held["pieces_sold"], held["pieces_shipped"], held["delivered"]
    pairs = {
        "accepted": (held["accepted"], held["accepted"] + held["refused"]),
        "filled": (shipped, shipped + held["pieces_refused"]),
        "in_stock": (max(sold - held["pieces_out_of_stock"], 0), sold),
        "on_time": (held["on_time"], held["on_time"] + held["late"]),
        "arrived": (delivered, delivered + held["lost"]),
        "kept": (delivered, delivered + held["returned"]),
    }
    return {name: Share(part=part, of=of) for name, (part, of) in pairs.items() if of}


def score_of(shares: Mapping[str, Share]) -> int:
    """0 to 100, rounded down. Raises ValueError without any share."""
    weights = sum(WEIGHTS[name] for name in shares)
    if not weights:
        raise ValueError("no share: nothing has happened")
    return int(sum(WEIGHTS[name] * share.exact for name, share in shares.items()) * 100 / weights)


def median_of(spread: Mapping[int, int]) -> Median:
    """Of hours and how many took so long. Raises IndexError for none."""
    events, passed = sum(spread.values()), 0
    hours = sorted(spread)
    for one in hours:
        passed += spread[one]
        if passed * 2 >= events:
            break
    return Median(hours=one if hours else hours[0], events=events)


def scorecard_of(supplier: str, days: Sequence[SupplierDay], day: date, evidence: int, now: datetime) -> Scorecard:
    """What these days come to. Where there are fewer than `evidence` events, a figure that decides anything is None."""
    counts: Counter[str] = Counter()
    hours: dict[str, Counter[int]] = {}
    for one in days:
        counts.update(one.counts)
        for name, spread in one.hours.items():
            hours.setdefault(name, Counter()).update(spread)
    lanes = {name.removeprefix(LANE): hours.pop(name) for name in sorted(hours) if name.startswith(LANE)}
    shares, medians = shares_of(counts), {name: median_of(spread) for name, spread in sorted(hours.items())}
    events = counts["accepted"] + counts["refused"]
    sure = {name: median for name, median in medians.items() if median.events >= evidence}
    lies = 1 - shares["in_stock"].exact if "in_stock" in shares and events >= evidence else None
    return Scorecard(
        supplier=supplier,
        at=now,
        day=day,
        events=events,
        score=score_of(shares) if shares and events >= evidence else None,
        shares=shares,
        medians=medians,
        counts=dict(sorted(counts.items())),
        making_days=sure["to_ship"].days if "to_ship" in sure else None,
        transport_days={name.split()[1]: one.days for name, one in sure.items() if name.startswith("to_deliver ")},
        lanes=_lanes(lanes),
        lies_ppm=ceil(lies * 1_000_000) if lies is not None else None,
    )


def _lanes(found: Mapping[str, Counter[int]]) -> dict[str, dict[int, int]]:
    """Those with enough parcels to be believed, the busiest first where there are very many."""
    believed = sorted((-one.total(), name) for name, one in found.items() if one.total() >= EVIDENCE)
    return {name: dict(sorted(found[name].items())) for _, name in believed[:MOST_LANES]}


def first_day(day: date) -> date:
    """The first day of a scorecard whose last one is `day`."""
    return day - timedelta(days=DAYS - 1)
