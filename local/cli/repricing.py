"""After a changed rule every SKU is priced anew (R27), once the functions have certainly read the new version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from orderwright.aws.queues import BATCH, SendRefused
from orderwright.messages import Message

_MARGIN = timedelta(seconds=2)


def send_repricing(sqs: Any, url: str, messages: Iterable[Message], config_cache: timedelta) -> int:
    """Send all, to be delivered when no function holds the old version in its cache any more. Gives their number.

    Raises SendRefused: `orderwright apply --reprice` then sends all of them again, which is harmless.
    """
    delay = int((config_cache + _MARGIN).total_seconds())
    sent = 0
    for batch in _batches(messages):
        entries = [
            {
                "Id": str(index),
                "MessageBody": message.to_json(),
                "MessageGroupId": message.group,
                "DelaySeconds": delay,
            }
            for index, message in enumerate(batch)
        ]
        failed = sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed", [])
        if failed:
            raise SendRefused(f"SQS refused {len(failed)} of {len(entries)} messages")
        sent += len(entries)
    return sent


def _batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    source = iter(messages)
    while batch := list(islice(source, BATCH)):
        yield batch
