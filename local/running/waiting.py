"""Waiting by progress, not by the clock: a slow or busy machine only takes longer, and what hangs is given up and explained.

Machines differ by a factor of three, and others use them too. So nothing here counts seconds from the start. A wait goes on while
something happens. It ends when nothing has happened for a minute although the schedules ran, or when nothing runs at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import NamedTuple, Protocol, TypeVar

QUIET_SECONDS = 60.0
# A retry that fails for ever makes log lines for ever, and is no progress either.
LONGEST_SECONDS = 900.0
# A schedule that has run so often since the last event had its chance to bring the next one.
ROUNDS = 3
LOOK_SECONDS = 0.2
PULSE_SECONDS = 1.0

T = TypeVar("T")


class Stuck(Exception):
    """What was waited for did not come. The text says what, how long nothing happened, and the functions' last words."""


class Pulse(NamedTuple):
    """`events` changes when work gets on; `routine` is what each schedule does all the time, by its function."""

    events: Hashable
    routine: Mapping[str, Hashable]


class Told(Protocol):
    """Shows what is waited for: `show` again and again, `done` at the end."""

    def show(self, what: str, seconds: float, count: tuple[int, int] | None) -> None:
        """It is still waited for; `count` is how many of how many are there."""

    def done(self) -> None:
        """It has come, or was given up."""


class Silent:
    """Shows nothing."""

    def show(self, what: str, seconds: float, count: tuple[int, int] | None) -> None:
        """See Told."""

    def done(self) -> None:
        """See Told."""


class Patience:
    """Judges one wait. Tell it each pulse; `over` says why it is time to give up, or is empty."""

    def __init__(self, now: float, quiet: float = QUIET_SECONDS, longest: float = LONGEST_SECONDS) -> None:
        self._began = self._event_at = self._sign_at = now
        self._quiet = quiet
        self._longest = longest
        self._events: Hashable = None
        self._routine: dict[str, Hashable] = {}
        self._rounds: dict[str, int] = {}

    def feel(self, pulse: Pulse, now: float) -> None:
        """What the running parts show now."""
        if pulse.events != self._events:
            self._events, self._event_at, self._sign_at = pulse.events, now, now
            self._rounds = dict.fromkeys(pulse.routine, 0)
        for function, shown in pulse.routine.items():
            if self._routine.get(function) != shown:
                self._routine[function], self._sign_at = shown, now
                self._rounds[function] = self._rounds.get(function, 0) + 1

    def over(self, now: float) -> str:
        """Why waiting longer is in vain; empty while it is not."""
        if now - self._sign_at >= self._quiet:
            return f"for {now - self._sign_at:.0f} s nothing happened at all"
        if now - self._event_at >= self._quiet and all(count >= ROUNDS for count in self._rounds.values()):
            return f"for {now - self._event_at:.0f} s nothing happened but the schedules"
        if now - self._began >= self._longest:
            return f"something happens all the time, but this did not come in {now - self._began:.0f} s"
        return ""


class Waiter:
    """Waits for things of one running stack, from any thread.

    `pulse` feels it, `last_words` gives what functions said since a time (milliseconds since 1970), `told` makes
    what shows one wait.
    """

    def __init__(
        self,
        pulse: Callable[[], Pulse],
        last_words: Callable[[int], str],
        told: Callable[[], Told] = Silent,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pulse = pulse
        self._last_words = last_words
        self._told = told
        self._clock = clock
        self._sleep = sleep

    def until(
        self,
        what: str,
        look: Callable[[], T],
        count: Callable[[], tuple[int, int]] | None = None,
        every: float = LOOK_SECONDS,
    ) -> T:
        """The first true answer of `look`. Raises Stuck. `count` gives how many of how many are there, to be shown."""
        began, began_ms = self._clock(), int(time.time() * 1000)
        patience, felt_at, told = Patience(began), began - PULSE_SECONDS, self._told()
        try:
            while not (found := look()):
                now = self._clock()
                if now - felt_at >= PULSE_SECONDS:
                    patience.feel(self._pulse(), now)
                    felt_at = now
                    if why := patience.over(now):
                        raise Stuck(
                            f"waited {now - began:.0f} s in vain until {what}: {why}\n{self._last_words(began_ms)}"
                        )
                    told.show(what, now - began, count() if count else None)
                self._sleep(every)
        finally:
            told.done()
        return found
