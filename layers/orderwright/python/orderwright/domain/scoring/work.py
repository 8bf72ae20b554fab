"""How far the counting of suppliers' days has come (Control SCORES#-)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from orderwright.domain.base import Instant, Model, changed

MOST_BEHIND = timedelta(days=7)
"""Days that no night has counted are counted later; older ones are left out."""


class ScoreWork(Model):
    """`day` is counted next, or now: all orders up to `position` are in it. Days before it are complete."""

    day: date
    position: str = ""
    claimed_until: Instant

    def begun(self, last: date, until: datetime) -> ScoreWork:
        """A worker has it until then; days long past are left out."""
        day = max(self.day, last - MOST_BEHIND)
        return changed(self, day=day, position=self.position if day == self.day else "", claimed_until=until)

    def read(self, position: str, until: datetime) -> ScoreWork:
        """Orders up to this one are in the day."""
        return changed(self, position=position, claimed_until=until)

    def done(self) -> ScoreWork:
        """The day is complete."""
        return changed(self, day=self.day + timedelta(days=1), position="")
