"""One HTTP exchange with a vendor and the table that turns its outcome into the four words of errors.py.

Every answer is bounded while it is read: seconds in all, bytes off the wire, bytes after unpacking (`Limits`).
No retries here: a retry beneath a call that costs would order twice without anybody knowing (promise P1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from orderwright.connectors.unpacking import DamagedGzip, UnpacksTooFar, gunzipped
from orderwright.domain.web_address import SANDBOX_HOST, UNREADABLE, fault_of_url
from orderwright.errors import AddressRefused, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError

LONGEST_WAIT = timedelta(hours=1)
MAX_ANSWER_BYTES = 20 * 1024 * 1024
PIECE = 64 * 1024


class HttpAnswer(NamedTuple):
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON with exact numbers (Decimal for fractions, int for ids); raises ValueError."""
        from decimal import Decimal

        try:
            return json.loads(self.body, parse_float=Decimal)
        except RecursionError:
            raise ValueError("nested too deeply") from None

    def json_object(self) -> dict[str, Any] | None:
        """The body as JSON, read the same way; None where it is no JSON object."""
        try:
            data = self.json()
        except ValueError:
            return None
        return data if isinstance(data, dict) else None


class NotSent(Exception):
    """The request never left: no connection, no name, no handshake."""


class NoAnswer(Exception):
    """The request left, and no whole answer came back in time."""


class AnswerTooLarge(NoAnswer):
    """The request left, and the answer is larger than the call may take; it was broken off there."""


class Limits(NamedTuple):
    """What one answer may take: bytes off the wire, bytes unpacked, and seconds in all (None: the call's time-out)."""

    wire: int = MAX_ANSWER_BYTES
    unpacked: int = MAX_ANSWER_BYTES
    seconds: float | None = None


class OpenAnswer(NamedTuple):
    """An answer whose body is still to come. `pieces` are its unpacked bytes; they raise NoAnswer and AnswerTooLarge.

    Whoever does not want the body calls `close`; read to its end, or broken off, it closes by itself.
    """

    status: int
    headers: Mapping[str, str]
    pieces: Iterator[bytes]
    close: Callable[[], None]


Transport = Callable[[str, str, Mapping[str, str], bytes | None, float], HttpAnswer]
"""(method, url, headers, body, timeout in seconds) -> answer; raises NotSent or NoAnswer."""
Opener = Callable[[str, str, Mapping[str, str], bytes | None, float, Limits], OpenAnswer]
"""The same with the answer's limits, whose body is still to come."""


class StreamingTransport:
    """A transport that can also give a body while it comes. A transport without `open` is asked for the whole answer.

    `whole` gives the whole answer, where that is more than opening it and reading on.
    """

    def __init__(self, open_answer: Opener, whole: Transport | None = None) -> None:
        self.open, self._whole = open_answer, whole

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> HttpAnswer:
        """A Transport."""
        if self._whole is not None:
            return self._whole(method, url, headers, body, timeout)
        answer = self.open(method, url, headers, body, timeout, Limits())
        return HttpAnswer(answer.status, answer.headers, b"".join(answer.pieces))


