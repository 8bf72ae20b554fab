"""Small, readable stand-ins for the outside: they keep what they were told and answer from it, nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from orderwright.connectors.feeds.csv.goods import read_goods
from orderwright.connectors.feeds.csv.loading import load_feed
from orderwright.connectors.feeds.csv.rows import FeedReader
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.catalogue import OfferReport, SkuRecord, SupplierGoods
from orderwright.domain.money import Money
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import NotFound, VendorError
from orderwright.ports.connection import Subscription
from orderwright.ports.feed import BadRow, FeedAnswer, FeedContent, GoodsRow
from orderwright.ports.store import (
    ChangedOrder,
    FulfillmentRequest,
    FulfillmentView,
    ListingView,
    PriceChange,
    PushProblem,
    QuantityChange,
    VariantView,
)

FEED_SETTINGS = CsvSettings(kind="csv", url="https://feeds.example.com/stock.csv", offers_of="cj")
START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@dataclass
class FakeClock:
    """Time that moves when told."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def forward(self, **parts: float) -> datetime:
        """Move on by `seconds=`, `minutes=`, `hours=` ..."""
        self.at += timedelta(**parts)
        return self.at


def usd(text: str) -> Money:
    """Dollars."""
    return Money.parse(text, "USD")


def unit_usd(text: str) -> UnitCost:
    """A cost or freight of one piece, in dollars."""
    return UnitCost.parse(text, "USD")


@dataclass
class Faults:
    """Errors to raise, each once, by the name of the call."""

    waiting: dict[str, list[VendorError]] = field(default_factory=dict)

    def add(self, call: str, *errors: VendorError) -> None:
        self.waiting.setdefault(call, []).extend(errors)

    def check(self, call: str) -> None:
        if self.waiting.get(call):
            raise self.waiting[call].pop(0)


@dataclass
class Variant:
    """What the fake store holds of one variant."""

    sku: str
    variant_id: str
    price: Money
    quantity: int | None = 0
    published: bool = True
    listed_id: str = ""
    compare_at: Money | None = None

    @property
    def stock_id(self) -> str:
        return f"inv-{self.variant_id}"

    def view(self) -> VariantView:
        listed = self.listed_id or f"p-{self.variant_id}"
        return VariantView(self.sku, self.variant_id, listed, self.stock_id, self.price, True, self.published)


@dataclass
class FakeStoreCatalogue:
    """StoreCatalogue over a dictionary; `calls` keeps what was asked, in order. `hides`: whether it can take a variant off."""

    hides: bool = True
    variants: dict[str, Variant] = field(default_factory=dict)
    quantity_batch: int = 250
    price_batch: int | None = None
    calls: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    articles: list[SkuRecord] = field(default_factory=list)
    stale: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)

    def has(self, sku: str, price: str, quantity: int | None = 0, *, published: bool = True) -> Variant:
        """Put a variant into the store."""
        variant = Variant(sku, f"v-{sku}", usd(price), quantity, published)
        self.variants[variant.variant_id] = variant
        return variant

    def of(self, sku: str) -> Variant:
        """The variant with this SKU."""
        return next(variant for variant in self.variants.values() if variant.sku == sku)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        self.faults.check(name)

    def find_location(self, name: str) -> str:
        self._called("find_location")
        return "loc-1"

    def list_variants(self, cursor: str) -> tuple[list[VariantView], str]:
        self._called("list_variants")
        return [variant.view() for variant in self.variants.values()], ""

    def find_variants(self, skus: Sequence[str]) -> list[VariantView]:
        self._called("find_variants")
        return [variant.view() for variant in self.variants.values() if variant.sku in skus]

    def publish_goods(
        self, sku: SkuRecord, price: Money, quantity: int, location_id: str, compare_at: Struck = AS_IS
    ) -> VariantView:
        self._called("publish_goods")
        self.articles.append(sku)
        variant = Variant(sku.sku, f"v-{sku.sku}", price, quantity)
        if compare_at != AS_IS:
            variant.compare_at = compare_at
        self.variants[variant.variant_id] = variant
        return variant.view()

    def unpublish_goods(self, listed_id: str, variant_id: str) -> None:
        self._called("unpublish_goods")
        for variant in self.variants.values():
            if variant.view().listed_id == listed_id and self.hides:
                variant.published = False

    def read_listings(self, variant_ids: Sequence[str], location_id: str) -> list[ListingView]:
        self._called("read_listings")
        found = [self.variants[variant_id] for variant_id in variant_ids if variant_id in self.variants]
        return [
            ListingView(one.variant_id, one.stock_id, one.price, one.quantity, one.published, one.compare_at)
            for one in found
        ]

    def push_quantities(self, changes: Sequence[QuantityChange], key: str) -> list[PushProblem]:
        self._called("push_quantities")
        self.keys.append(key)
        problems: list[PushProblem] = []
        by_stock = {variant.stock_id: variant for variant in self.variants.values()}
        for change in changes:
            variant = by_stock[change.stock_id]
            if change.stock_id in self.stale or (variant.quantity or 0) != change.change_from:
                problems.append(PushProblem(change.stock_id, "CHANGE_FROM_QUANTITY_STALE", "stale", True))
            elif change.stock_id in self.refused:
                problems.append(PushProblem(change.stock_id, self.refused[change.stock_id], "refused", False))
            else:
                variant.quantity = change.quantity
        return problems

    def push_prices(self, changes: Sequence[PriceChange]) -> list[PushProblem]:
        self._called("push_prices")
        problems: list[PushProblem] = []
        for change in changes:
            if change.variant_id in self.refused:
                problems.append(PushProblem(change.variant_id, self.refused[change.variant_id], "refused", False))
            else:
                variant = self.variants[change.variant_id]
                variant.price = change.price
                if change.compare_at != AS_IS:
                    variant.compare_at = change.compare_at
        return problems


