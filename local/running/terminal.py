"""What a person at the terminal sees while something is waited for: a bar that moves, or a line now and then in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from local.running.waiting import Told

FIRST_LINE_SECONDS = 5.0
LINE_SECONDS = 15.0


class Bar:
    """A bar with a clock on a terminal; it goes when the wait is over."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def show(self, what: str, seconds: float, count: tuple[int, int] | None) -> None:
        """See waiting.Told."""
        done, total = count or (0, None)
        if self._bar is None:
            counted = (BarColumn(), MofNCompleteColumn()) if count else ()
            columns = (SpinnerColumn(), TextColumn("waiting until {task.description}"), *counted, TimeElapsedColumn())
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task(what, total=total)
            self._bar.start()
        self._bar.update(self._task, completed=done)

    def done(self) -> None:
        """See waiting.Told."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


class Lines:
    """A line when the wait gets long, and again while it goes on."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._next = FIRST_LINE_SECONDS

    def show(self, what: str, seconds: float, count: tuple[int, int] | None) -> None:
        """See waiting.Told."""
        if seconds >= self._next:
            counted = f" ({count[0]} of {count[1]})" if count else ""
            self._say(f"  {seconds:.0f} s: waiting until {what}{counted}")
            self._next = seconds + LINE_SECONDS

    def done(self) -> None:
        """See waiting.Told."""


def told_by(say: Callable[[str], None]) -> Told:
    """A bar where a person looks, else lines by `say`. One at a time: a terminal has room for one bar."""
    return Bar(Console()) if say is print and sys.stdout.isatty() else Lines(say)
