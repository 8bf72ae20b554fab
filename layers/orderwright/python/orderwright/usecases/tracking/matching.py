"""Which of our parcels is a supplier's parcel? By its number, else by its source: then its number was replaced. Pure.

A look-up may lag: an answer without a parcel, or with a number that it had before, replaces nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from orderwright.domain.outside_texts import plain, safe_url
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Carriage, Shipment, ShipmentLine
from orderwright.domain.tracking_numbers import best, clean
from orderwright.ports.supplier import ParcelNews, SupplierOrderView

MOST_OF_A_NAME = 64
MOST_NUMBERS = 6
"""A parcel that gets more numbers than this is not told any more: its supplier makes them up."""


def with_entered(view: SupplierOrderView, po: PurchaseOrder) -> SupplierOrderView:
    """With the parcels that people entered. One that the supplier's API tells too is one parcel, as the API has it."""
    shown = {clean(number) for parcel in view.parcels for number in (parcel.tracking_number, *parcel.former_numbers)}
    entered = {clean(parcel.tracking_number): parcel for parcel in reversed(po.answers.parcels)}
    told = tuple(
        ParcelNews(number, parcel.carrier, "", tuple(parcel.units.items()), by_line_id=True)
        for number, parcel in reversed(entered.items())
        if number not in shown
    )
    return view._replace(parcels=(*view.parcels, *told))


def lines_in(parcel: ParcelNews, po: PurchaseOrder, left: dict[str, int]) -> tuple[ShipmentLine, ...]:
    """The order lines in this parcel, taken out of `left`. A parcel without lines holds all that is left."""
    wanted: dict[str, int] = {}
    if not parcel.lines:
        wanted = dict(left)
    for name, quantity in parcel.lines:
        rest = quantity
        for line in po.lines:
            names = (line.line_id,) if parcel.by_line_id else (line.supplier_ref, line.supplier_sku, line.sku)
            if name in names and rest > 0:
                take = min(rest, left.get(line.line_id, 0) - wanted.get(line.line_id, 0))
                if take > 0:
                    wanted[line.line_id] = wanted.get(line.line_id, 0) + take
                    rest -= take
    found = []
    for line in po.lines:
        units = wanted.get(line.line_id, 0)
        if units > 0:
            found.append(ShipmentLine(line_id=line.line_id, sku=line.sku, title=line.title, quantity=units))
            left[line.line_id] -= units
            if left[line.line_id] <= 0:
                del left[line.line_id]
    return tuple(found)


def carried_by(parcel: ParcelNews) -> Carriage:
    """Carrier and link. Of a carrier that we do not know: its name as given, and the supplier's own link or none."""
    carrier = best(parcel.tracking_number, parcel.carrier_name)
    return Carriage(
        carrier.carrier_code if carrier else "",
        carrier.carrier_name if carrier else plain(parcel.carrier_name, MOST_OF_A_NAME),
        safe_url((carrier.url if carrier else "") or parcel.tracking_url),
    )


def all_numbers(shipments: Iterable[Shipment]) -> set[str]:
    """Every number that these parcels have or had."""
    return {number for held in shipments for number in held.numbers}


def replaced(
    view: SupplierOrderView, mine: Mapping[str, Shipment], po: PurchaseOrder, left: Mapping[str, int]
) -> Iterator[tuple[str, ParcelNews, bool]]:
    """Parcels that are shown with another number: our key, the news, and whether that is certain.

    Certain by the source (`parcel_ref`), or by a number that it names as its own. A parcel that was kept without a source, or
    whose source is gone: by its lines, where nothing more of them can come. Where more can come, nobody can say yet.
    A number that another of these parcels has or had is believed by the source only: parts may swap or share numbers.
    """
    known, shown = all_numbers(mine.values()), {parcel.tracking_number for parcel in view.parcels}
    sources = Counter(parcel.parcel_ref for parcel in view.parcels)
    gone = {sk: held for sk, held in mine.items() if held.tracking_number not in shown}
    for parcel in view.parcels:
        number, source = parcel.tracking_number, parcel.parcel_ref
        own = [sk for sk, held in mine.items() if source and held.parcel_ref == source]
        if number and len(own) == sources[source] == 1:
            held = mine[own[0]]
            if number not in held.numbers:
                yield own[0], parcel, len(held.former_numbers) < MOST_NUMBERS
                gone.pop(own[0], None)
            continue
        if not number or number in known:
            continue
        for sk, held in gone.items():
            named = held.tracking_number in parcel.former_numbers
            if named or (held.parcel_ref and held.parcel_ref == parcel.parcel_ref):
                certain = True
            elif (held.parcel_ref and held.parcel_ref in sources) or not _same_lines(held, parcel, po):
                continue
            else:
                certain = not any(line.line_id in left for line in held.lines)
            yield sk, parcel, certain and len(held.former_numbers) < MOST_NUMBERS
            del gone[sk]
            break


def newly_sourced(view: SupplierOrderView, mine: Mapping[str, Shipment]) -> dict[str, Shipment]:
    """Parcels whose source was not known, or is another one since the order was split: one that no other parcel has."""
    refs = {parcel.tracking_number: parcel.parcel_ref for parcel in view.parcels if parcel.parcel_ref}
    taken = {held.parcel_ref for held in mine.values()}
    return {
        sk: held.sourced(refs[held.tracking_number])
        for sk, held in mine.items()
        if refs.get(held.tracking_number, held.parcel_ref) not in taken
    }


def gap(view: SupplierOrderView, mine: Mapping[str, Shipment]) -> str:
    """What an answer lacks that must be there, since look-ups lag; "" where nothing does."""
    if not view.found:
        return "the supplier does not find a purchase order that it was paid for"
    if view.gaps:
        return "the supplier says that all has left, and does not show all parcels"
    if view.unread:
        return "what the supplier says of a parcel's way could not be read"
    shown = {number for parcel in view.parcels for number in (parcel.tracking_number, *parcel.former_numbers)}
    if any(held.tracking_number not in shown for held in mine.values()):
        return "the supplier does not show a parcel that it has shown before"
    return ""


def _same_lines(held: Shipment, parcel: ParcelNews, po: PurchaseOrder) -> bool:
    whole: dict[str, int] = {}
    for line in po.lines:
        whole[line.line_id] = whole.get(line.line_id, 0) + line.quantity
    return lines_in(parcel, po, whole) == held.lines
