"""Why a purchase order is taken back though its supplier has not refused it: another supplier shall ship it (R12, R18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from orderwright.domain.base import Instant, Model, changed


class Leaving(Model):
    """`code` and `message` as its reason has them; `to`: the supplier that an operator chose. `at`: when that was decided.

    `asked_at`: an API has taken the request to cancel. `stays`: it will not be taken back, and the operator was told.
    `lines`: those that were taken back while others had left already.
    """

    code: str
    message: str
    to: str = ""
    at: Instant
    asked_at: Instant | None = None
    stays: bool = False
    lines: tuple[str, ...] = ()

    def asked(self, now: datetime) -> Leaving:
        """Its supplier was asked to cancel it, and has not said no."""
        return changed(self, asked_at=now)

    def ended(self) -> Leaving:
        """It stays where it is."""
        return changed(self, stays=True)

    def of_lines(self, lines: Iterable[str]) -> Leaving:
        """These lines only: the others have left."""
        return changed(self, lines=(*self.lines, *lines))
