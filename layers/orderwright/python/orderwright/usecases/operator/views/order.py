"""One order with all that we hold of it, as data with stable keys. Personal data only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from orderwright.domain.going_elsewhere import asked_back
from orderwright.domain.money import Money
from orderwright.domain.notice import Trouble
from orderwright.domain.order import FINAL_ORDER_STATES, OrderRecord, Reason, Release
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import Shipment
from orderwright.domain.validation import order_notes
from orderwright.records import OrderFile
from orderwright.storage import Storage
from orderwright.usecases.operator.release import releasable
from orderwright.usecases.operator.requests import request_data
from orderwright.usecases.operator.timeline import timeline, wakes
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.operator.views.reckoning import in_short, reckoning_data
from orderwright.usecases.operator.views.releases import holds_for
from orderwright.usecases.operator.waits import Wait, codes_of, fixes_of_waits, waits_data, waits_of
from orderwright.usecases.people.fixes import About, fix_of, reasons_data
from orderwright.usecases.people.words import part_name, work

NameOf = Callable[[str], str]


def order_row(
    pk: str, record: OrderRecord, waits: Sequence[Wait], name_of: NameOf = str, at: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An order in a list. `waits` are all its reasons; `name_of` gives what the file calls a connection; `at` are the options

    that choose the stack.
    """
    return {
        "key": pk,
        "connection": name_of(record.connection),
        "order_id": record.order_id,
        "name": record.name,
        "state": record.state.value,
        "reasons": codes_of(waits),
        "fixes": [fix._asdict() for fix in fixes_of_waits(record.name, waits, name_of, at)],
        "payment": record.payment.value,
        "total": money(record.total),
        "margin": money(record.margin),
        "created_at": record.created_at,
        "store_updated_at": record.store_updated_at,
    }


