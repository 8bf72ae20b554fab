"""What the cases of all stores share: a store that sells, its abilities, and the real intake over in-process tables."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.sandbox.wire import Delivery
from orderwright.aws.dynamo import DynamoStorage
from orderwright.declarations import Ability
from orderwright.domain.base import iso
from orderwright.domain.config import Config
from orderwright.domain.timing import AWS
from orderwright.messages import Message
from orderwright.ports.connection import Subscription
from orderwright.ports.store import ChangedOrder
from orderwright.records import OrderFile, order_pk
from orderwright.registry import declaration
from orderwright.storage import Change, Fact, Put
from orderwright.usecases.ingest_order import ingest_order
from orderwright.usecases.receive_webhook import receive_webhook
from orderwright.usecases.reconcile_store import reconcile_store
from orderwright.usecases.routing.lately import Lately
from orderwright.webhooks import Behind, Request
from tests.support.aws_in_process import InProcessAws
from tests.support.stand import StoreStand
from tests.support.tables import create_tables

LAMP, OTHER = StoreStand.lamp.sku, StoreStand.other.sku
STORE = "vendor-1"


def selling(store: StoreStand, units: int = 5) -> Any:
    """A connector of a store that sells both lamps."""
    connector = store.connector()
    place = connector.find_location(store.location)
    connector.publish_goods(store.lamp, store.money("22.99"), units, place)
    connector.publish_goods(store.other, store.money("10.00"), units, place)
    store.clock.forward(seconds=1)
    return connector


def able(store: StoreStand, ability: Ability) -> bool:
    """Whether it declares an ability; where not it must say why, in words for the operator."""
    why = declaration(store.kind).abilities[ability]
    assert not why or len(why) > 8, f"{store.kind} does not say why it has not: {ability.value}"
    return not why


def changed_orders(connector: Any, since: datetime) -> Iterator[ChangedOrder]:
    """All pages."""
    cursor = ""
    for _ in range(1000):
        page, cursor = connector.list_changed_orders(since, cursor)
        yield from page
        if not cursor:
            return
    raise AssertionError("the pages never end")


def as_request(delivery: Delivery) -> Request:
    """A delivery as it comes to our door."""
    parts = urlsplit(delivery.url)
    headers = {name.lower(): value for name, value in delivery.headers.items()}
    return Request(
        delivery.method if delivery.body else "GET", parts.path, dict(parse_qsl(parts.query)), headers, delivery.body
    )


class _Storage(DynamoStorage):
    """Keeps the facts that were committed, since no stream brings them here."""

    facts: list[Fact]

    def commit(self, changes: Sequence[Change], *, correlation: str = "") -> None:
        super().commit(changes, correlation=correlation)
        self.facts += [fact for change in changes if isinstance(change, Put) for fact in change.facts]


class Intake:
    """One store's webhooks and reconciliation, as our functions take them in. Nothing is bought: no supplier is there."""

    def __init__(self, store: StoreStand, connector: Any) -> None:
        self.store, self.connector = store, connector
        client = InProcessAws().client("dynamodb")
        numbers = itertools.count(1)
        self.storage = _Storage(
            client, create_tables(client), store.clock.now, lambda: f"{next(numbers):032x}", lambda _: None
        )
        self.storage.facts = []
        self.config = Config.model_validate(
            {
                "merchant": {"name": "Nordlight", "support_email": "help@nordlight.example.com"},
                "connections": {STORE: {"kind": store.kind, **store.lines}},
            }
        )

    def subscribe(self) -> None:
        """Every topic, and each challenge answered."""
        self.connector.ensure_webhooks(self.store.subscription())
        for challenge in [one for one in self.store.sent if not one.body]:
            self.store.answered(challenge)
        self.store.sent.clear()

    def told(self) -> list[Delivery]:
        """What the store sent since this was asked last."""
        sent = list(self.store.sent)
        self.store.sent.clear()
        return sent

    def take(self, deliveries: Iterable[Delivery]) -> list[str]:
        """Take deliveries in, in this order; gives the types of their messages."""
        types = list[str]()
        for delivery in deliveries:
            sent = list[Message]()
            verdict = receive_webhook(
                "0123abcd",
                as_request(delivery),
                behind=lambda _: Behind(STORE, self.store.kind, [self.store.signing]),
                send=sent.extend,
                now=iso(self.store.clock.now()),
            )
            assert verdict.status == 200, verdict
            for message in sent:
                self._ingest(message)
            types += [message.type for message in sent]
        return types

    def reconcile(self, *, take: bool = True) -> list[str]:
        """One run of the reconciler; gives the ids of orders that had not arrived. `take`: they are taken in then."""
        before = len(self.storage.facts)
        reconcile_store(
            Message("store.reconcile_due", "1", iso(self.store.clock.now()), connection=STORE),
            storage=self.storage,
            config=self.config,
            store_for=lambda _: self.connector,
            webhooks_for=lambda _: self.connector,
            subscription_for=lambda _: Subscription(**self.store.subscription()._asdict()),
            clock=self.store.clock,
        )
        found = [fact for fact in self.storage.facts[before:] if fact.type == "order.changed"]
        for number, fact in enumerate(found if take else ()):
            self._ingest(
                Message(fact.type, f"r{number}", "now", connection=STORE, resource=fact.resource, topic=fact.topic)
            )
        return [fact.resource for fact in found]

    def alerts(self) -> list[str]:
        """The codes of all that the merchant was told."""
        return [fact.topic for fact in self.storage.facts if fact.type == "alert.raised"]

    def _ingest(self, message: Message) -> None:
        def no_supplier(_: str) -> Any:
            raise AssertionError("no supplier is there")

        self.store.clock.forward(seconds=5)  # a vendor's bucket fills up again
        if message.queue == "ingest_order":
            ingest_order(
                message, storage=self.storage, config=self.config, store_for=lambda _: self.connector,
                supplier_for=no_supplier, timing=AWS, clock=self.store.clock, bills=no_supplier,
                lately=Lately(self.storage, self.store.clock),
            )  # fmt: skip

    def file(self, order_id: str) -> OrderFile:
        """All that we keep of an order."""
        return self.storage.load_order(order_pk(STORE, order_id))

    def holds_what_the_store_shows(self, order_id: str) -> None:
        """Our file of an order is as the store shows the order now."""
        self.store.clock.forward(seconds=5)
        shown, file = self.connector.fetch_order(order_id), self.file(order_id)
        assert file.record is not None
        assert file.details is not None
        record, details = file.record.model, file.details.model
        assert (record.payment, record.total, record.refunded, record.cancelled) == (
            shown.payment,
            shown.total,
            shown.refunded,
            shown.cancelled_at is not None,
        )
        assert record.store_updated_at == shown.updated_at
        assert (details.lines, details.money, details.address, details.email) == (
            shown.lines,
            shown.money,
            shown.address,
            shown.email,
        )
