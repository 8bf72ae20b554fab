"""What is to be picked and packed in a warehouse of the merchant's own, and the numbers that are scanned there (R20)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from orderwright.domain.order import OrderDetails
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.supplier_answers import EnteredParcel, Withdrawal
from orderwright.domain.tracking_numbers import MAX_LENGTH, clean
from orderwright.papers.warehouse import Piece
from orderwright.records import ORDERS, PO_WAITS, Key, OrderFile, picking_state, reference_ref
from orderwright.storage import Storage
from orderwright.usecases.answering import Heard, Said, faults_of, take_answer
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.order_summary import units_left

MOST = 2000
"""Purchase orders on one list."""


class Slip(NamedTuple):
    """What lies in the next parcel of a purchase order; all of it, where all has left."""

    reference: str
    order: str
    supplier: str
    lines: tuple[Piece, ...]
    details: OrderDetails


def to_pick(storage: Storage, supplier: str) -> list[Piece]:
    """What was ordered and has not left, by SKU, then the oldest order first."""
    keys = [*storage.in_state(ORDERS, picking_state(supplier), MOST), *storage.in_state(ORDERS, PO_WAITS, MOST)]
    found = [
        pick
        for key in dict.fromkeys(keys)
        if key.sk.startswith(f"PO#{supplier}#")
        for pick in _picks(storage.load_order(key.pk), key.sk)
    ]
    return sorted(found, key=lambda pick: pick.sku)


def _picks(file: OrderFile, sk: str, *, whole: bool = False) -> Iterator[Piece]:
    held = file.purchase_orders.get(sk)
    if held is None or file.record is None or not (whole or _is_open(held.model)):
        return
    po, left = held.model, _left(file, held.model)
    for line in po.lines:
        units = line.quantity if whole else left.get(line.line_id, 0)
        if units:
            yield Piece(line.sku, line.title, units, po.reference, file.record.model.name)


def _is_open(po: PurchaseOrder) -> bool:
    stopped = po.cancel_requested or po.answers.withdrawal in (Withdrawal.AGREED, Withdrawal.ENDED)
    return po.own_stock and po.state is PurchaseOrderState.PLACED and not stopped


def _left(file: OrderFile, po: PurchaseOrder) -> dict[str, int]:
    """Units by line that are in no parcel: neither in one that is written down, nor in a number that was just entered."""
    mine = [held.model for held in file.shipments.values() if held.model.reference == po.reference]
    known, left = {clean(number) for parcel in mine for number in parcel.numbers}, units_left([po], mine)
    for entered in po.answers.parcels:
        if clean(entered.tracking_number) not in known:
            for line, units in (entered.units or dict(left)).items():
                left[line] = max(0, left.get(line, 0) - units)
    return left


def slip_of(storage: Storage, reference: str) -> Slip:
    """The packing slip of a purchase order. Raises Refused."""
    key = _one(storage, reference)
    file = storage.load_order(key.pk)
    po = file.purchase_orders[key.sk].model
    if not po.own_stock:
        fix = "orderwright warehouse pick-list"
        raise Refused("NOT_IN_WAREHOUSE", f"{po.reference} is not from a warehouse of your own", fix)
    if not _is_open(po):
        raise Refused("NOT_TO_BE_SENT", f"{po.reference} is not to be sent", "orderwright warehouse pick-list")
    assert file.record is not None
    if file.details is None or file.details.model.destination is None:
        fix = f"orderwright orders fix-address {file.record.model.name}"
        raise Refused("ADDRESS_MISSING", "there is no delivery address any more (it was erased or never given)", fix)
    lines = tuple(_picks(file, key.sk)) or tuple(_picks(file, key.sk, whole=True))
    return Slip(po.reference, file.record.model.name, po.supplier, lines, file.details.model)


def _one(storage: Storage, reference: str) -> Key:
    wanted = reference.strip().upper()
    for key in storage.find(ORDERS, reference_ref(wanted)):
        if key.sk.startswith("PO#"):
            return key
    raise Refused("NOT_FOUND", f"there is no purchase order {wanted[:40]!r}", "orderwright warehouse pick-list")


class Scanned(NamedTuple):
    """One line of what was scanned, and what became of it: a code of Heard, or why it was not taken."""

    line: int
    reference: str
    number: str
    result: str
    message: str = ""
    fix: str = ""


def ship(desk: Desk, lines: Iterable[str], carrier: str = "") -> list[Scanned]:
    """Take down scanned parcels, a line each: REFERENCE, a tab, the number, and for a part of it SKU=UNITS behind more tabs.

    A number that is known already is the same parcel. A line that is wrong holds up no other.
    """
    found = []
    for place, line in enumerate(lines, 1):
        if line.strip():
            reference, number, *parts = (*(cell.strip() for cell in line.rstrip("\r\n").split("\t")), "", "")
            try:
                result = _shipped(desk, reference, number, [part for part in parts if part], carrier)
                found.append(Scanned(place, reference.upper(), number, result.value))
            except Refused as why:
                found.append(Scanned(place, reference.upper()[:40], number, why.code, why.message, why.fix))
    return found


def _shipped(desk: Desk, reference: str, number: str, parts: list[str], carrier: str) -> Heard:
    if not 0 < len(number) <= MAX_LENGTH:
        what = f"the line has no tracking number of 1 to {MAX_LENGTH} characters"
        raise Refused("NUMBER_MISSING", what, "write REFERENCE, a tab, the number")
    key = _one(desk.storage, reference)
    po = desk.storage.load_order(key.pk).purchase_orders[key.sk].model
    if not po.own_stock:
        fix = f"orderwright purchase-orders tracking add {po.reference} {number}"
        raise Refused("NOT_IN_WAREHOUSE", f"{po.reference} is not from a warehouse of your own", fix)
    units = _units(po, parts)
    if clean(number) in po.answers.numbers:
        return Heard.UNCHANGED
    if po.cancel_requested and po.state is PurchaseOrderState.PLACED:
        fix = f"stop the parcel; where it has left: orderwright purchase-orders tracking add {po.reference} {number}"
        raise Refused("NOT_TO_BE_SENT", f"{po.reference} was cancelled", fix)
    parcel = EnteredParcel(tracking_number=number, carrier=carrier, units=units, who=desk.who, at=desk.now())
    said = Said(parcels=(parcel,))
    for fault in faults_of(po, said):
        raise Refused(fault.code, f"{fault.field}: {fault.message}", "correct the line and run this again")
    heard, _ = take_answer(desk.storage, key.pk, key.sk, said, desk.who, desk.now(), desk.correlation)
    if heard is Heard.ENDED:
        fix = "stop the parcel, or have it sent back: nobody is to get it"
        raise Refused("NOT_TO_BE_SENT", f"{po.reference} was cancelled", fix)
    return heard


def _units(po: PurchaseOrder, parts: list[str]) -> Mapping[str, int]:
    units = dict[str, int]()
    for part in parts:
        sku, _, many = part.rpartition("=")
        lines = [line for line in po.lines if line.sku == sku]
        if not lines or not many.isascii() or not many.isdigit():
            fix = "SKU=UNITS, such as HL-UL-300=1, of a SKU that it holds"
            raise Refused("UNITS_WRONG", "units: must name a SKU of the purchase order, and a whole number", fix)
        left = int(many)
        for place, line in enumerate(lines, 1):
            taken = left if place == len(lines) else min(left, line.quantity)
            if taken:
                units[line.line_id] = taken
            left -= taken
    return units
