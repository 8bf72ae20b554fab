"""Where every worker of a scenario meets AWS and the vendors: calls are numbered, and what is planned there happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tests.crash.scene import Flight
from tests.support.shop import Boundary, Killed

if TYPE_CHECKING:
    from tests.crash.shop_in_time import TimedShop


@dataclass
class Invocation:
    """One run of one function. Once dead, every further call raises."""

    function: str
    deadline: datetime | None
    flight: Flight | None = None
    dead: bool = False
    call: int = 0


Action = Callable[["TimedShop", Invocation], None]


class Edge(Boundary):
    """The boundary of all workers: numbers the calls and carries out what is planned at (number, side)."""

    def __init__(self, shop: TimedShop) -> None:
        super().__init__()
        self._shop = shop

    def before(self, name: str) -> None:
        """A call is about to happen."""
        shop, now = self._shop, self._shop.current
        if now is None:
            return
        if now.dead:
            raise Killed(name)
        if now.deadline is not None and shop.scene.clock.at > now.deadline:
            shop.kill(now)
        shop.scene.calls += 1
        now.call = shop.scene.calls
        shop.scene.log.append(f"{now.function} {name}")
        self._act(now, "before")

    def after(self, name: str) -> None:
        """Its effect has happened, the worker does not know yet."""
        now = self._shop.current
        if now is not None and not now.dead:
            self._act(now, "after")

    def _act(self, now: Invocation, side: str) -> None:
        planned = self._shop.plan.get((now.call, side))
        if planned is not None:
            planned(self._shop, now)
