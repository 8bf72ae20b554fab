"""Something that money depends on is not known: what stops because of it, instead of a guess (promise P13)."""

from __future__ import annotations

from orderwright.domain.order import Reason


class NotKnown(Exception):
    """A figure is missing, or figures do not fit together. `reason` says which, and what to fill in."""

    def __init__(self, code: str, message: str, fix: str, field: str, line_id: str = "") -> None:
        super().__init__(message)
        self.reason = Reason(code=code, message=message, fix=fix, field=field, line_id=line_id)


PASSABLE = frozenset(
    {
        "ABOVE_THRESHOLD", "BUSINESS_BUYER", "DESTINATION_WITHOUT_RULE", "DUTY_IN_FREIGHT_UNKNOWN", "FEE_MISSING",
        "FREIGHT_MISSING", "HEADING_MISSING", "IDENTIFIER_MISSING", "INCOTERM_UNKNOWN", "ORIGIN_MISSING", "REFUND_UNALLOCATED",
        "REMITTER_UNKNOWN", "RULE_NOT_VALID", "RULE_UNCONFIRMED", "TAX_RATE_MISSING", "TAX_SPLIT_UNCLEAR", "TAX_TWICE",
        "VALUE_BASIS_MISSING",
    }
)  # fmt: skip
"""What an operator who has looked at one order may accept. Not among them: a missing cost or exchange rate."""
