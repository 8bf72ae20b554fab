"""A fault mix per seed: each kind is on or off, and as frequent as the dice say. One seed is all crashes, another slow network.

Runs that mix everything a little find less: faults hide each other (swarm testing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

from local.sandbox.cj import MIXUPS
from tests.simulation.faults.chaos import Calm
from tests.simulation.faults.strikes import STRIKES, Strike
from tests.simulation.kernel.workers import Invocation

if TYPE_CHECKING:
    from tests.simulation.cloud.queues import Held
    from tests.simulation.sim import Sim

BEFORE = ("kill", "throttle", "fail_500", "no_connection", "freeze")
AFTER = ("kill", "lose_answer")
SENDS = ("sesv2:SendEmail", "sns:Publish")
KINDS = (
    "kill", "lose_answer", "throttle", "fail_500", "no_connection", "freeze", "conflict", "doubled", "delayed", "reordered",
    "undeleted", "repeated_batch", "partial_batch", "lag", "webhook_dropped", "webhook_doubled", "webhook_delayed",
    "cj", "shopify", "easypost", "feed", "slow",
)  # fmt: skip
RATES = (0.003, 0.006, 0.012, 0.03)
MUCH = {"doubled": 6.0, "delayed": 6.0, "reordered": 10.0, "lag": 8.0, "cj": 4.0, "shopify": 2.0, "easypost": 2.0, "feed": 4.0,
        "webhook_dropped": 3.0, "webhook_doubled": 6.0, "webhook_delayed": 6.0, "slow": 4.0, "repeated_batch": 4.0,
        "undeleted": 4.0, "freeze": 0.2}  # fmt: skip
"""What happens once a message or an operation, not once a call, is drawn so much more often; freezes are rarer."""
BEHAVIOURS: dict[str, tuple[str, ...]] = {
    "cj": ("error_500", "accept_then_timeout", "accept_then_500", "timeout", "accept_late", "rate_limited", "malformed",
           "error_502_html", "unavailable", "rate_limited_bare", "refuse", "not_found"),
    "shopify": ("error_500", "accept_then_timeout", "accept_then_500", "timeout", "accept_late", "rate_limited", "malformed",
                "error_502_html", "unavailable"),
    "easypost": ("error_500", "accept_then_timeout", "timeout", "rate_limited", "malformed", "error_502_html"),
    "feed": ("error_500", "timeout", "unavailable", "truncated", "empty", "header_only"),
}  # fmt: skip
ONLY = {"refuse": ("createOrderV2", "payBalanceV2", "place", "create", "commit"), "not_found": ("getOrderDetail",)}
"""Behaviours that make sense for some operations only: a refusal is the vendor's word, not a fault of the network."""


SUPPLIER = "cj"
"""The kind of any supplier's faults: seeds are drawn by it."""
STORE = "shopify"
"""The same of any store's."""
MIXED_UP = "mixed_up"
"""The supplier answers about another order, or has ours with other contents."""


@dataclass(frozen=True)
class Mix:
    """What one seed is made of. `rates` holds the kinds that are on."""

    rates: dict[str, float] = field(default_factory=dict)
    skew: float = 0.0
    vendor_skew: float = 0.0
    warm: bool = True
    protected: bool = True

    def told(self) -> str:
        """For people: what goes wrong, and how often a chance for it is taken."""
        parts = [f"{kind} {rate * 100:.2g} %" for kind, rate in self.rates.items()] or ["nothing goes wrong"]
        clocks = ((self.skew, "our clocks"), (self.vendor_skew, "the vendors' clocks"))
        parts += [f"{whose} up to {abs(seconds):.0f} s wrong" for seconds, whose in clocks if seconds]
        parts += [] if self.warm else ["every start is cold"]
        parts += [] if self.protected else ["the supplier takes a reference twice"]
        return ", ".join(parts)


def draw_mix(dice: Random) -> Mix:
    """A mix: each kind is on in one of three seeds, answers about other orders in one of seven."""
    rates = {kind: dice.choice(RATES) * MUCH.get(kind, 1.0) for kind in KINDS if dice.random() < 0.34}
    mix = Mix(
        rates=rates,
        skew=dice.choice((0.0, 0.0, 5.0)),
        vendor_skew=dice.choice((0.0, 0.0, 0.0, 600.0, -600.0)),
        warm=dice.random() < 0.7,
        protected=dice.random() < 0.7,
    )
    # Drawn behind all others, so that the other seeds stay what they were.
    return replace(mix, rates={**rates, MIXED_UP: dice.choice(RATES) * 8.0}) if dice.random() < 0.15 else mix


