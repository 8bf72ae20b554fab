"""Promises P7 and P2 for what is not about an order: a connection ends only if its store says so, odd news is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.simulation.judge.tables import Tables
from tests.simulation.judge.writes import body_of

if TYPE_CHECKING:
    from tests.simulation.sim import Sim


def judge_connections(sim: Sim, tables: Tables) -> Iterator[str]:
    """A connection is closed although its store never took the app away."""
    gone = bool(sim.world.ledger.of_kind(sim.front.kind, "app_uninstalled"))
    for item in tables.control:
        pk = item["pk"]["S"]
        if pk.startswith("CONNECTION#") and body_of(item).get("open", True) is False and not gone:
            yield f"P7: the connection {pk.removeprefix('CONNECTION#')} was closed, and its store had not said so"


def judge_subscriptions(sim: Sim) -> Iterator[str]:
    """A platform that dropped our subscriptions is silent. memory["subscriptions_dropped"]: an hour ago or more."""
    if sim.memory.get("subscriptions_dropped") and not sim.store.hooks.subscriptions:
        yield "P2: the store dropped its subscriptions, and nobody made them anew"


def judge_odd_news(sim: Sim, tables: Tables) -> Iterator[str]:
    """Authentic and not understood: kept for the operator. memory["odd"] names such webhooks by their digest.

    Where webhooks never arrive, nothing is said about these: nobody can keep what never came.
    """
    if sim.memory.get("webhooks_dropped") or sim.memory.get("webhooks_given_up"):
        return
    kept = [item["sk"]["S"] for item in tables.control if item["pk"]["S"] == "PARKED"]
    for digest in sim.memory.get("odd", ()):
        if not any(digest in sk for sk in kept):
            yield f"P2: the webhook {digest} was answered 2xx, could not be understood, and was not kept"
