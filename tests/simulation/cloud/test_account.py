"""What the in-process AWS takes from the machine: nothing for the simulation's accounts, everything for all others."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.simulation.modes.bench import Bench
from tests.simulation.opening import SENDER
from tests.simulation.sim import Sim
from tests.support.aws_in_process import InProcessAws
from tests.support.tables import create_tables

A_DAY_AND_MORE = 90_000.0
ITEM = {"pk": {"S": "lamp-shop#1"}, "sk": {"S": "ORDER"}}


def _write(dynamodb: Any, table: str = "orders") -> None:
    """The same transaction each time; it holds once only, unless it is known by its token."""
    put = {"TableName": table, "Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"}
    dynamodb.transact_write_items(TransactItems=[{"Put": put}], ClientRequestToken="a-token")


def _send(sim: Sim) -> str:
    answer = sim.client("sesv2").send_email(
        FromEmailAddress=SENDER,
        Destination={"ToAddresses": ["mika@example.com"]},
        Content={"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "Hello"}}}},
    )
    return str(answer["MessageId"])


def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + A_DAY_AND_MORE)


def test_a_repeated_transaction_is_known_however_slow_the_machine_is(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim = bench.fresh("0")
    _write(sim.client("dynamodb"))
    _later(monkeypatch)
    _write(sim.client("dynamodb"))


def test_a_stream_keeps_its_records_however_slow_the_machine_is(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    sim = bench.fresh("0")
    before = len(sim.account.stream("catalogue"))
    assert before
    _later(monkeypatch)
    _write(sim.client("dynamodb"), "catalogue")
    assert len(sim.account.stream("catalogue")) == before + 1


def test_a_moment_that_comes_again_meets_the_same_ids(bench: Bench) -> None:
    first = bench.fresh("0")
    ids = [_send(first), _send(first)]
    assert ids[0] != ids[1]
    again = bench.fresh("0")
    assert [_send(again), _send(again)] == ids


def test_other_accounts_of_the_process_keep_the_machines_time_and_ids_of_their_own(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.fresh("0")
    aws = InProcessAws()
    dynamodb = aws.client("dynamodb")
    table = create_tables(dynamodb)["orders"]
    assert not str(dynamodb.describe_table(TableName=table)["Table"]["TableId"]).startswith("00000000")
    _write(dynamodb, table)
    _write(dynamodb, table)
    _later(monkeypatch)
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        _write(dynamodb, table)
    aws.close()


def test_no_table_of_ours_loses_items_by_the_machines_clock(bench: Bench) -> None:
    # ministack looks for them once a minute, in a thread of its own. AWS may take days, so none are missed here.
    sim = bench.fresh("0")
    for table in sim.topology.tables:
        answer = sim.client("dynamodb").describe_time_to_live(TableName=table)
        assert answer["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"


def test_other_tests_of_the_process_meet_the_emulator_whole(bench: Bench) -> None:
    """The quick way leaves out what looks at values: here two of the same in a set."""
    bench.fresh("0")
    aws = InProcessAws()
    dynamodb = aws.client("dynamodb")
    table = create_tables(dynamodb)["orders"]
    with pytest.raises(dynamodb.exceptions.ClientError, match="duplicates"):
        dynamodb.put_item(TableName=table, Item={**ITEM, "codes": {"SS": ["A", "A"]}})
    aws.close()
