"""The whole shop in one process (tests/support/shop.py), with every AWS call written down under the function that made it.

Each function has a worker of its own, as on AWS, so that none lives on what another one has read. The relay runs after
every single invocation: on a quiet shop nothing is there to be relayed together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from local.bench.write_units import Item, Written, check_cost, write_cost
from local.sandbox.wire import Delivery
from orderwright.bootstrap import Wiring
from orderwright.domain.config import Config
from tests.support.aws_in_process import InProcessAws
from tests.support.shop import Shop
from tests.support.tables import INDEXES

RELAY = "relay_facts"
# AWS itself reads the streams for a function, without a charge.
_NOT_OURS = frozenset({"dynamodb-streams"})
INVOCATION_SECONDS = 0.05
_FOR_GOODS = frozenset({"recalculate_price", "publish_listing", "poll_stock"})


class Call(NamedTuple):
    """One request to AWS: who made it, "dynamodb:Query" and alike, what it wrote as (what, units), where it was sent."""

    function: str
    operation: str
    writes: tuple[tuple[str, Written], ...] = ()
    queue: str = ""

    @property
    def for_goods(self) -> bool:
        """Whether it is about a SKU's price and stock in the store rather than about an order."""
        return self.function in _FOR_GOODS or self.queue in _FOR_GOODS

    @property
    def units(self) -> int:
        """Write units of all its writes."""
        return sum(cost.total for _, cost in self.writes)


@dataclass
class _Write:
    table: str
    key: Item
    kind: str
    before: Item | None


class CountingShop(Shop):
    """`calls` is the record. `vendor_calls` are the HTTP requests to vendors, as (function, "POST host/path").

    Write units are worked out by looking at items before and after, unless `counting` is False.
    """

    whole_sdk = True

    def __init__(self, config: Config | None = None) -> None:
        self.calls: list[Call] = []
        self.vendor_calls: list[tuple[str, str]] = []
        self.invocations = 0
        self.function = ""
        self.counting = True
        self.wanted: Callable[[Delivery], bool] = lambda _: True
        self.workers: dict[str, Wiring] = {}
        self._pending: list[_Write] = []
        super().__init__(config)
        # The emulator's buckets have one name space for all accounts, as on AWS.
        bucket = self._environ["SNAPSHOTS_BUCKET"] = f"snapshots-{self.aws.account}"
        region = {"LocationConstraint": self.aws.client("s3").meta.region_name}
        self.aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
        # A second client of the same account looks at items and is not counted.
        self._eye = InProcessAws(account=self.aws.account).client("dynamodb")
        dynamodb = self.aws.client("dynamodb")
        dynamodb.meta.events.register("before-call.dynamodb", self._before_write)
        self.aws.after = self._counted
        self._observe()

    def _observe(self) -> None:
        lengths: dict[str, int] = {}

        def before(name: str) -> None:
            lengths.update({queue: len(waiting) for queue, waiting in self.queues.items()})
            if self.function and name.startswith("http:"):
                self.vendor_calls.append((self.function, name.removeprefix("http:")))

        def after(name: str) -> None:
            if self.function and name.startswith("sqs:"):
                (queue,) = (queue for queue, waiting in self.queues.items() if len(waiting) > lengths[queue])
                self.calls.append(Call(self.function, name, queue=queue))

        self.boundary.before = before  # type: ignore[method-assign]
        self.boundary.after = after  # type: ignore[method-assign]

    # --- pumping, one invocation at a time ----------------------------------------------------------------------------

    @contextmanager
    def running(self, function: str) -> Iterator[Wiring]:
        """A warm worker of this function; what happens inside is written down under its name."""
        above = self.function, self.wiring
        if function not in self.workers:
            self.workers[function] = self.new_worker(self.boundary)
        self.function, self.wiring = function, self.workers[function]
        try:
            yield self.wiring
        finally:
            self.function, self.wiring = above

    def forget_workers(self) -> None:
        """All processes end: the next invocations are cold."""
        self.workers.clear()

    def call(self, function: str, body: str, boundary: Any = None) -> None:
        """See Shop.call."""
        self.invocations += 1
        # Without it a whole order would happen in one instant, and entries sorted by time would seem to stay in place.
        self.clock.advance(INVOCATION_SECONDS)
        with self.running(function):
            super().call(function, body, boundary)
        self.relay()

    def relay(self) -> int:
        """See Shop.relay; one call of the relay for each record."""
        with self.running(RELAY):
            relayed = super().relay()
        self.invocations += relayed > 0
        return relayed

    def deliver(self) -> int:
        """See Shop.deliver; what is not `wanted` is lost on the way."""
        kept = [delivery for delivery in self.deliveries if self.wanted(delivery)]
        self.deliveries.clear()
        self.deliveries.extend(kept)
        with self.running("receive_webhook"):
            delivered = super().deliver()
        self.invocations += delivered
        return delivered

    # --- writing down -------------------------------------------------------------------------------------------------

    def _before_write(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self._pending = []
        if not self.function or not self.counting:
            return
        body = json.loads(params["body"])
        if model.name == "TransactWriteItems":
            for entry in body["TransactItems"]:
                ((kind, request),) = entry.items()
                self._expect(request, kind)
        elif model.name in ("PutItem", "UpdateItem", "DeleteItem"):
            self._expect(body, model.name.removesuffix("Item"))

    def _expect(self, request: dict[str, Any], kind: str) -> None:
        source = request["Item"] if kind == "Put" else request["Key"]
        key = {name: source[name] for name in ("pk", "sk")}
        self._pending.append(_Write(request["TableName"], key, kind, self._look(request["TableName"], key)))

    def _look(self, table: str, key: Item) -> Item | None:
        found: Item | None = self._eye.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return found

    def _counted(self, operation: str) -> None:
        self.boundary.after(operation)
        if not self.function or operation.partition(":")[0] in _NOT_OURS:
            return
        in_transaction = operation.endswith("TransactWriteItems")
        writes = tuple((_what(write), self._cost(write, in_transaction)) for write in self._pending)
        self._pending = []
        self.calls.append(Call(self.function, operation, writes))

    def _cost(self, write: _Write, in_transaction: bool) -> Written:
        if write.kind == "ConditionCheck":
            return check_cost(write.before)
        after = self._look(write.table, write.key)
        return write_cost(write.before, after, INDEXES[write.table], in_transaction=in_transaction)


def _what(write: _Write) -> str:
    pk, sk = write.key["pk"]["S"], write.key["sk"]["S"]
    parts = sk.split("#")
    if write.table == "control":
        return f"{pk.split('#')[0]}"
    return "#".join([parts[0], *parts[-1:]]) if parts[0] == "NOTICE" else parts[0]
