"""EventBridge Scheduler -> due work (usecases/dispatch_schedules.py). The input names the schedule."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from orderwright.bootstrap import wiring
from orderwright.log_lines import in_every_line

logger = Logger()


@in_every_line(logger)
def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """The Lambda entry: {"schedule": "sweep" | "poll_stock" | ...} -> how many messages were sent."""
    schedule = str(event.get("schedule", ""))
    sent = wiring().dispatch_schedules(schedule)
    counted = {} if sent.dead_letters is None else {"dead_letters": sent.dead_letters}
    logger.info(schedule, extra={"messages": sent.messages, **counted})
    return {"sent": sent.messages}
