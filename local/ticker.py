"""The schedules of this machine: EventBridge cannot go below one minute, and nobody waits five for a sandbox's stock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.stack.errors import StackError


class Ticker:
    """Calls dispatch_schedules with {"schedule": name} at each interval, from a thread of its own. A context manager.

    `invoke` is Stack.invoke or alike: (folder, event) -> answer. A call that fails goes to `failed` as (schedule, error), and the
    schedule goes on: on AWS a failed run does not end it either. A call that takes longer than its interval delays the next one;
    runs never pile up.
    """

    def __init__(
        self,
        invoke: Callable[[str, dict[str, Any]], Any],
        every: Mapping[str, float],
        failed: Callable[[str, Exception], None] = lambda schedule, error: print(f"schedule {schedule}: {error}"),
    ) -> None:
        for schedule, seconds in every.items():
            if seconds <= 0:
                raise ValueError(f"the interval of {schedule} must be more than 0 seconds, not {seconds}")
        self._invoke = invoke
        self._every = dict(every)
        self._failed = failed
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def __enter__(self) -> Ticker:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self, wait: float = 10.0) -> None:
        """Ends the calls; waits at most `wait` seconds for the one that runs."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(wait)

    def _run(self) -> None:
        due = {schedule: time.monotonic() + seconds for schedule, seconds in self._every.items()}
        while due and not self._stopped.wait(max(0.0, min(due.values()) - time.monotonic())):
            schedule = min(due, key=lambda name: due[name])
            try:
                self._invoke("dispatch_schedules", {"schedule": schedule})
            except (StackError, BotoCoreError, ClientError) as error:
                if not self._stopped.is_set():
                    self._failed(schedule, error)
            due[schedule] = time.monotonic() + self._every[schedule]
