"""A whole shop in one process and virtual time: the real functions' wiring over in-process AWS and the sandbox vendors.

Queues and deliveries are pumped by hand, so a test decides what arrives, twice, late or never. Every AWS and HTTP call of
a worker passes `Boundary`, where a test kills it.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.events import address_of
from local.running.references import account_of, references_of
from local.sandbox.cj import CjConfig, CjSupplier
from local.sandbox.easypost import EasyPostCarrier, EasyPostConfig
from local.sandbox.feed import StockFeed
from local.sandbox.goods import GOODS, Good
from local.sandbox.shopify import ShopifyConfig, ShopifyStore
from local.sandbox.wire import Delivery, World
from orderwright.aws.notifier import AwsNotifier, NotifierClients
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import Wiring
from orderwright.connectors.http import HttpAnswer, NoAnswer
from orderwright.domain.catalogue import Offer, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.identity import Identity
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.operations import StoredConfig
from orderwright.domain.tracking_page import ShopFace
from orderwright.domain.unit_cost import UnitCost
from orderwright.door_entries import entry_name
from orderwright.messages import QUEUE_NAMES, Message, parse
from orderwright.ports.connection import Subscription
from orderwright.records import CURRENT_CONFIG, SHOP_FACE, listing_key, offer_key, offer_ref, sku_key
from orderwright.storage import Copy, Put
from orderwright.usecases.operator.tracking_key import open_pages
from orderwright.usecases.stock.offers import offer_state
from orderwright.webhooks import Request
from tests.support.aws_in_process import InProcessAws
from tests.support.boundary import Boundary as Boundary
from tests.support.boundary import FakeSqs
from tests.support.boundary import Killed as Killed
from tests.support.hooks import subscribe
from tests.support.sandbox_transport import Handle, sandbox_transport
from tests.support.tables import create_tables

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STORE, SUPPLIER, FEED, CARRIER = "lamp-shop", "cj", "feed", "easypost"
WEBHOOK_BASE = "http://127.0.0.1:1/webhooks"
PREFIX = "/orderwright/test"


def hook(connection: str) -> str:
    """Where this connection's vendor posts its webhooks."""
    return f"{WEBHOOK_BASE}/{address_of(connection)}"


PAGES = "http://127.0.0.1:1"
"""Where the API is: customers' pages are below it."""


def admit(secrets: SecretStore, connection: str, kind: str, secret: str) -> None:
    """What `orderwright connect` writes down at the door for webhooks."""
    entry = {"kind": kind, "addresses": [address_of(connection)], "secrets": [[secret, ""]]}
    secrets.write(*entry_name(connection), entry)


@dataclass
class VirtualClock:
    """Time that moves only when told to."""

    at: datetime = START

    def now(self) -> datetime:
        """The virtual instant."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)


def test_config(**rules: Any) -> Config:
    """The configuration of the demo's shop, with rules changed where a test says so."""
    return Config.model_validate(
        {
            "merchant": {"name": "Nordlight", "support_email": "help@nordlight.example.com"},
            "connections": {
                STORE: {
                    "kind": "shopify",
                    "base_url": "https://shopify.test",
                    "shop_domain": "nordlight-demo.myshopify.com",
                    "client_id": "client",
                    "location": "Orderwright dropship",
                },
                SUPPLIER: {"kind": "cj", "base_url": "https://cj.test"},
                FEED: {"kind": "csv", "url": "https://feed.test/stock.csv", "offers_of": SUPPLIER},
                CARRIER: {"kind": "easypost", "base_url": "https://easypost.test"},
            },
            "rules": {
                "prices": [
                    {"name": "pro", "skus": ["HL-PRO-1200"], "markup": "2"},
                    {"name": "all", "markup": "2.4"},
                ],
                **rules,
            },
            "limits": {
                "spend_per_day": {SUPPLIER: {"amount": "2000.00", "currency": "USD"}},
                "spend_per_purchase_order": {SUPPLIER: {"amount": "300.00", "currency": "USD"}},
            },
        }
    )


test_config.__test__ = False  # type: ignore[attr-defined]


