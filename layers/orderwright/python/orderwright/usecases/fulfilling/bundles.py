"""What of the store's own lines a parcel, or an accepted purchase order, is recorded with, where it holds components (R3). Pure.

A unit of a bundle is recorded with what completes it, over all that has left of the order in its fixed order. What was counted
once stays so (`in_store`, written together with the order's record): nothing is recorded twice, and nothing is left out.
"""

from __future__ import annotations

from typing import NamedTuple

from orderwright.domain.order import units_of
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.shipment import Shipment, StoreFulfillment
from orderwright.records import OrderFile

Units = tuple[tuple[str, int], ...]
ENDED = (PurchaseOrderState.CANCELLED, PurchaseOrderState.REJECTED)


class Counted(NamedTuple):
    """Units by the store's line; and which parts, by sk, belong to what this completes, and were recorded with nothing."""

    units: Units
    carries: tuple[str, ...]


def units_in_store(held: Shipment | StoreFulfillment) -> Units:
    """As counted; without bundles its own lines."""
    own = tuple((line.line_id, line.quantity) for line in held.lines)
    return own if held.in_store is None else held.in_store


def names_of(file: OrderFile, held: Shipment | StoreFulfillment) -> str:
    """The bundles of which it holds components; "" for none."""
    lines, own = file.details.model.lines if file.details else (), {line.line_id for line in held.lines}
    return ", ".join(dict.fromkeys(line.bundle for line in lines if line.of_line and line.line_id in own))


def counted(file: OrderFile) -> dict[str, Counted]:
    """All parts of an order that are recorded in its store, by sk."""
    recipes: dict[str, dict[str, int]] = {}
    sold: dict[str, int] = {}
    for line in file.details.model.lines if file.details else ():
        if line.of_line:
            recipes.setdefault(line.of_line, {})[line.line_id] = line.per_bundle
            sold[line.of_line] = line.quantity // line.per_bundle
    bundles = {part: name for name, recipe in recipes.items() for part in recipe}
    sent: dict[str, int] = {}
    given: dict[str, int] = {}
    waiting: dict[str, list[str]] = {}
    last: dict[str, str] = {}
    found: dict[str, Counted] = {}
    for sk, held in _recorded(file):
        mine = units_of((line.line_id, line.quantity) for line in held.lines)
        units = {name: many for name, many in mine.items() if name not in bundles}
        sent = units_of((*sent.items(), *mine.items()))
        touched = dict.fromkeys(bundles[name] for name in mine if name in bundles)
        for name in touched:
            whole = min(sent.get(part, 0) // pieces for part, pieces in recipes[name].items())
            units[name] = max(0, whole - given.get(name, 0))
        final = (
            held.in_store if held.in_store is not None else tuple((one, many) for one, many in units.items() if many)
        )
        given = units_of((*given.items(), *final))
        completed = [name for name in touched if name in dict(final)]
        last.update(dict.fromkeys(completed, sk))
        carries = tuple(dict.fromkeys(one for name in completed for one in waiting.pop(name, ())))
        found[sk] = Counted(final, carries)
        for name in touched.keys() - completed:
            if name in last and given[name] >= sold[name]:  # in place of a part that was refused
                made = found[last[name]]
                found[last[name]] = made._replace(carries=tuple(dict.fromkeys((*made.carries, sk))))
            else:
                waiting.setdefault(name, []).append(sk)
    return found


def untold(file: OrderFile) -> dict[str, int]:
    """Pieces of components, by line, that have left in parcels with which the store was told of nothing (promise P1)."""
    accepted = {held.model.reference for held in file.fulfillments.values()}
    parcels = [held.model for held in file.shipments.values() if held.model.reference not in accepted]
    sent = units_of((line.line_id, line.quantity) for parcel in parcels for line in parcel.lines)
    told = units_of(units for parcel in parcels for units in parcel.in_store or ())
    components = [line for line in (file.details.model.lines if file.details else ()) if line.of_line]
    return {
        line.line_id: sent.get(line.line_id, 0) - told.get(line.of_line, 0) * line.per_bundle for line in components
    }


def carriers(file: OrderFile, sk: str) -> list[str]:
    """What was, or is, recorded with a bundle that this is a part of."""
    return [name for name, one in counted(file).items() if sk in one.carries]


def _recorded(file: OrderFile) -> list[tuple[str, Shipment | StoreFulfillment]]:
    """Accepted purchase orders, and the parcels of others: what was counted before comes first, then the oldest.

    One that was given up counts for nothing: what replaces it takes its record in the store over.
    """
    accepted = {sk: held.model for sk, held in file.fulfillments.items() if not held.model.digital}
    references = {held.reference for held in accepted.values()}
    over = {po.model.reference for po in file.purchase_orders.values() if po.model.state in ENDED}
    accepted = {sk: held for sk, held in accepted.items() if held.reference not in over}
    parcels = {sk: held.model for sk, held in file.shipments.items() if held.model.reference not in references}
    found: list[tuple[str, Shipment | StoreFulfillment]] = [*accepted.items(), *parcels.items()]
    return sorted(found, key=lambda one: (one[1].in_store is None, one[1].created_at, one[0]))
