"""Everything in a scenario that has a memory, apart from what ministack holds: this is what a snapshot copies."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from local.sandbox.cj import CjSupplier
from local.sandbox.easypost import EasyPostCarrier
from local.sandbox.feed import StockFeed
from local.sandbox.shopify import ShopifyStore
from local.sandbox.wire import Delivery, Faults, World
from tests.support.shop import VirtualClock


@dataclass
class SpyFaults(Faults):
    """Faults that remember what they played, since the clock of promise P11 starts with the last one."""

    played: list[tuple[str, str]] = field(default_factory=list)

    def take(self, operation: str) -> str:
        """As Faults.take."""
        behaviour = super().take(operation)
        if behaviour != "ok":
            self.played.append((operation, behaviour))
        return behaviour


class Post:
    """Webhooks on their way from the vendors."""

    def __init__(self) -> None:
        self.waiting: deque[Delivery] = deque()

    def put(self, delivery: Delivery) -> None:
        """One more."""
        self.waiting.append(delivery)


class Tokens:
    """Owner tokens and message ids, the same in every run."""

    def __init__(self) -> None:
        self.last = 1_000_000  # above all that setting up has used

    def __next__(self) -> str:
        self.last += 1
        return f"{self.last:032x}"


@dataclass
class Flight:
    """A message in a queue, invisible until `at`; or a webhook that its vendor sends again."""

    at: datetime
    number: int
    queue: str = ""
    body: str = ""
    tries: int = 0
    delivery: Delivery | None = None


@dataclass
class Scene:
    """Everything with a memory, apart from what ministack holds."""

    clock: VirtualClock
    post: Post
    world: World
    store: ShopifyStore
    supplier: CjSupplier
    carrier: EasyPostCarrier
    feed: StockFeed
    tokens: Tokens
    flights: list[Flight] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    stream_blocked: dict[str, datetime] = field(default_factory=dict)
    flown: int = 0
    calls: int = 0
    log: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    dropped: int = 0
    dead: list[str] = field(default_factory=list)
    lost_webhooks: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    kills: int = 0
    last_fault: datetime | None = None
    memory: dict[str, Any] = field(default_factory=dict)


class Snapshot(NamedTuple):
    """One moment of everything."""

    scene: Scene
    aws: list[dict[Any, Any]]
