"""Copies of a whole world, so that thousands of scenarios start from one prepared moment without preparing it again.

What copy.deepcopy does, with two differences. Functions that remember something (a late effect, a vendor's route) are copied
with what they remember. And plain containers and plain objects are copied here, several times as quickly; whatever has rules
of its own for being copied is left to copy.deepcopy.
"""

from __future__ import annotations

import copy
import types
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from random import Random
from typing import Any, TypeVar

from pydantic import BaseModel

Anything = TypeVar("Anything")
Memo = dict[int, Any]
_UNCHANGING = frozenset(
    (type(None), bool, int, float, str, bytes, Decimal, datetime, date, timedelta, timezone, type, types.ModuleType,
     types.CodeType)
)  # fmt: skip


def _function(function: types.FunctionType, memo: Memo) -> types.FunctionType:
    if not function.__closure__:
        return function
    cells = tuple(types.CellType(_copy(cell.cell_contents, memo)) for cell in function.__closure__)
    made = types.FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__, cells)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _method(method: types.MethodType, memo: Memo) -> types.MethodType:
    return types.MethodType(method.__func__, _copy(method.__self__, memo))


def _builtin(function: types.BuiltinFunctionType, memo: Memo) -> Any:
    """A method of a dict or a list that somebody keeps: of the copy's own, or two worlds would share what it reads."""
    holder = function.__self__
    if holder is None or isinstance(holder, types.ModuleType | type):
        return function
    return getattr(_copy(holder, memo), function.__name__)


def _dict(value: dict[Any, Any], memo: Memo) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    memo[id(value)] = made
    for key, inner in value.items():
        made[key if type(key) in _UNCHANGING else _copy(key, memo)] = (
            inner if type(inner) in _UNCHANGING else _copy(inner, memo)
        )
    return made


def _list(value: list[Any], memo: Memo) -> list[Any]:
    made: list[Any] = []
    memo[id(value)] = made
    made += [inner if type(inner) in _UNCHANGING else _copy(inner, memo) for inner in value]
    return made


def _tuple(value: tuple[Any, ...], memo: Memo) -> tuple[Any, ...]:
    made = tuple([inner if type(inner) in _UNCHANGING else _copy(inner, memo) for inner in value])
    if all(one is other for one, other in zip(made, value, strict=True)):
        return value
    known: tuple[Any, ...] = memo.setdefault(id(value), made)  # a tuple inside itself was made on the way
    return known


def _named_tuple(value: Any, memo: Memo) -> Any:
    made = [inner if type(inner) in _UNCHANGING else _copy(inner, memo) for inner in value]
    return value if all(one is other for one, other in zip(made, value, strict=True)) else type(value)._make(made)


def _object(value: Any, memo: Memo) -> Any:
    made = memo[id(value)] = object.__new__(type(value))
    fields = made.__dict__
    for name, inner in value.__dict__.items():
        fields[name] = inner if type(inner) in _UNCHANGING else _copy(inner, memo)
    return made


def _set(value: set[Any] | frozenset[Any], memo: Memo) -> Any:
    if all(type(inner) in _UNCHANGING for inner in value):
        return memo.setdefault(id(value), value.copy())
    return copy.deepcopy(value, memo)


def _random(dice: Random, memo: Memo) -> Random:
    made = memo[id(dice)] = Random(0)
    made.setstate(dice.getstate())
    return made


def _itself(value: Any, memo: Memo) -> Any:
    return value


def _other(value: Any, memo: Memo) -> Any:
    return copy.deepcopy(value, memo)


_WAYS: dict[type, Callable[[Any, Memo], Any]] = {
    dict: _dict,
    list: _list,
    tuple: _tuple,
    set: _set,
    frozenset: _set,
    Random: _random,
    types.FunctionType: _function,
    types.MethodType: _method,
    types.BuiltinFunctionType: _builtin,
}
"""How values of a type are copied; filled as types come."""
_RULES = ("__deepcopy__", "__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__new__")


def _way(kind: type) -> Callable[[Any, Memo], Any]:
    if issubclass(kind, Enum) or (issubclass(kind, BaseModel) and kind.model_config.get("frozen")):
        return _itself
    if issubclass(kind, tuple) and hasattr(kind, "_make"):
        return _named_tuple
    own = any(getattr(kind, name, None) is not getattr(object, name, None) for name in _RULES)
    slots = any("__slots__" in base.__dict__ for base in kind.__mro__[:-1])
    return _other if own or slots or not kind.__dictoffset__ else _object


def _copy(value: Any, memo: Memo) -> Any:
    kind = type(value)
    if kind in _UNCHANGING:
        return value
    known = memo.get(id(value), memo)
    if known is not memo:
        return known
    way = _WAYS.get(kind)
    if way is None:
        way = _WAYS[kind] = _way(kind)
    return way(value, memo)


@contextmanager
def _functions_copied() -> Iterator[None]:
    dispatch = copy._deepcopy_dispatch  # type: ignore[attr-defined]
    ours = {types.FunctionType: _function, types.BuiltinFunctionType: _builtin}
    before = {kind: dispatch.get(kind) for kind in ours}
    dispatch.update(ours)
    try:
        yield
    finally:
        for kind, way in before.items():
            if way is None:
                del dispatch[kind]
            else:
                dispatch[kind] = way


def cloned(value: Anything, shared: tuple[Any, ...] = ()) -> Anything:
    """A deep copy that shares nothing with `value` but what is named in `shared`, and what never changes."""
    with _functions_copied():
        made: Anything = _copy(value, {id(one): one for one in shared})
    return made


def plain(value: Any) -> Any:
    """A copy of nested dicts and lists of plain values: much quicker than a deep copy."""
    kind = type(value)
    if kind is dict:
        return {key: inner if type(inner) in _UNCHANGING else plain(inner) for key, inner in value.items()}
    if kind is list:
        return [inner if type(inner) in _UNCHANGING else plain(inner) for inner in value]
    if isinstance(value, defaultdict):
        made: defaultdict[Any, Any] = defaultdict(value.default_factory)
        made.update((key, plain(inner)) for key, inner in value.items())
        return made
    return value if kind in _UNCHANGING or kind is tuple else copy.deepcopy(value)