@dataclass
class Chaos(Calm):
    """Answers by dice until `sim.quiet_from`; after that everything goes right, though never at once."""

    sim: Sim
    mix: Mix
    dice: Random
    planned = False

    def __post_init__(self) -> None:
        self._before = tuple(kind for kind in BEFORE if kind in self.mix.rates)
        self._after = tuple(kind for kind in AFTER if kind in self.mix.rates)

    def _happens(self, kind: str) -> bool:
        rate = self.mix.rates.get(kind)
        return rate is not None and self.sim.faulty and self.dice.random() < rate

    def latency(self, name: str) -> float:
        """A few milliseconds at AWS, some hundred at a vendor; now and then seconds."""
        if self._happens("slow"):
            return self.dice.uniform(1.0, 15.0)
        return self.dice.uniform(0.05, 0.5) if name.startswith("http") else self.dice.uniform(0.002, 0.02)

    def before(self, now: Invocation, name: str, number: int) -> Strike | None:
        """One of what may strike before."""
        for kind in self._before:
            if self._happens(kind):
                if name.startswith("http") and kind in ("throttle", "fail_500"):
                    continue
                if kind == "freeze" and name.startswith(SENDS):
                    # Lambda ends a function at its time-out: it cannot stand still for minutes between SENDING and the send.
                    continue
                return STRIKES[kind]
        if name == "dynamodb:TransactWriteItems" and self._happens("conflict"):
            return STRIKES["conflict"]
        return None

    def after(self, now: Invocation, name: str, number: int) -> Strike | None:
        """One of what may strike after."""
        for kind in self._after:
            if self._happens(kind):
                return STRIKES[kind]
        return None

    def copies(self, queue: str) -> Sequence[float]:
        """Once, twice; soon or minutes later."""
        first = self.dice.uniform(1.0, 180.0) if self._happens("delayed") else self.dice.uniform(0.01, 0.2)
        if self._happens("doubled"):
            self.sim.fault(queue, "a message is doubled")
            return (first, first + self.dice.uniform(0.0, 60.0))
        return (first,)

    def order(self, ready: list[Held]) -> list[Held]:
        """As sent, or shuffled."""
        if len(ready) > 1 and self._happens("reordered"):
            shuffled = list(ready)
            self.dice.shuffle(shuffled)
            return shuffled
        return ready

    def undeleted(self, queue: str) -> bool:
        """The deletion gets lost."""
        if self._happens("undeleted"):
            self.sim.fault(queue, "a finished message stays")
            return True
        return False

    def repeated(self) -> bool:
        """The stream's checkpoint gets lost."""
        return self._happens("repeated_batch")

    def arrivals(self, vendor: str) -> Sequence[float]:
        """Never, once, twice, late."""
        if self._happens("webhook_dropped"):
            return ()
        first = self.dice.uniform(1.0, 300.0) if self._happens("webhook_delayed") else self.dice.uniform(0.05, 1.0)
        if self._happens("webhook_doubled"):
            return (first, first + self.dice.uniform(0.0, 30.0))
        return (first,)

    def processed(self, count: int) -> int:
        """Some of a batch."""
        return self.dice.randrange(count) if count > 1 and self._happens("partial_batch") else count

    def lag(self) -> float:
        """Up to half a minute."""
        return self.dice.uniform(0.1, 30.0) if self._happens("lag") else 0.0

    def behaviour(self, vendor: str, operation: str) -> str:
        """One of the vendor's ways to fail."""
        if vendor == "cj" and operation in MIXUPS and self._happens(MIXED_UP):
            return self.dice.choice(MIXUPS[operation])
        kind = {self.sim.words.vendor: SUPPLIER, self.sim.front.kind: STORE}.get(vendor, vendor)
        if not self._happens(kind):
            return "ok"
        chosen = self.dice.choice(BEHAVIOURS[kind])
        return chosen if operation in ONLY.get(chosen, (operation,)) else "ok"

    def lateness(self) -> float:
        """Within the lateness that promise P1's windows allow for."""
        return self.dice.uniform(5.0, 280.0)
