"""The same chance of a fault for each call, each message, each batch and each answer of a vendor; and a count of what came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.faults.mix import KINDS, Chaos, Mix
from tests.simulation.faults.strikes import Strike
from tests.simulation.kernel.workers import Invocation

NOT_HERE = ("freeze", "webhook_dropped")
"""Left to the seeds: a frozen worker outlives what AWS allows, and dropped webhooks are counted in the store's own hours."""
SHARES = {
    "calls": {"kill": 2, "lose_answer": 1, "throttle": 1, "fail_500": 1, "no_connection": 1, "slow": 1},
    "messages": {"doubled": 1, "delayed": 1, "undeleted": 1},
    "webhooks": {"webhook_doubled": 1, "webhook_delayed": 1},
}
"""Kinds that strike the same thing share its chance. A kill may come before the effect of a call or after it."""
_MESSAGES, _WEBHOOKS, _VENDORS = SHARES["messages"], SHARES["webhooks"], ("cj", "shopify", "easypost", "feed")


def constant(rate: float, skew: float = 5.0) -> Mix:
    """Whatever can go wrong does so at this rate, all its ways of going wrong taken together."""
    rates = {kind: rate for kind in KINDS if kind not in NOT_HERE}
    for ways in SHARES.values():
        rates.update({kind: rate / sum(ways.values()) for kind in ways})
    return Mix({**rates, "conflict": rate / sum(SHARES["calls"].values())}, skew=skew)


@dataclass
class Counted(Chaos):
    """Dice that are counted: `chances` of "calls", "messages", "webhooks" and "vendors' answers", and `hits` among them."""

    chances: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)

    def _happens(self, kind: str) -> bool:
        happens = super()._happens(kind)
        what = _counted_as(kind)
        if what and self.sim.faulty:
            self.hits[what] += happens
            self.chances[what] += kind in ("doubled", "webhook_doubled", *_VENDORS)
        return happens

    def before(self, now: Invocation, name: str, number: int) -> Strike | None:
        """As the dice say."""
        strike = super().before(now, name, number)
        self.chances["calls"] += self.sim.faulty
        self.hits["calls"] += strike is not None
        return strike

    def after(self, now: Invocation, name: str, number: int) -> Strike | None:
        """As the dice say."""
        strike = super().after(now, name, number)
        self.hits["calls"] += strike is not None
        return strike

    def rates(self) -> dict[str, str]:
        """What each kind of thing met, in per cent."""
        return {what: f"{100 * self.hits[what] / chances:.2f} % of {chances}" for what, chances in self.chances.items()}


def _counted_as(kind: str) -> str:
    if kind == "slow":
        return "calls"
    if kind in _MESSAGES:
        return "messages"
    if kind in _WEBHOOKS:
        return "webhooks"
    return "vendors' answers" if kind in _VENDORS else ""
