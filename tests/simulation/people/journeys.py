"""A parcel's way as the carrier's scanners see it: some scans come late, twice, or tell of a failure."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

MESSAGES = {
    "in_transit": "Departed shipping partner facility",
    "out_for_delivery": "Out for delivery",
    "delivered": "Delivered, left with the recipient",
    "failure": "Delivery failed: the address could not be reached",
    "return_to_sender": "Returned to the sender",
}
"""EasyPost's statuses that happen here, and the carrier's words for each."""


@dataclass(frozen=True)
class Pace:
    """How long things take in seconds, and how probable each oddity is."""

    packing: tuple[float, float] = (20.0, 600.0)
    travelling: tuple[float, float] = (300.0, 1800.0)
    splits: float = 0.3
    fails: float = 0.06
    returns: float = 0.03
    late: float = 0.12
    """One scan is told after the next one."""
    doubled: float = 0.12
    stale: float = 0.06
    """An old scan is told after the delivery; the carrier tells the delivery again behind it."""
    told: float = 0.3
    """The supplier's own tracking tells the parcel's way as well."""
    replaces: float = 0.0
    """The supplier gives a parcel another number on its way, or the last mile has one of its own."""
    reuses: float = 0.0
    """The number was another parcel's months ago."""
    comes_home: float = 0.0
    """What is returned is then told as delivered: to its sender."""


@dataclass(frozen=True)
class Oddity:
    """What else happens to a parcel. `replaced_at`: seconds after it left; `home`: after its end; None: never."""

    reused: bool
    replaced_at: float | None
    last_mile: bool
    home: float | None
    flagged: bool
    """The carrier says with the delivery to the sender that it is a return."""


def draw_oddity(dice: Random, pace: Pace, journey: tuple[Leg, ...]) -> Oddity:
    """By dice of their own, so that the journeys stay what they were. `replaced_at` is before the journey's end."""
    chances = [dice.random() for _ in range(6)]
    end, returned = journey_end(journey), journey[-1].status == "return_to_sender"
    return Oddity(
        reused=chances[0] < pace.reuses,
        replaced_at=0.9 * chances[2] ** 2 * end if chances[1] < pace.replaces else None,
        last_mile=chances[3] < 0.3,
        home=dice.uniform(60, 600) if returned and chances[4] < pace.comes_home else None,
        flagged=chances[5] < 0.7,
    )


@dataclass(frozen=True)
class Leg:
    """One scan: how many seconds after the parcel left it is told, and how old it is then. `first`: told once, and on time."""

    told_at: float
    status: str
    age: float = 0.0
    first: bool = True


def draw_journey(dice: Random, pace: Pace) -> tuple[Leg, ...]:
    """All scans of one parcel in the order in which they are told. The last one tells how it ended."""
    statuses = ["in_transit", "out_for_delivery", "delivered"]
    if dice.random() < pace.returns:
        statuses[-1:] = ["failure", "return_to_sender"]
    elif dice.random() < pace.fails:
        statuses[-1:] = ["failure", "out_for_delivery", "delivered"]
    total = dice.uniform(*pace.travelling)
    moments = sorted(dice.uniform(0.1, 0.95) * total for _ in statuses[1:])
    legs = [Leg(at, status) for at, status in zip([*moments, total], statuses, strict=True)]
    end = legs[-1]
    told = _delayed(dice, legs) if dice.random() < pace.late else list(legs)
    if dice.random() < pace.doubled:
        again = dice.choice(legs)
        told.append(_repeat(again, again.told_at + dice.uniform(0.05, 0.95) * (total - again.told_at or 60.0)))
    if dice.random() < pace.stale:
        told += [_repeat(legs[0], total + dice.uniform(20, 120)), _repeat(end, total + dice.uniform(130, 300))]
    return tuple(sorted(told, key=lambda leg: leg.told_at))


def _delayed(dice: Random, legs: list[Leg]) -> list[Leg]:
    """One scan that is not the last one is told behind the next one; but never behind the end, which is the last word."""
    index = dice.randrange(len(legs) - 2)
    following, after = legs[index + 1].told_at, legs[index + 2].told_at
    late = _repeat(legs[index], following + (after - following) * dice.uniform(0.1, 0.9))
    return [*legs[:index], late, *legs[index + 1 :]]


def _repeat(leg: Leg, told_at: float) -> Leg:
    return Leg(told_at, leg.status, told_at - leg.told_at, first=False)


def until_its_end(journey: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """Without what is told after the end: for a parcel whose last words would not be heard any more."""
    end = journey_end(journey)
    return tuple(leg for leg in journey if leg.told_at <= end)


def journey_end(journey: tuple[Leg, ...]) -> float:
    """When it is told for the first time how the journey ended."""
    return max(leg.told_at for leg in journey if leg.first)
