"""SQS and its Lambda mappings as the template sets them up: visibility, receive counts, dead letters, batches, partial failures.

Own model, since the simulator decides what comes twice, late, in another order or again: an emulator's queue decides that
itself, by the real clock.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.simulation.kernel.workers import Outcome

if TYPE_CHECKING:
    from tests.simulation.cloud.topology import QueueMapping, QueueSpec
    from tests.simulation.sim import Sim


@dataclass(eq=False)
class Held:
    """One message in a queue; invisible until `visible_at`."""

    number: int
    body: str
    group: str
    sent_at: datetime
    visible_at: datetime
    receives: int = 0


@dataclass
class Queue:
    """A standard queue. What is sent twice by a lost answer is twice in it, as at SQS."""

    sim: Sim
    name: str
    spec: QueueSpec
    messages: list[Held] = field(default_factory=list)
    mapping: Mapping | None = None

    def send(self, body: str, group: str = "") -> None:
        """Take a message in; the dice may double or delay its deliveries."""
        sim = self.sim
        sim.seen.bodies.append(body)
        for delay in sim.chaos.copies(self.name):
            sim.sent += 1
            at = sim.clock.at
            held = Held(sim.sent, body, group, at, at)
            self.messages.append(held)
            self.show(held, delay)

    def show(self, held: Held, seconds: float) -> None:
        """It may be received so many seconds from now."""
        held.visible_at = self.sim.clock.at + timedelta(seconds=seconds)
        if self.mapping is not None:
            self.sim.agenda.at(held.visible_at, "", self.mapping.poll)

    def flying(self) -> list[Held]:
        """Messages that a function has still to work on; poison is left out, which nobody can."""
        poison = self.sim.memory.get("poison")
        if self.mapping is None or not self.messages:
            return []
        return [held for held in self.messages if held.body not in poison] if poison else self.messages


@dataclass
class Mapping:
    """Lambda's poller of one queue."""

    sim: Sim
    spec: QueueMapping
    queue: Queue
    running: int = 0

    def poll(self) -> None:
        """Receive what is visible and start functions, as many as may run at once."""
        while self.spec.maximum_concurrency is None or self.running < self.spec.maximum_concurrency:
            batch = self._receive()
            if not batch:
                return
            self.running += 1
            records = [self._record(held) for held in batch]
            subject = ", ".join(_subject(held.body) for held in batch)
            self.sim.workers.invoke(self.spec.function, {"Records": records}, _Done(self, batch), subject)

    def _receive(self) -> list[Held]:
        now = self.sim.clock.at
        ready = [held for held in self.queue.messages if held.visible_at <= now]
        if not ready:
            return []
        batch: list[Held] = []
        for held in self.sim.chaos.order(ready):
            held.receives += 1
            limit = self.queue.spec.max_receives
            if limit is not None and held.receives > limit:
                self._bury(held)
                continue
            self.queue.show(held, self.queue.spec.visibility.total_seconds())
            batch.append(held)
            if len(batch) == self.spec.batch_size:
                break
        return batch

    def _bury(self, held: Held) -> None:
        self.queue.messages.remove(held)
        self.sim.note(self.queue.name, f"dead letter: {_subject(held.body)}")
        self.sim.memory.setdefault("buried", []).append(f"{self.queue.name}: {_subject(held.body)}")
        target = self.queue.spec.dead_letter
        assert target is not None
        self.sim.queues[target].messages.append(held)

    def _record(self, held: Held) -> dict[str, Any]:
        return {
            "messageId": f"m-{held.number}",
            "receiptHandle": f"r-{held.number}-{held.receives}",
            "body": held.body,
            "attributes": {"ApproximateReceiveCount": str(held.receives), "MessageGroupId": held.group},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:eu-north-1:000000000000:{self.queue.name}",
            "awsRegion": "eu-north-1",
        }

    def finished(self, batch: list[Held], outcome: Outcome) -> None:
        """Delete what was done; the rest becomes visible by itself."""
        self.running -= 1
        if outcome.ok:
            failed = {entry["itemIdentifier"] for entry in (outcome.result or {}).get("batchItemFailures", [])}
            unknown = failed - {f"m-{held.number}" for held in batch}
            if unknown:
                raise AssertionError(f"{self.spec.function} reports messages that it was not given: {sorted(unknown)}")
            for held in batch:
                if f"m-{held.number}" in failed or self.sim.chaos.undeleted(self.queue.name):
                    continue
                # Another worker that had it too, after a visibility time-out, may have deleted it already.
                if held in self.queue.messages:
                    self.queue.messages.remove(held)
        self.poll()


@dataclass
class _Done:
    mapping: Mapping
    batch: list[Held]

    def __call__(self, outcome: Outcome) -> None:
        self.mapping.finished(self.batch, outcome)


def _subject(body: str) -> str:
    """Type and key of a message, for the trace."""
    try:
        data = json.loads(body)
    except ValueError:
        return "no JSON"
    if not isinstance(data, dict):
        return "no message"
    where = data.get("sk") or data.get("resource") or ""
    return f"{data.get('type', '?')} {data.get('pk', data.get('connection', ''))} {where}".strip()


def take_messages(sim: Sim, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Sends, and the count of dead letters. A batch may be taken in part: each refused entry is named in the answer."""
    queue = sim.queues[request["QueueUrl"]]
    if operation == "SendMessage":
        queue.send(request["MessageBody"], request.get("MessageGroupId", ""))
        return {"MessageId": str(sim.sent)}
    if operation == "GetQueueAttributes":
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(queue.messages))}}
    if operation != "SendMessageBatch":
        raise AssertionError(f"nothing of ours may call sqs {operation}")
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    entries = request["Entries"]
    keep = sim.chaos.processed(len(entries))
    for place, entry in enumerate(entries):
        if place < keep:
            queue.send(entry["MessageBody"], entry.get("MessageGroupId", ""))
            done.append({"Id": entry["Id"], "MessageId": str(sim.sent)})
        else:
            failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
    if failed:
        sim.fault("sqs", f"refuses {len(failed)} of {len(entries)} messages")
    return {"Successful": done, "Failed": failed}
