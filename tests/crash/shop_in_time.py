"""The whole shop in virtual time, as AWS would run it: cold functions, redelivery, stream retries, sweeps.

`Scene` is all that has a memory, and is what a snapshot copies. `TimedShop` runs one job (one invocation of one function)
after the other, and moves the clock to the next instant at which something is due.
"""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from local.sandbox.cj import CjSupplier
from local.sandbox.easypost import EasyPostCarrier
from local.sandbox.feed import StockFeed
from local.sandbox.goods import GOODS
from local.sandbox.shopify import ShopifyStore, admin_api
from local.sandbox.wire import Delivery, Faults, World
from orderwright.aws.notifier import AwsNotifier, NotifierClients
from orderwright.bootstrap import Wiring
from orderwright.domain.base import from_iso
from orderwright.messages import QUEUE_OF, parse
from tests.crash.cloning import AwsState, cloned
from tests.crash.short_aws import ShortClient
from tests.support.shop import STORE, Boundary, Killed, Shop, VirtualClock, test_config

VISIBILITY = timedelta(seconds=360)
RECEIVES = 5
STREAM_RETRY = timedelta(seconds=1)
FUNCTION_TIMEOUT = timedelta(seconds=60)
SWEEP_EVERY = 60
OFF_THE_PATH = frozenset(
    {"import_catalogue", "poll_stock", "publish_listing", "publish_product", "recalculate_price", "reconcile_store"}
)
"""Functions that the order path does not wait for: their messages are counted and dropped here."""


class _Kept(logging.Handler):
    """Log lines of everything but the emulator, for the search for personal data."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        if "ministack" not in record.pathname:
            self._lines.append(record.getMessage())


@cache
def _parse_once() -> None:
    """The sandbox store parses and validates each text of a query once per process, not once per call."""
    parse_text, validate = admin_api.parse, admin_api.validate
    known: dict[int, tuple[Any, Any]] = {}

    def validate_once(schema: Any, document: Any) -> Any:
        if id(document) not in known:
            known[id(document)] = (document, validate(schema, document))
        return known[id(document)][1]

    admin_api.parse = lru_cache(maxsize=512)(parse_text)
    admin_api.validate = validate_once


class SpyFaults(Faults):
    """Faults that remember what they played, since the clock of promise P11 starts with the last one."""

    played: list[tuple[str, str]]

    def take(self, operation: str) -> str:
        """As Faults.take."""
        behaviour = super().take(operation)
        if behaviour != "ok":
            self.__dict__.setdefault("played", []).append((operation, behaviour))
        return behaviour


class Post:
    """Webhooks on their way from the vendors."""

    def __init__(self) -> None:
        self.waiting: deque[Delivery] = deque()

    def put(self, delivery: Delivery) -> None:
        """One more."""
        self.waiting.append(delivery)


class Tokens:
    """Owner tokens and message ids, the same in every run."""

    def __init__(self) -> None:
        self.last = 1_000_000  # above all that setting up has used

    def __next__(self) -> str:
        self.last += 1
        return f"{self.last:032x}"


@dataclass
class Flight:
    """A message in a queue, invisible until `at`; or a webhook that its vendor sends again."""

    at: datetime
    number: int
    queue: str = ""
    body: str = ""
    tries: int = 0
    delivery: Delivery | None = None


@dataclass
class Scene:
    """Everything with a memory, apart from what ministack holds."""

    clock: VirtualClock
    post: Post
    world: World
    store: ShopifyStore
    supplier: CjSupplier
    carrier: EasyPostCarrier
    feed: StockFeed
    tokens: Tokens
    flights: list[Flight] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    stream_blocked: dict[str, datetime] = field(default_factory=dict)
    flown: int = 0
    calls: int = 0
    log: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    dropped: int = 0
    dead: list[str] = field(default_factory=list)
    lost_webhooks: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    kills: int = 0
    last_fault: datetime | None = None
    memory: dict[str, Any] = field(default_factory=dict)


class Snapshot(NamedTuple):
    """One moment of everything."""

    scene: Scene
    aws: list[dict[Any, Any]]


@dataclass
class Invocation:
    """One run of one function. Once dead, every further call raises."""

    function: str
    deadline: datetime | None
    flight: Flight | None = None
    dead: bool = False
    call: int = 0


Action = Callable[["TimedShop", Invocation], None]


class Edge(Boundary):
    """The boundary of all workers: numbers the calls and carries out what is planned at (number, side)."""

    def __init__(self, shop: TimedShop) -> None:
        super().__init__()
        self._shop = shop

    def before(self, name: str) -> None:
        """A call is about to happen."""
        shop, now = self._shop, self._shop.current
        if now is None:
            return
        if now.dead:
            raise Killed(name)
        if now.deadline is not None and shop.scene.clock.at > now.deadline:
            shop.kill(now)
        shop.scene.calls += 1
        now.call = shop.scene.calls
        shop.scene.log.append(f"{now.function} {name}")
        self._act(now, "before")

    def after(self, name: str) -> None:
        """Its effect has happened, the worker does not know yet."""
        now = self._shop.current
        if now is not None and not now.dead:
            self._act(now, "after")

    def _act(self, now: Invocation, side: str) -> None:
        planned = self._shop.plan.get((now.call, side))
        if planned is not None:
            planned(self._shop, now)


class SpyNotifier(AwsNotifier):
    """The real notifier; alerts that were published are written down as the merchant's mailbox would."""

    def __init__(self, clients: NotifierClients, topic: str, alerts: Callable[[str], None]) -> None:
        super().__init__(clients, sender="shop@example.com", alert_topic_arn=topic)
        self._heard = alerts

    def raise_alert(self, subject: str, text: str) -> None:
        """As AwsNotifier.raise_alert."""
        super().raise_alert(subject, text)
        self._heard(f"{subject}\n{text}")


