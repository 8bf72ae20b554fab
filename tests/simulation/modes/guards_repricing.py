"""Guards around prices that follow competitors and campaigns (promise P4), missed in worlds of three stores."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from orderwright.domain.listing import Listing
from orderwright.domain.price_ending import round_up_to_ending
from orderwright.domain.repricing import bounds, campaigns, comparing, moves
from orderwright.storage import Put
from orderwright.usecases.repricing import all as all_skus
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.guards_goods import any_price, both
from tests.simulation.modes.hunting import Guard
from tests.simulation.modes.repricing import RepricingSeeds, a_file_that_stops, a_hasty_operator
from tests.simulation.sim import NEVER

Removed = AbstractContextManager[object]


def _no_floor() -> Removed:
    """Neither where a moved price is made, nor where it is published."""

    def target(moved: Any, held: Any, rule: Any, currency: str, steps: list[str]) -> Any:
        return round_up_to_ending(moved.amount, currency, rule.ending)

    return both(patch.object(bounds, "_target", target), any_price())


def _for_ever() -> Removed:
    return patch.object(comparing, "timedelta", lambda **_: timedelta(days=999))


def _any_quote() -> Removed:
    real = comparing.compare

    def compare(aim: Any, move: Any, *more: Any) -> Any:
        return real(aim, move.model_copy(update={"lowest_percent": 0, "highest_percent": 10**6}), *more)

    return patch.object(moves, "compare", compare)


def _unbounded() -> Removed:
    return patch.object(moves, "_bounded", lambda to, *_: to)


def _endless() -> Removed:
    real = campaigns.span_of
    return patch.object(campaigns, "span_of", lambda *about: real(*about)._replace(ends=NEVER))


def _unreviewed() -> Removed:
    real = Listing.told
    return patch.object(Listing, "told", lambda self, notes, _, now: real(self, notes, None, now))


def _old_over_new() -> Removed:
    """A piece of a repricing that was replaced goes on, and writes whatever was written since it looked."""
    real = all_skus._Work._written

    def written(self: Any, puts: Sequence[Put], found: Any) -> None:
        held = {put.key: self.storage.get(put.key, type(put.model)) for put in puts}
        real(self, [replace(put, version=there.version if (there := held[put.key]) else 0) for put in puts], found)

    return both(
        patch.object(all_skus._Work, "_written", written), patch.object(all_skus._Work, "_is_current", lambda *_: True)
    )


REPRICING: tuple[Guard, ...] = (
    Guard(
        "the floor holds after each move",
        "P4",
        "a competitor is followed below what the goods cost",
        _no_floor,
        "the floor is",
        RepricingSeeds(6),
    ),
    Guard(
        "an old price of a competitor does not count",
        "P4",
        "a file that came no more is followed for ever",
        _for_ever,
        "no competitor's price counts",
        RepricingSeeds(also=a_file_that_stops),
    ),
    Guard(
        "an absurd price of a competitor does not count",
        "P4",
        "a competitor at 0.01 takes a price as low as it may go",
        _any_quote,
        "no competitor's price counts",
        RepricingSeeds(),
    ),
    Guard(
        "a bound in all",
        "P4",
        "a price follows a competitor however far that is",
        _unbounded,
        "further from the price by cost",
        RepricingSeeds(),
    ),
    Guard(
        "a bound of a day",
        "P4",
        "a price moves at once as far as it may in all",
        lambda: patch.object(bounds, "_in_a_day", lambda target, *_: target),
        "within a day",
        RepricingSeeds(),
    ),
    Guard(
        "a campaign ends",
        "P4",
        "what was cheap for a week stays so",
        _endless,
        "all is quiet, and",
        RepricingSeeds(),
    ),
    Guard(
        "what changes by time alone wakes by itself",
        "P11",
        "a campaign begins or ends with the next change of a cost",
        _unreviewed,
        "all is quiet, and",
        RepricingSeeds(),
    ),
    Guard(
        "nothing of an older repricing over a newer decision",
        "P4",
        "a piece of a repricing by old rules stays on sale",
        _old_over_new,
        "all is quiet, and",
        RepricingSeeds(mix=Mix({"freeze": 0.03, "slow": 0.1}), also=a_hasty_operator),
    ),
)
