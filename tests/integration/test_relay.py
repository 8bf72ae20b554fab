"""Facts that rode in an item become messages, each exactly once per write, through a real stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from orderwright.aws.dynamo import DynamoStorage
from orderwright.aws.writes import MAX_FACTS
from orderwright.bootstrap import Wiring
from orderwright.domain.money import Money
from orderwright.domain.operations import Cursor
from orderwright.errors import SendRefused
from orderwright.messages import QUEUE_NAMES, QUEUE_OF, Message, parse
from orderwright.records import CONTROL, ORDERS, Key
from orderwright.storage import Delete, Fact, Put, Spend
from tests.support.aws_in_process import InProcessAws
from tests.support.tables import create_tables

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MODEL = Cursor(name="x")
ITEM = Key(ORDERS, "lamp-shop#6102", "ORDER")
FACTS = tuple(
    Fact(kind, connection="lamp-shop", pk=ITEM.pk, sk=ITEM.sk, resource=f"r{number}", detail={"n": str(number)})
    for number, kind in enumerate(QUEUE_OF)
)


class Line:
    """Three tables with their streams, all queues, and the real relay between them."""

    def __init__(self) -> None:
        self.aws = InProcessAws()
        self.sqs = self.aws.client("sqs")
        names = (*QUEUE_NAMES, "relay_facts_dead_letter")
        self.urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}
        tables = create_tables(self.aws.client("dynamodb"))
        self._ids = iter(range(1, 10**6))
        self.storage = DynamoStorage(
            self.aws.client("dynamodb"), tables, lambda: NOW, lambda: f"{next(self._ids):032x}", lambda _: None
        )
        self._iterators: dict[str, str] = {}

    def wiring(self, sqs: Any = None) -> Wiring:
        """A relay worker, over another SQS where a test wants that to misbehave."""
        environ = {f"{name.upper()}_QUEUE_URL": url for name, url in self.urls.items()}
        return Wiring(client_of=lambda service: (sqs or self.sqs) if service == "sqs" else None, environ=environ)

    def records(self) -> list[dict[str, Any]]:
        """What the mapping's filter lets through since the last call."""
        streams = self.aws.client("dynamodbstreams")
        found: list[dict[str, Any]] = []
        for stream in streams.list_streams()["Streams"]:
            arn = stream["StreamArn"]
            if arn not in self._iterators:
                shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
                asked = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
                self._iterators[arn] = streams.get_shard_iterator(**asked)["ShardIterator"]
            page = streams.get_records(ShardIterator=self._iterators[arn])
            self._iterators[arn] = page.get("NextShardIterator", self._iterators[arn])
            found += page["Records"]
        return [record for record in found if "facts" in record["dynamodb"].get("NewImage", {})]

    def bodies(self, queue: str) -> list[str]:
        """All waiting bodies of a queue, taken out."""
        found: list[str] = []
        while True:
            url = self.urls[queue]
            page = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            if not page:
                return found
            for message in page:
                found.append(message["Body"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def received(self) -> dict[str, list[Message]]:
        """Everything in the workers' queues."""
        return {name: [parse(body) for body in self.bodies(name)] for name in QUEUE_NAMES}


@pytest.fixture
def line() -> Iterator[Line]:
    """A world of its own for each test."""
    made = Line()
    yield made
    made.aws.close()


def test_every_fact_of_an_image_is_one_message_on_the_queue_that_takes_it(line: Line) -> None:
    # An item carries at most 20 facts, and there are more types than that.
    for start in range(0, len(FACTS), MAX_FACTS):
        version = start // MAX_FACTS
        line.storage.commit([Put(ITEM, MODEL, version, facts=FACTS[start : start + MAX_FACTS])])
    assert line.wiring().relay_facts(line.records()) == (len(FACTS), 0)
    received = line.received()
    assert sorted(message.type for found in received.values() for message in found) == sorted(QUEUE_OF)
    for name, found in received.items():
        assert {QUEUE_OF[message.type] for message in found} == {name}
    by_type = {message.type: message for found in received.values() for message in found}
    for number, fact in enumerate(FACTS):
        message = by_type[fact.type]
        version, place = number // MAX_FACTS + 1, number % MAX_FACTS
        assert message.id == f"lamp-shop#6102#ORDER#{version}#{place}"
        assert (message.pk, message.sk, message.resource) == (fact.pk, fact.sk, fact.resource)
        assert (message.connection, message.detail) == (fact.connection, fact.detail)
        assert message.correlation == f"{version:032x}", "the writer, so that a message leads to its write"


def test_a_fact_is_relayed_with_the_write_that_carried_it_and_with_no_later_one(line: Line) -> None:
    line.storage.commit([Put(ITEM, MODEL, 0, facts=FACTS[:1])])
    line.storage.commit([Put(ITEM, MODEL, 1)])
    line.storage.commit([Put(ITEM, MODEL, 2, facts=FACTS[1:2])])
    line.wiring().relay_facts(line.records())
    ids = sorted(message.id for found in line.received().values() for message in found)
    assert ids == ["lamp-shop#6102#ORDER#1#0", "lamp-shop#6102#ORDER#3#0"]


def test_a_transaction_relays_the_facts_of_each_of_its_items_once(line: Line) -> None:
    other = Key(CONTROL, "CURSOR#cj", "STOCK")
    line.storage.commit(
        [
            Put(ITEM, MODEL, 0, facts=FACTS[:2]),
            Put(other, MODEL, 0, facts=FACTS[2:3]),
            Spend("cj", "2026-11-22", Money(minor=1, currency="USD"), None),
        ]
    )
    assert line.wiring().relay_facts(line.records()) == (3, 0)
    ids = sorted(message.id for found in line.received().values() for message in found)
    assert ids == ["CURSOR#cj#STOCK#1#0", "lamp-shop#6102#ORDER#1#0", "lamp-shop#6102#ORDER#1#1"]


def test_no_facts_no_message_and_a_delete_tells_nobody(line: Line) -> None:
    line.storage.commit([Put(ITEM, MODEL, 0)])
    line.storage.commit([Delete(ITEM, 1)])
    assert line.records() == []
    assert line.wiring().relay_facts([]) == (0, 0)
    assert not any(line.received().values())


@pytest.mark.parametrize(
    "facts",
    [
        "[{",
        "{}x",
        '{"type": "order.due"}',
        '[{"type": "order.exploded"}]',
        '[{"pk": "a"}]',
        '["order.due"]',
        "5",
        '[{"type": "order.due", "connection": 5}]',
        '[{"type": "order.due", "detail": {"n": 1}}]',
        '[{"type": "order.due", "detail": "x"}]',
        "[" * 100_000,
    ],
)
def test_bad_facts_go_to_the_dead_letters_by_their_keys_only_and_hold_nobody_up(line: Line, facts: str) -> None:
    line.storage.commit([Put(Key(ORDERS, "lamp-shop#1", "ORDER"), MODEL, 0, facts=FACTS[:1])])
    image = {"pk": {"S": "bad#1"}, "sk": {"S": "ORDER"}, "version": {"N": "4"}, "secret": {"S": "Aino"}}
    keys = {"pk": image["pk"], "sk": image["sk"]}
    bad = {"dynamodb": {"Keys": keys, "NewImage": {**image, "facts": {"S": facts}}}}
    assert line.wiring().relay_facts([bad, *line.records()]) == (1, 1)
    (parked,) = line.bodies("relay_facts_dead_letter")
    assert json.loads(parked)["keys"] == keys
    assert "Aino" not in parked
    assert "exploded" not in parked
    assert sum(map(len, line.received().values())) == 1


@pytest.mark.parametrize(
    "image", [{"facts": "text"}, {"facts": {"S": "[]", "N": "1"}}, {"n": {"N": "x"}}, {"s": {"SS": []}}]
)
def test_an_image_that_is_not_dynamodbs_is_set_aside_too(line: Line, image: dict[str, Any]) -> None:
    assert line.wiring().relay_facts([{"dynamodb": {"Keys": {}, "NewImage": image}}]) == (0, 1)


class _Sqs:
    """SQS that refuses some entries of each batch, or takes all and notes the batches."""

    def __init__(self, refuse: frozenset[str] = frozenset()) -> None:
        self.refuse = refuse
        self.batches: list[int] = []

    def send_message(self, **_: Any) -> dict[str, Any]:
        """One message."""
        self.batches.append(1)
        return {}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        """Several; each entry has an answer of its own."""
        assert QueueUrl
        self.batches.append(len(Entries))
        ids = [entry["Id"] for entry in Entries]
        assert len(set(ids)) == len(ids)
        failed = [{"Id": one, "Code": "InternalError", "SenderFault": False} for one in ids if one in self.refuse]
        return {"Successful": [{"Id": one} for one in ids if one not in self.refuse], "Failed": failed}


def test_a_single_refused_entry_is_raised_so_that_all_come_again(line: Line) -> None:
    line.storage.commit([Put(ITEM, MODEL, 0, facts=(FACTS[0],) * 3)])
    sqs = _Sqs(frozenset({"1"}))
    with pytest.raises(SendRefused, match="refused 1 of 3 messages: InternalError"):
        line.wiring(sqs).relay_facts(line.records())


def test_a_refusal_in_the_first_batch_does_not_keep_the_others_back(line: Line) -> None:
    line.storage.commit([Put(ITEM, MODEL, 0, facts=(FACTS[0],) * 15)])
    sqs = _Sqs(frozenset({"7"}))
    with pytest.raises(SendRefused, match="refused 1 of 15"):
        line.wiring(sqs).relay_facts(line.records())
    assert sqs.batches == [10, 5]


def test_more_than_ten_messages_are_sent_ten_at_a_time(line: Line) -> None:
    for number in range(2):
        line.storage.commit([Put(Key(ORDERS, f"lamp-shop#{number}", "ORDER"), MODEL, 0, facts=(FACTS[0],) * 12)])
    sqs = _Sqs()
    assert line.wiring(sqs).relay_facts(line.records()) == (24, 0)
    assert sqs.batches == [10, 10, 4]


def test_the_dead_letters_refusing_is_raised_too(line: Line) -> None:
    class Closed(_Sqs):
        """No dead letter is taken."""

        def send_message(self, **_: Any) -> dict[str, Any]:
            """As a missing queue does."""
            raise ConnectionError("closed")

    with pytest.raises(ConnectionError):
        line.wiring(Closed()).relay_facts([{"dynamodb": {"NewImage": {"facts": {"S": "[{"}}}}])
