"""F9: calls to the store for a thousand changed listings, inside the quota that the sandbox's store keeps."""

from __future__ import annotations

import math
from collections import Counter
from decimal import Decimal

from local.bench.counting_shop import CountingShop
from local.bench.figure import Figure, Settings, Value
from local.packager.artifacts import load_template
from local.sandbox.shopify.state import InventoryItemState, ProductState, VariantState
from local.sandbox.shopify.stock_moves import level_at
from local.sandbox.wire import Request, Response
from orderwright.connectors.stores.shopify.quantities import QUANTITY_BATCH
from orderwright.domain.catalogue import Offer
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.unit_cost import UnitCost
from orderwright.messages import Message
from orderwright.records import listing_key, sku_pk
from orderwright.usecases.listing.records import listing_put
from orderwright.usecases.stock.offers import offer_put
from tests.support.shop import STORE, SUPPLIER

KEY, TITLE = "F9", "store calls for changed listings"
LISTINGS, QUICK_LISTINGS = 1000, 300
VARIANTS_A_PRODUCT = 4
WAS, IS = 10, 3
PRICE_WAS, PRICE_IS = "16.99", "17.99"
NAMES = ("inventorySetQuantities", "productVariantsBulkUpdate")
PATIENCE = 60
# What a call to a real store takes; its bucket fills meanwhile.
CALL_SECONDS = 0.2


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


class PushShop(CountingShop):
    """A store with many variants, all of which want another stock and another price."""

    def __init__(self, listings: int) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()
        self.throttled = 0
        answer = self.store.handle

        def counted(request: Request) -> Response:
            self.clock.advance(CALL_SECONDS)
            given = answer(request)
            name = next((name for name in NAMES if name.encode() in request.body), "read")
            self.asked[name] += 1
            self.throttled += b'"THROTTLED"' in given.body
            return given

        self.store.handle = counted  # type: ignore[method-assign]
        self.skus = [f"SKU-{number:06d}" for number in range(listings)]
        self._shelve()

    def _shelve(self) -> None:
        shop, now = self.store.shop, self.clock.now()
        location = next(iter(shop.locations))
        page: ProductState | None = None
        for place, sku in enumerate(self.skus):
            if page is None or place % VARIANTS_A_PRODUCT == 0:
                page = ProductState(shop.new_id(), f"Lamp {place}", f"lamp-{place}", now, now)
                page.publications.add(shop.publication)
                shop.products[page.number] = page
            number = shop.new_id()
            item = InventoryItemState(shop.new_id(), number, sku=sku)
            options = (("Size", str(place)),)
            variant = VariantState(number, page.number, item, now, now, options=options, price=Decimal(PRICE_WAS))
            page.variants.append(variant)
            level_at(shop, item, location).available = WAS
            self._want(sku, variant, location)

    def _want(self, sku: str, variant: VariantState, location: int) -> None:
        offer = Offer(
            sku=sku, supplier=SUPPLIER, supplier_sku=sku, cost=UnitCost.parse("4.10", "USD"),
            freight=UnitCost.parse("2.90", "USD"),
            stock=IS, sellable=IS, observed_at=self.clock.now(),
        )  # fmt: skip
        listing = Listing(
            sku=sku, store=STORE, variant_id=str(variant.number), listed_id=str(variant.product),
            stock_id=str(variant.item.number), location_id=str(location), desired_price=_usd(PRICE_IS),
            desired_quantity=IS, published_price=_usd(PRICE_WAS), published_quantity=WAS, floor=_usd("8.00"),
            published=True,
        )  # fmt: skip
        self.wiring.storage.commit([offer_put(offer, 0, matters=False), listing_put(listing, 0)])

    def push(self, skus: list[str]) -> None:
        """One invocation of publish_listing."""
        messages = [
            Message(
                "listing.push_due",
                f"push#{sku}",
                "2026-11-22T08:00:00.000000Z",
                connection=STORE,
                pk=sku_pk(sku),
                sk=f"LISTING#{STORE}",
                resource=sku,
            )
            for sku in skus
        ]
        with self.running("publish_listing") as worker:
            worker.publish_listing(messages)

    def unpublished(self) -> list[str]:
        """SKUs whose listing is not there yet as wanted."""
        left = []
        for sku in self.skus:
            held = self.wiring.storage.get(listing_key(sku, STORE), Listing)
            if held is not None and held.model.needs_push:
                left.append(sku)
        return left


def measure(settings: Settings) -> Figure:
    """In virtual time; a throttled call counts as one over quota."""
    count = QUICK_LISTINGS if settings.quick else LISTINGS
    size = int(load_template()["Resources"]["PublishListingEventMapping"]["Properties"]["BatchSize"])
    shop = PushShop(count)
    left, rounds = shop.skus, 0
    while left and rounds < PATIENCE:
        for start in range(0, len(left), size):
            shop.push(left[start : start + size])
            shop.clock.advance(1)
        shop.clock.advance(60)
        left, rounds = shop.unpublished(), rounds + 1
    if left:
        raise RuntimeError(f"{len(left)} of {count} listings were not published after {rounds} rounds")
    values = [
        Value("quantity calls", shop.asked[NAMES[0]], "calls", at_most=math.ceil(count / QUANTITY_BATCH)),
        Value("price calls", shop.asked[NAMES[1]], "calls", at_most=math.ceil(count / VARIANTS_A_PRODUCT)),
        Value("over quota", shop.throttled, "answers", at_most=0),
        Value("other calls (reading what is there, token)", shop.asked["read"], "calls"),
        Value("listings", count, "listings"),
        Value("listings a batch of the queue", size, "messages"),
        Value("rounds until all were published", rounds, "rounds"),
    ]
    notes = [
        f"{VARIANTS_A_PRODUCT} variants a product; Shopify takes {QUANTITY_BATCH} quantities, prices per product",
        f"virtual time; each call takes {CALL_SECONDS} s",
    ]
    return Figure(KEY, TITLE, values, notes)
