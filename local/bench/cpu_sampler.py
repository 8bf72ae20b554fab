"""Whose processor time is it? Looks at the stack at each millisecond that this process computes."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import FrameType, TracebackType

INTERVAL = 0.001


def owner_of(files: Sequence[str], parts: Mapping[str, Sequence[str]]) -> str:
    """The part that the innermost known file belongs to; "other" when none is known.

    `files` are the stack's, innermost first. A file of the standard library works for whoever called it.
    """
    for file in files:
        for part, marks in parts.items():
            if any(mark in file for mark in marks):
                return part
    return "other"


class CpuSampler:
    """A context manager for the main thread. `parts` maps a name to pieces of paths; the first that fits counts."""

    def __init__(self, parts: Mapping[str, Sequence[str]]) -> None:
        self._parts = parts
        self._samples: Counter[str] = Counter()
        self._began = self._took = 0.0

    def __enter__(self) -> CpuSampler:
        self._began = time.process_time()
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        self._took = time.process_time() - self._began
        signal.signal(signal.SIGPROF, signal.SIG_DFL)

    def seconds(self, part: str) -> float:
        """Processor time of one part: its share of the samples, since the kernel may take fewer than asked for."""
        return self._took * self._samples[part] / max(1, self._samples.total())

    def _look(self, _: int, frame: FrameType | None) -> None:
        files = []
        while frame is not None:
            files.append(frame.f_code.co_filename)
            frame = frame.f_back
        self._samples[owner_of(files, self._parts)] += 1
