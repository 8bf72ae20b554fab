"""One HTTP exchange with a vendor and the table that turns its outcome into the four words of errors.py.

No retries here: a retry beneath a call that costs would order twice without anybody knowing (promise P1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from orderwright.domain.web_address import SANDBOX_HOST, UNREADABLE, fault_of_url
from orderwright.errors import AddressRefused, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError

LONGEST_WAIT = timedelta(hours=1)
MAX_ANSWER_BYTES = 20 * 1024 * 1024


class HttpAnswer(NamedTuple):
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON with exact numbers (Decimal for fractions, int for ids); raises ValueError."""
        from decimal import Decimal

        return json.loads(self.body, parse_float=Decimal)


class NotSent(Exception):
    """The request never left: no connection, no name, no handshake."""


class NoAnswer(Exception):
    """The request left, and no whole answer came back in time."""


Transport = Callable[[str, str, Mapping[str, str], bytes | None, float], HttpAnswer]
"""(method, url, headers, body, timeout in seconds) -> answer; raises NotSent or NoAnswer."""


def requests_transport(profile: str) -> Transport:
    """A transport on one requests session: public addresses only, keep-alive, no retries, no redirects, bounded answer."""
    import requests
    from requests.adapters import HTTPAdapter

    from orderwright.connectors.public_connections import address_refused, pool_classes

    class NoRedirects(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> None:
            """None: not followed, and not even parsed, since a Location that cannot be read would raise after the call."""

    class PublicOnly(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = pool_classes(profile)

    session = NoRedirects()
    # No proxy from the environment: it would resolve the names itself, and connect to where we would not.
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", PublicOnly())
    if profile == "local":
        session.mount(f"http://{SANDBOX_HOST}", PublicOnly())

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
        fault = fault_of_url(url, profile)
        if fault is not None:
            raise address_refused(fault, "" if fault is UNREADABLE else urlsplit(url).hostname or "")
        try:
            answer = session.request(
                method,
                url,
                headers=dict(headers),
                data=body,
                timeout=(min(timeout, 5.0), timeout),
                allow_redirects=False,
            )
        except requests.exceptions.InvalidURL:
            raise address_refused(UNREADABLE) from None
        except requests.exceptions.ConnectTimeout as error:
            raise NotSent(type(error).__name__) from None
        except requests.exceptions.ConnectionError as error:
            # A refused connection never carried the request; a reset one may have.
            if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
                raise NotSent(type(error).__name__) from None
            raise NoAnswer(type(error).__name__) from None
        except requests.exceptions.RequestException as error:
            raise NoAnswer(type(error).__name__) from None
        if len(answer.content) > MAX_ANSWER_BYTES:
            raise NoAnswer("answer too large")
        return HttpAnswer(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content
        )

    return send


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The Retry-After header in seconds (RFC 9110 10.2.3), at most LONGEST_WAIT; anything but ASCII digits counts as absent.

    The date form is not used by the vendors connected here.
    """
    text = headers.get("retry-after", "").strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return None
    # A vendor may ask for days, by mistake too; whoever waits for it looks again within the hour (promise P11).
    return min(timedelta(seconds=float(text[:9])), LONGEST_WAIT)


def _unclear(
    vendor: str, operation: str, what: str, *, has_effect: bool, after: timedelta | None = None
) -> VendorError:
    if has_effect:
        text = f"{vendor} {operation}: {what}; whether it happened is not known"
        return OutcomeUnknown(text, after=after, code="OUTCOME_UNKNOWN")
    return Retryable(f"{vendor} {operation}: {what}", after=after, code="UNAVAILABLE")


def exchange(
    transport: Transport,
    vendor: str,
    operation: str,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    timeout: float,
    has_effect: bool,
) -> HttpAnswer:
    """Send one request and give its 2xx or 304 answer.

    `has_effect` says whether the call changes something that a repeat would double: then a lost answer and a 5xx are
    OutcomeUnknown, else Retryable. Raises Retryable, Rejected, Misconfigured, NotFound or OutcomeUnknown; messages name
    the vendor, the operation and the status, never the body.
    """
    try:
        answer = transport(method, url, headers, body, timeout)
    except AddressRefused as error:
        raise AddressRefused(f"{vendor} {operation}: {error.message}", code=error.code) from None
    except NotSent as error:
        raise Retryable(f"{vendor} {operation}: no connection ({error})", code="NO_CONNECTION") from None
    except NoAnswer as error:
        raise _unclear(vendor, operation, f"no answer ({error})", has_effect=has_effect) from None
    status = answer.status
    if 200 <= status < 300 or status == 304:
        return answer
    what = f"{vendor} {operation}: HTTP {status}"
    if status == 429:
        raise Retryable(what, after=retry_after(answer.headers), code="RATE_LIMITED")
    if status in (401, 403):
        raise Misconfigured(f"{what}: the credentials or scopes are refused", code=f"HTTP_{status}")
    if status == 404:
        raise NotFound(what, code="HTTP_404")
    if status >= 500 or status == 408:
        raise _unclear(vendor, operation, f"HTTP {status}", has_effect=has_effect, after=retry_after(answer.headers))
    if status < 400:
        what += ": redirects are not followed; write the address that it leads to into orderwright.yaml"
    raise Rejected(what, code=f"HTTP_{status}")
