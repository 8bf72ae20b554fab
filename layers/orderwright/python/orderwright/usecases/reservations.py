"""Stock reservations of an order's lines (promise P3): which offers give and take back what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orderwright.domain.order import Reservation
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.records import Key, offer_key
from orderwright.storage import Reserve, Unreserve


def _by_offer(pk: str, reservations: Mapping[str, Reservation]) -> dict[Key, tuple[tuple[str, int], ...]]:
    grouped: dict[Key, list[tuple[str, int]]] = {}
    for name, held in sorted(reservations.items()):
        grouped.setdefault(offer_key(held.sku, held.supplier), []).append((f"{pk}|{name}", held.quantity))
    return {key: tuple(entries) for key, entries in grouped.items()}


def reserve(pk: str, reservations: Mapping[str, Reservation]) -> list[Reserve]:
    """Take stock; one change an offer."""
    return [Reserve(key, entries) for key, entries in _by_offer(pk, reservations).items()]


def unreserve(pk: str, reservations: Mapping[str, Reservation]) -> list[Unreserve]:
    """Give stock back; one change an offer."""
    return [Unreserve(key, entries) for key, entries in _by_offer(pk, reservations).items()]


def held_back(purchase_orders: Iterable[PurchaseOrder]) -> frozenset[str]:
    """Reservations whose stock was given back when the supplier reported after placement: not to be given twice."""
    return frozenset(line.reservation for po in purchase_orders if po.reservation_closed for line in po.lines)


def without(reservations: Mapping[str, Reservation], names: Iterable[str]) -> dict[str, Reservation]:
    """What stays reserved."""
    gone = set(names)
    return {name: held for name, held in reservations.items() if name not in gone}
