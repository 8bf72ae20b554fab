"""Stock of a BigCommerce store, counted by location, and by product or by variant.

It is set by absolute adjustments, over a value that was read right before. BigCommerce compares nothing itself: a unit that
is sold between the two calls is there again until its order arrives and the number is set again. Relative adjustments would
keep that unit sold, but BigCommerce carries adjustments out later, so that a read may show an old value: a difference to it,
sent twice, is wrong by all of it. What is sent here again is the same number.

Unconfirmed: that a list of inventory items holds every variant whose stock is counted; that an adjustment sets what is on
hand, and `safety_stock` is taken off that; that backorders, where a store takes them, stand in `available_to_sell`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.client import PAGE, BigCommerceClient
from orderwright.errors import Misconfigured
from orderwright.ports.store import PushProblem, QuantityChange

T = TypeVar("T")
DEFAULT_LOCATION = "1"
NOT_COUNTED = "n"
REASON = "Orderwright"


def chunks(values: Sequence[T], size: int = PAGE) -> Iterator[Sequence[T]]:
    """The values in parts of this size."""
    return (values[start : start + size] for start in range(0, len(values), size))


def stock_id_of(product_id: str, variant_id: str, tracking: str, *, alone: bool) -> str:
    """Where its stock is counted: p<product>.<variant> or v<variant>; n<variant> where it has none of its own."""
    if tracking == "variant":
        return f"v{variant_id}"
    return f"p{product_id}.{variant_id}" if tracking == "product" and alone else f"{NOT_COUNTED}{variant_id}"


def _variant_of(stock_id: str) -> str:
    return stock_id[1:].rpartition(".")[2]


class Level(NamedTuple):
    """Units of a variant at one location: those for sale, and those on hand beside them; below zero: sold without being there."""

    product_id: str
    available: int | None
    kept: int = 0


def _level(product_id: str, place: Node) -> Level:
    """Below zero, where more was sold than was there, is none for sale."""
    settings = place.child("settings")
    kept = settings.count("safety_stock") if settings and settings.has("safety_stock") else 0
    available = max(int(place.decimal("available_to_sell")), 0)
    there = int(place.decimal("total_inventory_onhand")) if place.has("total_inventory_onhand") else available + kept
    return Level(product_id, available, kept - max(available - max(there - kept, 0), 0))


class BigCommerceStock:
    """The part of StoreCatalogue that counts."""

    _client: BigCommerceClient
    quantity_batch = 1000

    def find_location(self, name: str) -> str:
        """See StoreCatalogue; the default location without a name, and no call."""
        if not name.strip():
            return DEFAULT_LOCATION
        found = {
            row.text("label"): row.text("id") for row in self._client.rows("getLocations", "v3/inventory/locations")
        }
        for label, location in found.items():
            if label.strip().casefold() == name.strip().casefold():
                return location
        raise Misconfigured(
            f"connections.{self._client.id}.location: the store has no location of that name; "
            f"it has: {', '.join(sorted(found)) or 'none'}",
            code="NO_SUCH_LOCATION",
        )

    def _levels(self, variant_ids: Iterable[str], location_id: str) -> dict[str, Level]:
        """By variant; what is not listed is left out."""
        found: dict[str, Level] = {}
        for chunk in chunks(list(dict.fromkeys(variant_ids))):
            query = {"variant_id:in": ",".join(chunk), "location_id:in": location_id}
            for row in self._client.rows("getInventoryItems", "v3/inventory/items", **query):
                identity = row.child("identity") or row.refuse("identity", "which item it is")
                places = [one for one in row.children("locations") if one.text("location_id") == location_id]
                level = Level(identity.text("product_id"), None)
                if places:
                    level = _level(identity.text("product_id"), places[0])
                found[identity.text("variant_id")] = level
        return found

    def push_quantities(self, changes: Sequence[QuantityChange], key: str) -> list[PushProblem]:
        """See StoreCatalogue. Raises Rejected where the store refuses the whole call for one entry."""
        levels: dict[tuple[str, str], Level] = {}
        for place in dict.fromkeys(change.location_id for change in changes):
            asked = [_variant_of(change.stock_id) for change in changes if change.location_id == place]
            levels |= {(place, variant): level for variant, level in self._levels(asked, place).items()}
        return self._set(changes, levels)

    def _set(self, changes: Sequence[QuantityChange], levels: Mapping[tuple[str, str], Level]) -> list[PushProblem]:
        """Set what still is as it was read."""
        problems, rows = [], []
        for change in changes:
            level = levels.get((change.location_id, _variant_of(change.stock_id)), Level("", None))
            if change.stock_id.startswith(NOT_COUNTED):
                text = "its stock is not counted by variant: set that in its inventory settings"
                problems.append(PushProblem(change.stock_id, "NOT_COUNTED", text, False))
                continue
            if (level.available or 0) != change.change_from:
                problems.append(PushProblem(change.stock_id, "STALE", "the stock changed since it was read", True))
                continue
            on_hand = change.quantity + level.kept
            if on_hand < 0:
                text = f"it is sold {-on_hand} units beyond its stock (backorders): switch that off in its inventory settings"
                problems.append(PushProblem(change.stock_id, "BACKORDERS", text, False))
            rows.append(self._row(change.stock_id, change.location_id, max(on_hand, 0)))
        if rows:
            body = {"reason": REASON, "items": rows}
            self._client.write("putAbsoluteAdjustment", "PUT", "v3/inventory/adjustments/absolute", body)
        return problems

    @staticmethod
    def _row(stock_id: str, location_id: str, quantity: int) -> dict[str, Any]:
        whose, number = (
            ("product_id", stock_id[1:].partition(".")[0]) if stock_id[0] == "p" else ("variant_id", stock_id[1:])
        )
        return {"location_id": int(location_id), whose: int(number), "quantity": quantity}
