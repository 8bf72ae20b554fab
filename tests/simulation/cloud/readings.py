"""What an item says, worked out once per item: as plain values, and as the models that are made of them.

Items in wire form are never changed in place, neither by ministack nor by us: a write puts another item there. So the same
object always reads the same, however many workers read it. The exact way makes each item anew for each answer, so nothing is
remembered there; a test demands the same trace of both ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from orderwright.aws import dynamo, relay
from orderwright.aws.values import from_item
from orderwright.domain.base import Model

KEPT = 20_000
_PLAIN: dict[int, tuple[Mapping[str, Any], dict[str, Any]]] = {}
"""Item -> itself, and its plain values. The item is kept, so that its id stays its own."""
_MODELS: dict[int, tuple[Any, dict[type[Model], Model]]] = {}
"""Body of such plain values -> itself, and its models."""
_validate: Any = Model.model_validate.__func__  # type: ignore[attr-defined]


def plain_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """orderwright.aws.values.from_item, once per item. Whoever reads it leaves it as it is."""
    known = _PLAIN.get(id(item))
    if known is not None and known[0] is item:
        return known[1]
    if len(_PLAIN) >= KEPT:
        _PLAIN.clear()
        _MODELS.clear()
    made = from_item(item)
    _PLAIN[id(item)] = (item, made)
    body = made.get("body")
    if body is not None:
        _MODELS[id(body)] = (body, {})
    return made


def _model(cls: type[Model], /, obj: Any, **more: Any) -> Any:
    known = None if more else _MODELS.get(id(obj))
    if known is None or known[0] is not obj:
        return _validate(cls, obj, **more)
    model = known[1].get(cls)
    if model is None:
        model = known[1][cls] = _validate(cls, obj)
    return model


def keep() -> int:
    """So much is remembered now: of the opened shop's items, say, which every run reads again."""
    return len(_PLAIN)


def forget(kept: int) -> None:
    """Let go of all that was remembered since then: it is of a world that is over."""
    while len(_PLAIN) > kept:
        _, (_, made) = _PLAIN.popitem()
        _MODELS.pop(id(made.get("body")), None)


@cache
def read_once() -> None:
    """From now on, in this process."""
    dynamo.from_item = plain_item  # type: ignore[attr-defined]
    relay.from_item = plain_item  # type: ignore[attr-defined]
    Model.model_validate = classmethod(_model)  # type: ignore[assignment,method-assign]