def requests_transport(profile: str) -> StreamingTransport:
    """A transport on one requests session: public addresses only, keep-alive, no retries, no redirects, bounded answer."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.exceptions import HTTPError

    from orderwright.connectors.public_addresses import address_refused
    from orderwright.connectors.public_connections import CALL, CallBounds, TooManyBytes, pool_classes

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
    # The one encoding that is unpacked here, piece by piece.
    session.headers["accept-encoding"] = "gzip"
    session.adapters.clear()
    session.mount("https://", PublicOnly())
    if profile == "local":
        session.mount(f"http://{SANDBOX_HOST}", PublicOnly())

    def open_answer(
        method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float, limits: Limits
    ) -> OpenAnswer:
        fault = fault_of_url(url, profile)
        if fault is not None:
            raise address_refused(fault, "" if fault is UNREADABLE else urlsplit(url).hostname or "")
        begun = CALL.set(CallBounds(limits.seconds or timeout, timeout, limits.wire))
        try:
            answer = session.request(
                method,
                url,
                headers=dict(headers),
                data=body,
                timeout=(min(timeout, 5.0), timeout),
                allow_redirects=False,
                stream=True,
            )
        except TooManyBytes:
            raise AnswerTooLarge(_more_than(limits.wire)) from None
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
        finally:
            CALL.reset(begun)
        found = {name.lower(): value for name, value in answer.headers.items()}
        pieces = read(answer, limits)
        return OpenAnswer(answer.status_code, found, _unpacked(pieces, found, limits, answer.close), answer.close)

    def read(answer: requests.Response, limits: Limits) -> Iterator[bytes]:
        """The bytes of the body as they are on the wire. Only at their end may the connection be used again."""
        try:
            yield from answer.raw.stream(PIECE, decode_content=False)
            answer.raw.release_conn()
        except TooManyBytes:
            raise AnswerTooLarge(_more_than(limits.wire)) from None
        except (HTTPError, OSError) as error:
            raise NoAnswer(type(error).__name__) from None

    return StreamingTransport(open_answer)


def _unpacked(
    pieces: Iterator[bytes], headers: Mapping[str, str], limits: Limits, close: Callable[[], None]
) -> Iterator[bytes]:
    encoding = headers.get("content-encoding", "").strip().lower()
    try:
        if encoding in ("", "identity"):
            yield from pieces
        elif encoding in ("gzip", "x-gzip"):
            yield from gunzipped(pieces, limits.unpacked)
        else:
            raise NoAnswer("the body has an encoding that was not asked for")
    except DamagedGzip as error:
        raise NoAnswer(f"the body's gzip is {error}") from None
    except UnpacksTooFar:
        raise AnswerTooLarge(f"it unpacks to {_more_than(limits.unpacked)}") from None
    finally:
        close()


def _more_than(size: int) -> str:
    return f"more than {size // 1024 // 1024} MiB" if size >= 1024 * 1024 else f"more than {size} bytes"


def open_answer(
    transport: Transport, method: str, url: str, headers: Mapping[str, str], timeout: float, limits: Limits
) -> OpenAnswer:
    """As `transport` without a body to send, but with the answer's body in pieces, where the transport can give it so."""
    if isinstance(transport, StreamingTransport):
        return transport.open(method, url, headers, None, timeout, limits)
    whole = transport(method, url, headers, None, timeout)
    pieces = (whole.body[start : start + PIECE] for start in range(0, len(whole.body), PIECE))
    return OpenAnswer(whole.status, whole.headers, pieces, pieces.close)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The Retry-After header in seconds (RFC 9110 10.2.3), at most LONGEST_WAIT; anything but ASCII digits counts as absent.

    The date form is not used by the vendors connected here.
    """
    text = headers.get("retry-after", "").strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return None
    # A vendor may ask for days, by mistake too; whoever waits for it looks again within the hour (promise P11).
    return min(timedelta(seconds=float(text[:9])), LONGEST_WAIT)


def unclear(
    vendor: str, operation: str, what: str, *, has_effect: bool, after: timedelta | None = None, code: str = ""
) -> VendorError:
    """What an answer that says nothing comes to, such as one that cannot be read."""
    if has_effect:
        text = f"{vendor} {operation}: {what}; whether it happened is not known"
        return OutcomeUnknown(text, after=after, code=code or "OUTCOME_UNKNOWN")
    return Retryable(f"{vendor} {operation}: {what}", after=after, code=code or "UNAVAILABLE")


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
    any_status: bool = False,
) -> HttpAnswer:
    """Send one request and give its 2xx or 304 answer; with `any_status` any answer, for who reads in it why it was refused.

    `has_effect` says whether the call changes something that a repeat would double: then a lost answer and a 5xx are
    OutcomeUnknown, else Retryable. Raises Retryable, Rejected, Misconfigured, NotFound or OutcomeUnknown; messages name
    the vendor, the operation and the status, never the body.
    """
    try:
        answer = transport(method, url, headers, body, timeout)
    except (AddressRefused, NotSent, NoAnswer) as error:
        raise unanswered(error, vendor, operation, has_effect=has_effect) from None
    if not any_status and not is_good(answer.status):
        raise refused(answer.status, answer.headers, vendor, operation, has_effect=has_effect)
    return answer


def is_good(status: int) -> bool:
    """2xx, or 304 for what was asked conditionally."""
    return 200 <= status < 300 or status == 304


def unanswered(
    error: AddressRefused | NotSent | NoAnswer, vendor: str, operation: str, *, has_effect: bool
) -> VendorError:
    """What a call without a whole answer comes to."""
    if isinstance(error, AddressRefused):
        return AddressRefused(f"{vendor} {operation}: {error.message}", code=error.code)
    if isinstance(error, NotSent):
        return Retryable(f"{vendor} {operation}: no connection ({error})", code="NO_CONNECTION")
    if isinstance(error, AnswerTooLarge):
        text = f"{vendor} {operation}: the answer is too large ({error})"
        if has_effect:
            return OutcomeUnknown(f"{text}; whether it happened is not known", code="ANSWER_TOO_LARGE")
        return Rejected(text, code="ANSWER_TOO_LARGE")
    return unclear(vendor, operation, f"no answer ({error})", has_effect=has_effect)


def refused(status: int, headers: Mapping[str, str], vendor: str, operation: str, *, has_effect: bool) -> VendorError:
    """What an answer with this status comes to, other than 2xx and 304."""
    what = f"{vendor} {operation}: HTTP {status}"
    if status == 429:
        return Retryable(what, after=retry_after(headers), code="RATE_LIMITED")
    if status in (401, 403):
        return Misconfigured(f"{what}: the credentials or scopes are refused", code=f"HTTP_{status}")
    if status == 404:
        return NotFound(what, code="HTTP_404")
    if status >= 500 or status == 408:
        return unclear(vendor, operation, f"HTTP {status}", has_effect=has_effect, after=retry_after(headers))
    if status < 400:
        what += ": redirects are not followed; write the address that it leads to into orderwright.yaml"
    return Rejected(what, code=f"HTTP_{status}")
