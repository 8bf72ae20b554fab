"""Guards of what arrives and is passed on: nothing lost, nothing forged, nobody held up (promises P2, P7, P9, P11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from aws_lambda_powertools.utilities.batch import BatchProcessor

from local.events import address_of
from orderwright.aws import dynamo, queues, relay, writes
from orderwright.bootstrap import Wiring
from orderwright.connectors.carriers.easypost import webhook as easypost_webhook
from orderwright.connectors.stores.shopify import webhook as shopify_webhook
from orderwright.connectors.suppliers.cj import webhook as cj_webhook
from orderwright.domain.shipment import Shipment
from orderwright.errors import Misconfigured, OutcomeUnknown, Retryable
from orderwright.messages import Message
from orderwright.storage import Put
from orderwright.usecases import receive_webhook as receiving
from orderwright.usecases import reconcile_store
from orderwright.usecases.intake import erasure
from orderwright.usecases.intake.waiting import Waiting
from orderwright.usecases.order_commit import OrderCommit
from orderwright.webhooks import Answer, Behind, News, NotUnderstood, Request, reader_for
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.additions import a_platform_that_drops, an_old_farewell, poison, strangers
from tests.simulation.modes.families import POISONED
from tests.simulation.modes.guards_goods import both
from tests.simulation.modes.hunting import Guard, Planned, Seeds
from tests.simulation.modes.paths import Path
from tests.support.shop import CARRIER, STORE, SUPPLIER

Removed = AbstractContextManager[object]
SILENT_SUPPLIER = Path("a silent supplier", (("cj", "createOrderV2", ("accept_then_timeout",)),))
UNREACHABLE = Mix({"fail_500": 0.3})
FIRST_SHARD = "due-0"


def _answers_first() -> Removed:
    real = receiving.receive_webhook

    def hasty(*args: Any, send: Callable[[Sequence[Message]], None], **rest: Any) -> Any:
        def try_to(messages: Sequence[Message]) -> None:
            with suppress(Exception):
                send(messages)

        return real(*args, send=try_to, **rest)

    return patch.object(receiving, "receive_webhook", hasty)


def _relay_swallows() -> Removed:
    real = relay.relay

    def careless(records: Any, *, send: Callable[[Sequence[Message]], None], **rest: Any) -> Any:
        def try_to(messages: Sequence[Message]) -> None:
            with suppress(Exception):
                send(messages)

        return real(records, send=try_to, **rest)

    return patch.object(relay, "relay", careless)


def _entries_unread() -> Removed:
    real = queues._send_batch

    def careless(*args: Any) -> list[str]:
        real(*args)
        return []

    return patch.object(queues, "_send_batch", careless)


def _all_well() -> Removed:
    return both(
        patch.object(BatchProcessor, "response", lambda self: {"batchItemFailures": []}),
        patch.object(BatchProcessor, "_clean", lambda self: None),
    )


def _all_bad() -> Removed:
    """One message that fails takes its whole batch with it."""
    real: Callable[[Any], None] = BatchProcessor._clean

    def clean(self: Any) -> None:
        if self.fail_messages:
            raise RuntimeError("a message of the batch failed")
        real(self)

    return patch.object(BatchProcessor, "_clean", clean)


def _no_waiting() -> Removed:
    def run(self: Waiting, message: Message, work: Callable[[Message], None]) -> None:
        with suppress(Retryable, Misconfigured, OutcomeUnknown):
            work(message)

    return patch.object(Waiting, "run", run)


def _drops_odd_news() -> Removed:
    def forgetful(kind: str, method: str) -> Any:
        reader = reader_for(kind, method)
        if reader is None:
            return None

        def read(request: Request, secrets: Sequence[str]) -> list[News] | Answer:
            try:
                return reader(request, secrets)
            except NotUnderstood:
                return []

        return read

    return patch.object(receiving, "reader_for", forgetful)


def _any_signature() -> Removed:
    modules = (shopify_webhook, cj_webhook, easypost_webhook)
    return both(*(patch.object(module, "same_signature", lambda given, expected: True) for module in modules))


def _any_secret() -> Removed:
    real = Wiring._behind

    def behind(self: Wiring, address: str) -> Behind | None:
        known = real(self, address)
        if known is None:
            return None
        others = [real(self, address_of(name)) for name in (CARRIER, STORE, SUPPLIER)]
        return known._replace(secrets=[secret for other in others if other is not None for secret in other.secrets])

    return patch.object(Wiring, "_behind", behind)


def _undated() -> Removed:
    real = writes.put_item

    def undated(change: Put, *rest: Any) -> dict[str, Any]:
        return real(replace(change, due=None) if change.key.sk.startswith("PO#") else change, *rest)

    return patch.object(writes, "put_item", undated)


def _notices_undated() -> Removed:
    real = writes.put_item

    def undated(change: Put, *rest: Any) -> dict[str, Any]:
        return real(replace(change, due=None) if change.key.sk.startswith("NOTICE#") else change, *rest)

    return patch.object(writes, "put_item", undated)


def _retries_undated() -> Removed:
    real = OrderCommit.parcel

    def parcel(self: OrderCommit, sk: str, held: Shipment, what: str = "", why: str = "", **more: Any) -> Shipment:
        return real(self, sk, held, what, why, **{**more, "due": None if what == "retry" else more["due"]})

    return patch.object(OrderCommit, "parcel", parcel)


def _one_shard() -> Removed:
    """Only the first shard of what is due is asked for."""
    real = dynamo.DynamoStorage._index

    def index(self: Any, table: str, name: str, condition: str, values: dict[str, Any], *rest: Any) -> Any:
        if name == "due" and values[":shard"] != FIRST_SHARD:
            return []
        return real(self, table, name, condition, values, *rest)

    return patch.object(dynamo.DynamoStorage, "_index", index)


def _one_bad_record() -> Removed:
    real = relay.relay

    def refuse(keys: str) -> None:
        raise ValueError("a record cannot be read")

    def strict(records: Any, *, park: Callable[[str], None], **rest: Any) -> Any:
        return real(records, park=refuse, **rest)

    return patch.object(relay, "relay", strict)


ARRIVALS: tuple[Guard, ...] = (
    Guard(
        "no 2xx before it is stored",
        "P2",
        "a webhook is acknowledged, and the queue never took it",
        _answers_first,
        "P2: ",
        Planned(Path("ok"), "receive_webhook sqs:SendMessage", "fail_500s", "before", times=3),
    ),
    Guard(
        "the relay fails when SQS refuses",
        "P2",
        "what follows from a write never happens",
        _relay_swallows,
        "never told",
        Seeds(26, mix=UNREACHABLE, orders=4),
    ),
    Guard(
        "each entry of a batch is looked at",
        "P2",
        "SQS took nine of ten, and nobody read its answer",
        _entries_unread,
        "P2: ",
        Seeds(5, mix=Mix({"webhook_dropped": 0.8, "partial_batch": 0.9}), orders=4),
    ),
    Guard(
        "failed messages are reported",
        "P2",
        "a handler that failed deletes its messages",
        _all_well,
        "neither paid for nor parked",
        Seeds(24, mix=UNREACHABLE, orders=4),
    ),
    Guard(
        "the reconciler",
        "P2",
        "an order whose webhooks never came stays unknown",
        lambda: patch.object(reconcile_store, "_is_missed", lambda *args: False),
        "P2: ",
        Seeds(1, mix=Mix({"webhook_dropped": 0.6})),
    ),
    Guard(
        "subscriptions are made anew",
        "P2",
        "a platform that dropped them keeps silent for ever",
        lambda: patch.object(reconcile_store, "_fix_webhooks", lambda *args: None),
        "P2: the store dropped",
        Seeds(also=a_platform_that_drops),
    ),
    Guard(
        "news waits while its store cannot be asked",
        "P2",
        "an hour's outage of the store loses the hour's orders",
        _no_waiting,
        "P2: ",
        Seeds(4, mix=Mix({"shopify": 0.4}), orders=4),
    ),
    Guard(
        "odd news is kept",
        "P2",
        "authentic news that nobody understands is thrown away",
        _drops_odd_news,
        "was not kept",
        Seeds(also=strangers),
    ),
    Guard(
        "the signature of a webhook",
        "P7",
        "anybody can send news",
        _any_signature,
        "P7: the forged",
        Seeds(also=strangers),
    ),
    Guard(
        "each connection's own secret",
        "P7",
        "whoever may speak for the carrier may speak for the store",
        _any_secret,
        "P7: the forged",
        Seeds(also=strangers),
    ),
    Guard(
        "a farewell is asked back",
        "P7",
        "an old delivery, sent again, closes the shop",
        lambda: patch.object(erasure, "_answers", lambda *args: False),
        "P7: the connection",
        Seeds(also=an_old_farewell),
    ),
    Guard(
        "a batch fails message by message",
        "P9",
        "one poisoned message takes others with it",
        _all_bad,
        "P9: ",
        Seeds(mix=Mix(), also=poison),
    ),
    Guard(
        "a bad record is put aside",
        "P9",
        "one item that cannot be read stops the stream of its table",
        _one_bad_record,
        "P9: ",
        Planned(POISONED),
    ),
    Guard(
        "a purchase order's due time",
        "P11",
        "a silent supplier's order is never looked up",
        _undated,
        "and nothing will wake it",
        Planned(SILENT_SUPPLIER),
    ),
    Guard(
        "a message's due time",
        "P11",
        "a message that SES was too busy for is never sent",
        _notices_undated,
        "and nothing will wake it",
        Seeds(mix=Mix({"throttle": 0.3})),
    ),
    Guard(
        "the sweep looks at every shard",
        "P11",
        "half of what is due is never found",
        _one_shard,
        "P11: ",
        Seeds(3),
    ),
    Guard(
        "a retried parcel's due time",
        "P11",
        "a retry that a worker with a slower clock hears of too early is lost",
        _retries_undated,
        "never reached the store",
        Seeds(153, mix=Mix({"shopify": 0.6}, skew=5.0), orders=8),
    ),
)
