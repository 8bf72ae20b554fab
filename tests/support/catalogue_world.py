"""One merchant's catalogue on in-process tables: what the tests of stock, prices and listings start from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from orderwright.aws.dynamo import DynamoStorage
from orderwright.domain.catalogue import Offer, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.timing import LOCAL
from orderwright.messages import Message
from orderwright.records import Key, listing_key, offer_key, sku_key
from orderwright.storage import Put
from orderwright.usecases.listing.records import SKU_STATE, listing_put
from orderwright.usecases.publish_listing import publish_listing
from orderwright.usecases.stock.offers import offer_put
from tests.support.aws_in_process import InProcessAws
from tests.support.fakes import START, FakeClock, FakeSnapshots, FakeStoreCatalogue, unit_usd, usd
from tests.support.tables import create_tables

_tokens = count()

SKU = "HL-MS-400"


def config(**rules: object) -> Config:
    """A store, a supplier, its stock file; markup 2.4, the step limit 20 %."""
    return Config.model_validate(
        {
            "merchant": {"name": "Lamps", "support_email": "help@example.com"},
            "connections": {
                "shop": {
                    "kind": "shopify",
                    "base_url": "https://shop.example.com",
                    "shop_domain": "shop.example.com",
                    "client_id": "c",
                    "location": "Orderwright",
                },
                "cj": {"kind": "cj", "points_per_day": 1000, "points_reserve": 100},
                "feed": {
                    "kind": "csv",
                    "url": "https://feed.example.com/stock.csv",
                    "offers_of": "cj",
                    "shards": 2,
                },
            },
            "rules": {"prices": [{"name": "all", "markup": "2.4"}], **rules},
        }
    )


def watching(plain: Config) -> Config:
    """The same with a file of competitors' prices."""
    prices = {"kind": "competitor_prices", "url": "https://prices.example.com/a.csv"}
    document = plain.model_dump(mode="json", exclude_unset=True)
    return Config.model_validate({**document, "connections": {**document["connections"], "prices": prices}})


@dataclass
class World:
    """Tables, time, a store. `facts` gives what an item's last write carried."""

    aws: InProcessAws
    storage: DynamoStorage
    clock: FakeClock = field(default_factory=FakeClock)
    config: Config = field(default_factory=config)
    store: FakeStoreCatalogue = field(default_factory=FakeStoreCatalogue)
    snapshots: FakeSnapshots = field(default_factory=FakeSnapshots)
    timing = LOCAL

    # --- giving -------------------------------------------------------------------------------------------------------

    def has_offer(self, sku: str = SKU, **fields: Any) -> Offer:
        """A SKU with an offer of cj: 6.40 + 2.90, ten in stock."""
        base: dict[str, Any] = {
            "sku": sku, "supplier": "cj", "supplier_sku": f"CJ-{sku}", "supplier_ref": f"vid-{sku}", "cost": unit_usd("6.40"),
            "freight": unit_usd("2.90"), "stock": 10, "sellable": 10, "observed_at": START,
        }  # fmt: skip
        offer = Offer.model_validate({**base, **fields})
        puts = [offer_put(offer, 0, matters=False)]
        if self.storage.get(sku_key(sku), SkuRecord) is None:
            puts.append(Put(sku_key(sku), SkuRecord(sku=sku, title=f"Lamp {sku}"), 0, state=SKU_STATE))
        self.storage.commit(puts)
        return offer

    def has_listing(self, sku: str = SKU, *, price: str = "22.99", quantity: int = 10, **fields: Any) -> Listing:
        """A listing that shows what is wanted, in the store too."""
        self.store.has(sku, price, quantity)
        base: dict[str, Any] = {
            "sku": sku, "store": "shop", "variant_id": f"v-{sku}", "listed_id": f"p-v-{sku}",
            "stock_id": f"inv-v-{sku}", "location_id": "loc-1", "desired_price": usd(price), "published_price": usd(price),
            "desired_quantity": quantity, "published_quantity": quantity, "floor": usd("10.34"), "published": True,
            "checked_at": START,
        }  # fmt: skip
        listing = Listing.model_validate({**base, **fields})
        self.storage.commit([listing_put(listing, 0)])
        return listing

    def change_offer(self, sku: str = SKU, **fields: Any) -> None:
        """Write other values into the offer."""
        stored = self.storage.get(offer_key(sku, "cj"), Offer)
        assert stored is not None
        self.storage.commit([offer_put(stored.model.model_copy(update=fields), stored.version, matters=True)])

    def change_listing(self, sku: str = SKU, **fields: Any) -> None:
        """Write other values into the listing."""
        stored = self.storage.get(listing_key(sku, "shop"), Listing)
        assert stored is not None
        self.storage.commit([listing_put(stored.model.model_copy(update=fields), stored.version)])

    # --- looking ------------------------------------------------------------------------------------------------------

    def offer(self, sku: str = SKU) -> Offer:
        stored = self.storage.get(offer_key(sku, "cj"), Offer)
        assert stored is not None
        return stored.model

    def listing(self, sku: str = SKU) -> Listing:
        stored = self.storage.get(listing_key(sku, "shop"), Listing)
        assert stored is not None
        return stored.model

    def raw(self, key: Key) -> dict[str, Any]:
        found = self.storage.get_raw(key)
        assert found is not None
        return found[0]

    def facts(self, key: Key) -> list[str]:
        """Types of the facts of the last write; of an alert its topic."""
        found = self.raw_facts(key)
        return [fact["topic"] if fact["type"] == "alert.raised" else fact["type"] for fact in found]

    def raw_facts(self, key: Key) -> list[dict[str, Any]]:
        """The facts of the last write, with all their fields."""
        facts: list[dict[str, Any]] = json.loads(self.raw(key).get("facts", "[]"))
        return facts

    def version(self, key: Key) -> int:
        found = self.storage.get_raw(key)
        return found[1] if found else 0

    def due(self, key: Key) -> str:
        """The due text of an item ("" for none)."""
        return str(self.raw(key).get("due_at", ""))

    def catalogue_for(self, connection: str) -> FakeStoreCatalogue:
        assert connection == "shop"
        return self.store

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The AWS calls made inside."""
        calls: list[str] = []
        before = len(self.aws.calls)
        yield calls
        calls += self.aws.calls[before:]


def message(message_type: str, **fields: Any) -> Message:
    """A message as the relay makes it."""
    return Message(message_type, f"m-{next(_tokens)}", "2026-11-20T10:00:00.000000Z", **fields)


def push_due(sku: str = SKU) -> Message:
    """A listing of the store is to be looked at."""
    return message("listing.push_due", connection="shop", resource=sku)


def push_listings(world: World, *messages: Message) -> list[str]:
    """publish_listing with these messages, or for the usual SKU; gives what comes again."""
    return publish_listing(
        messages or [push_due()],
        storage=world.storage,
        config=world.config,
        store_catalogue_for=world.catalogue_for,
        clock=world.clock,
        timing=world.timing,
    )


def new_token() -> str:
    return f"00000000-0000-4000-8000-{next(_tokens):012d}"


def make_world() -> World:
    """A world of its own."""
    aws = InProcessAws()
    tables = create_tables(aws.client("dynamodb"))
    clock = FakeClock()
    storage = DynamoStorage(aws.client("dynamodb"), tables, clock.now, new_token, lambda seconds: None)
    return World(aws, storage, clock)
