"""How a stand-in plays the scripted faults of `wire.Faults`: once, for every vendor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.sandbox.wire import Faults, Response, World

HANG = Response(status=0, hang=True)


@dataclass(frozen=True)
class Forms:
    """What a vendor sends when it fails, refuses, throttles or cannot find: each in the vendor's own form."""

    error_500: Response
    rate_limited: Response
    refused: Response
    not_found: Response


@dataclass
class LateEffects:
    """Effects that a vendor has taken in and carries out later. `settle` runs those that are due by the world's clock."""

    world: World
    waiting: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)

    def add(self, seconds: float, effect: Callable[[], object]) -> None:
        """Run `effect` at the first `settle` that is `seconds` or more from now."""
        self.waiting.append((self.world.clock() + timedelta(seconds=seconds), effect))

    def settle(self) -> None:
        """Run every effect that is due, oldest first."""
        now = self.world.clock()
        due = sorted((entry for entry in self.waiting if entry[0] <= now), key=lambda entry: entry[0])
        self.waiting = [entry for entry in self.waiting if entry[0] > now]
        for _, effect in due:
            effect()


def play(faults: Faults, operation: str, effect: Callable[[], Response], forms: Forms, late: LateEffects) -> Response:
    """Answer one call of `operation` as scripted. Raises ValueError for a behaviour that no vendor knows."""
    behaviour = faults.take(operation)
    if behaviour == "ok":
        return effect()
    if behaviour == "accept_then_timeout":
        effect()
        return HANG
    if behaviour == "accept_then_500":
        effect()
        return forms.error_500
    if behaviour == "accept_late":
        late.add(faults.late_seconds, effect)
        return HANG
    without_effect = {
        "error_500": forms.error_500,
        "timeout": HANG,
        "rate_limited": forms.rate_limited,
        "refuse": forms.refused,
        "not_found": forms.not_found,
    }
    if behaviour not in without_effect:
        known = ", ".join(["ok", "accept_then_timeout", "accept_then_500", "accept_late", *without_effect])
        raise ValueError(f"behaviour {behaviour!r} scripted for {operation} is unknown; use one of: {known}")
    return without_effect[behaviour]
