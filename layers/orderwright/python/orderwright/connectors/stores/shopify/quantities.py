"""Setting stock at Shopify: compare-and-set in batches, with the entries that Shopify refuses taken out one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.client import ShopifyClient, UserProblem, problems_of
from orderwright.connectors.stores.shopify.ids import gid
from orderwright.errors import OutcomeUnknown, Rejected
from orderwright.ports.store import PushProblem, QuantityChange

# Shopify's limit of an input list (2026-10).
QUANTITY_BATCH = 250
# Each further round takes at least one entry out; most batches need one or two.
MAX_ROUNDS = 8

STALE = frozenset({"CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE"})
NOT_STOCKED = frozenset(
    {"INVALID_INVENTORY_ITEM", "NON_MUTABLE_INVENTORY_ITEM", "INVALID_LOCATION", "ITEM_NOT_STOCKED_AT_LOCATION"}
)


def push_quantities(client: ShopifyClient, changes: Sequence[QuantityChange], key: str) -> list[PushProblem]:
    """Set available quantities (up to QUANTITY_BATCH). Shopify sets all entries of a call or none.

    A refused entry is reported and the rest is sent again, with keys derived from `key`, so that a repeat of this call
    repeats the same requests. An article that is not stocked or not tracked at the location is made so first.
    Raises Rejected for a refusal of the whole call, OutcomeUnknown without an answer, and while
    the same key is still being worked on.
    """
    if len(changes) > QUANTITY_BATCH:
        raise ValueError(f"changes holds {len(changes)} entries: at most {QUANTITY_BATCH} fit into one call")
    left = list(changes)
    found: list[PushProblem] = []
    stocked: set[str] = set()
    for _ in range(MAX_ROUNDS):
        if not left:
            return found
        refused = _send(client, left, _derived(key, left))
        if not refused:
            return found
        for index, problem in refused.items():
            change = left[index]
            if problem.code in NOT_STOCKED and change.stock_id not in stocked:
                stocked.add(change.stock_id)
                outcome = _make_stockable(client, change, key)
                if outcome == "ABLE":
                    continue
                if outcome == "SET":
                    left[index] = change._replace(change_from=change.quantity)
                    continue
            found.append(PushProblem(change.stock_id, problem.code, problem.message, problem.code in STALE))
        reported = {problem.key for problem in found}
        left = [change for change in left if change.stock_id not in reported]
    found += [PushProblem(change.stock_id, "NOT_SET", "too many refusals in one batch", True) for change in left]
    return found


def _derived(key: str, changes: Sequence[QuantityChange]) -> str:
    """Another set of entries is another call and needs another key (IDEMPOTENCY_KEY_PARAMETER_MISMATCH)."""
    return str(uuid5(NAMESPACE_URL, "|".join([key, *(repr(tuple(change)) for change in changes)])))


def _send(client: ShopifyClient, changes: Sequence[QuantityChange], key: str) -> dict[int, UserProblem]:
    """One call; gives the refused entries by index."""
    given: dict[str, Any] = {
        "name": "available",
        "reason": "correction",
        "quantities": [
            {
                "inventoryItemId": gid("InventoryItem", change.stock_id),
                "locationId": gid("Location", change.location_id),
                "quantity": change.quantity,
                "changeFromQuantity": change.change_from,
            }
            for change in changes
        ],
    }
    payload = client.mutate(documents.SET_QUANTITIES, "inventorySetQuantities", input=given, key=key)
    refused: dict[int, UserProblem] = {}
    for problem in problems_of(payload):
        if problem.code == "IDEMPOTENCY_CONCURRENT_REQUEST":
            raise OutcomeUnknown("shopify SetQuantities: the same call is still running", code=problem.code)
        if problem.code == "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED":
            # This key is burnt for good: the caller has to read again and come back with another one.
            stale = UserProblem("CHANGE_FROM_QUANTITY_STALE", problem.path, problem.message)
            return dict.fromkeys(range(len(changes)), stale)
        index = entry_index(problem, "quantities", len(changes))
        if index is None:
            where = ".".join(problem.path) or "the whole call"
            raise Rejected(f"shopify SetQuantities: {where}: {problem.message}", code=problem.code)
        refused.setdefault(index, problem)
    return refused


def entry_index(problem: UserProblem, name: str, count: int) -> int | None:
    """Which entry of the list `name` a user error is about, by its path ("input", "quantities", "3", ...)."""
    for field, index in zip(problem.path, problem.path[1:], strict=False):
        if field == name and index.isascii() and index.isdigit() and int(index) < count:
            return int(index)
    return None


def _make_stockable(client: ShopifyClient, change: QuantityChange, key: str) -> str:
    """Track the article and stock it at the location: "SET" (with its quantity), "ABLE" (set it now) or "" (no use)."""
    item = gid("InventoryItem", change.stock_id)
    location = gid("Location", change.location_id)
    found = client.execute(documents.STOCKED_ITEM, id=item, location=location).get("inventoryItem")
    if not isinstance(found, dict):
        return ""
    outcome = ""
    if not found["tracked"]:
        if problems_of(client.mutate(documents.TRACK_ITEM, "inventoryItemUpdate", id=item)):
            return ""
        outcome = "ABLE"
    if found["inventoryLevel"] is None:
        payload = client.mutate(
            documents.STOCK_ITEM,
            "inventoryActivate",
            item=item,
            location=location,
            available=change.quantity,
            key=_derived(f"{key}|stock", [change]),
        )
        outcome = "" if problems_of(payload) else "SET"
    return outcome
