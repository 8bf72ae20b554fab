"""What all stores, suppliers and carriers of the sandbox know together: orders, purchase orders, and parcels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.sandbox.sandbox import Sandbox
from local.sandbox.wire import LedgerEntry


@dataclass(frozen=True)
class KnownParcel:
    """`purchase_order` is None for a number that the supplier never gave; `tracked` when a client registered it; `lost`: no
    scanner sees it."""

    tracking_number: str
    carrier: str
    purchase_order: str | None
    quantities: dict[str, int]
    tracked: bool
    scans: tuple[LedgerEntry, ...]
    lost: bool


def store_orders(sandbox: Sandbox) -> list[tuple[str, Any]]:
    """(kind of store, its order) of all stores, oldest first (see kit.orders.Order)."""
    stores = sandbox.of_role("store").items()
    found = [(kind, order) for kind, store in stores for order in store.shop.orders.values()]
    return sorted(found, key=lambda row: row[1].created_at)


def purchases(sandbox: Sandbox) -> list[tuple[Any, Any]]:
    """(supplier, accepted order) of all suppliers, oldest first (see kit.supply.Purchase)."""
    suppliers = sandbox.of_role("supplier").values()
    found = [(supplier, order) for supplier in suppliers for order in supplier.orders]
    return sorted(found, key=lambda row: row[1].created_at)


def known_parcels(sandbox: Sandbox) -> list[KnownParcel]:
    """Newest first: the suppliers', and numbers that were only registered at a carrier."""
    carriers = sandbox.of_role("carrier")
    scans: dict[str, list[LedgerEntry]] = {}
    for entry in sandbox.world.ledger.entries:
        if entry.kind == "scan" and entry.vendor in carriers:
            scans.setdefault(entry.reference, []).append(entry)
    tracked = {each.tracking_code: each.carrier for carrier in carriers.values() for each in carrier.trackers}
    lost = set[str]().union(*(carrier.lost for carrier in carriers.values()))
    found = [
        KnownParcel(
            parcel.travels_as,
            parcel.last_carrier or parcel.carrier,
            order.order_number,
            parcel.quantities,
            parcel.travels_as in tracked,
            tuple(scans.get(parcel.travels_as, ())),
            parcel.travels_as in lost,
        )
        for _, order in purchases(sandbox)
        for parcel in order.parcels
    ]
    ours = {parcel.tracking_number for parcel in found}
    found += [
        KnownParcel(number, carrier, None, {}, True, tuple(scans.get(number, ())), number in lost)
        for number, carrier in tracked.items()
        if number not in ours
    ]
    return found[::-1]


def tracking_numbers(sandbox: Sandbox) -> set[str]:
    """The numbers of all known parcels."""
    return {parcel.tracking_number for parcel in known_parcels(sandbox)}
