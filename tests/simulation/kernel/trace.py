"""What happened, in order: the same seed must give the same trace, and a person must be able to read it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

Line = tuple[datetime, str, str]


@dataclass
class Trace:
    """(when, who, what) of every call, fault, delivery and act. Never what a call carried: that would be personal data."""

    lines: list[Line] = field(default_factory=list)

    def note(self, at: datetime, who: str, what: str) -> None:
        """One more line."""
        self.lines.append((at, who, what))

    def digest(self) -> str:
        """One text for the whole run: two runs are the same if their digests are."""
        seen = hashlib.sha256()
        for at, who, what in self.lines:
            seen.update(f"{at.timestamp():.6f} {who} {what}\n".encode())
        return seen.hexdigest()

    def story(self, start: datetime) -> list[str]:
        """Lines for people: hours, minutes and seconds since the start, who, what."""
        told = []
        for at, who, what in self.lines:
            seconds = (at - start).total_seconds()
            minutes, rest = divmod(seconds, 60)
            told.append(f"{int(minutes) // 60:3d}:{int(minutes) % 60:02d}:{rest:06.3f}  {who:28} {what}")
        return told
