"""How far a night's work at what prices follow has come (Control CURSOR#-prices)."""

from __future__ import annotations

from datetime import date, datetime

from orderwright.domain.base import Instant, Model, changed


class NightWork(Model):
    """`day` is worked at, up to `position`; `done`: all of it. A worker has it until `claimed_until`."""

    day: date
    position: str = ""
    done: bool = False
    claimed_until: Instant

    def is_over(self, day: date) -> bool:
        """Is nothing left of this day?"""
        return self.day > day or (self.day == day and self.done)

    def begun(self, day: date, until: datetime) -> NightWork:
        """A worker has it. What was left of a day before is left out."""
        return changed(
            self, day=day, position=self.position if self.day == day else "", done=False, claimed_until=until
        )

    def came_to(self, position: str) -> NightWork:
        """All up to this is done."""
        return changed(self, position=position)

    def put_down(self, now: datetime, *, done: bool = False) -> NightWork:
        """The worker ends; where it is not done, another goes on."""
        return changed(self, done=done, claimed_until=now)
