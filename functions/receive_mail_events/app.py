"""SNS -> usecases/receive_mail_events.py: bounces and complaints. An event carries the recipient, so nothing of it is logged."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from orderwright.bootstrap import wiring
from orderwright.log_lines import in_every_line

logger = Logger()


@in_every_line(logger)
def handler(event: dict[str, Any], _context: object) -> None:
    """The Lambda entry. What fails is tried twice more by Lambda, and then found at night."""
    written, unknown = wiring().receive_mail_events(event.get("Records", []))
    logger.info("mail events", extra={"written": written, "unknown": unknown})
