"""SQS -> usecases/write_statement.py. One message at a time; a failed one comes again without holding up the others (P9)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from orderwright.bootstrap import wiring
from orderwright.log_lines import in_every_line
from orderwright.messages import parse

logger = Logger()
processor = BatchProcessor(event_type=EventType.SQS)


def take(record: SQSRecord) -> None:
    """One message."""
    message = parse(record.body)
    wiring().write_statement(message)
    logger.info(message.type, extra=message.log_fields)


@in_every_line(logger)
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda entry: {"batchItemFailures": [...]}."""
    in_time = wiring().each_in_time(context, take, logger)
    return dict(process_partial_response(event=event, record_handler=in_time, processor=processor))
