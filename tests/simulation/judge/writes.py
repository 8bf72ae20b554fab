"""What was written into our tables, from their streams: every version of every item, in the order of the writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.simulation.cloud.readings import plain_item

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

TABLES = ("orders", "catalogue", "control")


class Write(NamedTuple):
    """One write. `item` is the new item in wire form, or None where it was removed."""

    order: str
    table: str
    pk: str
    sk: str
    item: dict[str, Any] | None


def body_of(item: dict[str, Any]) -> dict[str, Any]:
    """The stored model as plain values, worked out once per item. Whoever reads it leaves it as it is."""
    body: dict[str, Any] = plain_item(item).get("body", {})
    return body


def let_pass(body: dict[str, Any], code: str) -> Decimal | None:
    """The worst figure of an order's releases of a code, in US dollars; None where nobody released it."""
    found = [release["measure"] for release in body.get("releases", []) if release["code"] == code]
    return Decimal(max(found)) / 100 if found else None


@dataclass
class Watch:
    """How far each table's stream was read."""

    read: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))
    asked: int = -1
    """How many requests the account had had at the last look: without one, nothing is written."""

    def news(self, sim: Sim) -> list[Write]:
        """Writes since the last look, over all tables in the order in which they happened."""
        found: list[Write] = []
        if sim.account.asked == self.asked:
            return found
        self.asked = sim.account.asked
        for table in TABLES:
            end, position = sim.account.stream_end(table), self.read[table]
            if end > position:
                records = sim.account.stream_since(table, position)
                found += [_write(table, record["dynamodb"]) for record in records]
                self.read[table] = end
        if len(found) > 1:
            found.sort(key=lambda write: write.order)
        return found


def _write(table: str, change: dict[str, Any]) -> Write:
    keys = change["Keys"]
    # The emulator's own count over all tables; what stands before it is the machine's time.
    order = change["SequenceNumber"][-10:]
    return Write(order, table, keys["pk"]["S"], keys["sk"]["S"], change.get("NewImage"))
