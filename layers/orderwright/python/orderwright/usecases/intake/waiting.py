"""A message that the store keeps from being worked on waits by a due time of its own, not by redelivery (P2, P11).

A queue gives a message up after five receives, minutes later; a store may be away for a week. So the message is kept in Control
WAIT, once an order, and comes again by the sweep until it is done. What waits for too long is parked for the operator.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from orderwright.domain.operations import WaitingMessage
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured, OutcomeUnknown, Retryable, tried
from orderwright.messages import Message, parse
from orderwright.ports.connection import Clock
from orderwright.records import Key, Stored, control_part_key, waiting_key
from orderwright.storage import Delete, Due, Put, Storage, held_or, retry_on_conflict
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.intake.parked import park_webhook
from orderwright.usecases.intake.work import FUNCTION

WAKE = "message.due"
GIVE_UP_AFTER = timedelta(days=14)
# A store that does not answer once is nothing to tell anybody; wrong credentials are.
TELL_AFTER = 3
Work = Callable[[Message], None]
Outage = Retryable | Misconfigured | OutcomeUnknown


@dataclass(frozen=True)
class Waiting:
    """Does the work of a message now, or keeps it for later."""

    storage: Storage
    timing: Timing
    clock: Clock

    def run(self, message: Message, work: Work) -> None:
        """A message from the queue: a new one, or the wake-up of one that waits. Raises what `work` raises, but no outage."""
        if message.type == WAKE:
            self._again(control_part_key(message.pk, message.sk), work)
            return
        if message.type == "order.due" and self._waits(_key(message)):
            return  # the sweep sends it each minute while it is overdue: an outage is not the time to ask as often
        try:
            work(message)
        except (Retryable, Misconfigured, OutcomeUnknown) as error:
            self._wait(_key(message), message, error)

    def _waits(self, key: Key) -> bool:
        held = self.storage.get(key, WaitingMessage)
        return held is not None and self.clock.now() < held.model.again_at

    def _wait(self, key: Key, message: Message, error: Outage) -> None:
        def kept() -> None:
            now = self.clock.now()
            held = held_or(self.storage, key, WaitingMessage(body=message.to_json(), since=now, again_at=now))
            if not held.version:
                self._keep(key, message, held, error)
            else:
                # It waits already. Written again, so that a worker that is fetching an older state does not end the wait.
                due = Due(held.model.again_at, WAKE)
                self.storage.commit([Put(key, held.model, held.version, due=due)], correlation=message.correlation)

        retry_on_conflict(kept, "the waiting message")

    def _again(self, key: Key, work: Work) -> None:
        held = self.storage.get(key, WaitingMessage)
        if held is None or self.clock.now() < held.model.again_at:
            return  # another delivery of the same wake-up has done it
        message = parse(held.model.body)
        try:
            work(message)
        except (Retryable, Misconfigured, OutcomeUnknown) as error:
            with suppress(Conflict):  # somebody wrote it meanwhile: it stays due and comes again
                self._keep(key, message, held, error)
            return
        try:
            self.storage.commit([Delete(key, held.version)], correlation=message.correlation)
        except Conflict:
            return  # there is newer news, which comes again with the next sweep; or another worker was as fast
        note_success(self.storage, message.connection or key.pk.partition("#")[2], FUNCTION, self.clock.now())

    def _keep(self, key: Key, message: Message, held: Stored[WaitingMessage], error: Outage) -> None:
        """Raises Conflict."""
        now = self.clock.now()
        tries = held.model.tries + tried(error)
        if now - held.model.since > GIVE_UP_AFTER:
            detail = {**message.detail, "reason": f"{error.code}: the store could not be asked for two weeks"}
            park_webhook(replace(message, detail=detail), storage=self.storage, clock=self.clock)
            change: Put | Delete = Delete(key, held.version)
        else:
            asked = error.after if isinstance(error, Retryable) and error.after else self.timing.backoff(tries - 1)
            again_at = now + max(timedelta(seconds=1), min(asked, self.timing.retry_max))
            change = Put(key, held.model.put_off(again_at, tries), held.version, due=Due(again_at, WAKE))
        self.storage.commit([change], correlation=message.correlation)
        if isinstance(error, Misconfigured) or tries >= TELL_AFTER:
            note_failure(self.storage, key.pk.partition("#")[2], FUNCTION, error, now)


def _key(message: Message) -> Key:
    """One item an order: whatever happened to it, it is fetched once. Other messages stand for themselves."""
    connection, order_id = message.connection, message.resource
    if message.pk:
        connection, _, order_id = message.pk.partition("#")
    what = f"ORDER#{order_id}" if message.type in ("order.changed", "order.due") else f"{message.type}#{message.id}"
    return waiting_key(connection, what)
