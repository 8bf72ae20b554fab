"""What must not fall silent, the erasure of a shop, and a statement that is read in pieces: their transitions alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderwright.domain.difference import Difference
from orderwright.domain.identity import Identity
from orderwright.domain.operations import MOST_ALERTS, ShopErasure, StoredConfig, Watch, Watched
from orderwright.domain.order import Reason
from orderwright.domain.statement import Missing, Part, Statement
from orderwright.domain.statement_work import StatementWork, WrittenStatement

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SILENT = Reason(code="SILENT", message="nothing came")
DAY = Statement(day=NOW.date(), at=NOW)


def thing(last: datetime | None, key: str = "main|reconcile") -> Watched:
    return Watched(key, last, HOUR, SILENT)


@pytest.mark.parametrize(
    ("last", "known", "silent"),
    [
        (NOW - 2 * HOUR, NOW - 3 * HOUR, True),
        (NOW - HOUR / 2, NOW - 3 * HOUR, False),
        (None, NOW - 2 * HOUR, True),
        (NOW - 9 * HOUR, None, False),
        (NOW - 9 * HOUR, NOW - HOUR / 2, False),
    ],
)
def test_silence_counts_from_the_last_time_or_from_when_it_is_watched(
    last: datetime | None, known: datetime | None, silent: bool
) -> None:
    watch = Watch(known={"main|reconcile": known} if known else {}).looked([thing(last)], {}, NOW)
    assert (watch.causes == {"main|reconcile": SILENT}) == silent


def test_what_runs_again_is_taken_back_and_what_lies_dead_is_a_cause_at_once() -> None:
    watch = Watch(causes={"main|reconcile": SILENT}).looked([thing(NOW)], {"|a_queue": SILENT}, NOW)
    assert set(watch.causes) == {"|a_queue"}


def test_more_causes_than_one_item_can_tell_come_with_the_next_look() -> None:
    dead = {f"|{number}": SILENT for number in range(MOST_ALERTS + 3)}
    first = Watch().looked([], dead, NOW)
    assert len(first.causes) == MOST_ALERTS
    assert first.looked([], dead, NOW).causes == dead


@pytest.mark.parametrize(("erased", "again", "count"), [(True, True, 1), (None, True, 0), (False, False, 0)])
def test_a_shop_is_gone_through_again_when_something_was_erased_or_changed_meanwhile(
    erased: bool | None, again: bool, count: int
) -> None:
    work = ShopErasure(connection="main", since=NOW, claimed_until=NOW).looked_at("order 7", erased)
    assert (work.cursor, work.again, work.erased) == ("order 7", again, count)
    assert work.looked_at("order 8", erased=False).again == again, "until the round is over"
    assert (work.begun_again().cursor, work.begun_again().again, work.begun_again().erased) == ("", False, count)


def test_what_is_known_of_a_connection_is_written_in_its_place() -> None:
    one, other = (Identity(id=name, name=name, kind="shopify") for name in ("one", "other"))
    stored = StoredConfig(number=1, document="{}", applied_at=NOW, applied_by="mika", identities=(one, other))
    assert stored.completed(one.shared()).identities == (one.shared(), other)
    third = Identity(id="third", name="third", kind="csv")
    assert stored.completed(third).identities == (one, other, third)


def test_a_statement_that_is_read_again_keeps_what_was_told() -> None:
    differs = DAY.plus(Part(differences=(Difference(code="STORE_DIFFERS", message="it differs"),)))
    first = WrittenStatement(statement=differs, readings=0).rewritten(differs)
    second = first.rewritten(DAY)
    assert (first.told, first.readings, second.told, second.readings) == (("STORE_DIFFERS",), 1, ("STORE_DIFFERS",), 2)
    assert second.statement.agrees


def test_an_order_that_is_read_ends_the_count_of_tries() -> None:
    work = StatementWork(statement=DAY, claimed_until=NOW).put_off(NOW + HOUR, 1).put_off(NOW + HOUR, 0)
    assert (work.tries, work.claimed_until, work.position) == (1, NOW + HOUR, "")
    read = work.read("main#1", None)
    assert (read.tries, read.position, read.statement) == (0, "main#1", DAY)
    without = work.without(Missing(connection="cj", code="AWAY", message="away"), NOW)
    assert (without.tries, without.claimed_until, without.statement.codes) == (0, NOW, ("STATEMENT_INCOMPLETE",))
