"""F5: DynamoDB write units of one order, from the items that were really written."""

from __future__ import annotations

from collections import Counter

from local.bench.figure import Figure, Settings, Value
from local.bench.figures.f04_calls import FURTHER_STEPS, TO_TOLD
from local.bench.order_path import warm_order
from local.bench.prices import WRITE_UNITS, WRITE_UNITS_NAME

KEY, TITLE = "F5", "DynamoDB write units per order"
ONE_STEP, EACH_FURTHER = 24, 4
GOAL = ONE_STEP + EACH_FURTHER * FURTHER_STEPS
DOLLARS_A_THOUSAND = 0.03


def measure(_: Settings) -> Figure:
    """Counted, so the same on every machine."""
    stages = warm_order()
    told = [call for stage in stages[:TO_TOLD] for call in stage.calls]
    of_order = [call for call in told if not call.for_goods]
    units = sum(call.units for call in of_order)
    in_table, in_index = Counter[str](), Counter[str]()
    for call in of_order:
        for what, cost in call.writes:
            in_table[what] += cost.table
            in_index[what] += cost.indexes
    further = max(sum(call.units for call in stage.calls) for stage in stages[TO_TOLD:])
    everything = sum(call.units for call in told)
    values = [
        Value("webhook to customer told, five-step supplier", units, "units", at_most=GOAL),
        Value("further milestone", further, "units", at_most=EACH_FURTHER),
        Value("1,000 orders, listings included", everything * 1000 * WRITE_UNITS, "USD", at_most=DOLLARS_A_THOUSAND),
        Value("of it in the tables", sum(in_table.values()), "units"),
        Value("of it in keys-only indexes", sum(in_index.values()), "units"),
        Value("listing of the bought SKU, beside it", everything - units, "units"),
    ]
    values += [Value(f"  {what}: table + index", in_table[what] + in_index[what], "units") for what in sorted(in_table)]
    notes = [
        f"the goal is {ONE_STEP} for one step, and {EACH_FURTHER} for each of {FURTHER_STEPS} further ones",
        "from item sizes before and after, doubled in transactions; index entries once (they follow asynchronously)",
        WRITE_UNITS_NAME,
    ]
    return Figure(KEY, TITLE, values, notes)
