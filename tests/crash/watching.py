"""What is watched of a worker beside its calls: alerts, log lines. And one saving: queries are parsed once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from local.sandbox.shopify import admin_api
from orderwright.aws.notifier import AwsNotifier, NotifierClients


class LogLines(logging.Handler):
    """Log lines of everything but the emulator, for the search for personal data."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        if "ministack" not in record.pathname:
            self._lines.append(record.getMessage())


@cache
def parse_once() -> None:
    """The sandbox store parses and validates each text of a query once per process, not once per call."""
    module: Any = admin_api
    parse_text, validate = module.parse, module.validate
    known: dict[int, tuple[Any, Any]] = {}

    def validate_once(schema: Any, document: Any) -> Any:
        if id(document) not in known:
            known[id(document)] = (document, validate(schema, document))
        return known[id(document)][1]

    module.parse = lru_cache(maxsize=512)(parse_text)
    module.validate = validate_once


class SpyNotifier(AwsNotifier):
    """The real notifier; alerts that were published are written down as the merchant's mailbox would."""

    def __init__(self, clients: NotifierClients, topic: str, alerts: Callable[[str], None]) -> None:
        super().__init__(clients, sender="shop@example.com", alert_topic_arn=topic)
        self._heard = alerts

    def raise_alert(self, subject: str, text: str) -> None:
        """As AwsNotifier.raise_alert."""
        super().raise_alert(subject, text)
        self._heard(f"{subject}\n{text}")
