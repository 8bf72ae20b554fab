"""CJ's answer envelope {code, message, data, success ...} and what each code means for us.

Errors come with HTTP 200. Source: the vendor's table of codes. What is not in a table here is unclear: after a call with an
effect that is OutcomeUnknown, so that a look-up decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError

BAD_TOKEN = frozenset({1600001, 1600002})
WRONG_KEY = frozenset({1600003, 1600005})
NO_SUCH_CALL = frozenset({1600100, 1600101})
TOO_FAST = 1600200
POINTS_USED_UP = 1600201
PARAM_ERROR = 1600300
VARIANT_NOT_FOUND = 1602000
GOODS_NOT_FOUND = 1602001
VARIANT_OFF_SHELF = 1602003
ORDER_DELETE_FAIL = 1603002
ORDER_NOT_FOUND = 1603100
BAD_CALLBACK = frozenset({1607001, 1607002})
# What CJ says before it has looked at the request as an order: nothing can have happened.
NOT_TAKEN_IN = frozenset({16900202, 16900204, 16900205, 16900403})


Refusals = Mapping[int, str]
"""Which codes of one call are a certain "no", with the fix for the operator."""
NONE: Refusals = {}


def code_of(envelope: Mapping[str, Any]) -> int | None:
    """The code as a number, also where it comes as text; None when there is none."""
    code = envelope.get("code")
    text = str(code) if isinstance(code, int | str) and not isinstance(code, bool) else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def is_success(envelope: Mapping[str, Any]) -> bool:
    """200; some documented answers have no code but success, others no success but the code."""
    if envelope.get("success") is False or envelope.get("result") is False:
        return False
    code = code_of(envelope)
    return code == 200 or (code is None and "code" not in envelope and envelope.get("success") is True)


def next_day(now: datetime) -> timedelta:
    """How long until the daily points start again (UTC)."""
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return midnight - now


def error_of(
    envelope: Mapping[str, Any], vendor: str, operation: str, *, now: datetime, has_effect: bool, refusals: Refusals
) -> VendorError:
    """The refusal as one of our errors. CJ's message is not passed on: it can repeat what was sent."""
    code = code_of(envelope)
    what = f"{vendor} {operation}: CJ code {code if code is not None else 'missing'}"
    stable = f"CJ_{code}"
    if code == TOO_FAST:
        wait = timedelta(seconds=300 if operation == "getAccessToken" else 1)
        return Retryable(f"{what}, too many requests", after=wait, code="RATE_LIMITED")
    if code == POINTS_USED_UP:
        return Retryable(f"{what}, the day's points are used up", after=next_day(now), code="POINTS_USED_UP")
    if code in BAD_TOKEN:
        return Misconfigured(f"{what}, the access token is refused", code="TOKEN_REFUSED")
    if code in WRONG_KEY:
        return Misconfigured(f"{what}: the API key is refused", code=stable)
    if code in NO_SUCH_CALL:
        return Misconfigured(f"{what}: the account may not use this call, or base_url is wrong", code=stable)
    if code in BAD_CALLBACK:
        return Misconfigured(f"{what}: webhooks need a public https address", code=stable)
    if code is not None and (code in refusals or code in NOT_TAKEN_IN):
        fix = refusals.get(code, "the request was not accepted; please report this")
        return Rejected(f"{what}: {fix}", code=stable)
    if has_effect:
        return OutcomeUnknown(f"{what}; whether it happened is not known", code=stable)
    if code in (VARIANT_NOT_FOUND, GOODS_NOT_FOUND, ORDER_NOT_FOUND):
        return NotFound(f"{what}: not found", code=stable)
    if code is None or code == 1600000:
        return Retryable(what, code=stable)
    return Rejected(what, code=stable)
