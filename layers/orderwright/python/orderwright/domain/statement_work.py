"""A day's statement while it is read piece by piece, and as it was written last (Control STATEMENT)."""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.statement import Missing, Part, Statement


class WrittenStatement(Model):
    """A statement as it was written last. `told`: the codes that an alert named; `readings` of the whole day so far."""

    statement: Statement
    told: tuple[str, ...] = ()
    readings: int = 1

    def rewritten(self, statement: Statement) -> WrittenStatement:
        """The whole day was read again: its codes are told, and those of before stay so."""
        told = tuple(sorted({*self.told, *statement.codes}))
        return changed(self, statement=statement, told=told, readings=self.readings + 1)


class StatementWork(Model):
    """A statement so far: all orders up to `position` are in it. `tries` in a row in which nobody could be asked."""

    statement: Statement
    position: str = ""
    tries: int = 0
    claimed_until: Instant

    def claimed(self, until: datetime) -> StatementWork:
        """Nobody else goes on before then."""
        return changed(self, claimed_until=until)

    def read(self, pk: str, part: Part | None) -> StatementWork:
        """With the next order; None: it is of another day."""
        statement = self.statement.plus(part) if part else self.statement
        return changed(self, statement=statement, position=pk, tries=0)

    def put_off(self, until: datetime, tried: int) -> StatementWork:
        """Somebody could not be asked, and is asked again then."""
        return changed(self, claimed_until=until, tries=self.tries + tried)

    def without(self, missing: Missing, now: datetime) -> StatementWork:
        """Somebody could not be asked for too long: it goes on at once, without that side."""
        return changed(self, statement=self.statement.without(missing), claimed_until=now, tries=0)
