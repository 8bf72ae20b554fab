"""Something that money depends on is not known: what stops because of it, instead of a guess (promise P13)."""

from __future__ import annotations

from orderwright.domain.order import Reason


class NotKnown(Exception):
    """A figure is missing, or figures do not fit together. `reason` says which, and what to fill in."""

    def __init__(self, code: str, message: str, fix: str, field: str, line_id: str = "") -> None:
        super().__init__(message)
        self.reason = Reason(code=code, message=message, fix=fix, field=field, line_id=line_id)
