"""F9: calls to the store for a thousand changed listings, inside the quota that the sandbox's store keeps."""

from __future__ import annotations

import math
from collections import Counter

from local.bench.figure import Figure, Settings, Value
from local.bench.store_shop import FRONTS, StoreShop, shelve
from local.packager.artifacts import load_template
from local.sandbox.wire import Request, Response
from orderwright.connectors.stores.shopify.quantities import QUANTITY_BATCH
from orderwright.domain.catalogue import Offer
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.unit_cost import UnitCost
from orderwright.messages import Message
from orderwright.ports.store import VariantView
from orderwright.records import listing_key, sku_pk
from orderwright.usecases.listing.records import listing_put
from orderwright.usecases.stock.offers import offer_put
from tests.simulation.front import SHOPIFY
from tests.support.shop import STORE, SUPPLIER

KEY, TITLE = "F9", "store calls for changed listings"
LISTINGS, QUICK_LISTINGS = 1000, 300
VARIANTS_A_PRODUCT = 4
WAS, IS = 10, 3
PRICE_IS, FLOOR = Money.parse("17.99", "USD"), Money.parse("8.00", "USD")
NAMES = ("inventorySetQuantities", "productVariantsBulkUpdate")
PATIENCE = 60
READS = ("GET", "HEAD")
# What a call to a real store takes; its bucket fills meanwhile.
CALL_SECONDS = 0.2


class PushShop(StoreShop):
    """A store with many variants, all of which want another stock and another price."""

    def __init__(self, kind: str, listings: int) -> None:
        super().__init__(kind)
        self.asked: Counter[str] = Counter()
        self.throttled = 0
        self.skus = [f"SKU-{number:06d}" for number in range(listings)]
        for start in range(0, listings, VARIANTS_A_PRODUCT):
            shelve(self.till, self.skus[start : start + VARIANTS_A_PRODUCT], WAS)
        self._want()
        # What that took of the store's quota is there again.
        self.clock.advance(60)
        answer = self.till.handle

        def counted(request: Request) -> Response:
            self.clock.advance(CALL_SECONDS)
            given: Response = answer(request)
            name = next((name for name in NAMES if name.encode() in request.body), "")
            self.asked[name or ("read" if request.method in READS or self.front is SHOPIFY else "write")] += 1
            self.throttled += given.status == 429 or b'"THROTTLED"' in given.body
            return given

        self.till.handle = counted

    def _want(self) -> None:
        catalogue, cursor, views = self.wiring.connectors.store_catalogue(STORE), "", list[VariantView]()
        location = catalogue.find_location(self.location)
        while not views or cursor:
            page, cursor = catalogue.list_variants(cursor)
            views += page
            # The points of the next page are there again.
            self.clock.advance(10)
        for view in views:
            if view.sku in self.skus:
                self._listing(view, location)

    def _listing(self, view: VariantView, location: str) -> None:
        offer = Offer(
            sku=view.sku, supplier=SUPPLIER, supplier_sku=view.sku, cost=UnitCost.parse("4.10", "USD"),
            freight=UnitCost.parse("2.90", "USD"),
            stock=IS, sellable=IS, observed_at=self.clock.now(),
        )  # fmt: skip
        listing = Listing(
            sku=view.sku, store=STORE, variant_id=view.variant_id, listed_id=view.listed_id, stock_id=view.stock_id,
            location_id=location, desired_price=PRICE_IS, desired_quantity=IS, published_price=view.price,
            published_quantity=WAS, floor=FLOOR, published=True,
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
    values = [Value("listings", count, "listings"), Value("listings a batch of the queue", size, "messages")]
    for kind in FRONTS:
        shop = PushShop(kind, count)
        rounds = _published(shop, size)
        if kind == SHOPIFY.kind:
            values += [
                Value("quantity calls", shop.asked[NAMES[0]], "calls", at_most=math.ceil(count / QUANTITY_BATCH)),
                Value("price calls", shop.asked[NAMES[1]], "calls", at_most=math.ceil(count / VARIANTS_A_PRODUCT)),
            ]
        values += [
            Value(f"{kind}: HTTP requests to it", shop.asked.total(), "calls"),
            Value(f"{kind}: of them reading what is there, tokens", shop.asked["read"], "calls"),
            Value(f"{kind}: over quota", shop.throttled, "answers", at_most=0),
            Value(f"{kind}: AWS calls", len(shop.calls), "calls"),
            Value(f"{kind}: rounds until all were published", rounds, "rounds"),
        ]
        shop.close()
    notes = [
        f"{VARIANTS_A_PRODUCT} variants a product; Shopify takes {QUANTITY_BATCH} quantities, prices per product",
        f"virtual time; each call takes {CALL_SECONDS} s",
    ]
    return Figure(KEY, TITLE, values, notes)


def _published(shop: PushShop, size: int) -> int:
    """Push until all is there; gives the number of rounds. Raises RuntimeError when something never comes."""
    left, rounds = shop.skus, 0
    while left and rounds < PATIENCE:
        for start in range(0, len(left), size):
            shop.push(left[start : start + size])
            shop.clock.advance(1)
        shop.clock.advance(60)
        left, rounds = shop.unpublished(), rounds + 1
    if left:
        raise RuntimeError(f"{shop.front.kind}: {len(left)} listings were not published after {rounds} rounds")
    return rounds
