"""ministack's DynamoDB and SSM without their wire: the same operations, called as functions. Measured as twice as quick.

None of the savings changes an answer; a test plays the same seeds with botocore's whole serialisation and demands the same
trace. Requests and answers are handed over as objects, since whoever makes or reads them here changes neither. What is asked
for by its key is read by its key (quick_reads), and writes whose conditions are known are written at once (quick_writes).
What a condition's text means, and what an index is made of, is looked up once. The size of an item is counted from above by
its marshalled form, exactly only where that comes near a limit, and once per item. Values are taken for well formed. Nobody
asks what a write costs, and nobody waits for ministack's own streams.
"""

from __future__ import annotations

import copy
import json
import marshal
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from tests.simulation.cloud import emulator
from tests.simulation.cloud.quick_reads import OVERDUE, by_key, overdue
from tests.simulation.cloud.quick_writes import ABSENT, NEAR_A_LIMIT, SHORT_TRANSACTION, UNCHANGED, put, transact
from tests.simulation.kernel.cloning import plain

SIZES_KEPT = 20_000
_SIZES: dict[int, tuple[dict[str, Any], int]] = {}
_OPERATIONS = {
    "dynamodb": {
        "PutItem": "_put_item", "GetItem": "_get_item", "DeleteItem": "_delete_item", "UpdateItem": "_update_item",
        "Query": "_query", "BatchGetItem": "_batch_get_item", "TransactWriteItems": "_transact_write_items",
    },
    "ssm": {"GetParameter": "_get_parameter", "GetParametersByPath": "_get_parameters_by_path"},
}  # fmt: skip
_WRITES = {"PutItem": put, "TransactWriteItems": transact}
READS = frozenset(("GetItem", "Query", "BatchGetItem", "GetParameter", "GetParametersByPath"))
_PURE = ("_tokenize", "_condition_syntax_error", "_number_size_bytes")


def _well_formed(*_: Any, **__: Any) -> None:
    """Values of ours come from one function that makes them; the exact way has them looked at."""


class _Json:
    """ministack's json, but for one text that it makes of each transaction only to know its length."""

    loads = staticmethod(json.loads)
    JSONDecodeError = json.JSONDecodeError

    @staticmethod
    def dumps(value: Any, **how: Any) -> str:
        """A short transaction needs no text: the limit is 4 MB, and 400 KB for each item."""
        if not how and type(value) is dict and 0 < len(value.get("TransactItems", ())) <= SHORT_TRANSACTION:
            return ""
        return json.dumps(value, **how)


class _Copy:
    """ministack's copy, quick for what it copies most: items, which are nested dicts and lists of plain values."""

    copy = staticmethod(copy.copy)
    deepcopy = staticmethod(plain)


def _no_values(_: Any) -> list[Any]:
    """All values of a request, for those who would look at them."""
    return []


def _flat(_: Any) -> int:
    return 1


def _free(*_: Any) -> float:
    """What a write costs an index: told only to who asks for it, and nobody does."""
    return 0.0


def _no_bytes(*_: Any) -> dict[str, int]:
    """The same of an index of vectors."""
    return {}


class _Nobody:
    """Whom ministack wakes when a stream has news. The simulation looks for itself."""

    def set(self) -> None:
        """Nobody is woken."""


