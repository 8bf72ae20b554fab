"""SQS -> usecases/update_tracking.py. One message at a time; a failed one comes again without holding up the others (P9)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from orderwright.bootstrap import wiring
from orderwright.log_lines import in_every_line
from orderwright.messages import Message, each_once

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS)


def work(message: Message) -> None:
    """One message."""
    wiring().update_tracking(message)


def told(message: Message, again: bool) -> None:
    """It is done; `again`: by the work for an equal one of the same batch."""
    logger.info(message.type, extra={**message.log_fields, "again": again})


@in_every_line(logger)
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda entry: {"batchItemFailures": [...]}."""
    once = each_once(work, told)
    take = wiring().each_in_time(context, lambda record: once(record.body), logger)
    return dict(process_partial_response(event=event, record_handler=take, processor=processor))
