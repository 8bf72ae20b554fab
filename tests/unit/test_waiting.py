"""A wait ends when nothing happens any more, not when a machine is slow; what is told then helps to find why."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from local.running.terminal import Bar, Lines
from local.running.waiting import Pulse, Stuck, Waiter


class Machine:
    """A clock that moves by waiting, and what a stack shows at each time."""

    def __init__(self, events: Callable[[float], int], routine: Callable[[float], int] | None = None) -> None:
        self.now = 0.0
        self._events, self._routine = events, routine

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pulse(self) -> Pulse:
        return Pulse(self._events(self.now), {} if self._routine is None else {"poll_stock": self._routine(self.now)})

    def waiter(self, said: list[str] | None = None) -> Waiter:
        heard = said if said is not None else []
        return Waiter(self.pulse, lambda _: "its log", lambda: Lines(heard.append), lambda: self.now, self.sleep)


def test_a_slow_machine_is_waited_for_as_long_as_something_happens() -> None:
    machine = Machine(events=lambda now: int(now / 50))
    assert machine.waiter().until("it is there", lambda: machine.now > 600)
    assert machine.now > 600


def test_after_a_minute_without_any_event_it_is_given_up_with_the_functions_words() -> None:
    machine = Machine(events=lambda now: min(3, int(now)))
    with pytest.raises(Stuck, match=r"(?s)waited 63 s in vain until it is there: for 60 s nothing happened.*its log"):
        machine.waiter().until("it is there", lambda: False)


def test_schedules_that_run_are_no_progress() -> None:
    machine = Machine(events=lambda _: 1, routine=lambda now: int(now / 4))
    with pytest.raises(Stuck, match=r"for 6. s nothing happened but the schedules"):
        machine.waiter().until("it is there", lambda: False)


def test_a_machine_so_slow_that_its_schedules_hardly_run_gets_three_of_their_rounds() -> None:
    machine = Machine(events=lambda _: 1, routine=lambda now: int(now / 50))
    with pytest.raises(Stuck):
        machine.waiter().until("it is there", lambda: False)
    assert 100 <= machine.now <= 160


def test_noise_without_an_end_is_given_up_after_a_quarter_of_an_hour() -> None:
    machine = Machine(events=lambda now: int(now))
    with pytest.raises(Stuck, match="something happens all the time"):
        machine.waiter().until("it is there", lambda: False)
    assert 900 <= machine.now < 905


def test_a_log_gets_a_line_now_and_then_with_how_much_is_there() -> None:
    said: list[str] = []
    machine = Machine(events=lambda now: int(now))
    machine.waiter(said).until("goods are on sale", lambda: machine.now > 30, lambda: (int(machine.now / 10), 5))
    assert said == [
        "  5 s: waiting until goods are on sale (0 of 5)",
        "  20 s: waiting until goods are on sale (2 of 5)",
    ]


def test_what_is_there_at_once_is_not_told() -> None:
    said: list[str] = []
    machine = Machine(events=lambda _: 1)
    assert machine.waiter(said).until("it is there", lambda: "found") == "found"
    assert (said, machine.now) == ([], 0.0)


def test_a_terminal_shows_a_bar_that_goes_again() -> None:
    screen = io.StringIO()
    bar = Bar(Console(file=screen, force_terminal=True, width=100))
    bar.show("goods are on sale", 1.0, (2, 5))
    bar.show("goods are on sale", 2.0, (3, 5))
    bar.done()
    assert "waiting until goods are on sale" in screen.getvalue()
    assert "3/5" in screen.getvalue()
