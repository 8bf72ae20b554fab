"""Reads every queue of a running shop without taking anything from it, so that what passes through is known afterwards."""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import Any

EVERY_SECONDS = 0.3


class QueueWatch:
    """Keeps each message body that it sees, in dead-letter queues too, between `start` and `stop`."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.bodies: set[str] = set()
        self.problems: list[str] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue-watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopped.set()
        self._thread.join(120)

    def waiting(self) -> dict[str, list[str]]:
        """Queue name -> bodies of the messages in it now, visible or not; queues without any are left out."""
        with urllib.request.urlopen(f"{self._endpoint}/_ministack/sqs/messages", timeout=120) as answer:
            accounts: dict[str, Any] = json.load(answer)["messages"]
        found: dict[str, list[str]] = {}
        for queues in accounts.values():
            for name, messages in _by_queue(queues):
                if messages:
                    found[name] = [message["Body"] for message in messages]
        return found

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            try:
                for bodies in self.waiting().values():
                    self.bodies.update(bodies)
            except (OSError, ValueError) as error:
                self.problems.append(repr(error))


def _by_queue(queues: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The emulator groups by region where there is more than one."""
    found: list[tuple[str, list[dict[str, Any]]]] = []
    for name, inside in queues.items():
        if isinstance(inside, dict):
            found += _by_queue(inside)
        else:
            found.append((name, inside))
    return found
