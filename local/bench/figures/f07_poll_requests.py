"""F7: requests for one poll of a stock file, in each of its cases."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from local.bench.counting_shop import Call, CountingShop
from local.bench.figure import Figure, Settings, Value
from local.sandbox.feed import FeedConfig
from local.sandbox.wire import Request, Response
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.catalogue import Offer
from orderwright.domain.unit_cost import UnitCost
from orderwright.messages import Message
from orderwright.usecases.stock.offers import offer_put
from tests.support.shop import FEED, SUPPLIER, test_config

KEY, TITLE = "F7", "requests for a poll of a stock file"
SKUS, QUICK_SKUS = 2000, 500
CHANGED_EVERY = 100
POLL = Message("stock.poll_due", "poll", "2026-11-22T08:00:00.000000Z", connection=FEED)


class TextFeed:
    """A stock file over HTTP with an ETag, of any size. `tagged` False: the server does not know 304."""

    def __init__(self, skus: int) -> None:
        self.config = FeedConfig()
        self.stock = {f"SKU-{number:06d}": 10 for number in range(skus)}
        self.tagged = True

    def handle(self, request: Request) -> Response:
        """One download."""
        rows = "".join(f"{sku},{stock},4.10,USD\n" for sku, stock in self.stock.items())
        body = f"sku,qty,cost,currency\n{rows}".encode()
        if not self.tagged:
            return Response(200, body, {"content-type": "text/csv"})
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if request.headers.get("if-none-match") == etag:
            return Response(304, b"", {"etag": etag})
        return Response(200, body, {"content-type": "text/csv", "etag": etag})


class FeedShop(CountingShop):
    """A shop whose supplier offers exactly what the file names."""

    def __init__(self, skus: int) -> None:
        super().__init__(test_config())
        self.text_feed = TextFeed(skus)
        self.feed = self.text_feed  # type: ignore[assignment]
        for sku in self.text_feed.stock:
            offer = Offer(
                sku=sku, supplier=SUPPLIER, supplier_sku=sku, supplier_ref=sku,
                cost=UnitCost.parse("4.10", "USD"), freight=UnitCost.parse("2.90", "USD"),
                stock=10, sellable=10, observed_at=self.clock.now(),
            )  # fmt: skip
            self.wiring.storage.commit([offer_put(offer, 0, matters=False)])

    def poll(self) -> tuple[Sequence[Call], int]:
        """One poll, a minute later: its requests to AWS, and those to the file's server."""
        self.clock.advance(60)
        calls, vendors = len(self.calls), len(self.vendor_calls)
        with self.running("poll_stock") as worker:
            worker.poll_stock(POLL)
        return self.calls[calls:], len(self.vendor_calls) - vendors


def measure(settings: Settings) -> Figure:
    """Counted, so the same on every machine."""
    skus = QUICK_SKUS if settings.quick else SKUS
    shop, shards = FeedShop(skus), CsvSettings.model_fields["shards"].default
    first, _ = shop.poll()
    known, downloads = shop.poll()
    shop.text_feed.tagged = False
    same, _ = shop.poll()
    shop.text_feed.tagged = True
    names = list(shop.text_feed.stock)[::CHANGED_EVERY]
    shop.text_feed.stock.update(dict.fromkeys(names, 3))
    changed, _ = shop.poll()
    writes = [call for call in changed if call.writes]
    values = [
        Value("304: requests to the file's server", downloads, "requests", at_most=1),
        Value("304: requests to AWS", len(known), "requests", at_most=1),
        Value("304: writes", _writes(known), "writes", at_most=0),
        Value("same file again: requests to AWS", len(same), "requests", at_most=2 * shards),
        Value("same file again: writes", _writes(same), "writes", at_most=0),
        Value(f"{len(names)} of {skus:,} changed", len(changed), "requests", at_most=2 * shards + len(names)),
        Value("  writes to the tables in it", len(writes), "requests"),
        Value(
            "  parts read and kept in S3 in it", sum(1 for c in changed if c.operation.startswith("s3:")), "requests"
        ),
        Value("first file, against offers that are right", len(first), "requests"),
    ]
    notes = [f"{shards} shards; polls within an hour: once an hour a poll without news writes its time as well"]
    return Figure(KEY, TITLE, values, notes)


def _writes(calls: Sequence[Call]) -> int:
    return sum(1 for call in calls if call.writes or call.operation == "s3:PutObject")
