"""Many items by their keys: a hundred a request, strongly consistent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orderwright.aws.values import from_item, to_item
from orderwright.errors import Retryable
from orderwright.records import Key

BATCH = 100
"""What one BatchGetItem takes. It answers with at most 16 MB and names the keys that it left out."""
TRIES = 8


def read_batch(
    dynamodb_client: Any, tables: Mapping[str, str], keys: Sequence[Key], sleep: Callable[[float], None]
) -> dict[Key, dict[str, Any]]:
    """The items that are there, as plain values, in the order of `keys`. Raises Retryable when DynamoDB keeps leaving keys out.

    `tables`: their names by role.
    """
    role_of: dict[str, str] = {}  # noted as they are asked for: `tables` may look a name up only then
    found: dict[Key, dict[str, Any]] = {}
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), BATCH):
        wanted: dict[str, dict[str, Any]] = {}
        for key in distinct[start : start + BATCH]:
            name = tables[key.table]
            role_of[name] = key.table
            asked = wanted.setdefault(name, {"Keys": [], "ConsistentRead": True})
            asked["Keys"].append(to_item({"pk": key.pk, "sk": key.sk}))
        for attempt in range(TRIES):
            answer = dynamodb_client.batch_get_item(RequestItems=wanted)
            for name, items in answer.get("Responses", {}).items():
                for item in map(from_item, items):
                    found[Key(role_of[name], item["pk"], item["sk"])] = item
            wanted = {name: rest for name, rest in answer.get("UnprocessedKeys", {}).items() if rest.get("Keys")}
            if not wanted:
                break
            sleep(0.05 * 2**attempt)
        else:
            raise Retryable("DynamoDB did not give all items of a batch", code="BATCH_UNFINISHED")
    return {key: found[key] for key in distinct if key in found}
