"""A shop in which many buy at once while one call in twenty goes wrong: three books, no line too many and none too few."""

from __future__ import annotations

import pytest

from tests.simulation.faults.constant import Counted
from tests.simulation.modes import thousands
from tests.simulation.modes.balance import Balance, compare
from tests.simulation.sim import Sim

ORDERS = 40
RATE = 0.05
NEVER = 10**9


@pytest.fixture(scope="module")
def played() -> tuple[Sim, Balance]:
    """The same as ten thousand orders, in small."""
    sim = thousands.begin(thousands.open_large(ORDERS), ORDERS, "small", RATE)
    return sim, thousands.play(sim, ORDERS)


def test_the_store_the_supplier_and_we_have_the_same_orders(played: tuple[Sim, Balance]) -> None:
    _, balance = played
    assert balance.differences == []
    assert balance.violations == []
    assert balance.store == ORDERS
    assert balance.supplier == balance.ours > ORDERS / 2


def test_every_order_is_final_or_parked_fifteen_minutes_after_the_last_fault(played: tuple[Sim, Balance]) -> None:
    _, balance = played
    assert set(balance.ends) <= {"final", "parked", "returned"}
    assert sum(balance.ends.values()) == ORDERS
    assert balance.ends["final"] > ORDERS / 2
    assert balance.minutes_to_quiet <= 15


def test_about_one_in_twenty_calls_met_a_fault(played: tuple[Sim, Balance]) -> None:
    sim, balance = played
    assert isinstance(sim.chaos, Counted)
    assert balance.calls > ORDERS * 100
    assert 0.04 < sim.chaos.hits["calls"] / sim.chaos.chances["calls"] < 0.06


def test_a_payment_that_the_store_knows_nothing_of_is_a_difference(played: tuple[Sim, Balance]) -> None:
    sim, _ = played
    ledger = sim.world.ledger
    ledger.entries, before = [*ledger.entries], ledger.entries
    sim.world.record("cj", "order_paid", "OW-1-abcdef-1", amount="1.00", order_id="SD1", quantities={})
    try:
        balance = Balance(ORDERS)
        compare(sim, balance)
    finally:
        ledger.entries = before
    assert [said for said in balance.differences if "OW-1-abcdef-1" in said] == balance.differences != []


def test_an_order_that_we_lost_is_a_difference(played: tuple[Sim, Balance]) -> None:
    sim, _ = played
    table = sim.account.table("orders")
    number = sim.sold[0].number
    before = table["items"].pop(f"lamp-shop#{number}")
    try:
        balance = Balance(ORDERS)
        compare(sim, balance)
    finally:
        table["items"][f"lamp-shop#{number}"] = before
    assert f"{sim.sold[0].name} was bought, and we never heard of it" in balance.differences


def test_a_shop_that_forgets_plays_and_is_judged_as_one_that_does_not() -> None:
    shop = thousands.open_large(5)
    forgetful = thousands.begin(shop, 5, "short", RATE)
    judged = thousands.play(forgetful, 5, forget_every=100)
    keeping = thousands.begin(shop, 5, "short", RATE)
    assert thousands.play(keeping, 5, forget_every=NEVER).outcomes == judged.outcomes
    assert keeping.trace.digest() == forgetful.trace.digest()
    assert keeping.judge is not None
    assert forgetful.judge is not None
    assert keeping.judge.telling.count == forgetful.judge.telling.count
    assert keeping.judge.mishaps.count == forgetful.judge.mishaps.count
    for table in keeping.topology.tables:
        assert keeping.account.stream_end(table) == forgetful.account.stream_end(table)
