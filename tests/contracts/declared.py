"""What a kind says of itself, held against what it is: each fault in one sentence."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from orderwright.declarations import Ability, Capability, Connector, Role, named
from orderwright.domain.connection_settings import (
    CarrierSettings,
    ConnectionSettings,
    FeedSettings,
    SignalSettings,
    StoreSettings,
    SupplierSettings,
)
from orderwright.ports.carrier import CarrierTracking
from orderwright.ports.connection import Account, Webhooks
from orderwright.ports.feed import SupplierFeed
from orderwright.ports.freight import SupplierFreight
from orderwright.ports.signals import SignalSource
from orderwright.ports.store import OrderCancelling, OrderNotes, StoreCatalogue, StoreOrders
from orderwright.ports.supplier import SupplierCatalogue, SupplierDesk, SupplierOrders, SupplierStock, SupplierTracking
from orderwright.registry import CONNECTORS
from tests.support.stand import Stand

SETTINGS: dict[Role, type[ConnectionSettings]] = {
    Role.STORE: StoreSettings,
    Role.SUPPLIER: SupplierSettings,
    Role.FEED: FeedSettings,
    Role.CARRIER: CarrierSettings,
    Role.SIGNAL: SignalSettings,
}
PORTS: dict[Role | Capability, tuple[type, ...]] = {
    Role.STORE: (Account, StoreOrders, StoreCatalogue),
    Role.SUPPLIER: (Account, SupplierOrders),
    Role.FEED: (Account, SupplierFeed),
    Role.CARRIER: (Account, CarrierTracking),
    Role.SIGNAL: (Account, SignalSource),
    Capability.CATALOGUE: (SupplierCatalogue,),
    Capability.FREIGHT: (SupplierFreight,),
    Capability.STOCK: (SupplierStock,),
    Capability.TRACKING: (SupplierTracking,),
    Capability.WEBHOOKS: (Webhooks,),
    Capability.CANCELLING: (OrderCancelling,),
    Capability.NOTES: (OrderNotes,),
    Capability.DESK: (SupplierDesk,),
    Capability.OWN_STOCK: (),
}
# What `orderwright init` asks for every shop, whatever its kinds are.
_ASKED = {
    "store": "shop",
    "currency": "USD",
    "feed_url": "https://feeds.example.com/stock.csv",
    "supplier": "cj",
}


def faults(one: Connector, package: str, stand: type[Stand]) -> Iterator[str]:
    """All that is wrong with a kind that is in the registry."""
    if one.kind != stand.kind or one.role != stand.role:
        yield f"{package} declares the {one.role} {one.kind}, and its stand is a {stand.role} {stand.kind}"
    if not stand.samples().is_dir() or not any(stand.samples().iterdir()):
        yield f"{one.kind} has no samples: put what its vendor sends into events/vendors/{one.kind}"
    if bool(one.webhook) != bool(stand.signing):
        yield f"{one.kind} declares {'a' if one.webhook else 'no'} webhook, and its stand signs otherwise"
    if Capability.WEBHOOKS in one.capabilities and not one.webhook:
        yield f"{one.kind} subscribes to webhooks that nobody reads: `webhook` is missing"
    yield from settings_faults(one)
    standing = stand()
    made = standing.connector()
    for name, ports in PORTS.items():
        if name in (one.role, *one.capabilities):
            yield from (f"{one.kind} declares {name}: {fault}" for port in ports for fault in lacks(made, port))
    standing.close()
    yield from imports_of_others(one, package)
    yield from ability_faults(one)


_DECLARED_TWICE = {
    Ability.SUBSCRIBES: Capability.WEBHOOKS,
    Ability.CANCELS: Capability.CANCELLING,
    Ability.NOTES: Capability.NOTES,
}


def ability_faults(one: Connector) -> Iterator[str]:
    """A store says of each ability that it has it, or why not."""
    if one.role is not Role.STORE:
        return
    for ability in Ability:
        if ability not in one.abilities:
            yield f"{one.kind} does not say whether {ability.value}: add Ability.{ability.name} to its abilities"
    for ability, capability in _DECLARED_TWICE.items():
        if (one.abilities.get(ability) == "") != (capability in one.capabilities):
            yield f"{one.kind} says one thing of Ability.{ability.name} and another of Capability.{capability.name}"


def settings_faults(one: Connector) -> Iterator[str]:
    """Its settings' class, and the lines of a first orderwright.yaml."""
    settings = named(one.settings)
    if not (isinstance(settings, type) and issubclass(settings, SETTINGS[one.role])):
        yield f"{one.kind} is a {one.role}: its settings must be a subclass of {SETTINGS[one.role].__name__}"
        return
    first = named(one.first)
    answers = _ASKED | {question.key: question.example for question in first.questions}
    # As usecases/operator/first_file.py does: only the answer to a question for the host makes an address.
    answers |= [("store_url", f"https://{question.example}") for question in first.questions if question.host]
    try:
        text = first.lines.format(**{key: json.dumps(value) for key, value in answers.items()})
        ((_, lines),) = yaml.safe_load(f"connections:\n{text}")["connections"].items()
        kind = settings.model_validate(lines).kind
        told = [".".join(map(str, fault.path)) for fault in settings.model_validate(lines).faults()]
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        yield f"{one.kind}: its `first` lines are no connection of orderwright.yaml: {type(error).__name__}: {error}"
        return
    if kind != one.kind or told:
        yield f"{one.kind}: its `first` lines make a {kind} with faults in: {', '.join(told) or 'kind'}"


def lacks(made: object, port: type) -> Iterator[str]:
    """Members of a protocol that are not implemented, or with other parameters."""
    members = {name: member for base in port.__mro__[:-1] for name, member in vars(base).items() if callable(member)}
    for name, member in members.items():
        if name.startswith("_"):
            continue
        own = inspect.getattr_static(type(made), name, None)
        if own is None or own is member:
            # A protocol's own body, inherited, would answer None to everything.
            yield f"{port.__name__}.{name} is missing"
        elif _asked(own) != _asked(member):
            yield f"{port.__name__}.{name} takes ({', '.join(_asked(own))}) and not ({', '.join(_asked(member))})"
    for name in inspect.get_annotations(port):
        if not hasattr(made, name):
            yield f"{port.__name__}.{name} is missing"


def _asked(function: Any) -> list[str]:
    """Parameters by name, and which may be left out."""
    given = list(inspect.signature(function).parameters.values())
    return [one.name if one.default is one.empty else f"{one.name}=" for one in given if one.name != "self"]


def imports_of_others(one: Connector, package: str) -> Iterator[str]:
    """A package imports nothing of another kind's."""
    others = [other for kind, other in CONNECTORS.items() if kind != one.kind and other != package]
    for file in sorted(Path(str(import_module(package).__file__)).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                if any(f"{name}.".startswith(f"{other}.") for other in others):
                    yield f"{one.kind}: {file.name} imports {name}, which is another kind's"
