"""F14: what it takes to price all SKUs again in three stores (R27): processor time, calls, writes, messages."""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from itertools import count

from local.bench.figure import Figure, Settings, Value
from local.bench.figures.f13_routing import import_boto3
from local.bench.statistics import median
from orderwright.aws.dynamo import DynamoStorage
from orderwright.domain.catalogue import Offer, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.repricing.run import Repricing
from orderwright.domain.timing import AWS
from orderwright.domain.unit_cost import UnitCost
from orderwright.messages import Message
from orderwright.records import REPRICING, sku_key
from orderwright.storage import Change, Fact, Put
from orderwright.usecases.listing.records import SKU_STATE, listing_put
from orderwright.usecases.recalculate_price import recalculate_price
from orderwright.usecases.repricing.all import PIECE, reprice
from orderwright.usecases.stock.offers import offer_put
from tests.support.aws_in_process import InProcessAws
from tests.support.catalogue_world import config, new_token
from tests.support.fakes import FakeClock
from tests.support.tables import create_tables

KEY, TITLE = "F14", "all SKUs priced again in three stores"
ALL, SKUS, QUICK_SKUS, STORES = 100_000, 2_000, 500, 3
BESIDE_GOAL, MEMORY_GOAL, CALLS_GOAL = 1.1, 64, 1_300
WAS, FLOOR = Money.parse("22.99", "USD"), Money.parse("10.34", "USD")


class Shop:
    """SKUs with one offer and a listing in each store; a rule that changes every price. `facts` wait to be taken."""

    def __init__(self, skus: int) -> None:
        self.aws, self.clock, self.facts, self.puts = InProcessAws(), FakeClock(), deque[Fact](), 0
        client = self.aws.client("dynamodb")
        self.storage = DynamoStorage(client, create_tables(client), self.clock.now, new_token, lambda _: None)
        base = config(prices=[{"name": "all", "markup": "2.5"}])
        shop, others = base.connections["shop"], {k: one for k, one in base.connections.items() if k != "shop"}
        stores = {
            f"shop-{number}": type(shop).model_validate({**dict(shop), "shop_domain": f"shop-{number}.example.com"})
            for number in range(STORES)
        }
        self.config: Config = Config.model_validate({**dict(base), "connections": {**others, **stores}})
        for number in range(skus):
            self.storage.commit(self._goods(f"SKU-{number:06d}", stores))
        self._commit, self.storage.commit = self.storage.commit, self._counted  # type: ignore[method-assign]

    def _goods(self, sku: str, stores: Iterable[str]) -> list[Put]:
        now = self.clock.now()
        offer = Offer(
            sku=sku, supplier="cj", supplier_sku=sku, cost=UnitCost.parse("6.40", "USD"), freight=UnitCost.parse("2.90", "USD"),
            stock=10, sellable=10, observed_at=now,
        )  # fmt: skip
        listings = [
            Listing(
                sku=sku, store=store, variant_id=f"v-{sku}", listed_id=f"p-{sku}", stock_id=f"i-{sku}", location_id="1",
                desired_price=WAS, published_price=WAS, desired_quantity=10, published_quantity=10, floor=FLOOR,
                published=True, checked_at=now,
            )
            for store in stores
        ]  # fmt: skip
        record = Put(sku_key(sku), SkuRecord(sku=sku, title=f"Lamp {sku}"), 0, state=SKU_STATE)
        return [record, offer_put(offer, 0, matters=False), *(listing_put(one, 0) for one in listings)]

    def _counted(self, changes: Sequence[Change], *, correlation: str = "") -> None:
        self._commit(changes, correlation=correlation)
        puts = [change for change in changes if isinstance(change, Put)]
        self.puts += len(puts)
        self.facts += [fact for put in puts for fact in put.facts]

    def take(self, message: Message) -> None:
        """One message of a repricing."""
        reprice(message, storage=self.storage, config=self.config, clock=self.clock, timing=AWS)

    @property
    def run(self) -> Repricing:
        """As it stands."""
        held = self.storage.get(REPRICING, Repricing)
        assert held is not None
        return held.model


def measure(settings: Settings) -> Figure:
    """On tables in this process: their own time is counted with it. The memory is that of one piece, apart."""
    skus = QUICK_SKUS if settings.quick else SKUS
    unit = median([import_boto3() for _ in range(3)])
    shop, numbers = Shop(skus), count()
    calls, sent = len(shop.aws.calls), 1
    began = time.process_time()
    shop.take(Message("prices.reprice_due", "bench", "now", detail={"why": "a changed rule"}))
    while shop.run.priced_at is None:
        fact = shop.facts.popleft()
        sent += 1
        shop.take(Message(fact.type, f"bench-{next(numbers)}", "now", pk=fact.pk, sk=fact.sk, detail=fact.detail))
    spent = time.process_time() - began
    made = Counter(shop.aws.calls[calls:])
    waiting = sum(lines.waiting for lines in shop.run.stores.values())
    if waiting != STORES * skus:
        raise RuntimeError(f"{waiting} of {STORES * skus} listings changed")
    thousands = skus / 1000
    values = [
        Value("listings that change", waiting, "listings"),
        Value("import boto3, processor time", 1000 * unit, "ms"),
        Value("1,000 SKUs: / import boto3", spent / unit / thousands, "x"),
        Value("the same / before", spent / thousands / _before(), "x", at_most=BESIDE_GOAL),
        Value("1,000 SKUs: processor time", spent / thousands, "s"),
        Value("1,000 SKUs: AWS calls", made.total() / thousands, "calls", at_most=CALLS_GOAL),
        Value("1,000 SKUs: of them transactions", made["dynamodb:TransactWriteItems"] / thousands, "calls"),
        Value("1,000 SKUs: items written", shop.puts / thousands, "items"),
        Value(f"messages until {ALL} SKUs are decided, before", ALL, "messages"),
        Value(
            "messages until they are decided, now",
            2 + round((sent - 2) * ALL / skus),
            "messages",
            at_most=ALL / PIECE * 1.1 + 10,
        ),
        Value("memory of one piece", _memory(), "MB", at_most=MEMORY_GOAL),
    ]
    notes = [
        f"{skus} SKUs were measured, in {STORES} stores; the time of the tables in this process is in it",
        f"messages are scaled to {ALL} SKUs; before, each SKU was a message of its own, decided alone",
        "a change that waits costs one write when it is decided, and one when it was pushed; as before",
    ]
    return Figure(KEY, TITLE, values, notes)


def _before() -> float:
    """Seconds for 1,000 SKUs by a message each, as an offer that changed is decided."""
    shop, at = Shop(QUICK_SKUS), time.process_time()
    for number in range(QUICK_SKUS):
        message = Message("offer.changed", f"bench-{number}", "now", resource=f"SKU-{number:06d}")
        recalculate_price(message, storage=shop.storage, config=shop.config, clock=shop.clock, timing=AWS)
    return (time.process_time() - at) * 1000 / QUICK_SKUS


def _memory() -> float:
    """What one piece needs at most beyond what was there, in MB; the tables, which grow with it, are in it."""
    shop = Shop(PIECE)
    shop.take(Message("prices.reprice_due", "bench", "now", detail={"why": "a changed rule"}))
    fact = shop.facts.popleft()
    tracemalloc.start()
    shop.take(Message(fact.type, "bench-1", "now", pk=fact.pk, sk=fact.sk, detail=fact.detail))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1024 / 1024
