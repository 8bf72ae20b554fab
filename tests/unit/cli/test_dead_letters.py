"""Dead letters: looked at without taking them, redriven without losing one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from orderwright.aws.operator.dead_letters import SqsDeadLetters
from orderwright.bootstrap import Wiring
from orderwright.messages import Message
from tests.support.aws_in_process import InProcessAws
from tests.unit.cli.cli_kit import Operator, target


class Queues:
    """A function's queue and its dead letters in in-process SQS."""

    def __init__(self, account: str) -> None:
        self.aws = InProcessAws(account=account)
        self.sqs = self.aws.client("sqs")
        self.source = self.sqs.create_queue(QueueName="ingest")["QueueUrl"]
        self.dead = self.sqs.create_queue(QueueName="ingest-dead")["QueueUrl"]
        self.relay = self.sqs.create_queue(QueueName="relay-dead")["QueueUrl"]
        at = replace(
            target(ingest_order=self.source), dead_letter_queues={"ingest_order": self.dead, "relay_facts": self.relay}
        )
        self.operator = Operator(Wiring(client_of=self.aws.client, environ={}), at)

    def fill(self, count: int) -> None:
        for number in range(count):
            message = Message(
                "order.changed", f"m{number}", "2026-11-22T08:00:00Z", connection="shop", resource=str(number)
            )
            self.sqs.send_message(QueueUrl=self.dead, MessageBody=message.to_json())

    def bodies(self, url: str) -> list[str]:
        found: list[str] = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found += [message["Body"] for message in messages]
        return found


@pytest.fixture
def queues() -> Iterator[Queues]:
    made = Queues("000000000651")
    yield made
    for url in (made.source, made.dead, made.relay):
        made.sqs.delete_queue(QueueUrl=url)
    made.aws.close()


def test_showing_takes_nothing_and_shows_ids_only(queues: Queues) -> None:
    queues.fill(3)
    queues.sqs.send_message(QueueUrl=queues.dead, MessageBody="name=Aino Esimerkki")
    for _ in range(2):
        said = queues.operator("dead-letters", "show", "ingest_order", "--json")
        assert sorted(told["resource"] for told in said.json) == ["", "0", "1", "2"]
        assert "Aino" not in said.out
    assert "read an order from the store" in queues.operator("dead-letters", "show", "ingest_order").out
    assert queues.operator("dead-letters", "list", "--json").json == {"ingest_order": 4, "relay_facts": 0}


def test_redriving_moves_every_message_to_its_queue(queues: Queues) -> None:
    queues.fill(12)
    said = queues.operator("dead-letters", "redrive", "ingest_order", "--json")
    assert (said.code, len(said.json["redriven"])) == (0, 12)
    assert len(set(queues.bodies(queues.source))) == 12
    assert queues.bodies(queues.dead) == []


def test_a_redrive_that_dies_between_send_and_delete_loses_nothing(queues: Queues) -> None:
    queues.fill(1)

    class Dies:
        def __getattr__(self, name: str) -> Any:
            if name == "delete_message":
                raise RuntimeError("killed")
            return getattr(queues.sqs, name)

    with pytest.raises(RuntimeError):
        SqsDeadLetters(Dies(), {"it": queues.dead}, {"it": queues.source}).redrive("it", 10)
    assert len(queues.bodies(queues.source)) == 1


def test_one_message_alone_is_redriven_by_its_id(queues: Queues) -> None:
    queues.fill(3)
    wanted = queues.operator("dead-letters", "show", "ingest_order", "--json").json[1]["id"]
    assert queues.operator("dead-letters", "redrive", "ingest_order", "--id", wanted, "--json").json["redriven"] == [
        wanted
    ]
    assert len(queues.bodies(queues.dead)) == 2
    assert queues.operator("dead-letters", "redrive", "ingest_order", "--id", "other").code == 1


def test_functions_without_a_queue_are_refused_in_words(queues: Queues) -> None:
    said = queues.operator("dead-letters", "redrive", "relay_facts")
    assert (said.code, "sweep" in said.err) == (1, True)
    assert "functions: ingest_order" in queues.operator("dead-letters", "show", "nothing").err
