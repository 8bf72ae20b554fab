"""Copies of a whole world, so that thousands of scenarios start from one prepared moment without preparing it again.

Functions that remember something (a late effect, a vendor's route) are copied with what they remember, which copy.deepcopy
does not do by itself.
"""

from __future__ import annotations

import copy
import types
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Anything = TypeVar("Anything")


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


def plain(value: Any) -> Any:
    """A copy of nested dicts and lists of plain values: much quicker than a deep copy."""
    kind = type(value)
    if kind is dict:
        return {key: plain(inner) for key, inner in value.items()}
    if kind is list:
        return [plain(inner) for inner in value]
    if isinstance(value, defaultdict):
        made: defaultdict[Any, Any] = defaultdict(value.default_factory)
        made.update((key, plain(inner)) for key, inner in value.items())
        return made
    return value if isinstance(value, str | bytes | int | float | tuple | None) else copy.deepcopy(value)
