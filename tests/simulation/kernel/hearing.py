"""What the judge hears of functions: what they print, log and raise, whichever world they run in."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import aws_lambda_powertools as powertools
from aws_lambda_powertools.utilities.batch import BatchProcessor

from orderwright.connectors.suppliers.cj import client as cj_client
from tests.simulation.kernel.edge import WorkersTime
from tests.simulation.kernel.workers import current

if TYPE_CHECKING:
    from tests.simulation.sim import Sim


@dataclass
class Evidence:
    """What the judge may look at beside ledgers and tables. Only ever added to; in very long runs it lets go of what it read."""

    bodies: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    """What functions raised, whole, in a record of a batch too."""
    failures: list[tuple[str, str]] = field(default_factory=list)
    """The same in short: (function, the error's class with its module)."""
    given_up: list[str] = field(default_factory=list)
    lost: dict[str, bool] = field(default_factory=dict)
    """Every word of the webhooks that were given up: ids, references, numbers."""


class _Tap(logging.Handler):
    """Everything that functions print or log goes to the world that is running; one tap for the process."""

    def __init__(self) -> None:
        super().__init__()
        self.target: list[str] = []
        self.seen = Evidence()

    def emit(self, record: logging.LogRecord) -> None:
        """A log line of anybody but the emulator."""
        if "ministack" not in record.pathname:
            self.target.append(record.getMessage())

    def write(self, text: str) -> int:
        """A printed line."""
        if text.strip():
            self.target.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


TAP = _Tap()


def note_failure(seen: Evidence, error: BaseException) -> None:
    """One error of the function that is running."""
    now, kind = current(), type(error)
    seen.errors.append("".join(traceback.format_exception(error)))
    seen.failures.append((now.function if now is not None else "", f"{kind.__module__}.{kind.__qualname__}"))


@cache
def tapped() -> None:
    """Powertools' loggers keep the stdout that they were born with: so they are born with the tap. Nobody waits in real time."""
    logging.getLogger().addHandler(TAP)
    told = BatchProcessor.failure_handler

    def failure_handler(self: Any, record: Any, exception: Any) -> Any:
        """What goes wrong with one message of a batch is an error like any other; Powertools keeps it to itself."""
        note_failure(TAP.seen, exception[1])
        return told(self, record, exception)

    BatchProcessor.failure_handler = failure_handler  # type: ignore[method-assign]
    cj_client.time = WorkersTime  # type: ignore[attr-defined,assignment]


@cache
def _logger() -> Any:
    """All functions' logger. Making one reads a dozen settings, and ours keep only the run's id, the same for all here."""
    return powertools.Logger(service="simulated", stream=TAP)  # type: ignore[arg-type]


@contextmanager
def one_logger() -> Iterator[None]:
    """Within, a module that wants a logger gets the one that there is."""
    made, real = _logger(), powertools.Logger
    powertools.Logger = lambda: made  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        powertools.Logger = real  # type: ignore[misc]


@contextmanager
def listening(sim: Sim) -> Iterator[None]:
    """While this is open, what functions print and log is this world's evidence."""
    before, TAP.target = TAP.target, sim.seen.logged
    other, TAP.seen = TAP.seen, sim.seen
    out, sys.stdout = sys.stdout, TAP
    try:
        yield
    finally:
        sys.stdout = out
        TAP.target, TAP.seen = before, other