def identities(
    store: ShopifyStore | None, supplier: CjSupplier, now: datetime, others: Mapping[str, tuple[str, str]] | None = None
) -> tuple[Identity, ...]:
    """Who the connections are, as `connect` has written it down. `others`: id -> kind and account, also where `store` is None."""
    accounts = {
        **({STORE: ("shopify", f"gid://shopify/Shop/{store.shop.number}")} if store else {}),
        SUPPLIER: ("cj", account_of(supplier.config.open_id)),
        FEED: ("csv", ""),
        CARRIER: ("easypost", ""),
        **(others or {}),
    }
    return tuple(
        Identity(id=name, name=name, kind=kind, account=account, first_connected_at=now)
        for name, (kind, account) in accounts.items()
    )


class Shop:
    """The shop. `world.ledger` is the judge; `storage` is for looking only."""

    others: Mapping[str, tuple[str, str]] = {}
    """Connections beside the demo's: id -> kind and account."""
    location = "Orderwright dropship"
    whole_sdk = False
    """Whether each call goes through all of botocore, which somebody listens to then (InProcessAws.whole)."""
    store_secret = ""
    """What the store's webhooks are signed with, where we choose that."""

    def __init__(self, config: Config | None = None, beside: Shop | None = None, **cj: Any) -> None:
        """`beside`: another stack, with tables and queues of its own, on the same shop, suppliers and time as that one."""
        self.clock: VirtualClock = beside.clock if beside else VirtualClock()
        self.deliveries: deque[Delivery] = deque()
        self.world: World = (
            beside.world if beside else World(clock=self.clock.now, random=Random(7), deliver=self.deliveries.append)
        )
        self.store: ShopifyStore = beside.store if beside else ShopifyStore(self.world, ShopifyConfig())
        self.supplier: CjSupplier = beside.supplier if beside else CjSupplier(self.world, CjConfig(**cj))
        self.carrier: EasyPostCarrier = beside.carrier if beside else EasyPostCarrier(self.world, EasyPostConfig())
        self.feed: StockFeed = beside.feed if beside else StockFeed(self.world, self.supplier.inventory)
        self.vendors: dict[str, Any] = {
            "https://shopify.test": self.store,
            "https://cj.test": self.supplier,
            "https://easypost.test": self.carrier,
            "https://feed.test": self.feed,
        }
        self.aws = InProcessAws(whole=self.whole_sdk)
        self.aws.before = lambda name: self.boundary.before(name)
        self.aws.after = lambda name: self.boundary.after(name)
        self.boundary = Boundary()
        self.queues: dict[str, deque[str]] = {name: deque() for name in (*QUEUE_NAMES, "relay_facts_dead_letter")}
        self.failed: list[tuple[str, str, str]] = []
        self._tokens = (f"{number:032x}" for number in itertools.count(1))
        self._iterators: dict[str, str] = {}
        self._config = config or test_config()
        tables = create_tables(self.aws.client("dynamodb"))
        self._environ = {
            "PROFILE": "aws",
            "ORDERS_TABLE": tables["orders"],
            "CATALOGUE_TABLE": tables["catalogue"],
            "CONTROL_TABLE": tables["control"],
            "SECRETS_PREFIX": PREFIX,
            **{f"{name.upper()}_QUEUE_URL": name for name in self.queues},
        }
        self.wiring = self.new_worker()
        self._set_up()

    def hosts(self) -> dict[str, Handle]:
        """Who answers where."""
        return {url: vendor.handle for url, vendor in self.vendors.items()}

    # --- workers ------------------------------------------------------------------------------------------------------

    def new_worker(self, boundary: Boundary | None = None) -> Wiring:
        """A fresh process: nothing cached. The boundary is that of the whole shop until the next worker."""
        self.boundary = boundary or Boundary()
        sqs = FakeSqs(self.queues, lambda: self.boundary)
        vendors = sandbox_transport(self.hosts())

        def transport(
            method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
        ) -> HttpAnswer:
            name = f"http:{method} {urlsplit(url).netloc}{urlsplit(url).path}"
            self.boundary.before(name)
            try:
                answer = vendors(method, url, headers, body, timeout)
            except NoAnswer:
                self.clock.advance(timeout)
                raise
            self.boundary.after(name)
            return answer

        return Wiring(
            client_of=lambda service: sqs if service == "sqs" else self.aws.client(service),
            transport=transport,
            clock=self.clock,
            token=lambda: next(self._tokens),
            sleep=self.clock.advance,
            environ=self._environ,
            notifier=AwsNotifier(
                NotifierClients(sesv2=self.aws.client("sesv2"), sns=self.aws.client("sns")), sender="shop@example.com"
            ),
        )

    def call(self, function: str, body: str, boundary: Boundary | None = None) -> None:
        """Run one function on one message, as a fresh worker when a boundary is given."""
        wiring = self.new_worker(boundary) if boundary else self.wiring
        message = parse(body)
        if function == "publish_listing":
            refused = wiring.publish_listing([message])
            if refused:
                raise RuntimeError("the listing was not published")
            return
        getattr(wiring, function)(message)

    # --- pumping ------------------------------------------------------------------------------------------------------

    def relay(self) -> int:
        """Stream -> queues: all new images that carry facts."""
        streams = self.aws.client("dynamodbstreams")
        records: list[dict[str, Any]] = []
        for stream in streams.list_streams()["Streams"]:
            arn = stream["StreamArn"]
            if arn not in self._iterators:
                shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
                answer = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
                self._iterators[arn] = answer["ShardIterator"]
            page = streams.get_records(ShardIterator=self._iterators[arn])
            self._iterators[arn] = page.get("NextShardIterator", self._iterators[arn])
            records += [r for r in page["Records"] if "facts" in r.get("dynamodb", {}).get("NewImage", {})]
        if records:
            self.wiring.relay_facts(records)
        return len(records)

    def deliver(self) -> int:
        """Vendors' webhooks -> receive_webhook."""
        count = 0
        while self.deliveries:
            delivery = self.deliveries.popleft()
            parts = urlsplit(delivery.url)
            headers = {name.lower(): value for name, value in delivery.headers.items()}
            request = Request(delivery.method, parts.path, dict(parse_qsl(parts.query)), headers, delivery.body)
            verdict = self.wiring.receive_webhook(parts.path.rpartition("/")[2], request)
            hears = getattr(self.vendors[f"https://{delivery.vendor}.test"], "report_delivery", None)
            if hears is not None:
                hears(delivery.url, 200 <= verdict.status < 300)
            count += 1
        return count

    def work(self, limit: int = 1000) -> int:
        """Queues -> functions, one message each; a failing one is written down and comes again with the next `run`."""
        done = 0
        for name, queue in self.queues.items():
            again: list[str] = []
            while queue and done < limit and name in QUEUE_NAMES:
                body = queue.popleft()
                done += 1
                try:
                    self.call(name, body)
                except Exception as error:  # noqa: BLE001 - as SQS does: the message comes again
                    self.failed.append((name, body, repr(error)))
                    again.append(body)
            queue.extend(again)
        return done - sum(1 for _ in ())

    def run(self, rounds: int = 50) -> None:
        """Pump until nothing moves any more, at this instant."""
        for _ in range(rounds):
            before = len(self.failed)
            moved = self.deliver() + self.relay() + self.work()
            if not moved or (len(self.failed) > before and moved == len(self.failed) - before):
                return

    def sweep(self) -> None:
        """What is overdue is sent to its function, as dispatch_schedules does each minute."""
        for table in ("orders", "catalogue", "control"):
            for key, kind in self.wiring.storage.due(table, self.clock.now(), 500):
                connection = key.pk.partition("#")[0] if table == "orders" else ""
                message = Message(kind, f"sweep#{key.pk}#{key.sk}", "now", connection=connection, pk=key.pk, sk=key.sk)
                self.queues[message.queue].append(message.to_json())

    def pass_time(self, seconds: float, step: float = 60) -> None:
        """Let time pass in steps, with a sweep and everything that follows at each."""
        end = self.clock.at + timedelta(seconds=seconds)
        while self.clock.at < end:
            self.clock.advance(min(step, (end - self.clock.at).total_seconds()))
            for vendor in self.vendors.values():
                vendor.tick()
            self.sweep()
            self.run()

    # --- looking ------------------------------------------------------------------------------------------------------

    def order(self, name: str) -> Any:
        """Our file of a store's order, by its name."""
        return self.wiring.storage.load_order(f"{STORE}#{self.store.order(name).number}")

    def paid_orders(self, name: str = "") -> list[Any]:
        """The supplier's ledger: what was really paid (for one order by its reference part)."""
        paid = self.world.ledger.of_kind("cj", "order_paid")
        return [entry for entry in paid if not name or entry.reference in self.references(name)]

    def references(self, name: str) -> tuple[str, ...]:
        """What purchase orders of a store's order can be called."""
        return references_of(self.store.shop.number, self.store.order(name).number, self.supplier.config.open_id)

    def close(self) -> None:
        """End the in-process AWS."""
        self.aws.close()

    # --- setting up ---------------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        self.aws.client("sesv2").create_email_identity(EmailIdentity="shop@example.com")
        secrets = SecretStore(self.aws.client("ssm"), PREFIX, self.clock.now)
        self._admit_store(secrets)
        secrets.write(SUPPLIER, "secrets", {"api_key": self.supplier.config.api_key})
        admit(secrets, SUPPLIER, "cj", str(self.supplier.config.open_id))
        secrets.write(CARRIER, "secrets", {"api_key": self.carrier.config.api_key, "webhook_secret": "hook"})
        admit(secrets, CARRIER, "easypost", "hook")
        secrets.write(FEED, "secrets", {"username": self.feed.config.user, "password": self.feed.config.password})
        open_pages(secrets, PAGES)
        document = self._config.model_dump_json()
        applied = StoredConfig(
            number=1,
            document=document,
            applied_at=self.clock.now(),
            applied_by="test",
            identities=identities(self.store, self.supplier, self.clock.now(), self.others),
        )
        face = ShopFace.of(self._config.by_ids(applied.identities))
        self.wiring.storage.commit([Put(CURRENT_CONFIG, applied, 0), Copy(SHOP_FACE, face, 0)])

    def _admit_store(self, secrets: SecretStore) -> None:
        """The store's secrets, and its lines in the configuration."""
        shopify = self.store.config
        secrets.write(STORE, "secrets", {"client_secret": shopify.client_secret})
        admit(secrets, STORE, "shopify", shopify.client_secret)
        settings = self._config.connections[STORE].model_copy(update={"client_id": shopify.client_id})
        self._config = self._config.model_copy(update={"connections": {**self._config.connections, STORE: settings}})

    def connect(self) -> None:
        """Subscribe the webhooks at all vendors."""
        subscribe(self.wiring, STORE, Subscription(hook(STORE), secret=self.store_secret))
        subscribe(
            self.wiring, SUPPLIER, Subscription(hook(SUPPLIER), goods=tuple([good.supplier.vid for good in GOODS]))
        )
        subscribe(self.wiring, CARRIER, Subscription(hook(CARRIER), secret="hook"))

    def stock_up(
        self, supplier: str = SUPPLIER, ref_of: Callable[[Good], str] = lambda good: good.supplier.vid
    ) -> None:
        """The catalogue as an import leaves it, and the goods on sale in the store. All are the goods of one supplier."""
        connector = self.wiring.connectors.store_catalogue(STORE)
        location = connector.find_location(self.location)
        for good in GOODS:
            record = SkuRecord(
                sku=good.sku, title=good.title, description_html=good.description_html, brand="Nordlight"
            )
            landed = good.cost + good.freight
            markup = Decimal(2) if good.sku == "HL-PRO-1200" else Decimal("2.4")
            price = Money.parse(
                str((landed * markup).to_integral_value(rounding="ROUND_FLOOR") + Decimal("0.99")), "USD"
            )
            offer = Offer(
                sku=good.sku,
                supplier=supplier,
                supplier_sku=good.supplier.supplier_sku if supplier == SUPPLIER else good.sku,
                supplier_ref=ref_of(good),
                cost=UnitCost.parse(str(good.cost), "USD"),
                freight=UnitCost.parse(str(good.freight), "USD"),
                stock=good.stock,
                sellable=good.stock,
                observed_at=self.clock.now(),
            )
            view = connector.publish_goods(record, price, good.stock, location)
            listing = Listing(
                sku=good.sku,
                store=STORE,
                variant_id=view.variant_id,
                listed_id=view.listed_id,
                stock_id=view.stock_id,
                location_id=location,
                desired_price=price,
                desired_quantity=good.stock,
                published_price=price,
                published_quantity=good.stock,
                published=True,
            )
            ref = offer_ref(supplier, ref_of(good)) if ref_of(good) else ""
            self.wiring.storage.commit(
                [
                    Put(sku_key(good.sku), record, 0, state="SKU"),
                    Put(offer_key(good.sku, supplier), offer, 0, ref=ref, state=offer_state(supplier)),
                    Put(listing_key(good.sku, STORE), listing, 0),
                ]
            )
