"""Which stream records an event mapping hands to its function: Lambda's filter patterns, as far as the template needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SCALARS = (str, int, float, bool, type(None))
_COMPARISONS = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def filter_matches(pattern: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """True where every field of the pattern accepts the record. Raises ValueError for a pattern that we do not know."""
    check_pattern(pattern)
    return _matches(pattern, record)


def check_pattern(pattern: Any, where: str = "") -> None:
    """Raise ValueError, naming the field, for an operator or a form that `filter_matches` does not know."""
    if not isinstance(pattern, Mapping) or not pattern:
        raise ValueError(f"filter{where}: expected fields, found {pattern!r}")
    for field, wanted in pattern.items():
        inner = f"{where}.{field}"
        if field == "$or":
            raise ValueError(f"filter{where}: the operator $or is not known here")
        if isinstance(wanted, Mapping):
            check_pattern(wanted, inner)
        elif not isinstance(wanted, list) or not wanted:
            raise ValueError(f"filter{inner}: expected a list of values, found {wanted!r}")
        else:
            for test in wanted:
                _check_test(test, inner)


def _check_test(test: Any, where: str) -> None:
    if isinstance(test, _SCALARS):
        return
    if not isinstance(test, Mapping) or len(test) != 1:
        raise ValueError(f"filter{where}: expected a value or one operator, found {test!r}")
    ((operator, given),) = test.items()
    if operator not in ("exists", "prefix", "numeric"):
        raise ValueError(f"filter{where}: the operator {operator} is not known here")
    fits = {"exists": isinstance(given, bool), "prefix": isinstance(given, str), "numeric": _is_range(given)}
    if not fits[operator]:
        raise ValueError(f"filter{where}: {operator} cannot take {given!r}")


def _is_range(given: Any) -> bool:
    """[">", 0, "<=", 5]: signs and numbers in turn."""
    if not isinstance(given, list) or not given or len(given) % 2:
        return False
    signs = all(isinstance(sign, str) and sign in _COMPARISONS for sign in given[::2])
    return signs and all(_is_number(number) for number in given[1::2])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _matches(pattern: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    for field, wanted in pattern.items():
        found = record.get(field, [])
        if isinstance(wanted, Mapping):
            if not any(_matches(wanted, inner) for inner in _maps(found)):
                return False
        elif not any(_passes(test, _leaves(found)) for test in wanted):
            return False
    return True


def _maps(found: Any) -> list[Mapping[str, Any]]:
    """The maps in which the next fields are looked for; one without fields where there is none, since `exists` may be false."""
    candidates = found if isinstance(found, list) else [found]
    return [inner for inner in candidates if isinstance(inner, Mapping)] or [{}]


def _leaves(found: Any) -> list[Any]:
    """The plain values of a field. A map has none, so that `exists` is false for it: AWS looks at leaves only."""
    if isinstance(found, list):
        return [leaf for inner in found for leaf in _leaves(inner)]
    return [] if isinstance(found, Mapping) else [found]


def _passes(test: Any, leaves: list[Any]) -> bool:
    if not isinstance(test, Mapping):
        return any(type(leaf) is type(test) and leaf == test for leaf in leaves)
    ((operator, given),) = test.items()
    if operator == "exists":
        return bool(leaves) is given
    if operator == "prefix":
        return any(isinstance(leaf, str) and leaf.startswith(given) for leaf in leaves)
    return any(_is_number(leaf) and _in_range(leaf, given) for leaf in leaves)


def _in_range(number: float, given: list[Any]) -> bool:
    pairs = zip(given[::2], given[1::2], strict=True)
    return all(_COMPARISONS[sign](number, bound) for sign, bound in pairs)
