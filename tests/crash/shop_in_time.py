"""The whole shop in virtual time, as AWS would run it: cold functions, redelivery, stream retries, sweeps.

`TimedShop` runs one job (one invocation of one function) after the other, and moves the clock to the next instant at which
something is due.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from local.sandbox.goods import GOODS
from orderwright.aws.notifier import NotifierClients
from orderwright.bootstrap import Wiring
from orderwright.domain.base import from_iso
from orderwright.messages import QUEUE_OF, parse
from tests.crash.cloning import AwsState, cloned
from tests.crash.edge import Action, Edge, Invocation
from tests.crash.scene import Flight, Post, Scene, Snapshot, SpyFaults, Tokens
from tests.crash.short_aws import ShortClient
from tests.crash.watching import LogLines, SpyNotifier, parse_once
from tests.support.shop import STORE, Killed, Shop, test_config

VISIBILITY = timedelta(seconds=360)
RECEIVES = 5
STREAM_RETRY = timedelta(seconds=1)
FUNCTION_TIMEOUT = timedelta(seconds=60)
SWEEP_EVERY = 60
OFF_THE_PATH = frozenset(
    {"import_catalogue", "poll_stock", "publish_listing", "publish_product", "recalculate_price", "reconcile_store"}
)
"""Functions that the order path does not wait for: their messages are counted and dropped here."""


class TimedShop:
    """One shop per process, put back to a snapshot before each scenario. `plan` maps (call number, side) to an action."""

    def __init__(self, **cj: Any) -> None:
        self.plan: dict[tuple[int, str], Action] = {}
        self.current: Invocation | None = None
        self.disorder = False
        self.before_job: Callable[[], None] | None = None
        self.edge = Edge(self)
        self.logged: list[str] = []
        logging.getLogger().addHandler(LogLines(self.logged))
        parse_once()
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
        played = len(self.played())
        try:
            work(wiring)
        except Killed:
            return False
        except Exception as error:  # noqa: BLE001 - as Lambda does: written down, and the message comes again
            self.scene.errors.append("".join(traceback.format_exception(error)))
            return False
        finally:
            self.current = above
            if len(self.played()) != played:
                self.scene.last_fault = self.scene.clock.at
            self._collect()
        return True

    def played(self) -> list[tuple[str, str]]:
        """(operation, behaviour) of all scripted faults so far."""
        owners = (self.scene.supplier.faults, self.scene.store.config.faults, self.scene.carrier.faults)
        return [one for faults in owners if isinstance(faults, SpyFaults) for one in faults.played]

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
