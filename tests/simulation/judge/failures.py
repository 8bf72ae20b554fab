"""What functions raise: whatever the vendors and AWS do to them, they must answer it with an error of their own making."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

FORESEEN = ("orderwright.", "botocore.", "aws_lambda_powertools.")
"""Whose errors a function may end with: the message comes again, or the operator sees it. A TypeError was foreseen by nobody."""


@dataclass
class Failures:
    """How many were read."""

    read: int = 0

    def look(self, sim: Sim) -> Iterator[str]:
        """Each failure since the last look."""
        failures = sim.seen.failures
        while self.read < len(failures):
            function, kind = failures[self.read]
            self.read += 1
            if not kind.startswith(FORESEEN):
                yield f"P9: {function} fails with {kind.removeprefix('builtins.')}, which no fault explains"
