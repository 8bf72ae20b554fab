"""Every question that the simulated world asks about what goes wrong. Calm answers: nothing. A plan: exactly this, there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.faults.strikes import STRIKES, Strike
from tests.simulation.kernel.workers import Invocation

if TYPE_CHECKING:
    from tests.simulation.cloud.queues import Held

LATE_SECONDS = 200.0
"""How late a late effect comes in a planned run: inside the lateness that the windows of promise P1 allow for."""


@dataclass
class Calm:
    """Nothing goes wrong, and nothing takes time."""

    planned = True

    def latency(self, name: str) -> float:
        """Seconds that a call takes before its effect."""
        return 0.0

    def before(self, now: Invocation, name: str, number: int) -> Strike | None:
        """What strikes before the effect of call `number`."""
        return None

    def after(self, now: Invocation, name: str, number: int) -> Strike | None:
        """What strikes after it."""
        return None

    def copies(self, queue: str) -> Sequence[float]:
        """Delays of a message's deliveries, in seconds: one for each; never none, for SQS loses nothing."""
        return (0.0,)

    def order(self, ready: list[Held]) -> list[Held]:
        """In which order visible messages are received."""
        return ready

    def undeleted(self, queue: str) -> bool:
        """True if a finished message is delivered again."""
        return False

    def repeated(self) -> bool:
        """True if a stream's batch is handed over again after it was done."""
        return False

    def arrivals(self, vendor: str) -> Sequence[float]:
        """Delays of a webhook's arrivals; none if it never arrives."""
        return (0.0,)

    def processed(self, count: int) -> int:
        """How many of a batch are taken."""
        return count

    def lag(self) -> float:
        """Seconds by which an index is behind."""
        return 0.0

    def behaviour(self, vendor: str, operation: str) -> str:
        """How a vendor answers: see local.sandbox.wire.Faults."""
        return "ok"

    def lateness(self) -> float:
        """How late a late effect comes."""
        return LATE_SECONDS


@dataclass
class Planned(Calm):
    """Exactly these strikes: (call number, "before" or "after") -> name. Vendors are scripted beside it."""

    plan: Mapping[tuple[int, str], str] = field(default_factory=dict)
    disorder: bool = False
    dropped: tuple[str, ...] = ()

    def before(self, now: Invocation, name: str, number: int) -> Strike | None:
        """As planned."""
        planned = self.plan.get((number, "before"))
        return STRIKES[planned] if planned else None

    def after(self, now: Invocation, name: str, number: int) -> Strike | None:
        """As planned."""
        planned = self.plan.get((number, "after"))
        return STRIKES[planned] if planned else None

    def copies(self, queue: str) -> Sequence[float]:
        """Twice, if there is disorder."""
        return (0.0, 0.0) if self.disorder else (0.0,)

    def order(self, ready: list[Held]) -> list[Held]:
        """The newest first, if there is disorder."""
        return ready[::-1] if self.disorder else ready

    def arrivals(self, vendor: str) -> Sequence[float]:
        """Never, for the vendors whose webhooks are dropped."""
        return () if vendor in self.dropped else (0.0,)