def _schemas(exact: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """The keys of a table's indexes, once per list of indexes: a table's copies share it, and nobody changes it."""
    known: dict[int, tuple[Any, list[Any]]] = {}

    def of(table: dict[str, Any]) -> list[Any]:
        indexes = table.get("GlobalSecondaryIndexes", ())
        held = known.get(id(indexes))
        if held is None or held[0] is not indexes:
            held = known[id(indexes)] = (indexes, list(exact(table)))
        return held[1]

    return of


def _answered(data: dict[str, Any], status: int = 200, **_: Any) -> tuple[int, dict[str, str], Any]:
    return status, {}, data


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Of texts only: lists of tokens are read, never changed, by their users."""
    kept = lru_cache(maxsize=4096)(function)

    def call(*given: Any, **more: Any) -> Any:
        try:
            return kept(*given, **more)
        except TypeError:  # something that is no text
            return function(*given, **more)

    return call


@cache
def operations(service: str) -> dict[str, Callable[[dict[str, Any]], tuple[int, dict[str, str], Any]]]:
    """Operation name -> function from a request to (status, headers, answer). Empty where a service has no quick way."""
    names = _OPERATIONS.get(service)
    if names is None:
        return {}
    module = emulator.module_of(service)
    return {operation: getattr(module, name) for operation, name in names.items() if hasattr(module, name)}


def ask(service: str, operation: str, request: dict[str, Any]) -> tuple[int, Any]:
    """One call of a quick service: (status, answer)."""
    module = _patched(service)
    found = _WRITES[operation](module, request) if operation in _WRITES else by_key(module, operation, request)
    if found is not None:
        return 200, found
    wire = module.json_response
    module.json_response = _answered
    try:
        if request.get("KeyConditionExpression") == OVERDUE:
            status, _, answer = overdue(module, request)
        else:
            status, _, answer = operations(service)[operation](request)
    finally:
        module.json_response = wire
    return status, json.loads(answer) if isinstance(answer, bytes | str) else answer


@cache
def _patched(service: str) -> Any:
    module = emulator.module_of(service)
    if service != "dynamodb":
        return module
    for name in _PURE:
        if hasattr(module, name):
            setattr(module, name, _remembered(getattr(module, name)))
    module._evaluate_condition = _conditions(module._evaluate_condition)
    module._validate_expression_attrs = _expressions(module._validate_expression_attrs)
    module.json = _Json
    exact = module._item_size_bytes

    def size(item: dict[str, Any]) -> int:
        known = _SIZES.get(id(item))
        if known is not None and known[0] is item:
            return known[1]
        above = len(marshal.dumps(item, 1))
        counted = above if above < NEAR_A_LIMIT else exact(item)
        if len(_SIZES) > SIZES_KEPT:
            _SIZES.clear()
        _SIZES[id(item)] = (item, counted)
        return counted

    module._item_size_bytes = size
    module._values_error_response = _well_formed
    module._validate_attribute_value = _well_formed
    module._nesting_level = _flat
    module._nesting_exceeded = _well_formed
    module._request_values = _no_values
    module.copy = _Copy
    module._index_key_schemas = _schemas(module._index_key_schemas)
    module._index_write_units = _free
    module._vector_write_bytes = _no_bytes
    module.esm_wake = _Nobody()
    return module


def forget_sizes() -> None:
    """Let go of the items of a world that is over."""
    _SIZES.clear()


def _conditions(exact: Callable[..., Any]) -> Callable[..., Any]:
    """Those of a Put are known here; all others go the usual way."""

    def holds(text: str, item: dict[str, Any], values: dict[str, Any], *more: Any, **named: Any) -> Any:
        if text == ABSENT:
            return "pk" not in item
        if text == UNCHANGED:
            return item.get("version") == values[":version"]
        return exact(text, item, values, *more, **named)

    return holds


def _expressions(exact: Callable[..., Any]) -> Callable[..., Any]:
    """Whether names and values fit the expressions depends on these texts only. What is wrong is told anew each time."""
    fine: set[tuple[Any, ...]] = set()

    def fault(data: dict[str, Any], fields: tuple[str, ...], *more: Any) -> Any:
        names, values = data.get("ExpressionAttributeNames") or (), data.get("ExpressionAttributeValues") or ()
        shape = (*map(data.get, fields), tuple(names), tuple(values))
        if shape in fine:
            return None
        found = exact(data, fields, *more)
        if found is None and len(fine) < SIZES_KEPT:
            fine.add(shape)
        return found

    return fault
