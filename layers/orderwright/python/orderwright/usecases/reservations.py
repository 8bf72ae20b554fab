"""Stock reservations of an order's lines (promise P3): which offers give and take back what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from orderwright.domain.order import OrderRecord, Reservation
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.records import Key, offer_key
from orderwright.storage import Reserve, Unreserve

PART = 80
"""Reservations in one commit. DynamoDB takes 100 items in a transaction and 4 KB in an expression: the other parts of the
order, and many lines of one SKU, have to fit as well."""


def _by_offer(pk: str, reservations: Mapping[str, Reservation]) -> dict[Key, tuple[tuple[str, int], ...]]:
    grouped: dict[Key, list[tuple[str, int]]] = {}
    for name, held in sorted(reservations.items()):
        grouped.setdefault(offer_key(held.sku, held.supplier), []).append((f"{pk}|{name}", held.quantity))
    return {key: tuple(entries) for key, entries in grouped.items()}


def reserve(pk: str, reservations: Mapping[str, Reservation]) -> list[Reserve]:
    """Take stock; one change an offer."""
    return [Reserve(key, entries) for key, entries in _by_offer(pk, reservations).items()]


def unreserve(pk: str, reservations: Mapping[str, Reservation]) -> list[Unreserve]:
    """Give stock back; one change an offer. All of them were bought, or none."""
    sold = any(held.sold for held in reservations.values())
    return [Unreserve(key, entries, sold) for key, entries in _by_offer(pk, reservations).items()]


def in_parts(wanted: Mapping[str, Reservation]) -> tuple[dict[str, Reservation], dict[str, Reservation]]:
    """What fits into one commit, and the rest."""
    names = list(wanted)
    return {name: wanted[name] for name in names[:PART]}, {name: wanted[name] for name in names[PART:]}


def give_back(
    pk: str, record: OrderRecord, back: Mapping[str, Reservation], now: datetime
) -> tuple[OrderRecord, list[Unreserve]]:
    """Give stock back in the commit that writes the record: the record as it becomes, and the changes.

    What does not fit waits in the record, which is due at once: ingest_order gives it back part by part.
    """
    first, rest = in_parts(back)
    return record.stock_owed(rest, now), unreserve(pk, first)


def next_part(pk: str, record: OrderRecord, now: datetime) -> tuple[OrderRecord, list[Unreserve]]:
    """The next part of what waits to be given back. One commit is either of what was bought, or of what was not."""
    kind = next(iter(record.giving_back.values())).sold
    first, _ = in_parts({name: held for name, held in record.giving_back.items() if held.sold is kind})
    return record.stock_given_back(first.keys(), now), unreserve(pk, first)


def held_back(purchase_orders: Iterable[PurchaseOrder]) -> frozenset[str]:
    """Reservations whose stock was given back when the supplier reported after placement: not to be given twice."""
    return frozenset(line.reservation for po in purchase_orders if po.reservation_closed for line in po.lines)


def without(reservations: Mapping[str, Reservation], names: Iterable[str]) -> dict[str, Reservation]:
    """What stays reserved."""
    gone = set(names)
    return {name: held for name, held in reservations.items() if name not in gone}
