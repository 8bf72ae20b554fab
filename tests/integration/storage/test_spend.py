"""P10: money counted against a supplier's day inside the write that commits to spend it, and the kill switch."""

from __future__ import annotations

from typing import Any

import pytest

from orderwright.domain.money import Money
from orderwright.errors import Conflict, SpendRefused
from orderwright.records import ALL_SUPPLIERS, CONTROL, Key
from orderwright.storage import Put, Spend
from tests.integration.storage.storage_kit import CURSOR, Desk, cursor

DAY = "2026-11-22"
BUDGET = Key(CONTROL, "BUDGET#cj", f"DAY#{DAY}")
KILL = Key(CONTROL, "KILL", "cj")


def usd(minor: int) -> Money:
    """Cents."""
    return Money(minor=minor, currency="USD")


def spend(minor: int, cap: int | None = 1000, **more: Any) -> Spend:
    """So many cents of today, under a cap of ten dollars."""
    return Spend("cj", DAY, usd(minor), None if cap is None else usd(cap), **more)


def spent(desk: Desk) -> Any:
    """What the day's counter says, in cents."""
    return desk.raw(BUDGET).get("spent")


def test_p10_spending_is_counted_in_minor_units_with_its_currency_and_goes_away_after_a_year(desk: Desk) -> None:
    desk.storage.commit([spend(300)])
    desk.storage.commit([spend(250)])
    item = desk.raw(BUDGET)
    assert (item["spent"], item["currency"], item["version"]) == (550, "USD", 2)
    assert 365 < (item["expires_at"] - desk.at.timestamp()) / 86400 <= 401


def test_p10_exactly_the_cap_may_be_spent_and_not_one_cent_more(desk: Desk) -> None:
    desk.storage.commit([spend(400)])
    desk.storage.commit([spend(600)])
    assert spent(desk) == 1000
    with pytest.raises(SpendRefused) as refused:
        desk.storage.commit([spend(1)])
    assert refused.value.code == "CAP_REACHED"
    assert spent(desk) == 1000


def test_p10_the_first_amount_of_a_day_may_be_the_whole_cap(desk: Desk) -> None:
    desk.storage.commit([spend(1000)])
    assert spent(desk) == 1000


def test_p10_the_first_amount_of_a_day_may_not_be_above_the_cap(desk: Desk) -> None:
    with pytest.raises(SpendRefused, match="2026-11-22"):
        desk.storage.commit([spend(1001)])
    assert desk.raw(BUDGET) == {}


def test_p10_a_refused_spend_undoes_the_intent_that_it_belongs_to(desk: Desk) -> None:
    with pytest.raises(SpendRefused):
        desk.storage.commit([Put(CURSOR, cursor(), 0), spend(1001)])
    assert desk.raw(CURSOR) == {}


def test_p10_money_that_comes_back_makes_room_again(desk: Desk) -> None:
    desk.storage.commit([spend(1000)])
    desk.storage.commit([spend(-300, cap=None, check_kill=False)])
    desk.storage.commit([spend(300)])
    assert spent(desk) == 1000


def test_p10_a_correction_downwards_is_never_refused_by_the_cap(desk: Desk) -> None:
    desk.storage.commit([spend(900)])
    desk.storage.commit([spend(-100, cap=500)])
    assert spent(desk) == 800


@pytest.mark.parametrize("minor", [0, -100])
def test_p10_the_kill_switch_also_stops_a_step_that_pays_no_more_than_was_counted(desk: Desk, minor: int) -> None:
    desk.storage.commit([spend(900)])
    desk.storage.commit([Put(KILL, cursor(), 0)])
    with pytest.raises(SpendRefused, match="kill switch"):
        desk.storage.commit([spend(minor)])
    assert spent(desk) == 900


def test_p10_money_is_given_back_while_the_kill_switch_is_on(desk: Desk) -> None:
    desk.storage.commit([spend(900)])
    desk.storage.commit([Put(KILL, cursor(), 0)])
    desk.storage.commit([spend(-900, cap=None, check_kill=False)])
    assert spent(desk) == 0


