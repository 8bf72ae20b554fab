"""DynamoDB streams -> the workers' queues. Never raises for one record; raises when SQS refuses, so that all come again."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from orderwright.bootstrap import wiring
from orderwright.log_lines import in_every_line

logger = Logger()


@in_every_line(logger)
def handler(event: dict[str, Any], _context: object) -> None:
    """The Lambda entry: new images that carry facts."""
    relayed, bad = wiring().relay_facts(event.get("Records", []))
    logger.info("relayed", extra={"messages": relayed, "unreadable": bad})
