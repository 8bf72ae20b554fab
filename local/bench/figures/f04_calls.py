"""F4: requests to AWS for one order, counted on warm workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from local.bench.figure import Figure, Settings, Value
from local.bench.order_path import Stage, cold_order, warm_order, warm_order_with_echoes
from local.bench.store_shop import FRONTS

KEY, TITLE = "F4", "AWS calls per order"
# CJ takes five calls where the goal's supplier takes one.
FURTHER_STEPS = 4
ONE_STEP, EACH_FURTHER = 16, 3
GOAL = ONE_STEP + EACH_FURTHER * FURTHER_STEPS
TO_TOLD = 2


def order_calls(stages: Iterable[Stage]) -> int:
    """Without the store's stock and price, which follow from a changed offer and not from the order.

    One relay of the offer's and one of the listing's fact belong to them.
    """
    return sum(1 for stage in stages for call in stage.calls if not call.for_goods)


def measure(_: Settings) -> Figure:
    """Counted, so the same on every machine."""
    warm, echoes, cold = warm_order(), warm_order_with_echoes(), cold_order()
    told = warm[:TO_TOLD]
    webhook = sum(1 for call in warm[0].calls if call.function == "receive_webhook")
    further = max(order_calls([stage]) for stage in warm[TO_TOLD:])
    values = [
        Value("webhook", webhook, "calls", at_most=1),
        Value("webhook to customer told, five-step supplier", order_calls(told), "calls", at_most=GOAL),
        Value("further milestone with a mail", further, "calls", at_most=EACH_FURTHER),
        Value("for idempotency", _for_idempotency(told), "calls", at_most=0),
        Value("stock and price of the bought SKU, beside it", _all(told) - order_calls(told), "calls"),
        Value("with all echoes of the vendors", _all(echoes[:TO_TOLD]), "calls"),
        Value("with every worker cold", _all(cold[:TO_TOLD]), "calls"),
        Value("HTTP requests to vendors", sum(stage.vendor_calls for stage in told), "calls"),
    ]
    for kind in FRONTS:
        sold, told_all = warm_order(kind)[:TO_TOLD], warm_order_with_echoes(kind)[:TO_TOLD]
        values += [
            Value(f"{kind}: webhook to customer told", order_calls(sold), "calls"),
            Value(f"{kind}: with all echoes of the vendors", _all(told_all), "calls"),
            Value(f"{kind}: HTTP requests to it", sum(stage.store_calls for stage in sold), "calls"),
        ]
    by_function: Counter[str] = Counter()
    for stage in told:
        by_function.update(stage.by_function())
    values += [Value(f"  {function}", count, "calls") for function, count in sorted(by_function.items())]
    notes = [
        f"the goal is {ONE_STEP} for one step, and {EACH_FURTHER} for each of {FURTHER_STEPS} further ones",
        "one webhook for each thing that happens; the relay runs after every invocation, so nothing is sent together",
    ]
    return Figure(KEY, TITLE, values, notes)


def _all(stages: Iterable[Stage]) -> int:
    return sum(len(stage.calls) for stage in stages)


def _for_idempotency(stages: Iterable[Stage]) -> int:
    """Writes to anything but an order's, a SKU's or a budget's own items."""
    own = {"ORDER", "DETAILS", "PO", "SHIP", "OFFER", "LISTING", "BUDGET", "KILL"}
    return sum(
        1
        for stage in stages
        for call in stage.calls
        for what, _ in call.writes
        if what not in own and not what.startswith("NOTICE")
    )
