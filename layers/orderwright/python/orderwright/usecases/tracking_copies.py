"""The parts of the customer's page that follow from a commit to an order (domain/tracking_page.py): pure.

A part is written together with the item that it is a copy of, and only where what it shows changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from orderwright.domain.base import Model
from orderwright.domain.customer_request import CustomerRequest
from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Shipment
from orderwright.domain.tracking_page import TrackedOrder, TrackedParcel, TrackedRequest
from orderwright.records import OrderFile, track_key
from orderwright.storage import Change, Copy, Put

KEPT = timedelta(days=400)
"""How long after its last change a page is kept at most; the link itself ends much sooner (rules.tracking.link_days)."""


def copies_of(changes: Sequence[Change], file: OrderFile, now: datetime) -> list[Copy]:
    """What of the page changes with these `changes` to the order, which was read as `file`.

    The commit that gives an order its mark writes all of its parcels too (intake/linking.py). Raises ValueError for a personal
    half without its order: the order's part is made of both.
    """
    puts = {change.key.sk: change for change in changes if isinstance(change, Put) and change.key.pk == file.pk}
    before = file.record.model if file.record else None
    put = puts.get("ORDER")
    record = put.model if put is not None and isinstance(put.model, OrderRecord) else before
    if record is None or not record.link_mark:
        return []
    if put is None and "DETAILS" in puts:
        raise ValueError(
            "DETAILS without ORDER in one commit: the order's part of its customer's page would stay as it was"
        )
    first = before is None or before.link_mark != record.link_mark
    made: list[tuple[str, Model, int]] = []
    if put is not None:
        shown = order_part(file, record, puts)
        if first or before is None or shown != order_part(file, before, {}):
            made.append(("ORDER", shown, put.version + 1))
    for sk, one in puts.items():
        held, shown_now = file.shipments.get(sk) or file.requests.get(sk), item_part(one.model)
        if shown_now is not None and (first or held is None or item_part(held.model) != shown_now):
            made.append((sk, shown_now, one.version + 1))
    return [Copy(track_key(record.link_mark, sk), part, version, now + KEPT) for sk, part, version in made]


def item_part(model: Model) -> TrackedParcel | TrackedRequest | None:
    """The part of a parcel or of a request; None of what has none of its own."""
    if isinstance(model, Shipment):
        return TrackedParcel.of(model)
    return TrackedRequest.of(model) if isinstance(model, CustomerRequest) else None


def order_part(file: OrderFile, record: OrderRecord, puts: Mapping[str, Put]) -> TrackedOrder:
    """The order's part with what these writes make of it."""
    put = puts.get("DETAILS")
    details = put.model if put is not None else file.details.model if file.details else None
    orders: dict[str, PurchaseOrder] = {sk: held.model for sk, held in file.purchase_orders.items()}
    orders |= {sk: one.model for sk, one in puts.items() if isinstance(one.model, PurchaseOrder)}
    known = details if isinstance(details, OrderDetails) else OrderDetails(lines=())
    return TrackedOrder.of(file.pk, record, known, orders.values())
