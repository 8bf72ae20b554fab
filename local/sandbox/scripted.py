"""How a stand-in plays the scripted faults of `wire.Faults`: once, for every vendor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from local.sandbox.wire import Faults, Response, World

HANG = Response(status=0, hang=True)
THROTTLED_FOR = {"retry-after": "20"}
AWAY_FOR = {"retry-after": "30"}
BAD_GATEWAY = Response(
    502,
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    b"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    {"content-type": "text/html"},
)
"""What a proxy in front of a vendor says when it cannot reach it: no vendor's form at all."""


@dataclass(frozen=True)
class Forms:
    """What a vendor sends when it fails, refuses, throttles or cannot find: each in the vendor's own form.

    `own` are behaviours that only this vendor has, or that it plays its own way; they answer instead of the effect.
    """

    error_500: Response
    rate_limited: Response
    rate_limited_bare: Response
    unavailable: Response
    refused: Response
    not_found: Response
    own: Mapping[str, Callable[[], Response]] = field(default_factory=dict)


def cut_off(answer: Response) -> Response:
    """The answer with the second half of its body missing: no JSON any more, under the status that it had."""
    return replace(answer, body=answer.body[: len(answer.body) // 2])


@dataclass
class LateEffects:
    """Effects that a vendor has taken in and carries out later. `settle` runs those that are due by the world's clock."""

    world: World
    waiting: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.waiting)

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


def play(
    faults: Faults, operation: str, effect: Callable[[], Response], forms_of: Callable[[], Forms], late: LateEffects
) -> Response:
    """Answer one call of `operation` as scripted. Raises ValueError for a behaviour that no vendor knows."""
    return act(faults.take(operation), operation, effect, forms_of, late, faults.late_seconds)


def act(
    behaviour: str,
    operation: str,
    effect: Callable[[], Response],
    forms_of: Callable[[], Forms],
    late: LateEffects,
    late_seconds: float,
) -> Response:
    """Behave in this way, as `play` does; for a vendor of whose calls one can be several operations."""
    if behaviour == "ok":
        return effect()
    forms = forms_of()
    if behaviour in forms.own:
        return forms.own[behaviour]()
    if behaviour == "malformed":
        return cut_off(effect())
    if behaviour == "accept_then_timeout":
        effect()
        return HANG
    if behaviour == "accept_then_500":
        effect()
        return forms.error_500
    if behaviour == "accept_late":
        late.add(late_seconds, effect)
        return HANG
    without_effect = {
        "error_500": forms.error_500,
        "error_502_html": BAD_GATEWAY,
        "unavailable": forms.unavailable,
        "timeout": HANG,
        "rate_limited": forms.rate_limited,
        "rate_limited_bare": forms.rate_limited_bare,
        "refuse": forms.refused,
        "not_found": forms.not_found,
    }
    if behaviour not in without_effect:
        after_effect = ["accept_then_timeout", "accept_then_500", "accept_late", "malformed"]
        known = ", ".join(["ok", *after_effect, *without_effect, *forms.own])
        raise ValueError(f"behaviour {behaviour!r} scripted for {operation} is unknown; use one of: {known}")
    return without_effect[behaviour]
