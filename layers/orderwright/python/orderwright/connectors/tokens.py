"""One worker renews a token that expires, early; the others use the old one until it ends, or wait a moment for the new."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from orderwright.errors import Retryable, VendorError
from orderwright.ports.connection import Credentials

AWAITED = timedelta(seconds=2)
MOST_CALLS = 3


def renewal_hold(timeout: timedelta) -> timedelta:
    """How long a renewal may take at most: a refresh and two forms of a log-in, each up to the time-out."""
    return MOST_CALLS * timeout + timedelta(seconds=5)


def usable_token(
    credentials: Credentials, vendor: str, hold: timedelta, renew: Callable[[], str], refused: str = ""
) -> str:
    """A token that is not the `refused` one. `renew` asks the vendor and stores; it is called by the lease holder only.

    Raises Retryable (TOKEN_AWAITED) while another worker fetches the first one, and whatever `renew` raises.
    """
    token = credentials.token(refused)
    if token is not None and (refused or not credentials.renewal_due()):
        return token
    if not credentials.may_renew(hold):
        token = token or credentials.token(refused)
        if token is None:
            raise Retryable(
                f"{vendor}: another worker is fetching the access token", after=AWAITED, code="TOKEN_AWAITED"
            )
        return token
    if token is None:
        return renew()
    try:
        return renew()
    except VendorError:
        return token  # still good; the next lease tries again, and a token that has ended says what is wrong
