"""orderwright logs: one order's lines out of many, in one line each, followed until Ctrl-C."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from local.cli.commands import logs
from orderwright.errors import Retryable
from orderwright.messages import Message
from orderwright.usecases.operator.logs import FUNCTIONS
from tests.support.handlers import FOLDERS, Context
from tests.support.shop import START, STORE, Shop
from tests.unit.cli.cli_kit import Operator


def wrote(shop: Shop, function: str, text: str, ago: float = 60) -> None:
    """A line of a function's log, so many seconds ago."""
    client: Any = shop.aws.client("logs")
    group = f"/aws/lambda/test-{function}"
    if not client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        client.create_log_group(logGroupName=group)
        client.create_log_stream(logGroupName=group, logStreamName="s")
    at = shop.clock.now() - timedelta(seconds=ago)
    event = {"timestamp": int(at.timestamp() * 1000), "message": text}
    client.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])


def line(message: Message, **more: str) -> str:
    """As the functions' logger writes one."""
    return json.dumps({"level": "INFO", "message": message.type, **message.log_fields, **more})


@pytest.fixture
def written(shop: Shop) -> str:
    """A shop with one order, its neighbour, and lines about both. Gives the order's key."""
    order = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    pk = f"{STORE}#{order.number}"
    run = next(entry.correlation for entry in shop.order(order.name).record.model.log if entry.correlation)
    changed = Message(
        "order.changed", "m1", "", connection=STORE, resource=pk.partition("#")[2], correlation="webhook-1"
    )
    wrote(shop, "ingest_order", line(changed), 50)
    wrote(
        shop,
        "update_tracking",
        line(Message("tracking.due", "m2", "", pk=f"{STORE}#other", correlation=f"{run}0a")),
        40,
    )
    wrote(shop, "notify_customer", line(Message("notice.due", "m3", "", pk=f"{pk}0", correlation="another")), 30)
    wrote(shop, "place_purchase_order", "REPORT RequestId: 1 Duration: 3 ms", 20)
    wrote(
        shop,
        "place_purchase_order",
        "[ERROR]\t2026-11-22T10:00:00Z\trun-9\tBatchProcessingError: \x1b[31mall failed\nTraceback",
        10,
    )
    wrote(shop, "poll_stock", line(Message("stock.poll_due", "m4", "")), 7200)
    return pk


def test_every_function_can_be_asked_for() -> None:
    assert list(FUNCTIONS) == FOLDERS


def test_lines_come_newest_last_within_the_time_and_steer_no_terminal(operator: Operator, written: str) -> None:
    said = operator("logs", "--since", "1h").out
    assert [row.split()[3] for row in said.splitlines()] == [
        "ingest_order", "update_tracking", "notify_customer", "place_purchase_order"
    ]  # fmt: skip
    told = f"read an order from the store  order {written.partition('#')[2]} of {STORE} correlation=webhook-1"
    assert told in said
    assert "\x1b" not in said
    assert "REPORT" not in said
    assert "read stock" in operator("logs", "--since", "999999d", "--function", "poll_stock").out


def test_an_orders_lines_are_those_of_its_key_and_of_its_runs(operator: Operator, written: str) -> None:
    rows = [json.loads(row) for row in operator("logs", "--order", written, "--json").out.splitlines()]
    assert [row["function"] for row in rows] == ["ingest_order", "update_tracking"]


@pytest.mark.usefixtures("written")
def test_a_level_leaves_out_what_is_below_it(operator: Operator) -> None:
    assert operator("logs", "--level", "warning").out.count("\n") == 1
    told = operator("logs", "--level", "warning", "--json").json
    assert (told["request"], told["message"].partition(":")[0]) == ("run-9", "BatchProcessingError")


def test_a_length_of_time_that_is_none_is_named(operator: Operator) -> None:
    assert "--since 30m" in operator("logs", "--since", "yesterday").err


def test_following_tells_each_line_once_and_ctrl_c_ends_it(
    operator: Operator, shop: Shop, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([1, 2])

    def wait(_: float) -> None:
        look = next(looks, None)
        if look is None:
            raise KeyboardInterrupt
        wrote(shop, "ingest_order", line(Message("order.due", f"new-{look}", "", pk=written), code=f"CODE_{look}"), 0)

    monkeypatch.setattr(logs, "_wait", wait)
    said = operator("logs", "--follow", "--order", written, "--limit", "1")
    assert said.code == 0
    # The limit is of what was there before: what it left out does not come with the first look.
    assert [said.out.count(word) for word in ("webhook-1", "CODE_1", "CODE_2")] == [0, 1, 1]


def test_a_message_that_fails_is_told_by_ids_and_code_alone(operator: Operator, shop: Shop) -> None:
    said: list[str] = []
    message = Message("notice.due", "m", START.isoformat(), pk=f"{STORE}#1", correlation="c")

    class Logger:
        def warning(self, what: str, extra: dict[str, str]) -> None:
            said.append(json.dumps({"level": "WARNING", "message": what, **extra}))

    def take(_: Any) -> None:
        raise Retryable("mail to eve@example.com failed", code="SES_DOWN")

    record = SimpleNamespace(body=message.to_json())
    with pytest.raises(Retryable):
        shop.wiring.each_in_time(Context(), take, Logger())(record)
    assert "example.com" not in said[0]
    wrote(shop, "notify_customer", said[0])
    told = operator("logs", "--json", "--level", "WARNING").json
    assert (told["code"], told["order"], told["message"]) == ("SES_DOWN", f"{STORE}#1", "notice.due failed")