class TimedShop:
    """One shop per process, put back to a snapshot before each scenario. `plan` maps (call number, side) to an action."""

    def __init__(self, **cj: Any) -> None:
        self.plan: dict[tuple[int, str], Action] = {}
        self.current: Invocation | None = None
        self.disorder = False
        self.before_job: Callable[[], None] | None = None
        self.edge = Edge(self)
        self.logged: list[str] = []
        logging.getLogger().addHandler(_Kept(self.logged))
        _parse_once()
        config = test_config()
        store = config.connections[STORE].model_copy(update={"store_mails": ()})
        config = config.model_copy(update={"connections": {**config.connections, STORE: store}})
        self.shop = shop = Shop(config, **cj)
        self.aws = AwsState(shop.aws.account)
        self._topic = shop.aws.client("sns").create_topic(Name="operator")["TopicArn"]
        for service in ("dynamodb", "ssm"):
            aws = shop.aws
            aws._clients[service] = ShortClient(service, aws.client(service), aws.account, self._before, self._after)
        shop.wiring = shop.new_worker(self.edge)
        shop.stock_up()
        shop.connect()
        post = Post()
        shop.world.deliver = post.put
        shop.supplier.faults = SpyFaults()
        shop.store.config.faults = SpyFaults()
        shop.carrier.faults = SpyFaults()
        self.scene = Scene(
            shop.clock, post, shop.world, shop.store, shop.supplier, shop.carrier, shop.feed, Tokens(),
            read={table: len(self.aws.records(table)) for table in ("orders", "catalogue", "control")},
        )  # fmt: skip
        self._adopt(self.scene)

    def _before(self, name: str) -> None:
        self.edge.before(name)

    def _after(self, name: str) -> None:
        self.edge.after(name)

    # --- snapshots ----------------------------------------------------------------------------------------------------

    def take(self) -> Snapshot:
        """This moment."""
        return Snapshot(cloned(self.scene, (GOODS, *GOODS)), self.aws.take())

    def put(self, moment: Snapshot) -> None:
        """That moment again."""
        self.aws.put(moment.aws)
        self._adopt(cloned(moment.scene, (GOODS, *GOODS)))
        self.plan = {}
        self.logged.clear()
        self.current = None
        self.disorder = False
        self.before_job = None

    def _adopt(self, scene: Scene) -> None:
        self.scene = scene
        shop = self.shop
        shop.clock, shop.world, shop.store, shop.supplier = scene.clock, scene.world, scene.store, scene.supplier
        shop.carrier, shop.feed = scene.carrier, scene.feed
        shop._tokens = scene.tokens  # type: ignore[assignment]
        shop.wiring = self.worker()

    def worker(self) -> Wiring:
        """A cold process."""
        wiring = self.shop.new_worker(self.edge)
        clients = NotifierClients(sesv2=self.shop.aws.client("sesv2"), sns=self.shop.aws.client("sns"))
        wiring._notifier = SpyNotifier(clients, self._topic, self.scene.alerts.append)
        return wiring

    # --- jobs ---------------------------------------------------------------------------------------------------------

    def kill(self, now: Invocation) -> None:
        """This worker ends here; every later call of it raises too."""
        now.dead = True
        self.scene.kills += 1
        self.scene.last_fault = self.scene.clock.at
        raise Killed(now.function)

    def invoke(self, function: str, work: Callable[[Wiring], object], flight: Flight | None = None) -> bool:
        """Run one cold function; True when it ended well."""
        wiring = self.worker()
        above = self.current
        self.current = Invocation(function, self.scene.clock.at + FUNCTION_TIMEOUT, flight)
        played = self._played()
        try:
            work(wiring)
        except Killed:
            return False
        except Exception as error:  # noqa: BLE001 - as Lambda does: written down, and the message comes again
            self.scene.errors.append("".join(traceback.format_exception(error)))
            return False
        finally:
            self.current = above
            if self._played() != played:
                self.scene.last_fault = self.scene.clock.at
            self._collect()
        return True

    def _played(self) -> int:
        owners = (self.scene.supplier.faults, self.scene.store.config.faults, self.scene.carrier.faults)
        return sum(len(getattr(faults, "played", ())) for faults in owners)

    def _collect(self) -> None:
        for name, queue in self.shop.queues.items():
            while queue:
                body = queue.popleft()
                self.scene.bodies.append(body)
                if name == "relay_facts_dead_letter":
                    self.scene.dead.append(body)
                elif name in OFF_THE_PATH:
                    self.scene.dropped += 1
                else:
                    for _ in range(2 if self.disorder else 1):
                        self.fly(Flight(self.scene.clock.at, 0, name, body))

    def fly(self, flight: Flight) -> None:
        """Put a message or a webhook on its way."""
        self.scene.flown += 1
        flight.number = self.scene.flown
        self.scene.flights.append(flight)

    def job(self) -> bool:
        """Do what can be done at this instant, one invocation; False when there is nothing."""
        scene, now = self.scene, self.scene.clock.at
        if scene.post.waiting:
            self._about()
            self._receive(Flight(now, 0, delivery=self.scene.post.waiting.popleft()))
            return True
        for table in ("orders", "catalogue", "control"):
            if scene.stream_blocked.get(table, now) <= now and self._fresh(table):
                self._about()
                self._relay(table)
                return True
        ready = [flight for flight in scene.flights if flight.at <= now]
        if not ready:
            return False
        self._about()
        chosen = (max if self.disorder else min)(ready, key=lambda flight: flight.number)
        chosen = next(flight for flight in self.scene.flights if flight.number == chosen.number)
        self.scene.flights.remove(chosen)
        if chosen.delivery is not None:
            self._receive(chosen)
        else:
            self._work(chosen)
        return True

    def _about(self) -> None:
        if self.before_job is not None:
            self.before_job()

    def _receive(self, flight: Flight) -> None:
        delivery = flight.delivery
        assert delivery is not None
        connection = delivery.url.rpartition("/")[2]
        headers = {name.lower(): value for name, value in delivery.headers.items()}
        verdicts: list[Any] = []
        done = self.invoke(
            "receive_webhook",
            lambda wiring: verdicts.append(wiring.receive_webhook(connection, headers, delivery.body)),
        )
        accepted = done and 200 <= verdicts[0].status < 300
        if delivery.vendor == "shopify":
            self.scene.store.report_delivery(delivery.url, accepted)
        if accepted:
            return
        if flight.tries >= len(delivery.retry_after):
            self.scene.lost_webhooks.append(delivery.url)
            return
        wait = max(delivery.retry_after[flight.tries], 1.0)
        self.fly(Flight(self.scene.clock.at + timedelta(seconds=wait), 0, tries=flight.tries + 1, delivery=delivery))

    def _fresh(self, table: str) -> list[dict[str, Any]]:
        """Stream records not yet relayed; those without facts never reach the function (its event filter)."""
        records = self.aws.records(table)[self.scene.read[table] :]
        with_facts = [record for record in records if "facts" in record["dynamodb"].get("NewImage", {})]
        if not with_facts:
            self.scene.read[table] += len(records)
        return with_facts

    def _relay(self, table: str) -> None:
        end = len(self.aws.records(table))
        records = self._fresh(table)
        if self.invoke("relay_facts", lambda wiring: wiring.relay_facts(records)):
            self.scene.read[table] = max(end, self.scene.read[table])
        else:
            self.scene.stream_blocked[table] = self.scene.clock.at + STREAM_RETRY

    def _work(self, flight: Flight) -> None:
        def take(wiring: Wiring) -> None:
            getattr(wiring, flight.queue)(parse(flight.body))

        if self.invoke(flight.queue, take, flight):
            return
        if flight.tries + 1 >= RECEIVES:
            self.scene.dead.append(flight.body)
            return
        again = Flight(self.scene.clock.at + VISIBILITY, 0, flight.queue, flight.body, flight.tries + 1)
        self.fly(again)

    # --- time ---------------------------------------------------------------------------------------------------------

    def due(self) -> list[tuple[datetime, str, str, str, str]]:
        """(due at, message type, table, pk, sk) of every item that will wake up by itself, soonest first."""
        found = []
        for table in ("orders", "catalogue", "control"):
            for item in self.aws.items(table):
                if "due_at" in item:
                    at, _, kind = item["due_at"]["S"].partition("#")
                    if QUEUE_OF.get(kind) not in OFF_THE_PATH:
                        found.append((from_iso(at), kind, table, item["pk"]["S"], item["sk"]["S"]))
        return sorted(found)

    def sweep(self) -> None:
        """The schedule of each minute, where something is overdue: a function like any other."""
        if any(at <= self.scene.clock.at for at, *_ in self.due()):
            self._about()
            self.invoke("dispatch_schedules", lambda wiring: wiring.dispatch_schedules("sweep"))

    def _next_instant(self) -> datetime | None:
        scene, now = self.scene, self.scene.clock.at
        instants = [flight.at for flight in scene.flights]
        instants += [at for table, at in scene.stream_blocked.items() if at > now and self._fresh(table)]
        instants += [at for at, _ in scene.supplier._late.waiting] + [at for at, _ in scene.store.api.late]
        due = self.due()
        if due:
            at = max(due[0][0], now + timedelta(microseconds=1))
            start = at.replace(second=0, microsecond=0)
            instants.append(start if start == at else start + timedelta(seconds=SWEEP_EVERY))
        return min(instants) if instants else None

    def settle(self, patience: timedelta) -> bool:
        """Work and wait until nothing is left to do; False when `patience` after the last fault did not suffice."""
        start = self.scene.clock.at
        while True:
            while self.job():
                pass
            limit = max(start, self.scene.last_fault or start) + patience
            at = self._next_instant()
            if at is None:
                return True
            if at > limit:
                # What is due later by plan (the next poll) is quiet; what is still flying is not.
                return not any(flight.at <= limit for flight in self.scene.flights)
            self.scene.clock.at = max(at, self.scene.clock.at)
            self.scene.store.tick()
            self.scene.supplier.tick()
            self.scene.carrier.tick()
            if self.scene.clock.at.second == 0 and self.scene.clock.at.microsecond == 0:
                self.sweep()