def test_p10_without_a_cap_anything_is_counted(desk: Desk) -> None:
    desk.storage.commit([spend(10**9, cap=None)])
    assert spent(desk) == 10**9


def test_p10_the_kill_switch_stops_the_whole_commit_and_only_that_supplier(desk: Desk) -> None:
    desk.storage.commit([Put(KILL, cursor(), 0)])
    with pytest.raises(SpendRefused) as refused:
        desk.storage.commit([Put(CURSOR, cursor(), 0), spend(1)])
    assert refused.value.code == "KILL_SWITCH"
    assert (desk.raw(CURSOR), desk.raw(BUDGET)) == ({}, {})
    desk.storage.commit([Spend("other", DAY, usd(1), usd(10))])


@pytest.mark.parametrize("supplier", ["cj", "connected-after-it-was-switched-on"])
@pytest.mark.parametrize("minor", [1, 0])
def test_p10_the_switch_for_all_stops_every_supplier_whenever_it_was_connected(
    desk: Desk, supplier: str, minor: int
) -> None:
    desk.storage.commit([Put(Key(CONTROL, "KILL", ALL_SUPPLIERS), cursor(), 0)])
    with pytest.raises(SpendRefused, match="the kill switch for all suppliers is on") as refused:
        desk.storage.commit([Put(CURSOR, cursor(), 0), Spend(supplier, DAY, usd(minor), usd(10))])
    assert refused.value.code == "KILL_SWITCH"
    assert (desk.raw(CURSOR), desk.raw(BUDGET)) == ({}, {})
    desk.storage.commit([Spend(supplier, DAY, usd(-1), None, check_kill=False)])


def test_p10_a_switch_that_an_older_version_left_on_still_stops_its_supplier(desk: Desk) -> None:
    desk.storage.commit([Put(KILL, cursor(), 0)])
    with pytest.raises(SpendRefused, match="the kill switch of cj is on"):
        desk.storage.commit([spend(1)])


def test_p10_another_currency_than_the_days_is_refused(desk: Desk) -> None:
    desk.storage.commit([spend(100)])
    with pytest.raises(SpendRefused):
        desk.storage.commit([Spend("cj", DAY, Money(minor=1, currency="EUR"), None)])
    assert (spent(desk), desk.raw(BUDGET)["currency"]) == (100, "USD")


def test_p10_a_cap_in_another_currency_is_refused_by_its_currencies(desk: Desk) -> None:
    with pytest.raises(SpendRefused, match="is in USD, it charges in JPY") as refused:
        desk.storage.commit([Spend("cj", DAY, Money(minor=500, currency="JPY"), usd(1000))])
    assert refused.value.code == "CAP_CURRENCY"
    assert desk.raw(BUDGET) == {}


def test_p10_each_day_and_each_supplier_has_a_counter_of_its_own(desk: Desk) -> None:
    desk.storage.commit([spend(1000)])
    desk.storage.commit([Spend("cj", "2026-11-23", usd(1000), usd(1000))])
    desk.storage.commit([Spend("other", DAY, usd(1000), usd(1000))])


def test_p10_a_conflict_of_the_order_is_told_apart_from_a_full_cap(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor(), 0)])
    with pytest.raises(Conflict):
        desk.storage.commit([Put(CURSOR, cursor(), 0), spend(1)])
    assert desk.raw(BUDGET) == {}


def test_p10_a_spend_whose_answer_was_lost_is_counted_once(desk: Desk) -> None:
    desk.retrying("TransactWriteItems").commit([Put(CURSOR, cursor(), 0), spend(400)])
    assert spent(desk) == 400


def test_p10_a_correction_alone_whose_answer_was_lost_is_counted_once(desk: Desk) -> None:
    """Only the transaction's token protects it. moto ignores that token and counts twice, AWS and ministack once."""
    desk.storage.commit([spend(1000)])
    desk.retrying("TransactWriteItems").commit([spend(-300, cap=None, check_kill=False)])
    assert spent(desk) == (400 if desk.backend == "moto" else 700)
