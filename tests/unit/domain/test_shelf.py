"""What lies on a shelf, in whatever order it is told (promise P3)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from orderwright.domain.shelf import MOST_MOVES, CountTooOld, Shelf, average_cost
from orderwright.domain.unit_cost import UnitCost

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def _at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


@pytest.mark.parametrize("seed", range(300))
def test_p3_counts_and_moves_give_the_truth_in_whatever_order_they_are_entered(seed: int) -> None:
    random, told, truth = Random(seed), list[tuple[str, int, int]](), 0
    for minute in range(random.randint(1, 100)):
        if random.random() < 0.1:
            told.append(("count", minute, truth))
        else:
            units = random.randint(-3, 4)
            truth += units
            told.append(("move", minute, units))
    late = sorted(told, key=lambda one: one[1] + random.choice((0, 0, 3, 15)) * random.random())
    shelf = Shelf()
    for what, minute, units in late:
        with suppress(CountTooOld):
            shelf = shelf.counted(units, _at(minute)) if what == "count" else shelf.moved(units, _at(minute))
        assert len(shelf.moves) <= MOST_MOVES
    assert shelf.pieces == truth


def test_a_count_replaces_what_was_wrong_and_an_older_one_is_refused() -> None:
    shelf = Shelf().moved(10, _at(0)).moved(-2, _at(5)).counted(9, _at(3))
    assert shelf.pieces == 7
    with pytest.raises(CountTooOld) as refused:
        shelf.counted(9, _at(2))
    assert refused.value.since == _at(3)
    assert shelf.counted(8, _at(3)).pieces == 6, "the same count again, corrected"


def test_a_count_older_than_the_moves_that_are_kept_is_refused() -> None:
    shelf = Shelf()
    for minute in range(MOST_MOVES + 5):
        shelf = shelf.moved(1, _at(minute))
    with pytest.raises(CountTooOld):
        shelf.counted(3, _at(3))
    assert shelf.counted(6, _at(5)).pieces == 6 + MOST_MOVES - 1
    assert shelf.moved(-1, _at(2)).pieces == MOST_MOVES + 4, "one that comes late counts all the same"


@pytest.mark.parametrize(
    ("there", "cost", "more", "their", "wanted"),
    [
        (0, "9.99", 3, "3.275", "3.275 USD"),
        (-4, "9.99", 3, "3.275", "3.275 USD"),
        (10, "6.40", 10, "6.45", "6.425 USD"),
        (2, "1.00", 1, "2.00", "1.333333 USD"),
    ],
)
def test_the_average_keeps_its_digits(there: int, cost: str, more: int, their: str, wanted: str) -> None:
    average = average_cost(there, UnitCost.parse(cost, "USD"), more, UnitCost.parse(their, "USD"))
    assert str(average) == wanted
