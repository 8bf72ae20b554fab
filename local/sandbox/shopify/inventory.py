"""Stock levels: compare-and-set with an idempotency key, connecting items to locations, item facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from local.sandbox.shopify.refused import Refused
from local.sandbox.shopify.search import bad_request
from local.sandbox.shopify.state import InventoryItemState, Level, Shop, number_of
from local.sandbox.shopify.stock_moves import level_at

QUANTITY_LIMIT = 1_000_000_000
INPUT_LIMIT = 250
REASONS = frozenset((
    "correction", "cycle_count_available", "damaged", "movement_created", "movement_updated", "movement_received",
    "movement_canceled", "other", "promotion", "quality_control", "received", "reservation_created", "reservation_deleted",
    "reservation_updated", "restock", "safety_stock", "shrinkage",
))  # fmt: skip

Payload = dict[str, Any]


def check_size(name: str, rows: list[Any]) -> None:
    """Refuse the whole request when a list is longer than Shopify takes."""
    if len(rows) > INPUT_LIMIT:
        raise bad_request(
            f"The input array size of {len(rows)} for {name} is greater than the maximum allowed of {INPUT_LIMIT}.",
            "MAX_INPUT_SIZE_EXCEEDED",
        )


@dataclass
class IdempotencyKeys:
    """Remembers successful answers by mutation and key; a refusal by validation does not use a key up."""

    seen: dict[tuple[str, str], tuple[str, Payload]] = field(default_factory=dict)

    def run(self, mutation: str, key: str | None, arguments: Mapping[str, Any], act: Callable[[], Payload]) -> Payload:
        """The earlier answer for the same key and arguments, else what `act` answers now."""
        if key is None:
            raise bad_request(f"The @idempotent directive is required for {mutation} but was not provided.")
        if not key or len(key) > 255:
            raise bad_request("The idempotency key must have between 1 and 255 characters.")
        written = json.dumps(arguments, sort_keys=True, default=str)
        earlier = self.seen.get((mutation, key))
        if earlier is not None:
            if earlier[0] != written:
                message = "The same idempotency key can't be used with different operation parameters."
                raise Refused(None, message, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
            return earlier[1]
        payload = act()
        if not payload.get("userErrors"):
            self.seen[mutation, key] = (written, payload)
        return payload


Change = tuple[str, int, int]
"""One quantity that moved: its name, the difference, and what it is now."""


@dataclass
class Inventory:
    """Stock of the whole store. Quantities are whole units."""

    shop: Shop

    def set_quantities(self, given: Mapping[str, Any]) -> tuple[list[Change], list[dict[str, Any]]]:
        """Set all quantities or none. Answers the changes made, or the user errors; `changeFromQuantity` must be present."""
        rows, name = given["quantities"], given["name"]
        check_size("quantities", rows)
        if any("changeFromQuantity" not in row for row in rows):
            raise bad_request(
                "InventoryQuantityInput must include the following argument: changeFromQuantity.",
                "INVALID_FIELD_ARGUMENTS",
            )
        errors = self._wrong_header(given)
        targets: list[tuple[InventoryItemState, Level, int]] = []
        seen: set[tuple[str, str]] = set()
        for index, row in enumerate(rows):
            path = ["input", "quantities", str(index)]
            pair = (row["inventoryItemId"], row["locationId"])
            try:
                if pair in seen:
                    raise Refused(
                        path,
                        "The combination of inventoryItemId and locationId must be unique.",
                        "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
                    )
                seen.add(pair)
                targets.append(self._target(path, row, name))
            except Refused as refusal:
                errors.append(refusal.error)
        if errors:
            return [], errors
        changes = [change for target in targets for change in self._set(*target, name, given)]
        return changes, []

    def _wrong_header(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        errors = []
        if given["name"] not in ("available", "on_hand"):
            errors.append(Refused(["input", "name"], "The quantity name must be available or on_hand.", "INVALID_NAME"))
        if given["reason"] not in REASONS:
            errors.append(Refused(["input", "reason"], "The specified reason is invalid.", "INVALID_REASON"))
        document = given.get("referenceDocumentUri")
        if document is not None and not urlsplit(document).scheme:
            errors.append(
                Refused(
                    ["input", "referenceDocumentUri"],
                    "The specified reference document URI is invalid.",
                    "INVALID_REFERENCE_DOCUMENT",
                )
            )
        return [error.error for error in errors]

    def _target(self, path: list[str], row: Mapping[str, Any], name: str) -> tuple[InventoryItemState, Level, int]:
        item = self.shop.item(number_of(row["inventoryItemId"], "InventoryItem"))
        location = number_of(row["locationId"], "Location")
        quantity = row["quantity"]
        if item is None:
            raise Refused(
                [*path, "inventoryItemId"], "The inventory item could not be found.", "INVALID_INVENTORY_ITEM"
            )
        if location not in self.shop.locations:
            raise Refused([*path, "locationId"], "The location could not be found.", "INVALID_LOCATION")
        if not item.tracked:
            raise Refused([*path, "inventoryItemId"], "The item is not tracked.", "NON_MUTABLE_INVENTORY_ITEM")
        if location not in item.levels:
            raise Refused(
                [*path, "inventoryItemId"], "The item is not stocked at the location.", "INVALID_INVENTORY_ITEM"
            )
        if quantity < 0:
            raise Refused([*path, "quantity"], "The quantity can't be negative.", "INVALID_QUANTITY_NEGATIVE")
        if quantity > QUANTITY_LIMIT:
            raise Refused([*path, "quantity"], "The quantity is too high.", "INVALID_QUANTITY_TOO_HIGH")
        level = item.levels[location]
        expected = row["changeFromQuantity"]
        if expected is not None and expected != level.quantity(name):
            raise Refused(
                [*path, "changeFromQuantity"],
                "The changeFromQuantity argument no longer matches the persisted quantity.",
                "CHANGE_FROM_QUANTITY_STALE",
            )
        return item, level, quantity

    def _set(
        self, item: InventoryItemState, level: Level, quantity: int, name: str, given: Mapping[str, Any]
    ) -> list[Change]:
        delta = quantity - level.quantity(name)
        if not delta:
            return []
        self.put(item, level, level.available + delta, given["reason"], given.get("referenceDocumentUri"))
        return [(each, delta, level.quantity(each)) for each in ("available", "on_hand")]

    def put(self, item: InventoryItemState, level: Level, available: int, reason: str, document: str | None) -> None:
        """Change free stock and write it into the ledger."""
        before, level.available = level.available, available
        self.shop.world.record(
            "shopify",
            "quantity_changed",
            item.sku or "",
            before=before,
            after=available,
            location=self.shop.locations[level.location].name,
            reason=reason,
            document=document,
        )

    def activate(self, item_id: str, location_id: str, available: int | None, on_hand: int | None) -> Level:
        """Connect an item to a location; raises Refused for unknown ids, or a quantity for a connection that stands."""
        item = self.shop.item(number_of(item_id, "InventoryItem"))
        location = number_of(location_id, "Location")
        if item is None:
            raise Refused(["inventoryItemId"], "The product couldn't be stocked because it wasn't found.")
        if location is None or location not in self.shop.locations:
            raise Refused(["locationId"], "The product couldn't be stocked because the location wasn't found.")
        quantity = available if available is not None else on_hand
        if location in item.levels:
            if quantity is not None:
                raise Refused(
                    ["available"],
                    "Not allowed to set available quantity when the item is already active at the location.",
                )
            return item.levels[location]
        level = level_at(self.shop, item, location)
        if quantity:
            self.put(item, level, quantity, "received", None)
        return level

    def update_item(self, item: InventoryItemState, given: Mapping[str, Any]) -> None:
        """Take over the given fields of an InventoryItemInput."""
        if "sku" in given:
            item.sku = given["sku"]
        if given.get("tracked") is not None:
            item.tracked = given["tracked"]
        if given.get("requiresShipping") is not None:
            item.requires_shipping = given["requiresShipping"]
        weight = (given.get("measurement") or {}).get("weight")
        if weight:
            item.weight_value, item.weight_unit = weight["value"], weight["unit"]
        item.hs_code = given.get("harmonizedSystemCode", item.hs_code)
