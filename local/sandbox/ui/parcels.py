"""All parcels that anybody in the sandbox knows: the supplier's, and numbers that were only registered at the carrier."""

from __future__ import annotations

from dataclasses import dataclass

from local.sandbox.sandbox import Sandbox
from local.sandbox.wire import LedgerEntry


@dataclass(frozen=True)
class KnownParcel:
    """`purchase_order` is None for a number that the supplier never gave; `tracked` when a client registered it."""

    tracking_number: str
    carrier: str
    purchase_order: str | None
    quantities: dict[str, int]
    tracked: bool
    scans: tuple[LedgerEntry, ...]


def known_parcels(sandbox: Sandbox) -> list[KnownParcel]:
    """Newest first."""
    scans: dict[str, list[LedgerEntry]] = {}
    for entry in sandbox.world.ledger.of_kind("easypost", "scan"):
        scans.setdefault(entry.reference, []).append(entry)
    tracked = {tracker.tracking_code: tracker.carrier for tracker in sandbox.carrier.trackers}
    found = [
        KnownParcel(
            parcel.travels_as,
            parcel.last_carrier or parcel.carrier,
            order.order_number,
            parcel.quantities,
            parcel.travels_as in tracked,
            tuple(scans.get(parcel.travels_as, ())),
        )
        for order in sandbox.supplier.orders
        for parcel in order.parcels
    ]
    ours = {parcel.tracking_number for parcel in found}
    found += [
        KnownParcel(number, carrier, None, {}, True, tuple(scans.get(number, ())))
        for number, carrier in tracked.items()
        if number not in ours
    ]
    return found[::-1]


def tracking_numbers(sandbox: Sandbox) -> set[str]:
    """The numbers of all known parcels."""
    return {parcel.tracking_number for parcel in known_parcels(sandbox)}
