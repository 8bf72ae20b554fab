"""What can go wrong outside, told apart by what it means for the next step.

| error | did the other side do it? | what happens next | who handles it |
|---|---|---|---|
| Retryable | no | the same call again, at `after` or later | the use case: a due time |
| Rejected | no | nothing until a rule or a person decides | the use case: it parks the work, with the reason |
| Misconfigured | no | nothing works until keys, rights or settings are right | the use case; usecases/health.py alerts |
| AddressRefused | no | as Misconfigured; nothing was even sent | as Misconfigured |
| NotFound | no | what is looked for is not there, or not yet: make it, look again, or end the work | the use case |
| OutcomeUnknown | nobody knows | a look-up; never the same call before it | the use case: at `settle_until` |
| Conflict | no | read again, decide again | storage.py: `retry_on_conflict`; else the message comes again |
| ShortOfStock | no | read again, decide by the stock of now | usecases/ingest_order.py |
| SpendRefused | no | at a limit a person decides; at a kill switch it waits until that is off | usecases/placing/placement.py |
| SendRefused | in part | all is sent again: twice does no harm | who woke the function: stream, vendor, schedule, person |
"""

from __future__ import annotations

from datetime import timedelta


class VendorError(Exception):
    """Base. `code` is stable and may be logged; `message` holds no personal data; `after`: what the vendor asked for."""

    def __init__(self, message: str, *, after: timedelta | None = None, code: str = "") -> None:
        super().__init__(message)
        self.code = code or type(self).__name__.upper()
        self.message = message
        self.after = after


class Retryable(VendorError):
    """Not done: the same call again, at `after` or later."""


OUT_OF_TIME = "OUT_OF_TIME"
"""Code of a Retryable that is our own: this worker had no time left for the call. It says nothing of the vendor."""


def tried(error: VendorError) -> int:
    """How many tries a failure counts for: one, and none where the vendor was not asked for want of time."""
    return 0 if error.code == OUT_OF_TIME else 1


class Rejected(VendorError):
    """Not done, with the vendor's reason: nothing until a rule or a person decides."""


class Misconfigured(VendorError):
    """Not done: nothing works until keys, rights or settings are right."""


class AddressRefused(Misconfigured):
    """Not done: nothing was even sent, since we do not request this address (domain/web_address.py)."""


class NotFound(VendorError):
    """Not done: what is looked for is not there, or not yet."""


class OutcomeUnknown(VendorError):
    """Nobody knows: a time-out, a 5xx or an unreadable answer. A look-up; never the same call before it."""


class Conflict(Exception):
    """Not done, since a conditional write found another state than expected: read again, decide again."""


class ShortOfStock(Exception):
    """Not done, since too little is sellable for the order's `lines`: read again, decide by the stock of now."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("not enough sellable stock")
        self.lines = lines


class SpendRefused(Exception):
    """Not done. CAP_REACHED, CAP_CURRENCY: at a limit a person decides. KILL_SWITCH: it waits until that is off."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SendRefused(Exception):
    """Done in part, since SQS did not take some messages: all is sent again."""
