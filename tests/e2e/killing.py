"""Ends function processes of a running stack in the middle of whatever they do, again and again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from random import Random

from local.stack import Stack

LOOK_SECONDS = 0.1
# A process is there because something called it: the first kill comes while it works. Then the function has time to get on.
FIRST_KILL_SECONDS = (0.0, 1.5)
NEXT_KILL_SECONDS = (1.0, 5.0)
# Enough is enough: what is killed for ever never comes to the functions behind it.
ROUNDS = 3


def kill_all(stack: Stack) -> Counter[str]:
    """Kills every function process that there is now; gives how many of each function."""
    killed: Counter[str] = Counter()
    for function, processes in stack.function_pids().items():
        killed[function] += kill(processes)
    return killed


def kill(processes: list[int]) -> int:
    """SIGKILL for each; gives how many were still there."""
    ended = 0
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            ended += 1
    return ended


class Killer:
    """Kills all processes of each function at moments of its own, ROUNDS times each, between `start` and `stop`.

    `killed` counts processes by function, `rounds` how often each function was struck.
    """

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._random = Random(seed)
        self.killed: Counter[str] = Counter()
        self.rounds: Counter[str] = Counter()
        self._due: dict[str, float] = {}
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
        while not self._stopped.wait(LOOK_SECONDS):
            for function, processes in self._stack.function_pids().items():
                now = time.monotonic()
                if self.rounds[function] < ROUNDS and now >= self._due.setdefault(
                    function, now + self._random.uniform(*FIRST_KILL_SECONDS)
                ):
                    self.killed[function] += kill(processes)
                    self.rounds[function] += 1
                    self._due[function] = now + self._random.uniform(*NEXT_KILL_SECONDS)
