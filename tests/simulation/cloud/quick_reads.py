"""What is asked for by its key is read by its key: GetItem, one partition in order, one partition of an index.

Each gives what ministack would answer, or None for any question that it does not know: that one goes the usual way.
"""

from __future__ import annotations

from typing import Any

_BY_KEY = {"pk = :pk": False, "pk = :pk AND begins_with(sk, :sk)": True}
"""The two ways in which we read a partition; True: only what begins like that."""
_BY_KEY_MEMBERS = {"TableName", "ConsistentRead", "KeyConditionExpression", "ExpressionAttributeValues"}
OVERDUE = "due_shard = :shard AND due_at <= :now"
_BY_INDEX = {"#hash = :hash": ":hash", "state_shard = :state": ":state", OVERDUE: ":shard"}
"""How we ask an index, and which of the values is its partition."""
_BY_INDEX_MEMBERS = _BY_KEY_MEMBERS - {"ConsistentRead"} | {"IndexName", "ExpressionAttributeNames", "Limit"}
_GET_MEMBERS = {"TableName", "Key", "ConsistentRead"}


def by_key(module: Any, operation: str, request: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a GetItem or a Query."""
    if operation == "Query":
        return _of_index(module, request) if "IndexName" in request else _partition(module, request)
    if operation == "GetItem" and request.keys() <= _GET_MEMBERS:
        table = module._tables.get(request["TableName"])
        if table is not None:
            key = request["Key"]
            item = table["items"].get(key["pk"]["S"], {}).get(key["sk"]["S"])
            return {} if item is None else {"Item": item}
    return None


def _of_index(module: Any, request: dict[str, Any]) -> dict[str, Any] | None:
    """Most look-ups in an index find nothing, as its partition is empty; most others find one item."""
    condition = request["KeyConditionExpression"]
    value = _BY_INDEX.get(condition)
    table = module._tables.get(request["TableName"])
    if value is None or table is None or not request.keys() <= _BY_INDEX_MEMBERS:
        return None
    name = request["IndexName"]
    index = module._index_members(table).get(name)
    if index is None:
        return None
    members = index.get(request["ExpressionAttributeValues"][value]["S"])
    if not members:
        return {"Items": [], "Count": 0, "ScannedCount": 0}
    if len(members) > 1 or condition == OVERDUE or request.get("Limit", 2) < 2:
        return None
    ((pk, sk),) = members
    return {
        "Items": [module._apply_index_projection(table["items"][pk][sk], table, name)],
        "Count": 1,
        "ScannedCount": 1,
    }


def overdue(module: Any, request: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    """The sweep's question, of what is overdue only: ministack would compare and sort all that waits, each minute."""
    values, table = request["ExpressionAttributeValues"], module._tables[request["TableName"]]
    shard, now = values[":shard"]["S"], values[":now"]["S"]
    shards, items = module._index_members(table)[request["IndexName"]], table["items"]
    waiting = shards[shard]
    shards[shard] = {(pk, sk): None for pk, sk in waiting if items[pk][sk]["due_at"]["S"] <= now}
    try:
        answered: tuple[int, dict[str, str], Any] = module._query(request)
        return answered
    finally:
        shards[shard] = waiting


def _partition(module: Any, request: dict[str, Any]) -> dict[str, Any] | None:
    """Items of one partition in the order of their keys; None for any other question, and for more than a page."""
    begins = _BY_KEY.get(request["KeyConditionExpression"])
    table = module._tables.get(request["TableName"])
    if begins is None or table is None or not request.keys() <= _BY_KEY_MEMBERS:
        return None
    values = request["ExpressionAttributeValues"]
    part = table["items"].get(values[":pk"]["S"], {})
    prefix = values[":sk"]["S"] if begins else ""
    items = [part[sk] for sk in sorted(part) if sk.startswith(prefix)]
    page, more = module._paginate_evaluated_items(items, None, table)
    return None if more else {"Items": page, "Count": len(page), "ScannedCount": len(page)}
