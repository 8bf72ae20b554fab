"""All three tables as they stand at the end, read once and past every API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from orderwright.aws.dynamo import DynamoStorage
from orderwright.aws.values import from_item
from orderwright.domain.base import from_iso
from orderwright.domain.routing.decision import RoutingDecision
from orderwright.records import OrderFile, routing_key, track_pk

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

Item = dict[str, Any]
ROUTING = routing_key("", 1).pk
PAGES = track_pk("")
NO_ORDERS = (ROUTING, PAGES, "REQUEST#")


class DueItem(NamedTuple):
    """An item that wakes up by itself."""

    at: datetime
    kind: str
    table: str
    pk: str
    sk: str


class _Partitions(DynamoStorage):
    """The product's own reading of an order's items, over items that were fetched already."""

    def __init__(self, items: list[Item]) -> None:
        self._items: dict[str, list[Item]] = {}
        for item in items:
            self._items.setdefault(item["pk"]["S"], []).append(item)

    @property
    def pks(self) -> list[str]:
        return sorted(pk for pk in self._items if not pk.startswith(NO_ORDERS))

    @property
    def parts(self) -> dict[str, dict[str, Any]]:
        """The parts of customers' pages: partition -> sort key -> what it says."""
        pages = {pk: map(from_item, items) for pk, items in self._items.items() if pk.startswith(PAGES)}
        return {pk: {item["sk"]: item["body"] for item in items} for pk, items in pages.items()}

    @property
    def decisions(self) -> list[tuple[str, RoutingDecision]]:
        """What was decided on who ships what, each with the order's partition."""
        found = [(pk, from_item(item)) for pk, items in sorted(self._items.items()) for item in items]
        return [
            (pk.removeprefix(ROUTING), RoutingDecision.model_validate(item["body"]))
            for pk, item in found
            if pk.startswith(ROUTING)
        ]

    def query(self, table: str, pk: str, sk_prefix: str = "") -> list[dict[str, Any]]:
        return [_without_log(item) for item in self._items.get(pk, [])]


def _without_log(item: Item) -> dict[str, Any]:
    """Logs are long, and no promise is judged by what we say of ourselves."""
    body = item.get("body")
    if body is None or "log" not in body.get("M", {}):
        return from_item(item)
    kept = {name: value for name, value in body["M"].items() if name != "log"}
    return from_item({**item, "body": {"M": kept}})


@dataclass
class Tables:
    """`files` by partition of the orders table; `spent` in minor units by supplier and day."""

    orders: list[Item]
    catalogue: list[Item]
    control: list[Item]
    files: dict[str, OrderFile] = field(default_factory=dict)
    decisions: list[tuple[str, RoutingDecision]] = field(default_factory=list)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    due: dict[tuple[str, str], DueItem] = field(default_factory=dict)
    spent: dict[tuple[str, str], int] = field(default_factory=dict)

    def waits(self, pk: str, sk: str) -> DueItem | None:
        """When this item wakes up; None if it does not."""
        return self.due.get((pk, sk))


def read_tables(sim: Sim) -> Tables:
    """Everything as it is now."""
    account = sim.account
    tables = Tables(account.items("orders"), account.items("catalogue"), account.items("control"))
    partitions = _Partitions(tables.orders)
    tables.files = {pk: partitions.load_order(pk) for pk in partitions.pks}
    tables.decisions, tables.parts = partitions.decisions, partitions.parts
    for name, items in (("orders", tables.orders), ("catalogue", tables.catalogue), ("control", tables.control)):
        for item in items:
            if "due_at" in item:
                at, _, kind = item["due_at"]["S"].partition("#")
                pk, sk = item["pk"]["S"], item["sk"]["S"]
                tables.due[pk, sk] = DueItem(from_iso(at), kind, name, pk, sk)
    for item in tables.control:
        if item["pk"]["S"].startswith("BUDGET#") and "spent" in item:
            supplier = item["pk"]["S"].removeprefix("BUDGET#")
            tables.spent[supplier, item["sk"]["S"].removeprefix("DAY#")] = int(item["spent"]["N"])
    return tables
