"""Ends function processes of a running stack in the middle of whatever they do, again and again."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from contextlib import suppress
from random import Random

from local.stack import Stack

PAUSE_SECONDS = (0.4, 2.2)


def kill_all(stack: Stack) -> Counter[str]:
    """Kills every function process that there is now; gives how many of each function."""
    killed: Counter[str] = Counter()
    for function, processes in stack.function_pids().items():
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
                killed[function] += 1
    return killed


class Killer:
    """Kills every function process there is, waits a moment, kills again, between `start` and `stop`. `killed` counts by function."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._random = Random(seed)
        self.killed: Counter[str] = Counter()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; no process is killed afterwards."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._random.uniform(*PAUSE_SECONDS)):
            self.killed.update(kill_all(self._stack))
