"""The operator gives the supplier a second feed, which counts before the first, and takes it out again (promise P3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from local.sandbox.feed import StockFeed
from local.sandbox.inventory import Inventory
from orderwright.domain.timing import AWS
from orderwright.usecases.operator.applying import Names, apply_config, current_config
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.repricing import repricing_messages
from tests.simulation.sim import Sim
from tests.support.shop import FEED, SUPPLIER

SECOND, PATH, MORE = "second-feed", "/second.csv", 60


def add_feed(sim: Sim) -> None:
    """A file that says sixty more of everything than the warehouse has. From now on stock comes from the files alone."""
    other = Inventory(sim.clock.now())
    for sku, position in sim.supplier.inventory.positions.items():
        other.set_stock(sku, position.stock + MORE, sim.clock.now())
    sim.memory["second_feed"] = {sku: position.stock for sku, position in other.positions.items()}
    sim.feed.others[PATH] = StockFeed(sim.world, other)
    access = sim.feed.config
    sim.new_wiring("operator").secrets.write(SECOND, "secrets", {"username": access.user, "password": access.password})
    _apply(sim, SECOND)


def drop_feed(sim: Sim) -> None:
    """It was a mistake. Only what the first file says may be sold, or nothing."""
    sim.memory["second_feed_gone"] = True
    _apply(sim)


def _apply(sim: Sim, *more: str) -> None:
    """As the command does: a new version, and every SKU anew once no function holds the old one."""
    desk, held = Desk(sim.storage, sim.clock, "mika", "feeds", "operator-feeds"), current_config(sim.storage)
    assert held.config is not None
    found: dict[str, Any] = {name: one for name, one in held.config.connections.items() if name != SECOND}
    found[SUPPLIER] = found[SUPPLIER].model_copy(update={"poll_stock": False})
    found[FEED] = found[FEED].model_copy(update={"rank": 2})
    second = found[FEED].model_copy(update={"rank": 1, "url": f"https://feed.test{PATH}"})
    found |= dict.fromkeys(more, second)
    changed = held.config.model_copy(update={"connections": found})
    number, _ = apply_config(desk, changed, held.number, Names(removed=() if more else (SECOND,)))
    sim.pass_on((AWS.config_cache + timedelta(seconds=2)).total_seconds())
    sim.send([replace(one, id=f"feeds-{number}") for one in repricing_messages(desk)])
