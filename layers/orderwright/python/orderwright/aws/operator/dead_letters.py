"""Messages that failed too often: counted, looked at without taking them, and sent back one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orderwright.aws.queues import count_messages
from orderwright.messages import NotAMessage, parse
from orderwright.ports.operator import DeadLetter

LOOK_SECONDS = 20
MOVE_SECONDS = 60
_BATCH = 10


class SqsDeadLetters:
    """ports.operator.DeadLetters. `dead` and `sources` are the addresses of queues by their function's name."""

    def __init__(self, sqs: Any, dead: Mapping[str, str], sources: Mapping[str, str]) -> None:
        self._sqs = sqs
        self.dead = dead
        self.sources = sources

    def counts(self) -> dict[str, int]:
        """How many each function has, about."""
        return count_messages(self._sqs, self.dead)

    def look(self, function: str, limit: int) -> list[DeadLetter]:
        """Up to `limit` messages, put back at once for the next look."""
        url = self.dead[function]
        found = list(_receive(self._sqs, url, limit, LOOK_SECONDS))
        for letter in found:
            self._sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)
        return found

    def redrive(self, function: str, limit: int, wanted: str = "") -> list[DeadLetter]:
        """Send them (or the one with the id `wanted`) to their queue again; gives those that went.

        Each is deleted only after SQS has the new one: a crash between gives a duplicate, which is harmless, and no loss.
        """
        moved: list[DeadLetter] = []
        dead_url, source_url = self.dead[function], self.sources[function]
        for letter in _receive(self._sqs, dead_url, limit, MOVE_SECONDS):
            if wanted and letter.id != wanted:
                self._sqs.change_message_visibility(
                    QueueUrl=dead_url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
                )
                continue
            group = letter.message.group if letter.message else letter.group
            extra = {"MessageGroupId": group} if group else {}
            self._sqs.send_message(QueueUrl=source_url, MessageBody=letter.body, **extra)
            self._sqs.delete_message(QueueUrl=dead_url, ReceiptHandle=letter.receipt)
            moved.append(letter)
        return moved


def _receive(sqs: Any, url: str, limit: int, visibility: int) -> Iterator[DeadLetter]:
    """Each message once. What fails again while we work would come back each time, so the count at the start bounds it."""
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
