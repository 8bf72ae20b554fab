"""The HTTP shapes that every sandbox vendor speaks, apart from any server: plain values in, plain values out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any


@dataclass(frozen=True)
class Request:
    """One HTTP request as a vendor sees it. `path` has no query; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class Response:
    """One HTTP answer. `hang` means: the effect (if any) has happened, but the caller never hears of it."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False


def json_response(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer with its content type."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, {"content-type": "application/json; charset=utf-8", **(headers or {})})


@dataclass(frozen=True)
class Delivery:
    """A webhook that a vendor wants delivered. `retry_after` are the vendor's own retry gaps in seconds, in order.

    `topic` is for the time line, where neither a header nor the body names it. `method` GET is a challenge, or a link that
    somebody follows.
    """

    vendor: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    retry_after: tuple[float, ...] = ()
    topic: str = ""
    method: str = "POST"


@dataclass(frozen=True)
class LedgerEntry:
    """One thing that really happened at a vendor. `reference` ties it to an order (its name or our own number)."""

    at: datetime
    vendor: str
    kind: str
    reference: str
    data: Mapping[str, Any]


@dataclass
class Ledger:
    """Append-only; the judge of every promise. Nothing in Orderwright can read or write it."""

    entries: list[LedgerEntry] = field(default_factory=list)

    def of_kind(self, vendor: str, kind: str) -> list[LedgerEntry]:
        """All entries of one kind of one vendor, oldest first."""
        return [entry for entry in self.entries if entry.vendor == vendor and entry.kind == kind]


@dataclass
class World:
    """What all vendors of one sandbox share: the time, the dice, the ledger, and the way out for webhooks."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    random: Random = field(default_factory=lambda: Random(1))
    ledger: Ledger = field(default_factory=Ledger)
    deliver: Callable[[Delivery], None] = lambda _: None

    def record(self, vendor: str, kind: str, reference: str, **data: Any) -> None:
        """Write one line into the ledger, stamped with the world's clock."""
        self.ledger.entries.append(LedgerEntry(self.clock(), vendor, kind, reference, data))


@dataclass
class Faults:
    """Scripted misbehaviour: `script("createOrderV2", "accept_then_timeout")` applies to the next such call only.

    Known behaviours: "ok", "error_500" (no effect), "accept_then_timeout" (effect, no answer), "accept_then_500",
    "malformed" (effect, the answer's body is cut in the middle), "timeout" (no effect, no answer), "error_502_html" (no
    effect, a proxy's page), "unavailable" (503 with Retry-After, no effect), "rate_limited" (the vendor's own form, which
    says how long to wait where the vendor does), "rate_limited_bare" (HTTP 429 that does not say it), "refuse" (the
    vendor's own refusal), "accept_late" (no answer now; the effect happens `late_seconds` after), "not_found" (a look-up
    that lags). Which operations a vendor has is in its OPERATIONS. CJ knows its MIXUPS as well: answers about another order.
    `always` is how every call is answered that nothing was scripted for: "timeout" is a vendor that accepts and never answers.
    """

    queued: dict[str, list[str]] = field(default_factory=dict)
    late_seconds: float = 30.0
    always: str = "ok"

    def script(self, operation: str, *behaviours: str) -> None:
        """Queue behaviours for the next calls of this operation, one each."""
        self.queued.setdefault(operation, []).extend(behaviours)

    def take(self, operation: str) -> str:
        """The behaviour for this call: the oldest queued one, or `always`."""
        waiting = self.queued.get(operation)
        return waiting.pop(0) if waiting else self.always
