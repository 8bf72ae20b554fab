"""Functions as Lambda runs them: environments that stay warm or start cold, time-outs, kills, overlapping invocations.

Each invocation is a greenlet. At every call to the outside it is suspended for the call's duration, and whatever else
is due happens meanwhile; so workers overlap exactly where they can meet, and the same seed lets them meet in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from greenlet import getcurrent, greenlet

if TYPE_CHECKING:
    from tests.simulation.sim import Sim


ENDS, FAILS = "ends", "fails: "
"""The last line of each worker in the trace."""


class Killed(BaseException):
    """The worker ended here. A BaseException: batch utilities catch Exception, a killed process catches nothing."""


class Outcome(NamedTuple):
    """How an invocation ended. `result` is what the handler gave; `problem` is empty where it ended well."""

    ok: bool
    result: Any
    problem: str = ""


@dataclass
class Environment:
    """One function's process: its module and all that the module remembers."""

    function: str
    handler: Callable[[dict[str, Any], Any], Any]
    number: int
    memory: dict[str, Any]
    """The module's own names."""


@dataclass
class Context:
    """Lambda's context, as far as functions and their libraries look at it."""

    invocation: Invocation

    function_name = "simulated"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:eu-north-1:000000000000:function:simulated"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """In the worker's own time; a frozen one does not know that its time is over."""
        ends, now = self.invocation.deadline, self.invocation.sim.clock.at
        return 60_000 if ends is None else max(0, int((ends - now).total_seconds() * 1000))


@dataclass
class Invocation:
    """One run of one function. Once dead, every further call of it raises."""

    sim: Sim
    function: str
    number: int
    event: dict[str, Any]
    done: Callable[[Outcome], None]
    deadline: datetime | None
    subject: str = ""
    dead: bool = False
    calls: int = 0
    environment: Environment | None = None
    body: greenlet | None = None
    outcome: Outcome | None = None
    who: str = field(init=False)
    """Its name in the trace."""

    def __post_init__(self) -> None:
        self.who = f"{self.function}#{self.number}"

    def begin(self) -> None:
        """Start it; comes back when it is suspended for the first time, or ended."""
        self.body = greenlet(self._run)
        self.body.invocation = self
        self.resume()

    def resume(self) -> None:
        """Go on after a suspension; and where that was the end, tell whoever waits for it."""
        assert self.body is not None
        self.body.switch()
        # Not from within: whoever hears of it may start the next one, and that one would stand on this one's shoulders.
        if self.outcome is not None:
            self.body = None
            self.done(self.outcome)

    def suspend(self) -> None:
        """Let others go on until `resume`."""
        assert self.body is not None
        assert self.body.parent is not None
        self.body.parent.switch()

    def _run(self) -> None:
        workers = self.sim.workers
        try:
            self.environment = workers.enter(self.function)
            result = self.environment.handler(self.event, Context(self))
        except Killed:
            outcome = Outcome(False, None, "killed")
        except Exception as error:  # noqa: BLE001 - as Lambda does: the error is written down and the event comes again
            self.sim.failed(self, error)
            outcome = Outcome(False, None, type(error).__name__)
        else:
            outcome = Outcome(True, result)
        workers.leave(self, outcome)
        self.outcome = outcome


def current() -> Invocation | None:
    """The invocation whose code is running; None for people, vendors and the judge."""
    return getattr(getcurrent(), "invocation", None)


@dataclass
class Workers:
    """All environments. `warm` keeps them between invocations, as Lambda does; else each invocation starts cold."""

    sim: Sim
    warm: bool = True
    idle: dict[str, list[Environment]] = field(default_factory=dict)
    running: list[Invocation] = field(default_factory=list)
    started: int = 0
    cold_starts: int = 0

    def invoke(
        self, function: str, event: dict[str, Any], done: Callable[[Outcome], None], subject: str = ""
    ) -> Invocation:
        """Start one invocation; `done` hears how it ended."""
        self.started += 1
        timeout: timedelta = self.sim.topology.functions[function].timeout
        invocation = Invocation(
            self.sim, function, self.started, event, done, self.sim.clock.at + timeout, subject=subject
        )
        self.running.append(invocation)
        self.sim.note(invocation.who, f"starts{': ' + subject if subject else ''}")
        invocation.begin()
        return invocation

    def enter(self, function: str) -> Environment:
        """A warm environment if there is one, else a cold start."""
        waiting = self.idle.get(function)
        if waiting:
            return waiting.pop()
        self.cold_starts += 1
        memory = self.sim.cold_start(function)
        return Environment(function, memory["handler"], self.cold_starts, memory)

    def leave(self, invocation: Invocation, outcome: Outcome) -> None:
        """Keep the environment of what ended well; a killed one is gone with all that it remembered."""
        self.running.remove(invocation)
        self.sim.note(invocation.who, ENDS if outcome.ok else f"{FAILS}{outcome.problem}")
        environment, invocation.environment = invocation.environment, None
        if environment is None:
            return
        if self.warm and outcome.problem != "killed":
            self.idle.setdefault(invocation.function, []).append(environment)
        else:
            environment.memory.clear()
