"""Messages that failed too often: counted, looked at without taking them, and sent back one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from orderwright.aws.queues import count_messages
from orderwright.messages import Message, NotAMessage, parse

LOOK_SECONDS = 20
MOVE_SECONDS = 60
_BATCH = 10


class DeadLetter(NamedTuple):
    """One message; `message` is None when it cannot be read, and `note` says what it is then. Never a body."""

    id: str
    sent_at_ms: int
    receipt: str
    body: str
    group: str
    message: Message | None
    note: str


def look(sqs: Any, url: str, limit: int) -> list[DeadLetter]:
    """Up to `limit` messages, put back at once for the next look."""
    found = list(_receive(sqs, url, limit, LOOK_SECONDS))
    for letter in found:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)
    return found


def redrive(sqs: Any, dead_url: str, source_url: str, limit: int, wanted: str = "") -> list[DeadLetter]:
    """Send them (or the one with the id `wanted`) to their queue again; gives those that went.

    Each is deleted only after SQS has the new one: a crash between gives a duplicate, which is harmless, and no loss.
    """
    moved: list[DeadLetter] = []
    for letter in _receive(sqs, dead_url, limit, MOVE_SECONDS):
        if wanted and letter.id != wanted:
            sqs.change_message_visibility(QueueUrl=dead_url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)
            continue
        group = letter.message.group if letter.message else letter.group
        extra = {"MessageGroupId": group} if group else {}
        sqs.send_message(QueueUrl=source_url, MessageBody=letter.body, **extra)
        sqs.delete_message(QueueUrl=dead_url, ReceiptHandle=letter.receipt)
        moved.append(letter)
    return moved


def _receive(sqs: Any, url: str, limit: int, visibility: int) -> Iterator[DeadLetter]:
    """Each message once. What fails again while we work would come round for ever, so the count at the start bounds it."""
    seen: set[str] = set()
    left = min(limit, count_messages(sqs, {"": url})[""])
    while left > 0:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(_BATCH, left),
            VisibilityTimeout=visibility,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp", "MessageGroupId"],
        )
        messages = [raw for raw in answer.get("Messages", []) if raw["MessageId"] not in seen]
        if not messages:
            return
        for raw in messages:
            seen.add(raw["MessageId"])
            left -= 1
            yield _letter(raw)


def _letter(raw: Mapping[str, Any]) -> DeadLetter:
    attributes = raw.get("Attributes", {})
    message, note = None, ""
    try:
        message = parse(raw["Body"])
    except NotAMessage as error:
        note = f"{error}; {len(raw['Body'])} characters"
    return DeadLetter(
        raw["MessageId"], int(attributes.get("SentTimestamp", 0)), raw["ReceiptHandle"], raw["Body"],
        attributes.get("MessageGroupId", ""), message, note,
    )  # fmt: skip
