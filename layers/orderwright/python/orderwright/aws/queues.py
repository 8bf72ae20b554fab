"""Sending messages to SQS. SendMessageBatch fails per entry: whatever was refused is raised, never dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

from orderwright.errors import SendRefused
from orderwright.messages import Message

BATCH = 10


def send_all(sqs: Any, url_of: Callable[[str], str], messages: Iterable[Message]) -> int:
    """Send messages to the queues they belong to, ten at a time. Gives their number; raises SendRefused."""
    ordered = sorted(messages, key=lambda message: message.queue)
    refused: list[str] = []
    for queue, group in groupby(ordered, key=lambda message: message.queue):
        for batch in _batches(group):
            refused += _send_batch(sqs, url_of(queue), batch)
    if refused:
        raise SendRefused(f"SQS refused {len(refused)} of {len(ordered)} messages: {', '.join(sorted(set(refused)))}")
    return len(ordered)


def _send_batch(sqs: Any, url: str, messages: Sequence[Message]) -> list[str]:
    if len(messages) == 1:
        only = messages[0]
        sqs.send_message(QueueUrl=url, MessageBody=only.to_json(), MessageGroupId=only.group)
        return []
    answer = sqs.send_message_batch(QueueUrl=url, Entries=_entries(messages))
    return [failed.get("Code", "unknown") for failed in answer.get("Failed", [])]


def _entries(messages: Sequence[Message], **more: Any) -> list[dict[str, Any]]:
    return [
        {"Id": str(index), "MessageBody": message.to_json(), "MessageGroupId": message.group, **more}
        for index, message in enumerate(messages)
    ]


def send_later(sqs: Any, url: str, messages: Iterable[Message], delay: int) -> int:
    """Send messages to one queue, to be delivered after `delay` seconds (at most 900). Gives their number; raises SendRefused."""
    sent = 0
    for batch in _batches(messages):
        entries = _entries(batch, DelaySeconds=delay)
        failed = sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed", [])
        if failed:
            raise SendRefused(f"SQS refused {len(failed)} of {len(entries)} messages")
        sent += len(entries)
    return sent


def _batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    source = iter(messages)
    while batch := list(islice(source, BATCH)):
        yield batch


def count_messages(sqs: Any, queues: Mapping[str, str]) -> dict[str, int]:
    """How many wait in each queue, by its name in `queues` (name -> address). SQS counts approximately."""
    return {name: _count(sqs, url) for name, url in sorted(queues.items())}


def _count(sqs: Any, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names).get("Attributes", {})
    return sum(int(attributes.get(name, 0)) for name in names)
