"""Messages that a function failed on too often: what they were about, and sending them to it again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from orderwright.ports.operator import DeadLetter, DeadLetters
from orderwright.usecases.operator.desk import Refused


def show_dead_letters(letters: DeadLetters, function: str, limit: int) -> list[dict[str, object]]:
    """What is in a function's dead letters: types and ids, never a body. Raises Refused for an unknown function."""
    return [_told(letter) for letter in letters.look(_known(letters, function), limit)]


def redrive_dead_letters(letters: DeadLetters, function: str, limit: int, wanted: str = "") -> list[DeadLetter]:
    """Send a function's dead letters to it again; with `wanted` only that one. Raises Refused."""
    name = _known(letters, function)
    if name not in letters.sources:
        raise Refused(
            "NO_QUEUE",
            f"{function} reads a table's stream and has no queue to send to",
            "nothing is lost: the sweep finds the work of these changes by its due time",
        )
    moved = letters.redrive(name, limit, wanted)
    if wanted and not moved:
        raise Refused(
            "NOT_FOUND", f"{function} has no dead letter {wanted}", f"orderwright dead-letters show {function}"
        )
    return moved


def _known(letters: DeadLetters, function: str) -> str:
    name = function.replace("-", "_")
    if name not in letters.dead:
        known = ", ".join(sorted(letters.dead))
        raise Refused("NOT_FOUND", f"no function {function!r} has dead letters", f"functions: {known}")
    return name


def _told(letter: DeadLetter) -> dict[str, object]:
    fields = asdict(letter.message) if letter.message else {}
    names = ("type", "connection", "pk", "sk", "resource", "topic", "correlation")
    sent = datetime.fromtimestamp(letter.sent_at_ms / 1000, UTC) if letter.sent_at_ms else None
    return {"id": letter.id, "sent_at": sent, "note": letter.note, **{name: fields.get(name, "") for name in names}}
