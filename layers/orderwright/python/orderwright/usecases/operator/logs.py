"""The functions' logs as rows. Lines are JSON and hold ids only (promise P8); what Lambda itself writes of a run is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from orderwright.messages import QUEUE_NAMES
from orderwright.storage import Storage
from orderwright.usecases.operator.timeline import timeline

_NO_WORKERS = (
    "receive_webhook", "serve_supplier_page", "show_tracking", "take_customer_request", "receive_mail_events", "relay_facts",
    "dispatch_schedules",
)  # fmt: skip
FUNCTIONS = tuple(sorted((*QUEUE_NAMES, *_NO_WORKERS)))
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_OF_LAMBDA = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START", "XRAY TraceId")
_PREFIX = re.compile(r"\[(?P<level>[A-Z]+)\]\s+(?:\S+Z\t(?P<request>\S+)\t)?")
_BAD = re.compile(r"Traceback|Task timed out|Runtime exited|Error")
_ARTICLE = "SKU#"


class FunctionLogs(Protocol):
    """Where the lines are."""

    def read(self, function: str, since: datetime, any_of: Sequence[tuple[str, str]]) -> tuple[list[Any], bool]:
        """aws/operator/logs.py."""


class OrderTrace(NamedTuple):
    """What an order's lines are known by: its key, the runs in its time line, and when that begins."""

    pk: str
    runs: tuple[str, ...]
    since: datetime | None

    def words(self) -> list[tuple[str, str]]:
        """(field, how its value begins) of a line that may be about the order."""
        number = self.pk.partition("#")[2]
        return [("pk", self.pk), ("resource", number), *(("correlation", run) for run in self.runs)]

    def names(self, row: dict[str, Any]) -> bool:
        """Is the line about this order?"""
        return row["order"] == self.pk or bool(self.runs and row["correlation"].startswith(self.runs))


def order_trace(storage: Storage, pk: str) -> OrderTrace:
    """An order's trace, from all its items."""
    lines = [line.entry for line in timeline(storage, storage.load_order(pk))]
    runs = dict.fromkeys(line.correlation for line in lines if line.correlation)
    return OrderTrace(pk, tuple(runs), lines[0].at if lines else None)


def log_rows(
    logs: FunctionLogs,
    functions: Sequence[str],
    since: datetime,
    *,
    level: str = "DEBUG",
    order: OrderTrace | None = None,
    most: int = 100_000,
) -> tuple[list[dict[str, Any]], list[str]]:
    """The newest `most` rows, newest last, and the functions that wrote more than is read at once.

    A row: at, function, level, message, order, correlation, code, request (the run's id), id. "" is what a line does not say.
    """
    rows: list[dict[str, Any]] = []
    cut: list[str] = []
    for function in functions:
        lines, more = logs.read(function, since, order.words() if order else ())
        cut += [function] if more else []
        made = (_row(function, *line) for line in lines)
        rows += [row for row in made if row and _matters(row, level) and (order is None or order.names(row))]
        rows = sorted(rows, key=lambda row: row["at"])[-most:]  # a month of all functions would not fit into memory
    return rows, cut


def _matters(row: dict[str, Any], level: str) -> bool:
    return row["level"] not in LEVELS or LEVELS.index(row["level"]) >= LEVELS.index(level)


def _row(function: str, milliseconds: int, event: str, text: str) -> dict[str, Any] | None:
    if text.startswith(_OF_LAMBDA) or not text.strip():
        return None
    prefix = _PREFIX.match(text)
    said = text[prefix.end() :] if prefix else text
    fields = _fields(said)
    guess = prefix["level"] if prefix else "ERROR" if fields is None and _BAD.search(text) else "INFO"
    fields = {"message": said} if fields is None else fields
    pk, resource = str(fields.get("pk", "")), str(fields.get("resource", ""))
    message = str(fields.get("message", fields.get("word", "")))
    if not pk and message.startswith("order.") and resource:
        pk = f"{fields.get('connection', '')}#{resource}"
    return {
        "at": datetime.fromtimestamp(milliseconds / 1000, UTC),
        "function": function,
        "level": str(fields.get("level", guess)),
        "message": message,
        "order": "" if pk.startswith(_ARTICLE) or "#" not in pk else pk,
        "correlation": str(fields.get("correlation", "")),
        "code": str(fields.get("code") or fields.get("exception_name") or fields.get("problem") or ""),
        "request": str(fields.get("request_id") or (prefix and prefix["request"]) or ""),
        "id": event or f"{function} {milliseconds} {text}",
    }


def _fields(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
