"""What happened, in order: the same seed must give the same trace, and a person must be able to read it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Line = tuple[datetime, str, str]


def _text(line: Line) -> bytes:
    at, who, what = line
    return f"{at.timestamp():.6f} {who} {what}\n".encode()


@dataclass
class Trace:
    """(when, who, what) of every call, fault, delivery and act. Never what a call carried: that would be personal data.

    Places count from the first line of the run. A very long run forgets its oldest `forgotten` lines: the digest stays the
    whole run's, the story is that of the rest.
    """

    lines: list[Line] = field(default_factory=list)
    forgotten: int = 0
    _seen: Any = None
    """The digest of what is forgotten, so far."""

    def note(self, at: datetime, who: str, what: str) -> None:
        """One more line."""
        self.lines.append((at, who, what))

    @property
    def end(self) -> int:
        """The place behind the last line."""
        return self.forgotten + len(self.lines)

    def since(self, place: int) -> list[Line]:
        """The lines from that place on. Raises LookupError when some of them are forgotten."""
        if place < self.forgotten:
            raise LookupError(f"the trace begins at {self.forgotten} by now, not at {place}")
        return self.lines[place - self.forgotten :]

    def forget(self, until: int) -> None:
        """Let go of the lines before that place."""
        count = until - self.forgotten
        if count <= 0:
            return
        self._seen = self._digest_of(self.lines[:count])
        del self.lines[:count]
        self.forgotten += count

    def _digest_of(self, lines: list[Line]) -> Any:
        seen = hashlib.sha256() if self._seen is None else self._seen.copy()
        for line in lines:
            seen.update(_text(line))
        return seen

    def digest(self) -> str:
        """One text for the whole run: two runs are the same if their digests are."""
        return str(self._digest_of(self.lines).hexdigest())

    def story(self, start: datetime) -> list[str]:
        """Lines for people: hours, minutes and seconds since the start, who, what."""
        told = []
        for at, who, what in self.lines:
            seconds = (at - start).total_seconds()
            minutes, rest = divmod(seconds, 60)
            told.append(f"{int(minutes) // 60:3d}:{int(minutes) % 60:02d}:{rest:06.3f}  {who:28} {what}")
        return told
