"""What failures, successes and operators make of a connection, and when a failure is to be told: a new line of the time line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orderwright.domain.connection_state import FAILS, WORKS, ConnectionState
from orderwright.domain.order import Reason
from orderwright.domain.time_line import log_entry

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NEW = ConnectionState(connection="main")
ENTRY = log_entry(NOW, "operator mika", "something")


def after(*steps: tuple[int, str], refused: bool = False) -> ConnectionState:
    """Minutes after NOW, and the code of a failure, or "" for a success."""
    state = NEW
    for minute, code in steps:
        at = NOW + timedelta(minutes=minute)
        state = state.failed("f", code, "no", at, refused=refused) if code else state.works("f", at)
    return state


def told(state: ConnectionState) -> int:
    return sum(entry.what == FAILS for entry in state.log)


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        ([(0, "A"), (1, "A"), (500, "A")], 1),
        ([(0, "A"), (1, "B"), (2, "A")], 2),
        ([(0, "A"), (10, ""), (20, "A")], 1),
        ([(0, "A"), (10, ""), (70, "A")], 2),
    ],
)
def test_a_failure_is_told_once_until_it_worked_for_an_hour(steps: list[tuple[int, str]], times: int) -> None:
    assert told(after(*steps)) == times


@pytest.mark.parametrize(
    ("steps", "refused", "since"),
    [
        ([(0, "A"), (1, "A")], False, None),
        ([(0, "A"), (1, "B"), (2, "A")], False, NOW),
        ([(0, "A"), (0, "A"), (0, "A")], False, None),
        ([(0, "A")], True, NOW),
        ([(0, "A"), (1, "A"), (2, "")], True, None),
        ([(0, "A"), (1, "A"), (2, ""), (3, "A")], False, None),
    ],
)
def test_it_fails_after_three_failures_apart_or_one_refusal(
    steps: list[tuple[int, str]], refused: bool, since: datetime | None
) -> None:
    assert after(*steps, refused=refused).fails_since == since


@pytest.mark.parametrize("code", ["A", ""])
def test_nothing_new_within_the_hour_is_the_same_state(code: str) -> None:
    state = after((0, code), (2, code), (4, code))
    soon, late = (after((0, code), (2, code), (4, code), (minute, code)) for minute in (50, 70))
    assert (soon == state, late == state) == (True, False)


def test_a_success_after_a_failure_ends_it() -> None:
    state = after((0, "A"), (1, ""))
    assert (state.last_failure, state.fails_since, [entry.what for entry in state.log]) == ("", None, [FAILS, WORKS])


def test_connecting_ends_a_closure_and_a_failure() -> None:
    closed = after((0, "A")).closed(Reason(code="UNINSTALLED", message="gone"), ENTRY)
    assert not closed.open
    back = closed.connected(ENTRY, subscribed=False)
    assert (back.open, back.reasons, back.last_failure, back.last_ok_at) == (True, (), "", NOW)
    assert back.subscriptions_checked_at is None
    assert closed.connected(ENTRY, subscribed=True).subscriptions_checked_at == NOW


def test_how_far_it_is_reconciled_goes_back_only_by_a_restore() -> None:
    early, late = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    state = NEW.reconciled(NOW)
    assert [state.reconciled(until).reconciled_until for until in (None, early, late)] == [NOW, NOW, late]
    assert [state.restored(moment, ENTRY).reconciled_until for moment in (early, late)] == [early, NOW]


@pytest.mark.parametrize(("minutes", "lines"), [(5, 1), (30, 1), (70, 2)])
def test_what_keeps_a_channel_is_told_again_when_it_was_not_met_for_an_hour(minutes: int, lines: int) -> None:
    state = NEW.kept("f", "A", "no", NOW)
    again = state.kept("f", "A", "no", NOW + timedelta(minutes=minutes))
    assert told(again) == lines
    assert (again is state) == (minutes < 10)


@pytest.mark.parametrize(("hours", "same"), [(23, True), (25, False)])
def test_a_cause_of_giving_up_is_told_once_a_day(hours: int, same: bool) -> None:
    state = NEW.gave_up("f", "A", "no", NOW)
    assert (state.gave_up("f", "A", "no", NOW + timedelta(hours=hours)) is state) == same
    assert state.gave_up("f", "B", "no", NOW) is not state
