"""What leaves a warehouse of the merchant's own leaves its stock, in the commit that writes the parcel down (promise P3).

The purchase order keeps which parcels' lines have left the figure, so that none does twice, whatever is scanned or sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Shipment, ShipmentLine
from orderwright.domain.time_line import Stamp
from orderwright.domain.tracking_numbers import clean
from orderwright.records import Key, offer_key
from orderwright.storage import MOST_WRITES, Put, Storage, writes_of
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.order_summary import units_left
from orderwright.usecases.stock.offers import offer_put

MOST_CHANGES = MOST_WRITES - 5
"""The order with its part of the customer's page, the purchase order, and old lines of their time lines come on top."""


class Taken(NamedTuple):
    """What is written beside the parcels. `more`: it does not fit, and the next visit goes on."""

    po: PurchaseOrder
    record: OrderRecord | None
    puts: tuple[Put, ...] = ()
    more: bool = False


def is_owed(po: PurchaseOrder, parcels: Mapping[str, Shipment]) -> bool:
    """Is something in a parcel, and still in the stock's figure?"""
    return po.own_stock and any(True for _ in _owed(po, parcels))


def take_off(
    commit: OrderCommit,
    po: PurchaseOrder,
    parcels: Mapping[str, Shipment],
    storage: Storage,
    beside: int,
) -> Taken:
    """The purchase order, its order and the offers, once what its parcels hold has left. `beside`: other changes there."""
    record = commit.file.record.model if commit.file.record else None
    if not po.own_stock or record is None:
        return Taken(po, None)
    room = max(1, MOST_CHANGES - writes_of(commit.with_page()) - beside)
    stamp = Stamp(commit.now, commit.who, commit.correlation)
    offers, versions = dict[Key, Offer | None](), dict[Key, int]()
    sent, lines, more = dict[str, int](), dict(po.off_shelf), False
    reserved = {line.line_id: line.reservation for line in po.lines}
    for parcel, line, at in _owed(po, parcels):
        key, name = offer_key(line.sku, po.supplier), reserved[line.line_id]
        if key not in offers:
            if more := len(offers) == room:
                break
            stored = storage.get(key, Offer)
            offers[key], versions[key] = (stored.model, stored.version) if stored else (None, 0)
        held = offers[key]
        offers[key] = held and held.sent({f"{commit.file.pk}|{name}": line.quantity}, at, stamp)
        sent[name] = sent.get(name, 0) + line.quantity
        lines[parcel] = lines.get(parcel, 0) + 1
    done = po.left_shelf(lines, all_left=not more and not units_left([po], parcels.values()))
    puts = tuple(offer_put(one, versions[key], matters=True) for key, one in offers.items() if one is not None)
    return Taken(done, record.stock_sent(sent), puts, more)


def _owed(po: PurchaseOrder, parcels: Mapping[str, Shipment]) -> Iterator[tuple[str, ShipmentLine, datetime]]:
    """Lines that are in the figure still: parcel, line, and when somebody entered it."""
    entered = {clean(one.tracking_number): one.at for one in po.answers.parcels}
    for sk, parcel in sorted(parcels.items()):
        at = next((entered[clean(one)] for one in parcel.numbers if clean(one) in entered), parcel.created_at)
        for line in parcel.lines[po.off_shelf.get(sk, 0) :]:
            yield sk, line, at
