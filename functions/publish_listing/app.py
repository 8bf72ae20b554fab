"""SQS -> usecases/publish_listing.py: a whole batch at once, since stores take prices and stock in batches (F9)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from orderwright.bootstrap import wiring
from orderwright.log_lines import in_every_line
from orderwright.messages import Message, NotAMessage, parse

logger = Logger()


@in_every_line(logger)
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda entry: {"batchItemFailures": [...]}."""
    wiring().begin(context)
    failed: list[str] = []
    taken: list[tuple[str, Message]] = []
    for record in event.get("Records", []):
        try:
            taken.append((record["messageId"], parse(record["body"])))
        except NotAMessage as error:
            logger.error("not a message", extra={"problem": str(error)})
            failed.append(record["messageId"])
    refused = set(wiring().publish_listing([message for _, message in taken]))
    failed += [message_id for message_id, message in taken if message.id in refused]
    logger.info("published", extra={"messages": len(taken), "failed": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
