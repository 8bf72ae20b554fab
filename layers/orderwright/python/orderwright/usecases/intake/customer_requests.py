"""What a customer sent from the page of their order becomes a case of that order, once (R49, R52; promises P5, P6).

One commit: the case, the stop of what is not ordered yet, the mark on what was sent, and the facts of receipt and alert. After it
nothing of the order is bought: the purchase orders compete on their own items, as they do with a cancellation in the store.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from orderwright.domain.customer_request import CustomerRequest, RequestedLine, RequestKind, SentRequest
from orderwright.domain.order import OrderDetails, OrderRecord, units_of
from orderwright.domain.order_state import WITHDRAWN_HOLD
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import Milestone, ShipmentState
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.records import ORDERS, Stored, order_part_key, request_key
from orderwright.storage import Fact, Put, Storage, retry_on_conflict
from orderwright.usecases.alerts import alert
from orderwright.usecases.giving_back import given_back
from orderwright.usecases.intake.work import FUNCTION
from orderwright.usecases.order_commit import OrderCommit

REQUEST = "customer.request_due"
KEPT = timedelta(days=400)
"""How long what was sent is kept beside its case."""
_ORDERED = (PurchaseOrderState.INTENT, PurchaseOrderState.PLACED, PurchaseOrderState.PARKED)
_RECEIPT = {RequestKind.WITHDRAWAL: Milestone.WITHDRAWAL, RequestKind.RETURN: Milestone.RETURN}
_ALERT = {RequestKind.WITHDRAWAL: "CUSTOMER_WITHDREW", RequestKind.RETURN: "CUSTOMER_RETURNS"}
_WHAT = {RequestKind.WITHDRAWAL: "the customer withdraws from", RequestKind.RETURN: "the customer wants to send back"}


def take_request(message: Message, *, storage: Storage, clock: Clock) -> None:
    """Act on what was sent; nothing where that is done already, or where its order was erased. Raises Conflict."""
    correlation = message.correlation or message.id

    def taken() -> None:
        sent = _sent(storage, message.pk, message.sk)
        if sent is None or sent.model.taken_at is not None:
            return
        now = clock.now()
        file = storage.load_order(sent.model.order)
        commit = OrderCommit(file, FUNCTION, now, correlation)
        if file.record is not None and file.record.model.erased_at is None:
            _act(commit, sent.model)
        key = order_part_key(message.pk, message.sk)
        commit.beside(Put(key, sent.model.taken(now), sent.version, until=now + KEPT))
        commit.write(storage)

    retry_on_conflict(taken, "what a customer asked for")


def _sent(storage: Storage, pk: str, sk: str) -> Stored[SentRequest] | None:
    found = (item for key, item in storage.list_raw(ORDERS, pk, sk) if key.sk == sk)
    return next((Stored(SentRequest.model_validate(item["body"]), item["version"]) for item in found), None)


def _act(commit: OrderCommit, sent: SentRequest) -> None:
    file = commit.file
    assert file.record is not None
    record = file.record.model
    if sent.kind is RequestKind.QUESTION:
        commit.order("the customer asked where it is", record.asked_where())
        return
    what = f"{_WHAT[sent.kind]} {told(sent.lines)}"
    open_before = _ordered(commit.orders.values())
    if sent.kind is RequestKind.WITHDRAWAL:
        record = _stop(commit, sent, record)
    case = CustomerRequest(
        kind=sent.kind, number=sent.number, lines=sent.lines, reason=sent.reason, language=sent.language,
        asked_at=sent.at, stopped=sent.kind is RequestKind.WITHDRAWAL and not open_before and not file.shipments,
    )  # fmt: skip
    commit.request(case, what)
    sk = request_key(file.pk, sent.kind, sent.number).sk
    receipt = Fact(
        "notice.due", connection=record.connection, pk=file.pk, sk=sk, detail={"milestone": _RECEIPT[sent.kind].value}
    )
    message = f"{record.name}: {what}"
    if file.details is None or not file.details.model.email:
        message += "; the order has no e-mail address, so send the receipt yourself"
    commit.order(
        what, record, facts=[receipt, alert(_ALERT[sent.kind], record.connection, pk=file.pk, message=message)]
    )


def told(lines: Sequence[RequestedLine]) -> str:
    """The pieces in words, such as "2 x Head torch, 1 x Lamp"."""
    return ", ".join(f"{line.quantity} x {line.title}" for line in lines)


def _ordered(orders: Collection[PurchaseOrder]) -> bool:
    return any(po.state in _ORDERED or po.placed_at is not None for po in orders)


def _stop(commit: OrderCommit, sent: SentRequest, record: OrderRecord) -> OrderRecord:
    """Nothing more is bought where pieces that are withdrawn have not left; what is ordered is taken back where all of it is.

    As with a stop by an operator, other lines of the order wait as well: the operator lets them go on.
    """
    file = commit.file
    details = file.details.model if file.details else OrderDetails(lines=())
    asked = _own_units(sent.lines, details)
    moving = [one for one in commit.parcels.values() if one.state is not ShipmentState.CANCELLED]
    left = units_of((line.line_id, line.quantity) for parcel in moving for line in parcel.lines)
    sold = {line.line_id: line.quantity for line in details.lines}
    if not any(sold.get(name, 0) > left.get(name, 0) for name in asked):
        return record
    stopped: dict[str, PurchaseOrder] = {}
    for sk, po in sorted(commit.orders.items()):
        stays = po.state is PurchaseOrderState.PLACED and not _wholly(po, asked, left)
        after = po if stays else po.stopped(commit.now)
        if after != po:
            stopped[sk] = commit.handed_over(sk, after, "the customer withdrew")
    freed, extra = given_back(file, record, stopped, commit.now)
    commit.beside(*extra)
    return freed.stopped(WITHDRAWN_HOLD)


def _own_units(lines: Sequence[RequestedLine], details: OrderDetails) -> dict[str, int]:
    """Units by the line ids that purchase orders use: of a bundle those of its components."""
    wanted = {line.line_id: line.quantity for line in lines}
    parts = ((one, wanted.get(one.of_line or one.line_id, 0)) for one in details.lines)
    return {one.line_id: units * (one.per_bundle if one.of_line else 1) for one, units in parts if units}


def _wholly(po: PurchaseOrder, asked: dict[str, int], left: dict[str, int]) -> bool:
    """Is all that it buys withdrawn, and nothing of it sent?"""
    return all(asked.get(line.line_id, 0) >= line.quantity and not left.get(line.line_id) for line in po.lines)
