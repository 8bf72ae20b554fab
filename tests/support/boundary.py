"""Where a worker meets the outside: it can be killed there, before or after a call has its effect."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class Killed(BaseException):
    """The worker was killed here. A BaseException: batch utilities catch Exception, a kill catches nothing."""


@dataclass
class Boundary:
    """Where a worker meets the outside. `kill_at` (call number, "before" or "after" its effect) kills it there.

    After the kill every later call of that worker raises too: Python would run `finally`, a killed function would not.
    """

    kill_at: tuple[int, str] | None = None
    dead: bool = False
    calls: list[str] = field(default_factory=list)

    def before(self, name: str) -> None:
        """A call is about to happen."""
        if self.dead:
            raise Killed(name)
        self.calls.append(name)
        if self.kill_at == (len(self.calls), "before"):
            self.dead = True
            raise Killed(name)

    def after(self, name: str) -> None:
        """Its effect has happened, the worker does not know yet."""
        if self.kill_at == (len(self.calls), "after"):
            self.dead = True
            raise Killed(name)


class FakeSqs:
    """SQS as far as senders use it: bodies land in `queues`, by queue name."""

    def __init__(self, queues: Mapping[str, deque[str]], boundary: Callable[[], Boundary]) -> None:
        self._queues = queues
        self._boundary = boundary

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageGroupId: str = "") -> dict[str, Any]:
        """One message."""
        self._boundary().before("sqs:SendMessage")
        self._queues[QueueUrl].append(MessageBody)
        self._boundary().after("sqs:SendMessage")
        return {"MessageId": "1"}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        """Up to ten."""
        self._boundary().before("sqs:SendMessageBatch")
        self._queues[QueueUrl].extend(entry["MessageBody"] for entry in Entries)
        self._boundary().after("sqs:SendMessageBatch")
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries], "Failed": []}
