"""Copies of a whole world, so that hundreds of scenarios start from one prepared moment without preparing it again.

The vendors are copied as one graph; ministack's stores of one account as plain values. Functions that remember something
(a late effect, a vendor's route) are copied with what they remember, which copy.deepcopy does not do by itself.
"""

from __future__ import annotations

import copy
import importlib
import types
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Anything = TypeVar("Anything")

_STORES = {
    "ministack.services.dynamodb": ("_tables", "_stream_records", "_txn_idempotency"),
    "ministack.services.ses": ("_sent_emails",),
    "ministack.services.sns": ("_sms_messages",),
    "ministack.services.ssm": ("_parameters", "_parameter_history"),
}


def _copied_function(function: types.FunctionType, memo: dict[int, Any]) -> types.FunctionType:
    if not function.__closure__:
        return function
    cells = tuple(types.CellType(copy.deepcopy(cell.cell_contents, memo)) for cell in function.__closure__)
    made = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, cells)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


@contextmanager
def _functions_copied() -> Iterator[None]:
    dispatch = copy._deepcopy_dispatch  # type: ignore[attr-defined]
    before = dispatch.get(types.FunctionType)
    dispatch[types.FunctionType] = _copied_function
    try:
        yield
    finally:
        if before is None:
            del dispatch[types.FunctionType]
        else:
            dispatch[types.FunctionType] = before


def cloned(value: Anything, shared: tuple[Any, ...] = ()) -> Anything:
    """A deep copy that shares nothing with `value` but what is named in `shared`."""
    with _functions_copied():
        return copy.deepcopy(value, {id(one): one for one in shared})


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: _plain(inner) for key, inner in value.items()}
    if kind is list:
        return [_plain(inner) for inner in value]
    if isinstance(value, defaultdict):
        made: defaultdict[Any, Any] = defaultdict(value.default_factory)
        made.update((key, _plain(inner)) for key, inner in value.items())
        return made
    return value if isinstance(value, str | bytes | int | float | tuple | None) else copy.deepcopy(value)


class AwsState:
    """What ministack holds of one account: tables, streams, parameters, mails, text messages."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._stores = [
            getattr(importlib.import_module(module), name)._data for module, names in _STORES.items() for name in names
        ]

    def _own(self, store: dict[Any, Any]) -> dict[Any, Any]:
        return {key: value for key, value in store.items() if key[0] == self._account}

    def take(self) -> list[dict[Any, Any]]:
        """A copy of everything."""
        return [{key: _plain(value) for key, value in self._own(store).items()} for store in self._stores]

    def put(self, taken: list[dict[Any, Any]]) -> None:
        """Everything as it was taken; `taken` stays usable."""
        for store, copied in zip(self._stores, taken, strict=True):
            for key in self._own(store):
                del store[key]
            store.update((key, _plain(value)) for key, value in copied.items())

    def items(self, table: str) -> list[dict[str, Any]]:
        """All items of a table, in wire form, read past every API."""
        for key, value in self._own(self._stores[0]).items():
            if key[-1] == table:
                return [item for part in value["items"].values() for item in part.values()]
        return []

    def records(self, table: str) -> list[dict[str, Any]]:
        """All stream records of a table, oldest first."""
        for key, value in self._own(self._stores[1]).items():
            if key[-1] == table:
                return list(value)
        return []

    def mails(self) -> list[dict[str, Any]]:
        """All mails that SES took, oldest first."""
        return [mail for value in self._own(self._stores[3]).values() for mail in value]

    def texts(self) -> list[dict[str, Any]]:
        """All text messages that SNS took, oldest first for each number."""
        return [text for value in self._own(self._stores[4]).values() for text in value]
