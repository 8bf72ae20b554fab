"""Worlds that sell in each kind of store: its ways to be written to are struck, and its own ledger judges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from tests.simulation.front import BIGCOMMERCE, SHOPIFY, WOOCOMMERCE, Front
from tests.simulation.modes import swarm
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.families import OFF_THE_ORDER_PATH, REST, Family, each, none, of, together
from tests.simulation.modes.hunting import Planned, Scenario
from tests.simulation.modes.paths import HOUSEKEEPING, STORE_BEHAVIOURS, Path, scripted
from tests.simulation.sim import Sim

ENDED, CANCELLED = ("buy", "end_in_store", "wait"), ("buy", "cancel_in_store", "wait")


class Place(NamedTuple):
    """A kind of store, and its operations: those that record a parcel, replace its number, end an order with and without its
    money, set stock and prices."""

    front: Front
    parcels: tuple[str, ...]
    numbers: tuple[str, ...]
    ends: tuple[str, ...]
    cancels: tuple[str, ...]
    shelf: tuple[str, ...]


PLACES = {
    "shopify": Place(
        SHOPIFY, ("fulfillmentCreate",), ("fulfillmentTrackingInfoUpdate",), ("orderCancel",), ("orderCancel",),
        ("inventorySetQuantities", "productVariantsBulkUpdate"),
    ),
    "woocommerce": Place(
        WOOCOMMERCE, ("createFulfillment",), ("updateFulfillment",), ("createNote", "createRefund"), ("updateOrder",),
        ("batchProducts",),
    ),
    "bigcommerce": Place(
        BIGCOMMERCE, ("createOrderShipments",), ("updateOrderShipment",),
        ("createOrderRefundQuotes", "createOrderRefund", "updateOrder"), ("updateOrder",), ("putAbsolute", "updateVariantsBatch"),
    ),
}  # fmt: skip


@cache
def bench_of(kind: str) -> Bench:
    """The shop that sells there, as it opened."""
    return Bench(opened=Sim(front=PLACES[kind].front))


@cache
def families_of(kind: str) -> tuple[Family, ...]:
    """The story there; each write that goes wrong, and what is killed around it. Shopify has its own in families.py."""
    place, writing = PLACES[kind], each("kill", of("publish_fulfillment"))

    def gone_wrong(operations: tuple[str, ...], *acts: str) -> Iterator[Path]:
        for path in scripted(kind, operations, STORE_BEHAVIOURS):
            yield replace(path, name=f"{kind}: {path.name}", acts=acts or path.acts)

    renumbered = ("buy", "ship", "replace", *REST)
    ended = (
        Path(f"{kind}: ended in the store", acts=ENDED), *gone_wrong(place.ends, *ENDED),
        *(replace(path, name=f"{path.name}, no refund") for path in gone_wrong(place.cancels, *CANCELLED)),
    )  # fmt: skip
    families = [Family(f"{kind}: ended in the store", ended, together(none, writing))]
    if kind == "shopify":
        return tuple(families)
    ok, house = Path(f"{kind}: ok"), Path(f"{kind}: stock and prices", acts=HOUSEKEEPING)
    silent = Path(f"{kind}: webhooks never arrive", acts=("buy", "reconcile", "ship", "delivered"), dropped=(kind,))
    return (
        *families,
        Family(f"{kind}: killed", (ok,), together(none, each("kill", of("publish_fulfillment", "ingest_order")))),
        Family(f"{kind}: cancelled", (ok,), each("cancel", of("ingest_order", "place_purchase_order"), ("before",))),
        Family(f"{kind}: parcels go wrong", tuple(gone_wrong(place.parcels)), together(none, writing)),
        Family(f"{kind}: numbers go wrong", tuple(gone_wrong(place.numbers, *renumbered)), together(none, writing)),
        Family(f"{kind}: stock and prices", (house,), together(none, each("kill", of(*OFF_THE_ORDER_PATH)))),
        Family(f"{kind}: stock and prices go wrong", tuple(gone_wrong(place.shelf, *HOUSEKEEPING)),
               together(none, each("kill", of("publish_listing")))),
        Family(f"{kind}: webhooks never arrive", (silent,), none),
    )  # fmt: skip


# --- seeds ------------------------------------------------------------------------------------------------------------


KINDS = tuple(kind for kind in PLACES if kind != "shopify")


def name_of(seed: int) -> str:
    """As reports call it."""
    return f"stores, seed {seed}"


def run(_: Bench, seed: str) -> swarm.Ending:
    """One seed of the swarm, in a shop that sells in a store whose kind takes its turn."""
    sim = bench_of(KINDS[int(seed) % len(KINDS)]).fresh(seed)
    swarm.begin(sim)
    swarm.play(sim)
    return swarm.ending_of(sim)


@dataclass(frozen=True)
class StorePlanned(Planned):
    """One planned scenario in a shop that sells in a store of this kind."""

    kind: str = ""

    def scenarios(self, bench: Bench) -> Iterator[Scenario]:
        """Just this one."""
        return super().scenarios(bench_of(self.kind))
