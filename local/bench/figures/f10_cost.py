"""F10: what a stack costs a month when nothing happens, with a file feed, and for a thousand orders. An estimate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from local.bench import prices
from local.bench.counting_shop import Call
from local.bench.figure import Figure, Settings, Value
from local.bench.figures.f07_poll_requests import FeedShop
from local.bench.order_path import warm_order_with_echoes
from local.packager.artifacts import load_template

KEY, TITLE = "F10", "estimated cost at AWS's list prices"
FEED_GOAL, FIXED_GOAL = 1.0, 3.0
POLLS_A_MONTH = prices.MINUTES_A_MONTH / 5
# Requests do not depend on how many SKUs stay the same, so a small file stands for the large one.
SKUS_COUNTED, SKUS = 1000, 10_000
CHANGES_A_POLL = SKUS // 100 // 12
# Assumed, since nothing ran on AWS: how long an invocation takes there, and what it logs.
SECONDS, POLL_SECONDS, LOGGED_BYTES = 0.3, 1.5, 600
MEMORY_GB = 0.5
READ_SIZE_UNITS = 1
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}


def measure(_: Settings) -> Figure:
    """Counted requests times list prices."""
    template = load_template()["Resources"]
    few, many = _idle(template, prices.IDLE_POLLS_A_MINUTE_LIMITED), _idle(template, prices.IDLE_POLLS_A_MINUTE)
    silent, changed = _polls()
    thousand = 1000 * requests_cost([call for stage in warm_order_with_echoes() for call in stage.calls])
    orders = 1000 * sum(stage.invocations for stage in warm_order_with_echoes())
    values = [
        Value("idle stack, two pollers a queue", few, "USD/month"),
        Value("idle stack, five pollers a queue", many, "USD/month", at_most=FIXED_GOAL),
        *(Value(f"  {name}", cost, "USD/month") for name, cost in _idle_parts(template).items()),
        Value(f"{SKUS:,} SKUs every 5 minutes, 1 % changed an hour", changed, "USD/month", at_most=FEED_GOAL),
        Value(f"{SKUS:,} SKUs every 5 minutes, nothing changed", silent, "USD/month"),
        Value("1,000 orders with all milestones: requests", thousand, "USD"),
        Value("1,000 orders with all milestones: invocations", orders * invocation_cost(SECONDS), "USD"),
        Value("1,000 orders with all milestones: three mails each", 3000 * prices.MAILS, "USD"),
    ]
    notes = [
        prices.AS_OF,
        f"assumed: {SECONDS} s and {MEMORY_GB} GB an invocation, {POLL_SECONDS} s a poll with changes, "
        f"{LOGGED_BYTES} bytes of log each; a read is {READ_SIZE_UNITS} unit; storage is left out",
        "with a maximum concurrency, AWS may keep fewer than five pollers at an idle queue; both ends are given",
    ]
    return Figure(KEY, TITLE, values, notes)


def invocation_cost(seconds: float) -> float:
    """One invocation with its log."""
    logs = LOGGED_BYTES / 1024**3 * prices.LOGS_GB
    return prices.LAMBDA_REQUESTS + seconds * MEMORY_GB * prices.LAMBDA_GB_SECONDS + logs


def requests_cost(calls: Iterable[Call]) -> float:
    """Requests at list price. Each message sent is also received and deleted; each webhook passes the API."""
    total = 0.0
    for call in calls:
        service, _, operation = call.operation.partition(":")
        if service == "sqs":
            total += 3 * prices.SQS_REQUESTS
            total += prices.API_REQUESTS if call.function == "receive_webhook" else 0.0
        elif service == "s3":
            total += prices.S3_PUTS if operation == "PutObject" else prices.S3_GETS
        elif service == "dynamodb":
            total += call.units * prices.WRITE_UNITS if call.writes else READ_SIZE_UNITS * prices.READ_UNITS
    return total


# --- nothing happens ------------------------------------------------------------------------------------------------------


def _idle(template: dict[str, Any], polls_a_minute: int) -> float:
    return sum(_idle_parts(template, polls_a_minute).values())


def _idle_parts(template: dict[str, Any], polls_a_minute: int = prices.IDLE_POLLS_A_MINUTE) -> dict[str, float]:
    kinds = [resource["Type"] for resource in template.values()]
    sources = [
        resource["Properties"]["EventSourceArn"]["Fn::GetAtt"]
        for resource in template.values()
        if resource["Type"] == "AWS::Lambda::EventSourceMapping"
    ]
    queues = sum(1 for source in sources if source[1] == "Arn")
    runs = sum(prices.MINUTES_A_MONTH / minutes for minutes in schedule_minutes(template))
    sweeps = prices.MINUTES_A_MONTH
    paid_alarms = max(0, kinds.count("AWS::CloudWatch::Alarm") - prices.FREE_ALARMS)
    return {
        f"idle polls of {queues} queues": queues * polls_a_minute * prices.MINUTES_A_MONTH * prices.SQS_REQUESTS,
        "schedules and their function": runs * (prices.SCHEDULER_INVOCATIONS + invocation_cost(SECONDS)),
        # Three tables, two shards each, at half a unit: an index is read eventually consistent.
        "sweep's reads": sweeps * 6 * 0.5 * prices.READ_UNITS,
        "alarms beyond ten, custom metrics": paid_alarms * prices.ALARMS
        + kinds.count("AWS::Logs::MetricFilter") * prices.CUSTOM_METRICS,
    }


def schedule_minutes(template: dict[str, Any]) -> list[int]:
    """The intervals of all schedules. Raises ValueError for one that is neither a rate nor once a day at a fixed time."""
    found = []
    for name, resource in template.items():
        if resource["Type"] == "AWS::Scheduler::Schedule":
            expression = resource["Properties"]["ScheduleExpression"]
            match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)|cron\(\d+ \d+ \* \* \? \*\)", expression)
            if match is None:
                raise ValueError(f"{name}: {expression} is no rate, so its cost cannot be worked out")
            found.append(int(match[1] or 1) * _MINUTES[match[2] or "day"])
    return found


# --- a file feed ----------------------------------------------------------------------------------------------------------


def _polls() -> tuple[float, float]:
    """Dollars a month when every poll is answered 304, and when every poll brings some changes."""
    shop = FeedShop(SKUS_COUNTED)
    shop.poll()
    same, _ = shop.poll()
    names = list(shop.text_feed.stock)[:: SKUS_COUNTED // CHANGES_A_POLL][:CHANGES_A_POLL]
    shop.text_feed.stock.update(dict.fromkeys(names, 3))
    changed, _ = shop.poll()
    asked = 3 * prices.SQS_REQUESTS
    silent = requests_cost(same) + asked + invocation_cost(SECONDS)
    listings = [call for stage in warm_order_with_echoes() for call in stage.calls if call.for_goods]
    # Of each changed offer: relayed, priced, pushed; what an order makes of its SKU is the same path, once too often.
    path = [call for call in listings if call.function != "poll_stock"]
    pushes = max(1, sum(1 for call in path if call.queue == "recalculate_price"))
    each = (requests_cost(path) + 3 * invocation_cost(SECONDS)) / pushes
    busy = requests_cost(changed) + asked + invocation_cost(POLL_SECONDS) + len(names) * each
    return silent * POLLS_A_MONTH, busy * POLLS_A_MONTH
