"""Equal news in one batch is worked on once, and nothing that failed counts as done (promises P2, P9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orderwright.errors import Retryable
from orderwright.messages import Message, NotAMessage, each_once

NEWS = Message("order.changed", "1", "now", connection="lamp-shop", resource="77", topic="orders/create")
PAID = replace(NEWS, id="2", topic="orders/paid")


class Bench:
    """What was worked on, and what was told afterwards. `trouble` is raised by the next pieces of work."""

    def __init__(self, *trouble: Exception) -> None:
        self.worked: list[str] = []
        self.told: list[tuple[str, bool]] = []
        self._trouble = list(trouble)
        self._take = each_once(self._work, lambda message, again: self.told.append((message.id, again)))

    def _work(self, message: Message) -> None:
        self.worked.append(message.id)
        if self._trouble:
            raise self._trouble.pop(0)

    def take(self, *messages: Message) -> None:
        """Messages of one batch."""
        for message in messages:
            self._take(message.to_json())


def test_three_webhooks_of_one_sale_are_one_piece_of_work_and_three_lines_in_the_log() -> None:
    bench = Bench()
    bench.take(NEWS, PAID, replace(NEWS, id="3", at="later", correlation="c-3"))
    assert bench.worked == ["1"]
    assert bench.told == [("1", False), ("2", True), ("3", True)]


@pytest.mark.parametrize(
    "other",
    [
        replace(NEWS, id="2", resource="78"),
        replace(NEWS, id="2", connection="other-shop"),
        replace(NEWS, id="2", pk="lamp-shop#77"),
        replace(NEWS, id="2", detail={"part": "1"}),
        replace(NEWS, id="2", type="order.due"),
    ],
)
def test_news_of_something_else_is_worked_on(other: Message) -> None:
    bench = Bench()
    bench.take(NEWS, other)
    assert bench.worked == ["1", "2"]


def test_what_is_no_news_is_worked_on_each_time() -> None:
    bench = Bench()
    due = replace(NEWS, type="purchase_order.due")
    bench.take(due, replace(due, id="2"))
    assert bench.worked == ["1", "2"]


def test_after_a_failure_an_equal_message_tries_it_again() -> None:
    bench = Bench(Retryable("away"))
    with pytest.raises(Retryable):
        bench.take(NEWS)
    bench.take(PAID)
    assert (bench.worked, bench.told) == (["1", "2"], [("2", False)])


def test_the_next_batch_knows_nothing_of_this_one() -> None:
    first, second = Bench(), Bench()
    first.take(NEWS)
    second.take(NEWS)
    assert second.worked == ["1"]


def test_a_body_that_is_no_message_is_told_as_such() -> None:
    take = each_once(lambda message: None, lambda message, again: None)
    with pytest.raises(NotAMessage):
        take("no JSON")
