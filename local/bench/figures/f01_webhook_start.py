"""F1: receive_webhook from nothing to its first message sent, in units of `import boto3`."""

from __future__ import annotations

from local.bench.cold_start import starts
from local.bench.figure import Figure, Settings, Value

KEY, TITLE = "F1", "webhook function: init and first send / import boto3"
GOAL = 0.9


def measure(settings: Settings) -> Figure:
    """From the package for this machine, whose bytecode is as on Lambda."""
    found = starts(settings)
    values = [
        Value("by processor time", found.cpu_ratio("webhook"), "x", at_most=GOAL),
        Value("by the clock", found.ratio("webhook"), "x"),
        Value("import boto3", 1000 * found.cpu["boto3"], "ms"),
        Value("webhook", 1000 * found.cpu["webhook"], "ms"),
        Value("X-Ray SDK or boto3 loaded", len(found.heavy["webhook"]), "modules", at_most=0),
    ]
    notes = [
        "fresh processes in turn, medians; judged by processor time, which a busy machine blurs less",
        "boto3 is compiled the same way as the packages; requests end in the process, so there is no TLS context in it",
    ]
    return Figure(KEY, TITLE, values, notes)
