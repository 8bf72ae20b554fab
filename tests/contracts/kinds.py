"""Which kinds the suites play: all of the registry, and those that only tests have.

A kind of the registry has its stand in tests/contracts/stands/<kind>.py, called STAND. Below tests/scripted a stand.py holds
STANDS: classes that name the `package` of their kind, which is in the registry while a case of theirs runs. A kind of the
registry may have MORE stands with names of their own beside its STAND.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module, util

from orderwright.declarations import Role
from orderwright.registry import CONNECTORS, declaration
from tests.scripted import registering
from tests.support.source import ROOT
from tests.support.stand import Stand


@cache
def own_stands() -> dict[str, type[Stand]]:
    """The stands of the kinds that only tests have, and the further ones of the registry's kinds, by name."""
    files = sorted((ROOT / "tests" / "scripted").rglob("stand.py"))
    modules = [import_module(".".join(file.relative_to(ROOT).with_suffix("").parts)) for file in files]
    found = [stand for module in modules for stand in module.STANDS]
    names = [f"tests.contracts.stands.{kind}" for kind in CONNECTORS]
    known = [import_module(name) for name in names if util.find_spec(name)]
    found += [stand for module in known for stand in getattr(module, "MORE", ())]
    return {stand.name or stand.kind: stand for stand in found}


def standing(role: Role | None = None) -> list[str]:
    """Names of stands of a role, or all: those of the registry's kinds are the kinds, whether there is one or not."""
    registry = [kind for kind in CONNECTORS if role in (None, declaration(kind).role)]
    return registry + [name for name, stand in own_stands().items() if role in (None, stand.role)]


def stand_of(name: str) -> type[Stand]:
    """A stand by its name. Raises LookupError for a kind that has none."""
    if name in own_stands():
        return own_stands()[name]
    module = f"tests.contracts.stands.{name}"
    if util.find_spec(module) is None:
        raise LookupError(
            f"the kind {name} has no stand: write tests/contracts/stands/{name}.py (tests/support/stand.py)"
        )
    found: type[Stand] = import_module(module).STAND
    return found


def registered(stand: type[Stand]) -> AbstractContextManager[None]:
    """The stand's kind is in the registry meanwhile."""
    return registering.registered({stand.kind: stand.package} if stand.package else {})
