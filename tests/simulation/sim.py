"""The simulated world: one shop, its AWS, its vendors, its people, in one process and in virtual time.

Everything that happens goes through `agenda`, and everything that is drawn through `dice`: the same seed gives the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from local.sandbox.cj import CjSupplier
from local.sandbox.easypost import EasyPostCarrier
from local.sandbox.feed import StockFeed
from local.sandbox.sandbox import VENDORS, Kind, SandboxSettings, faults_holder, make_vendors
from local.sandbox.wire import Delivery, World
from orderwright.aws.dynamo import DynamoStorage
from orderwright.bootstrap import Wiring
from orderwright.domain.base import from_iso
from orderwright.domain.config import Config
from orderwright.messages import Message
from tests.simulation.cloud.account import Account
from tests.simulation.cloud.clients import SimClient
from tests.simulation.cloud.gateway import Gateway, words_of
from tests.simulation.cloud.lagging import Lag
from tests.simulation.cloud.queues import Mapping as QueueMapping
from tests.simulation.cloud.queues import Queue, take_messages
from tests.simulation.cloud.schedules import Timer
from tests.simulation.cloud.streams import Stream
from tests.simulation.cloud.topology import SENDER, Topology, read_topology
from tests.simulation.cloud.waking import Waking
from tests.simulation.faults.chaos import Calm
from tests.simulation.front import SHOPIFY, Front
from tests.simulation.kernel.agenda import Agenda, Clock, SkewedClock
from tests.simulation.kernel.edge import Edge
from tests.simulation.kernel.hearing import Evidence, note_failure, one_logger, tapped
from tests.simulation.kernel.trace import Trace
from tests.simulation.kernel.workers import Invocation, Workers
from tests.simulation.people.sold import Sold
from tests.simulation.supply import CJ_SUPPLY, Supply
from tests.simulation.vendors import ChaosFaults, Vendors

if TYPE_CHECKING:
    from tests.simulation.judge.judge import Judge

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
ALWAYS = ("sweep",)
REDRIVE_EVERY = 60.0
PATIENCE = timedelta(minutes=15)
"""Promise P11: how long after the last fault everything must be final, parked or waiting for a named event."""


@cache
def topology() -> Topology:
    """The real template, read once per process."""
    return read_topology(ROOT / "template.yaml")


@cache
def _code(function: str) -> CodeType:
    file = topology().functions[function].file
    return compile(file.read_text(encoding="utf-8"), str(file), "exec")


class Sim:
    """One world. `exact` sends every request through botocore's own serialisation; `more` are vendors beside its own."""

    def __init__(
        self,
        seed: str = "0",
        *,
        config: Config | None = None,
        exact: bool = False,
        more: Iterable[Kind] = (),
        supply: Supply = CJ_SUPPLY,
        front: Front = SHOPIFY,
    ) -> None:
        tapped()
        self.supply, self.words, self.front = supply, supply.words, front
        self.seed = seed
        self.exact = exact
        self.topology = topology()
        self.clock = Clock(START)
        self.agenda = Agenda(self.clock)
        self.trace = Trace()
        self.account = Account()
        self.edge = Edge(self)
        self.chaos: Calm = Calm()
        self.workers = Workers(self)
        self.skew = timedelta(0)
        self.vendor_skew = timedelta(0)
        self.seen = Evidence()
        self.sold: list[Sold] = []
        self.memory: dict[str, Any] = {}
        self.running_schedules: tuple[str, ...] = ALWAYS
        self.last_fault: datetime | None = None
        self.quiet_from = START
        self.topic = ""
        self.redriven = False
        self.keep_calls: list[str] | None = None
        """Where "<function> <call>" of each call is kept, if anybody wants it."""
        self.judge: Judge | None = None
        self._looked = -1
        """How many requests AWS had had when the streams were looked at last."""
        self.calls = self.kills = self.sent = self.faults = self.tokens = 0
        self._dice: dict[str, Random] = {}
        self._clients: dict[str, SimClient] = {}
        self.gateway = Gateway(self)
        self.vendors = Vendors(self)
        self.world = World(clock=self.vendor_time, random=Random(7), deliver=self.gateway.post)
        # Of the stores only the one that sells: each world is copied for each scenario.
        kinds = (kind for kind in VENDORS if kind.role != "store" or kind.name == front.kind)
        self.stands = make_vendors(self.world, SandboxSettings(), (*kinds, *supply.more, *more))
        self.store: Any = self.stands[front.kind]
        self.supplier: CjSupplier = self.stands[self.words.vendor]
        self.carrier: EasyPostCarrier = self.stands["easypost"]
        self.feed: StockFeed = self.stands["feed"]
        self._build()
        from tests.simulation.opening import open_shop, shop_config

        self.config = config or shop_config(self)
        self.storage = self._storage()
        open_shop(self)
        self._connect()

    # --- building -----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        from tests.simulation.cloud.tables import create_tables

        create_tables(self)
        self.queues = {name: Queue(self, name, spec) for name, spec in self.topology.queues.items()}
        for spec in self.topology.queue_mappings:
            queue = self.queues[spec.queue]
            queue.mapping = QueueMapping(self, spec, queue)
        self.streams = [Stream(self, spec) for spec in self.topology.stream_mappings]
        self.waking = Waking(self)
        self.lags = {role: Lag(self, role) for role in self.topology.tables}
        self.timers = [Timer(self, spec) for spec in self.topology.schedules.values()]

    def _connect(self) -> None:
        """From here on what happened at opening is past, and vendors may misbehave."""
        for stream in self.streams:
            stream.position = self.account.stream_end(stream.spec.table)
        for kind, vendor in self.stands.items():
            faults_holder(vendor).faults = ChaosFaults(sim=self, vendor=kind)
        for timer in self.timers:
            timer.wait()

    def _storage(self) -> DynamoStorage:
        tables = {role: role for role in self.topology.tables}
        return DynamoStorage(self.client("dynamodb"), tables, self.clock.now, self.token, self.edge.sleep)

    # --- what workers are made of -------------------------------------------------------------------------------------

    def client(self, service: str) -> Any:
        """The client of a service, as botocore would give it."""
        if service not in self._clients:
            self._clients[service] = SimClient(service, self)
        return self._clients[service]

    def new_wiring(self, function: str) -> Wiring:
        """A process of its own: nothing cached, a clock that may be wrong."""
        spec = self.topology.functions.get(function)
        environ = dict(spec.environment) if spec is not None else self._every_setting()
        if self.words.mailbox:
            environ.setdefault("SENDER_ADDRESS", SENDER)
        if "OPERATOR_TOPIC_ARN" in environ:
            environ["OPERATOR_TOPIC_ARN"] = self.topic
        for bucket in {"SNAPSHOTS_BUCKET", "FILES_BUCKET"} & environ.keys():  # the names of buckets are everybody's
            environ[bucket] += f"-{self.account.number}"
        skew = timedelta(0)
        if self.skew and spec is not None:
            skew = self.skew * self.dice("skew").uniform(-1, 1)
        return Wiring(
            client_of=self.client,
            transport=self.vendors.send,
            clock=SkewedClock(self.clock, skew),
            token=self.token,
            sleep=self.edge.sleep,
            environ=environ,
        )

    def _every_setting(self) -> dict[str, str]:
        merged: dict[str, str] = {}
        for spec in self.topology.functions.values():
            merged.update(spec.environment)
        return merged

    def cold_start(self, function: str) -> dict[str, Any]:
        """Run a function's module anew and give its names, `handler` among them."""
        module = ModuleType(f"function_{function}")
        with one_logger():
            exec(_code(function), module.__dict__)
        wiring = self.new_wiring(function)
        module.__dict__["wiring"] = lambda: wiring
        return module.__dict__

    def token(self) -> str:
        """An owner token, or a writer's: never the same twice, always the same in the same run."""
        self.tokens += 1
        return f"{self.tokens:032x}"

    def vendor_time(self) -> datetime:
        """What the vendors' clocks say."""
        return self.clock.at + self.vendor_skew

    def dice(self, name: str) -> Random:
        """One stream of randomness for one purpose."""
        if name not in self._dice:
            self._dice[name] = Random(f"{self.seed}/{name}")
        return self._dice[name]

    # --- what happens -------------------------------------------------------------------------------------------------

    @property
    def faulty(self) -> bool:
        """True while things may still go wrong."""
        return self.clock.at < self.quiet_from

    def note(self, who: str, what: str) -> None:
        """One line of the trace."""
        self.trace.lines.append((self.clock.at, who, what))

    def fault(self, who: str, what: str) -> None:
        """Something went wrong by design."""
        self.faults += 1
        self.last_fault = self.clock.at
        self.trace.lines.append((self.clock.at, who, f"*** {what}"))

    def failed(self, invocation: Invocation, error: Exception) -> None:
        """A function raised."""
        note_failure(self.seen, error)

    def take_messages(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """SQS."""
        return take_messages(self, operation, request)

    def send(self, messages: Sequence[Message]) -> None:
        """Messages that people send by their tools."""
        for message in messages:
            self.queues[message.queue].send(message.to_json(), message.group)

    def unheard(self) -> None:
        """A vendor's word did not come through. From now on the reconciler's schedule runs, which it always does on AWS."""
        if not self.chaos.planned:
            self.memory["webhooks_dropped"] = True
            self._reconciles()

    def given_up(self, delivery: Delivery) -> None:
        """A vendor has tried often enough. Nothing else than what this webhook names may be unknown here."""
        self.seen.given_up.append(delivery.url)
        self.seen.lost.update(dict.fromkeys(words_of(delivery.body), True))
        if not self.chaos.planned:
            self.memory["webhooks_given_up"] = True
            self._reconciles()

    def _reconciles(self) -> None:
        if "reconcile" not in self.running_schedules:
            self.running_schedules = (*self.running_schedules, "reconcile")

    def redrive(self) -> int:
        """The operator sends dead letters back to their queues."""
        count = 0
        for name, queue in self.queues.items():
            if not name.endswith("_dead_letter") or not queue.messages:
                continue
            target = self.queues.get(name.removesuffix("_dead_letter"))
            if target is None or target.mapping is None:
                continue  # what the relay gave up has no queue to go back to; sweeps find what it was about
            for held in queue.messages:
                count += 1
                self.note("the operator", f"redrives a message to {target.name}")
                held.receives = 0
                target.messages.append(held)
                target.show(held, 0.1)
            queue.messages.clear()
        return count

    def buried(self) -> bool:
        """Dead letters that an operator can send back."""
        return any(
            queue.messages
            and (target := self.queues.get(name.removesuffix("_dead_letter"))) is not None
            and target.mapping is not None
            for name, queue in self.queues.items()
            if name.endswith("_dead_letter")
        )

    def redrive_all(self) -> None:
        """As an operator does on the alarm of a dead-letter queue, as long as it keeps ringing."""
        self.redrive()
        self.redriven = True
        self.agenda.after(REDRIVE_EVERY, "", self.redrive_all)

    def late_effects(self) -> None:
        """Vendors carry out what they had only taken in."""
        self.note("vendors", "late effects")
        self.last_fault = self.clock.at
        self.store.tick()
        self.supplier.tick()
        self.carrier.tick()

    @contextmanager
    def lagging(self, table: str, index: str) -> Iterator[None]:
        """Within, an index of the table is as it was some time ago."""
        seconds = self.chaos.lag()
        if seconds <= 0:
            yield
            return
        self.fault("dynamodb", f"an index of {table} lags by {seconds:.0f} s")
        with self.lags[table].behind(seconds, index):
            yield

    def wanted(self, schedule: str) -> bool:
        """Whether a schedule's run is worth starting: it is in this run, and a sweep finds something."""
        if schedule not in self.running_schedules:
            return False
        return schedule != "sweep" or self.next_due() <= self.clock.at + timedelta(seconds=10)

    def next_due(self) -> datetime:
        """When the next item of our tables wakes up by itself."""
        soonest = self.waking.soonest()
        return from_iso(soonest.partition("#")[0]) if soonest else NEVER

    # --- running ------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One event, and what follows from it at once."""
        self.agenda.step()
        if self.account.asked != self._looked:
            self._looked = self.account.asked
            for stream in self.streams:
                stream.look()
            for lag in self.lags.values():
                lag.watch()
        if self.judge is not None:
            self.judge.after_event()

    def idle(self) -> bool:
        """Nothing runs, flies, streams, or is still to be carried out."""
        if self.workers.running or self.gateway.flying or any(stream.busy for stream in self.streams):
            return False
        return not any(queue.flying() for queue in self.queues.values()) and not self._late()

    def _late(self) -> bool:
        late = (self.supplier.api.late, self.carrier.api.late, self.front.late(self.store))
        return bool(self.store.api.late) or any(effects.waiting for effects in late)

    def settled(self, until: datetime) -> bool:
        """Idle, and nothing of ours wakes up before that instant."""
        return self.idle() and self.next_due() > until

    def pass_on(self, seconds: float) -> None:
        """Let time pass without anything happening: between the acts of a story."""
        self.clock.at += timedelta(seconds=seconds)

    def judge_end(self) -> None:
        """The last judgement."""
        if self.judge is not None:
            self.judge.at_the_end()

    def close(self) -> None:
        """Let go of what the process shares."""
        self.account.put({name: {} for name in self.account.take()})