@dataclass
class FakeSupplierCatalogue:
    """SupplierCatalogue in pages of two."""

    goods: list[SupplierGoods] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    def list_goods(self, cursor: str) -> tuple[list[SupplierGoods], str]:
        self.faults.check("list_goods")
        start = int(cursor or 0)
        end = start + 2
        return self.goods[start:end], str(end) if end < len(self.goods) else ""


@dataclass
class FakeStock:
    """SupplierStock: answers by the vendor's id."""

    points_per_read: int = 10
    answers: dict[str, tuple[int | None, UnitCost | None]] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)
    asked: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    def read_offer(self, supplier_sku: str, supplier_ref: str) -> OfferReport:
        self.asked.append(supplier_ref)
        self.faults.check("read_offer")
        if supplier_ref not in self.answers:
            raise NotFound("the supplier does not know it")
        stock, cost = self.answers[supplier_ref]
        return OfferReport(supplier_sku, supplier_ref, stock, cost, self.clock.now())


@dataclass
class FakeFeed:
    """SupplierFeed: a text with an etag made of it."""

    text: str = ""
    clock: FakeClock = field(default_factory=FakeClock)
    downloads: int = 0
    faults: Faults = field(default_factory=Faults)
    tags: bool = True
    settings: CsvSettings = FEED_SETTINGS

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        self.downloads += 1
        self.faults.check("open_feed")
        mine = f'"{hash(self.text)}"' if self.tags else ""
        if etag and etag == mine:
            return FeedAnswer(mine, self.clock.now(), None, None)
        return FeedAnswer(mine, self.clock.now(), iter([self.text.encode()]), None)

    def read_feed(
        self,
        pieces: Iterable[bytes],
        signs: Mapping[str, str],
        tell: object = None,
        newer: Iterable[bytes] | None = None,
    ) -> FeedContent:
        return load_feed(FeedReader(pieces, self.settings, signs), self.settings, newer)

    def read_goods(self, signs: Mapping[str, str], seen: str | None = None) -> Iterator[GoodsRow | BadRow]:
        self.faults.check("read_goods")
        return read_goods([self.text.encode()], self.settings, signs)


@dataclass
class FakeStoreOrders:
    """StoreOrders, the listing half: pages of changed orders."""

    pages: list[list[ChangedOrder]] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)

    def list_changed_orders(self, since: datetime, cursor: str) -> tuple[list[ChangedOrder], str]:
        self.since.append(since)
        self.faults.check("list_changed_orders")
        at = int(cursor or 0)
        if at >= len(self.pages):
            return [], ""
        return self.pages[at], str(at + 1) if at + 1 < len(self.pages) else ""

    def fetch_order(self, order_id: str) -> object:
        raise NotFound("not in this fake")

    def read_fulfillment(self, order_id: str) -> FulfillmentView:
        raise NotFound("not in this fake")

    def create_fulfillment(self, request: FulfillmentRequest, view: FulfillmentView) -> str:
        raise NotFound("not in this fake")


@dataclass
class FakeWebhooks:
    """Webhooks: gives what it was told to have mended."""

    mended: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        self.asked.append(wanted.url)
        return self.mended

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        return []


@dataclass
class FakeSnapshots:
    """Snapshots in memory, by the same two slots as on S3."""

    parts: dict[tuple[str, int, int], tuple[int, bytes]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def get(self, connection: str, shard: int, generation: int) -> bytes | None:
        self.calls.append("get")
        found = self.parts.get((connection, shard, generation & 1))
        return found[1] if found and found[0] == generation else None

    def put(self, connection: str, shard: int, generation: int, data: bytes) -> None:
        self.calls.append("put")
        self.parts[(connection, shard, generation & 1)] = (generation, data)


def feed_text(rows: Iterable[tuple[str, int, str]]) -> str:
    """A stock file: sku, quantity, cost."""
    return "sku,qty,cost\n" + "".join(f"{sku},{qty},{cost}\n" for sku, qty, cost in rows)
