"""What can go wrong with a vendor, in the four words that decide what happens next.

VendorError
├── Retryable         the vendor certainly did nothing; the same call may be made again, at the earliest `after`
├── Rejected          the vendor said no, and will say no again: the operator or a rule decides
├── Misconfigured     our credentials, scopes or settings are wrong: nothing works until they are mended
│   └── AddressRefused  the connection's address is not public or not encrypted: nothing was sent
├── NotFound          the resource does not exist there (or not yet: a look-up may lag)
└── OutcomeUnknown    nobody can say whether it happened: look it up, never just retry
"""

from __future__ import annotations

from datetime import timedelta


class VendorError(Exception):
    """Base. `code` is stable and may be logged; `message` holds no personal data."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code or type(self).__name__.upper()
        self.message = message


class Retryable(VendorError):
    """Certainly not done. `after` is what the vendor asked for, or None."""

    def __init__(self, message: str, *, after: timedelta | None = None, code: str = "") -> None:
        super().__init__(message, code=code)
        self.after = after


OUT_OF_TIME = "OUT_OF_TIME"
"""Code of a Retryable that is our own: this worker had no time left for the call. It says nothing of the vendor."""


def tried(error: VendorError) -> int:
    """How many tries a failure counts for: one, and none where the vendor was not asked for want of time."""
    return 0 if error.code == OUT_OF_TIME else 1


class Rejected(VendorError):
    """A refusal with the vendor's reason."""


class Misconfigured(VendorError):
    """Credentials, scopes, ids or settings of a connection are wrong."""


class AddressRefused(Misconfigured):
    """We do not request this address (domain/web_address.py). Nothing was sent."""


class NotFound(VendorError):
    """The vendor does not know the resource."""


class OutcomeUnknown(VendorError):
    """A time-out, a 5xx or an unreadable answer after the request was sent. `after` is what the vendor asked for, or None."""

    def __init__(self, message: str, *, after: timedelta | None = None, code: str = "") -> None:
        super().__init__(message, code=code)
        self.after = after


class Conflict(Exception):
    """A conditional write found another state than expected: read again and decide anew."""


class ShortOfStock(Exception):
    """A reservation did not fit into what is sellable. `lines` are the order lines concerned."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("not enough sellable stock")
        self.lines = lines


class SpendRefused(Exception):
    """The budget's condition failed: `code` is CAP_REACHED, CAP_CURRENCY or KILL_SWITCH."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SendRefused(Exception):
    """SQS did not take some messages; the caller's own message or stream record must come again."""
