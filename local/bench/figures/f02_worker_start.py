"""F2: ingest_order until it could take its first message, in units of `import boto3`."""

from __future__ import annotations

from local.bench.cold_start import starts
from local.bench.figure import Figure, Settings, Value

KEY, TITLE = "F2", "worker function: init / import boto3"
GOAL = 2.0
MOST_FOR_BOTO3 = 15


def measure(settings: Settings) -> Figure:
    """What is loaded lazily but needed by each message counts as init."""
    found = starts(settings)
    boto3 = found.cpu["worker"] / found.cpu["worker without boto3"]
    values = [
        Value("by processor time", found.cpu_ratio("worker"), "x", at_most=GOAL),
        Value("by the clock", found.ratio("worker"), "x"),
        Value("worker", 1000 * found.cpu["worker"], "ms"),
        Value("what boto3 adds to botocore alone", 100 * (boto3 - 1), "%", at_most=MOST_FOR_BOTO3),
        Value("X-Ray SDK loaded", len({"aws_xray_sdk"} & set(found.heavy["worker"])), "modules", at_most=0),
    ]
    values += [Value(f"  {part}", taken / found.cpu["boto3"], "x") for part, taken in found.worker_parts.items()]
    notes = ["with clients, configuration, the store's connector and its HTTP session: no message can do without them"]
    return Figure(KEY, TITLE, values, notes)