def order_view(
    storage: Storage, file: OrderFile, now: datetime, *, personal: bool, name_of: NameOf = str, at: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The whole order."""
    assert file.record is not None
    record, orders = file.record.model, [held.model for _, held in sorted(file.purchase_orders.items())]
    waits = waits_of(file)
    bought = zip(sorted(file.purchase_orders), orders, strict=True)
    names = {sk: f"{po.reference} at {name_of(po.supplier)}" for sk, po in bought}
    names |= {sk: held.model.tracking_number for sk, held in file.shipments.items()}
    view = {
        **order_row(file.pk, record, waits, name_of, at),
        "margin_expected": money(_expected_margin(orders)),
        "refunded": money(record.refunded),
        "margin_without": [
            held.model.reference
            for _, held in sorted(file.purchase_orders.items())
            if held.model.state is PurchaseOrderState.PLACED and held.model.reckoning is None
        ],
        "cancelled": record.cancelled,
        "cancel_outcome": record.cancel_outcome,
        "test": record.test,
        "final": record.state in FINAL_ORDER_STATES,
        "released": list(record.released),
        "releases": releases_data(record.releases, name_of),
        "seen_at": record.seen_at,
        "erased_at": record.erased_at,
        # Never the link: who has it sees the page (orders link).
        "customer_page": {"since": record.linked_at, "asked_where": record.asked} if record.link_mark else None,
        "waits": waits_data(record.name, waits, name_of, at),
        "notes": [note.model_dump() for note in _notes(file, orders, name_of)],
        "can_release": sorted(releasable(file)),
        "next": [
            {"part": wake.part, "at": wake.due.at, "does": work(wake.due.type, part_name(wake.part, names)),
             "overdue": wake.due.at < now}
            for wake in wakes(storage, file)
        ],
        "lines": _lines(file),
        "purchase_orders": [
            _purchase_order(sk, held.model, record.name, name_of, at) for sk, held in sorted(file.purchase_orders.items())
        ],
        "shipments": [_shipment(sk, held.model, now) for sk, held in sorted(file.shipments.items())],
        "notices": [
            {"part": sk, "channel": held.model.channel, "milestone": told.milestone.value, "state": told.state.value,
             "at": told.at, "note": told.note}
            for sk, held in sorted(file.notices.items()) for told in held.model.told
        ] + [
            {"part": sk, "channel": held.model.channel, "milestone": held.model.milestone.value, "state": held.model.state.value,
             "at": held.model.waits_since, "note": held.model.cause}
            for sk, held in sorted(file.notices.items()) if held.model.trouble is Trouble.WAITING
        ],
        "mail_events": [
            {"part": sk, **news.model_dump(exclude={"mark"})}
            for sk, held in sorted(file.notices.items()) for news in held.model.feedback
        ],
        "requests": [request_data(held.model, now, file) for _, held in sorted(file.requests.items())],
        "timeline": [{"part": line.part, **line.entry.model_dump()} for line in timeline(storage, file)],
    }  # fmt: skip
    return {**view, "personal": _personal(file)} if personal else view


def _expected_margin(orders: Iterable[PurchaseOrder]) -> Money | None:
    """What purchase orders that are not paid yet would leave, as last reckoned; None where there is none."""
    open_ones = (po for po in orders if po.state not in (PurchaseOrderState.PLACED, PurchaseOrderState.CANCELLED))
    margins = [po.reckoning.margin for po in open_ones if po.reckoning is not None]
    return sum(margins[1:], margins[0]) if margins else None


def releases_data(releases: Iterable[Release], name_of: NameOf = str) -> list[dict[str, Any]]:
    """What the operator let pass, with `holds_for`: its terms in words."""
    return [{**release.model_dump(), "holds_for": holds_for(release, name_of)} for release in releases]


def _lines(file: OrderFile) -> list[dict[str, Any]]:
    if file.details is None or file.record is None:
        return []
    reserved = file.record.model.reserved.values()
    return [
        {
            "line_id": line.line_id,
            "sku": line.sku,
            "title": line.title,
            "bundle": line.bundle,
            "quantity": line.quantity,
            "unfulfilled": line.unfulfilled,
            "unit_price": money(line.unit_price),
            "reserved": sum(held.quantity for held in reserved if held.line_id == line.line_id),
        }
        for line in file.details.model.lines
    ]


def _notes(file: OrderFile, orders: Sequence[PurchaseOrder], name_of: NameOf) -> list[Reason]:
    """What is worth knowing and stops nothing."""
    erased = file.details is None or (file.record is not None and file.record.model.erased_at)
    found = [] if file.details is None or erased else order_notes(file.details.model)
    told = [(po.leaving, asked_back(po, name_of(po.supplier))) for po in orders]
    return [*found, *(Reason(code=leaving.code, message=words) for leaving, words in told if leaving and words)]


def _purchase_order(sk: str, po: PurchaseOrder, order: str, name_of: NameOf, at: tuple[str, ...]) -> dict[str, Any]:
    waiting = po.state in (PurchaseOrderState.NEW, PurchaseOrderState.INTENT)
    about = About(order, po.reference, name_of(po.supplier), at, paid=po.paid)
    return {
        "part": sk,
        "reference": po.reference,
        "supplier": name_of(po.supplier),
        "state": po.state.value,
        "step": po.step,
        "sends": po.sends,
        "vendor_ids": dict(po.vendor_ids),
        "lines": [{"line_id": line.line_id, "sku": line.sku, "quantity": line.quantity} for line in po.lines],
        "expected_cost": money(po.expected_cost),
        "payable": money(po.payable),
        "reckoning": reckoning_data(po.reckoning),
        "money": in_short(po.reckoning),
        "cancel_requested": po.cancel_requested,
        "cancel_outcome": po.cancel_outcome,
        "reasons": reasons_data(po.reasons, [fix_of(reason, about, waiting=waiting) for reason in po.reasons]),
        "placed_at": po.placed_at,
    }


def _shipment(sk: str, parcel: Shipment, now: datetime) -> dict[str, Any]:
    told = None if parcel.ended else parcel.promise(now)
    return {
        "part": sk,
        "tracking_number": parcel.tracking_number,
        "carrier": parcel.carrier_name or parcel.carrier,
        "tracking_url": parcel.tracking_url,
        "state": parcel.state.value,
        "state_at": parcel.state_at,
        "expected_at": parcel.expected_at,
        "arrives": told.model_dump(mode="json") if told else None,
        "overdue": told is not None and told.has_passed(now),
        "quiet_since": parcel.quiet_since,
        "customs_since": parcel.customs_since,
        "fulfillment": parcel.fulfillment.value,
        "fulfillment_id": parcel.fulfillment_id,
        "lines": [{"line_id": line.line_id, "sku": line.sku, "quantity": line.quantity} for line in parcel.lines],
        "reasons": [reason.model_dump() for reason in parcel.reasons],
    }


def _personal(file: OrderFile) -> dict[str, Any]:
    if file.details is None:
        return {}
    details = file.details.model
    destination = details.destination
    return {
        "address": destination.model_dump() if destination else None,
        "corrected": details.fixed_address is not None,
        "email": details.email,
        "phone": details.phone,
        "sms_consent": details.sms_consent,
        "locale": details.locale,
        "buyer_note": details.buyer_note,
    }
