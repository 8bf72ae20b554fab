"""What people know of the world that they live in: less than it is, so that a small stand-in will do for their tests."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random
from typing import Any, Protocol

from local.sandbox.cj import CjSupplier
from local.sandbox.easypost import EasyPostCarrier
from local.sandbox.shopify import ShopifyStore
from local.sandbox.wire import World
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.storage import Storage
from tests.simulation.front import Front
from tests.simulation.judge.vendors import Words
from tests.simulation.people.sold import Sold

Act = Callable[[], None]
EASYPOST, SHOPIFY = "easypost", "shopify"


class Agenda(Protocol):
    """What is to happen."""

    def at(self, when: datetime, label: str, action: Act) -> None:
        """Run `action` at that instant."""

    def after(self, seconds: float, label: str, action: Act) -> None:
        """Run `action` some seconds from now."""


class Scene(Protocol):
    """The part of the simulation that people see and touch."""

    memory: dict[str, Any]
    sold: list[Sold]

    @property
    def clock(self) -> Clock:
        """True time."""

    @property
    def agenda(self) -> Agenda:
        """Where people write down what they are going to do."""

    @property
    def world(self) -> World:
        """The vendors' time and ledger."""

    @property
    def front(self) -> Front:
        """What kind of store that is."""

    @property
    def store(self) -> ShopifyStore:
        """Where customers buy."""

    @property
    def supplier(self) -> CjSupplier:
        """Who sends."""

    @property
    def words(self) -> Words:
        """What the supplier calls what it does."""

    @property
    def carrier(self) -> EasyPostCarrier:
        """Who carries."""

    @property
    def storage(self) -> Storage:
        """What the operator's desk looks at."""

    def note(self, who: str, what: str) -> None:
        """One line of the trace; no personal data."""

    def send(self, messages: Sequence[Message]) -> None:
        """What the operator's tools send."""

    def redrive(self) -> int:
        """The operator sends dead letters back."""


def is_over(scene: Scene, until: datetime | None) -> bool:
    """True when people begin nothing new any more."""
    return is_over_at(scene.clock.now(), until)


def is_over_at(when: datetime, until: datetime | None) -> bool:
    """True when that moment is not the people's any more."""
    return until is not None and when >= until


def sooner_or_later(dice: Random, least: float, most: float) -> float:
    """Seconds between the two: as often within 10 to 100 as within 1000 to 10,000, for both are interesting."""
    return math.exp(dice.uniform(math.log(least), math.log(most)))


def counted(scene: Scene, name: str, key: str) -> None:
    """One more of a kind, for the judge and for figures."""
    found = scene.memory.setdefault(name, {})
    found[key] = found.get(key, 0) + 1
