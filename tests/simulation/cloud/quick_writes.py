"""Writes whose conditions are known: one Put, or a transaction of Puts and checks.

Each gives what ministack would answer, or None for any wish that it does not know, and wherever a condition fails or an item
is large: that one goes the usual way, which says what is wrong.
"""

from __future__ import annotations

from typing import Any

NEAR_A_LIMIT = 50_000
SHORT_TRANSACTION = 9
"""So many items, of 400 KB at most, are never too much for one transaction."""
ABSENT = "attribute_not_exists(pk)"
UNCHANGED = "version = :version"
_PUT_IF = (ABSENT, UNCHANGED, None)
"""The conditions of a Put: nothing there, or the version that was read; none of a copy (storage.Copy)."""
_PUT_MEMBERS = {
    "TableName", "Item", "ConditionExpression", "ExpressionAttributeValues", "ReturnValuesOnConditionCheckFailure",
}  # fmt: skip
_CHECK_MEMBERS = {"TableName", "Key", "ConditionExpression", "ReturnValuesOnConditionCheckFailure"}
_TRANSACT_MEMBERS = {"TransactItems", "ClientRequestToken"}


class Put:
    """One item over the version that was read, or where there was none. `possible` before `done`."""

    def __init__(self, module: Any, request: dict[str, Any]) -> None:
        self._module, self._request = module, request
        self._item = request["Item"]
        self._pk, self._sk = self._item["pk"]["S"], self._item["sk"]["S"]
        self._table = module._tables.get(request["TableName"])
        self._old: dict[str, Any] | None = None
        self.target = (request["TableName"], self._pk, self._sk)

    def possible(self) -> bool:
        """Known, and its condition holds."""
        request, condition = self._request, self._request.get("ConditionExpression")
        if condition not in _PUT_IF or self._table is None or not request.keys() <= _PUT_MEMBERS:
            return False
        old = self._old = self._table["items"].get(self._pk, {}).get(self._sk)
        values = request.get("ExpressionAttributeValues", {})
        held = condition is None or self._module._evaluate_condition(condition, old or {}, values)
        return bool(held) and self._module._item_size_bytes(self._item) < NEAR_A_LIMIT

    def done(self) -> None:
        """The item is there, and in the stream."""
        self._module._set_item(self._table, self._pk, self._sk, self._item)
        kind = "INSERT" if self._old is None else "MODIFY"
        self._module._emit_stream_event(self._request["TableName"], kind, self._old, self._item)


class Check:
    """That there is no item of that key."""

    def __init__(self, module: Any, request: dict[str, Any]) -> None:
        self._request = request
        self._pk, self._sk = request["Key"]["pk"]["S"], request["Key"]["sk"]["S"]
        self._table = module._tables.get(request["TableName"])
        self.target = (request["TableName"], self._pk, self._sk)

    def possible(self) -> bool:
        """Known, and it holds."""
        request, table = self._request, self._table
        if request.get("ConditionExpression") != ABSENT or table is None or not request.keys() <= _CHECK_MEMBERS:
            return False
        return self._sk not in table["items"].get(self._pk, {})

    def done(self) -> None:
        """Nothing to do."""


_KINDS: dict[str, type[Put | Check]] = {"Put": Put, "ConditionCheck": Check}


def put(module: Any, request: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a PutItem."""
    one = Put(module, request)
    if not one.possible():
        return None
    one.done()
    return {}


def transact(module: Any, request: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a TransactWriteItems; its token is known from then on."""
    members = request["TransactItems"]
    token = request.get("ClientRequestToken")
    if not request.keys() <= _TRANSACT_MEMBERS or not 0 < len(members) <= SHORT_TRANSACTION or not token:
        return None
    if module._txn_token_lookup(token) is not None:
        return None
    steps: list[Put | Check] = []
    for member in members:
        ((kind, wish),) = member.items()
        if kind not in _KINDS:
            return None
        steps.append(_KINDS[kind](module, wish))
    if len({step.target for step in steps}) < len(steps) or not all(step.possible() for step in steps):
        return None
    for step in steps:
        step.done()
    module._txn_token_store(token, {"signature": {"TransactItems": members}, "response": {}, "sizes": {}})
    return {}
