"""EventBridge schedules. A run that could find nothing to do is not started: thousands of idle minutes are worth no proof."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.kernel.workers import Outcome

if TYPE_CHECKING:
    from tests.simulation.cloud.topology import Schedule
    from tests.simulation.sim import Sim

RETRY_SECONDS = 60.0


@dataclass
class Timer:
    """One schedule."""

    sim: Sim
    spec: Schedule
    tries: int = 0
    runs: int = 0
    waiting: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Which of the dispatcher's schedules it starts."""
        return str(self.spec.event.get("schedule", ""))

    def wait(self) -> None:
        """Put the next run on the agenda."""
        self.sim.agenda.at(self.spec.next_after(self.sim.clock.at), "", self.ring)

    def ring(self) -> None:
        """It is time."""
        self.wait()
        if self.sim.wanted(self.kind):
            self.start()

    def start(self, tries: int = 0) -> None:
        """Run it now."""
        self.runs += 1
        self.sim.workers.invoke(self.spec.function, dict(self.spec.event), _Done(self, tries), self.kind)

    def finished(self, tries: int, outcome: Outcome) -> None:
        """A failed run is started again, as often as the template says."""
        if not outcome.ok and tries < self.spec.retries:
            self.sim.agenda.after(RETRY_SECONDS, "", _Again(self, tries + 1))


@dataclass
class _Done:
    timer: Timer
    tries: int

    def __call__(self, outcome: Outcome) -> None:
        self.timer.finished(self.tries, outcome)


@dataclass
class _Again:
    timer: Timer
    tries: int

    def __call__(self) -> None:
        self.timer.start(self.tries)
