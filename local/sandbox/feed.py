"""The supplier's stock file: a CSV over HTTPS of the same live stock that its API reports, with all the ways it goes wrong.

Columns: sku, qty (whole units), cost (USD), currency, updated (UTC, when the article last changed).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from decimal import Decimal
from email.utils import format_datetime, parsedate_to_datetime

from local.sandbox.inventory import Inventory, Position
from local.sandbox.kit.signin import basic
from local.sandbox.kit.vendor import Account
from local.sandbox.scripted import AWAY_FOR, THROTTLED_FOR, Forms, LateEffects, play
from local.sandbox.wire import Faults, Request, Response, World

PATH = "/stock.csv"
HEADER = ("sku", "qty", "cost", "currency", "updated")
OPERATIONS: tuple[str, ...] = ("fetch",)
"""Every operation that a fault can be scripted for: the one download."""


@dataclass(frozen=True)
class FeedConfig:
    """The reader's credentials (HTTP Basic)."""

    user: str = "feed"
    password: str = "sandbox"


class StockFeed:
    """`handle` answers GET /stock.csv with ETag, Last-Modified and 304. Its operation for faults is "fetch".

    Its own behaviours are "truncated" (the file ends in the middle of a row), "empty" (a file of no bytes) and "header_only"
    (a file without rows); "malformed" is "truncated", since half a CSV is still a CSV.
    """

    path, vendor = PATH, "feed"
    """Where it is, and its name in the ledger."""

    def __init__(
        self, world: World, inventory: Inventory, config: FeedConfig | None = None, faults: Faults | None = None
    ) -> None:
        self.config = config or FeedConfig()
        self.faults = faults or Faults()
        self._world = world
        self._inventory = inventory
        self._late = LateEffects(world)
        self._mistyped: dict[str, Decimal] = {}
        self._titles: dict[str, str] | None = None
        self._rows: int | None = None
        self._truncate = False
        self._html_errors = 0
        self._frozen: bytes | None = None
        self._last_body = b""
        self._modified_at = world.clock().replace(microsecond=0)
        self.others: dict[str, StockFeed] = {}
        """Other files of the supplier, by path: another warehouse's, say."""

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request."""
        if request.path in self.others:
            return self.others[request.path].handle(replace(request, path=PATH))
        if request.path != self.path:
            return _plain(404, "not found")
        if request.method not in ("GET", "HEAD"):
            return _plain(405, "use GET")
        if not basic(self.config.user, self.config.password)(request):
            return Response(401, b"", {"www-authenticate": 'Basic realm="stock"'})
        answer = play(self.faults, "fetch", lambda: self._serve(request), lambda: self._forms(request), self._late)
        if answer.status == 200 and request.method == "GET":
            rows = max(answer.body.count(b"\n") - 1, 0)
            kind = answer.headers.get("content-type", "").partition(";")[0]
            self._world.record(self.vendor, "file_served", request.path, rows=rows, content_type=kind)
        return answer

    def tick(self) -> None:
        """Carry out late effects that are due."""
        self._late.settle()

    @property
    def account(self) -> Account:
        """The reader's account."""
        return Account("csv_feed", f"/feed{PATH}", {"username": self.config.user, "password": self.config.password})

    def _forms(self, request: Request) -> Forms:
        return Forms(
            error_500=_plain(500, "internal error"),
            rate_limited=_plain(429, "slow down", THROTTLED_FOR),
            rate_limited_bare=_plain(429, "slow down"),
            unavailable=_plain(503, "back soon", AWAY_FOR),
            refused=_plain(403, "forbidden"),
            not_found=_plain(404, "not found"),
            own={
                "truncated": lambda: self._file(request, _cut(self._body())),
                "malformed": lambda: self._file(request, _cut(self._body())),
                "empty": lambda: self._file(request, b""),
                "header_only": lambda: self._file(request, self._body().partition(b"\n")[0] + b"\n"),
            },
        )

    def truncate_next(self) -> None:
        """Serve the next file as a half upload: it ends in the middle of a row."""
        self._truncate = True

    def serve_rows(self, count: int | None) -> None:
        """Serve only the first `count` rows from now on, all again with None."""
        self._rows = count

    def serve_html_error(self, times: int = 1) -> None:
        """Serve an HTML page with status 200 instead of the file, as many times."""
        self._html_errors = times

    def mistype_cost(self, sku: str, cost: Decimal | None) -> None:
        """Write a wrong cost for one SKU into the file (the warehouse keeps the right one); None corrects it."""
        if cost is None:
            self._mistyped.pop(sku, None)
        else:
            self._mistyped[self._inventory[sku].sku] = cost

    def serve_titles(self, titles: Mapping[str, str] | None) -> None:
        """Write "title" as the second column from now on; None takes it away again.

        `titles` are cells as they stand in the file, by SKU: a shop's export that knows nothing of quotes writes what it likes.
        """
        self._titles = None if titles is None else dict(titles)

    def stale(self, frozen: bool = True) -> None:
        """Keep serving the file as it is now, whatever the warehouse does; False thaws it."""
        self._frozen = self._render() if frozen else None

    def _serve(self, request: Request) -> Response:
        if self._html_errors > 0:
            self._html_errors -= 1
            page = b"<!doctype html><title>Maintenance</title><p>We will be back soon."
            return Response(200, page, {"content-type": "text/html; charset=utf-8"})
        body = self._body()
        if self._truncate:
            self._truncate = False
            body = _cut(body)
        return self._file(request, body)

    def _body(self) -> bytes:
        return self._frozen if self._frozen is not None else self._render()

    def _file(self, request: Request, body: bytes) -> Response:
        if body != self._last_body:
            # HTTP dates have whole seconds: two files within one second must not share a date, or 304 would hide the later.
            now = self._world.clock().replace(microsecond=0)
            later = now > self._modified_at or not self._last_body
            self._modified_at = now if later else self._modified_at + timedelta(seconds=1)
            self._last_body = body
        headers = {
            "content-type": "text/csv; charset=utf-8",
            "etag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "last-modified": format_datetime(self._modified_at.astimezone(UTC), usegmt=True),
        }
        if self._is_known(request, headers["etag"]):
            return Response(304, b"", headers)
        return Response(200, b"" if request.method == "HEAD" else body, headers)

    def _is_known(self, request: Request, etag: str) -> bool:
        tags = request.headers.get("if-none-match")
        if tags is not None:
            return tags.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        since = request.headers.get("if-modified-since")
        if since is None:
            return False
        try:
            return parsedate_to_datetime(since) >= self._modified_at
        except (TypeError, ValueError):
            return False

    def _render(self) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        for position in list(self._inventory.positions.values())[: self._rows]:
            writer.writerow(self._row(position))
        return self._with_titles(text.getvalue()).encode()

    def _with_titles(self, text: str) -> str:
        titles = self._titles
        if titles is None:
            return text
        rows = [line.partition(",") for line in text.splitlines()]
        named = {HEADER[0]: "title", **titles}
        return "".join(f"{sku},{named.get(sku, sku)},{rest}\n" for sku, _, rest in rows)

    def _row(self, position: Position) -> tuple[str, int, Decimal, str, str]:
        cost = self._mistyped.get(position.sku, position.cost)
        cents = cost.quantize(Decimal("0.01"))
        cost = cents if cents == cost else cost
        updated = f"{position.updated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return position.sku, position.stock, cost, "USD", updated


def _cut(body: bytes) -> bytes:
    """About half of the file, ending behind the first field of a row."""
    start = body.index(b"\n", len(body) // 2) + 1
    return body[: body.index(b",", start) + 1] if b"," in body[start:] else body[: len(body) // 2]


def _plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, text.encode(), {"content-type": "text/plain; charset=utf-8", **(headers or {})})
