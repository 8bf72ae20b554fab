"""Worlds that sell in another store than Shopify: each of its ways to be written to, struck and judged by its own ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from tests.simulation.faults.mix import Mix
from tests.simulation.front import BIGCOMMERCE, WOOCOMMERCE, Front
from tests.simulation.modes import swarm
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.families import OFF_THE_ORDER_PATH, Family, each, none, of, together
from tests.simulation.modes.hunting import Seeds
from tests.simulation.modes.paths import HOUSEKEEPING, STORE_BEHAVIOURS, Path, scripted
from tests.simulation.sim import Sim


class Place(NamedTuple):
    """A kind of store. `parcels`, `shelf`: its operations that record a parcel, and that set stock and prices."""

    front: Front
    parcels: tuple[str, ...]
    shelf: tuple[str, ...]


PLACES = {
    "woocommerce": Place(WOOCOMMERCE, ("createFulfillment",), ("batchProducts", "batchVariations")),
    "bigcommerce": Place(BIGCOMMERCE, ("createShipment",), ("adjustAbsolute", "updateVariants")),
}


@cache
def bench_of(kind: str) -> Bench:
    """The shop that sells there, as it opened."""
    return Bench(opened=Sim(front=PLACES[kind].front))


@cache
def families_of(kind: str) -> tuple[Family, ...]:
    """The story there; each write that goes wrong, and what is killed around it."""
    place = PLACES[kind]
    ok = Path(f"{kind}: ok")
    parcels = tuple(scripted(kind, place.parcels, STORE_BEHAVIOURS))
    shelf = tuple(replace(path, acts=HOUSEKEEPING) for path in scripted(kind, place.shelf, STORE_BEHAVIOURS))
    house = Path(f"{kind}: stock and prices", acts=HOUSEKEEPING)
    return (
        Family(f"{kind}: killed", (ok,), together(none, each("kill", of("publish_fulfillment", "ingest_order")))),
        Family(f"{kind}: parcels go wrong", parcels, together(none, each("kill", of("publish_fulfillment")))),
        Family(f"{kind}: stock and prices", (house,), together(none, each("kill", of(*OFF_THE_ORDER_PATH)))),
        Family(f"{kind}: stock and prices go wrong", shelf, together(none, each("kill", of("publish_listing")))),
        Family(f"{kind}: webhooks never arrive",
               (Path(f"{kind}: silent", acts=("buy", "reconcile", "ship", "delivered"), dropped=(kind,)),), none),
    )  # fmt: skip


def run(_: Bench, seed: str, kind: str, mix: Mix | None = None) -> swarm.Ending:
    """One seed of the swarm, in a shop that sells there."""
    sim = bench_of(kind).fresh(seed)
    swarm.begin(sim, mix=mix)
    swarm.play(sim)
    return swarm.ending_of(sim)


@dataclass(frozen=True)
class StoreSeeds(Seeds):
    """Seeds in a shop that sells in a store of this kind."""

    kind: str = ""

    def _play(self, bench: Bench, seed: int) -> list[str]:
        return run(bench, str(seed), self.kind, self.mix).violations

    def _shape(self) -> str:
        return f" of {self.kind}{super()._shape()}"
