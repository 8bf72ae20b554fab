"""A bill that a supplier sends on its page: what was typed, and a file that is still to come or was read (R48). Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.money import Money

MOST_BYTES = 10 * 1024 * 1024
WAITS = timedelta(minutes=20)
"""The form to send the file with is valid for less."""
LASTS = 3 * WAITS
"""Then a file that is not there does not come any more."""


class UploadState(StrEnum):
    """FAILED: the file did not come, or cannot be read; it is kept, and the supplier may send the bill again."""

    AWAITED = "AWAITED"
    TAKEN = "TAKEN"
    FAILED = "FAILED"


class BillUpload(Model):
    """One bill of one purchase order on its way (item BILL#reference#name). `name` is the file's, random; `why` a code."""

    supplier: str
    reference: str
    number: str
    dated: date
    total: Money
    pdf: bool
    name: str
    at: Instant
    state: UploadState = UploadState.AWAITED
    why: str = ""
    message: str = ""

    def is_again(self, other: BillUpload) -> bool:
        """Was the same typed, so that the same file is awaited?"""
        same = ("number", "dated", "total", "pdf")
        return self.state is UploadState.AWAITED and all(getattr(self, one) == getattr(other, one) for one in same)

    def taken(self) -> BillUpload:
        """The file was read, and the bill is taken in."""
        return changed(self, state=UploadState.TAKEN, why="", message="")

    def failed(self, why: str, message: str) -> BillUpload:
        """The file did not come, or cannot be read."""
        return changed(self, state=UploadState.FAILED, why=why, message=message[:250])
