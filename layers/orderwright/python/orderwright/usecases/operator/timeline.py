"""Everything that happened to one order, across all its items and what was archived of them, in the order of time."""

from __future__ import annotations

from typing import NamedTuple

from orderwright.domain.base import from_iso
from orderwright.domain.time_line import LogEntry
from orderwright.records import CANCELLATION, ORDERS, OrderFile
from orderwright.storage import Due, Storage


class TimelineEntry(NamedTuple):
    """One line and the part of the order it belongs to: ORDER, PO#..., SHIP#..., FULFILLMENT#..., NOTICE#..., REQUEST#..."""

    part: str
    entry: LogEntry


class Wake(NamedTuple):
    """Which work a part is due for, and when."""

    part: str
    due: Due


def timeline(storage: Storage, file: OrderFile) -> list[TimelineEntry]:
    """All lines, oldest first."""
    found: list[TimelineEntry] = []
    if file.record is not None:
        found += [TimelineEntry("ORDER", entry) for entry in file.record.model.log]
    parts = (file.purchase_orders, file.shipments, file.notices, file.fulfillments, file.requests)
    for sk, log in ((sk, held.model.log) for part in parts for sk, held in part.items()):
        found += [TimelineEntry(sk, entry) for entry in log]
    if file.cancellation is not None:
        found += [TimelineEntry(CANCELLATION, entry) for entry in file.cancellation.model.log]
    for key, fields in storage.list_raw(ORDERS, file.pk, "LOG#"):
        part = key.sk.removeprefix("LOG#").rpartition("#")[0]
        found += [TimelineEntry(part, LogEntry.model_validate(line)) for line in fields["body"]["log"]]
    return sorted(found, key=lambda line: line.entry.at)


def wakes(storage: Storage, file: OrderFile) -> list[Wake]:
    """What happens next automatically, soonest first."""
    found: list[Wake] = []
    for key, fields in storage.list_raw(ORDERS, file.pk):
        at, _, message_type = str(fields.get("due_at", "")).partition("#")
        if at:
            found.append(Wake(key.sk, Due(from_iso(at), message_type)))
    return sorted(found, key=lambda wake: wake.due.at)
