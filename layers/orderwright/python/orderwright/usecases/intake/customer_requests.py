"""What a customer sent from their page becomes a case of the order, and stops what is not ordered yet (R49, R52, promise P6).

One commit: the case, the purchase orders that it stops, the order's hold, what was sent as taken, receipt and alert as facts.
Each purchase order is written, also one that stays as it is: a worker that has read it before opens no further step of it.
"""

from __future__ import annotations

from datetime import timedelta

from orderwright.domain.customer_request import CustomerRequest, RequestKind, SentRequest
from orderwright.domain.order import OrderDetails, OrderRecord, OrderState, units_of
from orderwright.domain.order_state import WITHDRAWN, WITHDRAWN_HOLD, CancelOutcome
from orderwright.domain.shipment import Milestone, ShipmentState
from orderwright.domain.withdrawals import came_to, in_words, is_whole, to_stop, units_withdrawn, withdrawn_from
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.records import QUESTIONS, OrderFile, order_part_key, request_key
from orderwright.storage import Fact, Put, Storage, retry_on_conflict
from orderwright.usecases.alerts import request_alert
from orderwright.usecases.giving_back import given_back
from orderwright.usecases.intake.work import FUNCTION
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.order_summary import quiet_put

KEPT = timedelta(days=400)
_RECEIPT = {RequestKind.WITHDRAWAL: Milestone.WITHDRAWAL, RequestKind.RETURN: Milestone.RETURN}
_OVER = frozenset({OrderState.SHIPPED, OrderState.DELIVERED, OrderState.CANCELLED, OrderState.IGNORED})


def take_request(message: Message, *, storage: Storage, clock: Clock) -> None:
    """Act once on what was sent, however often the message comes. Of an order that is gone or erased nothing is kept."""
    key = order_part_key(message.pk, message.sk)

    def taken() -> None:
        held = storage.get(key, SentRequest)
        if held is None or held.model.taken_at is not None:
            return
        sent, now = held.model, clock.now()
        commit = OrderCommit(storage.load_order(sent.order), FUNCTION, now, message.correlation or message.id)
        if _is_of(message.pk, commit.file):
            if sent.kind is RequestKind.QUESTION:
                _asked(commit)
            else:
                _opened(commit, sent)
        state = QUESTIONS if sent.kind is RequestKind.QUESTION else ""
        done = Put(key, sent.taken(now), held.version, state=state, since=sent.at if state else None, until=now + KEPT)
        commit.beside(done).write(storage)

    retry_on_conflict(taken, "what the customer asked for")


def _is_of(pk: str, file: OrderFile) -> bool:
    """Is there such an order, with this very page?"""
    record = file.record.model if file.record else None
    return record is not None and record.erased_at is None and pk == f"REQUEST#{record.link_mark}"


def _asked(commit: OrderCommit) -> None:
    """No case and no alert: the page has answered. It is counted."""
    held = commit.file.record
    assert held is not None
    commit.beside(quiet_put(commit.file.pk, held.model.asked_where(), held.version))


def _opened(commit: OrderCommit, sent: SentRequest) -> None:
    """A case of its own; the number is that of the page where nothing else has it."""
    file = commit.file
    assert file.record is not None
    number = sum(held.model.kind is sent.kind for held in file.requests.values())
    case = CustomerRequest(
        kind=sent.kind, number=number, lines=sent.lines, reason=sent.reason, language=sent.language, asked_at=sent.at
    )
    details = file.details.model if file.details else OrderDetails(lines=())
    record, what, told = file.record.model, "the customer wants to send goods back", ""
    if sent.kind is RequestKind.WITHDRAWAL:
        record, case = _stop(commit, case)
        told = in_words(case.came_to, units_withdrawn([case], details.lines), commit.orders.values())
        what = f"the customer withdrew: {told}"
    sk, detail = request_key(file.pk, case.kind, case.number).sk, {"milestone": _RECEIPT[case.kind].value}
    receipt = Fact("notice.due", connection=record.connection, pk=file.pk, sk=sk, detail=detail)
    facts = [receipt, request_alert(file.pk, record, case, _said(case, details, told))]
    commit.request(case, what, f"reason: {case.reason}", facts=facts)


def _stop(commit: OrderCommit, case: CustomerRequest) -> tuple[OrderRecord, CustomerRequest]:
    """Never ordered from now on: each purchase order and the order itself are in the commit (promise P6)."""
    file, now = commit.file, commit.now
    assert file.record is not None
    record, lines = file.record.model, file.details.model.lines if file.details else ()
    before = [held.model for held in file.requests.values()]
    orders = {sk: held.model for sk, held in file.purchase_orders.items()}
    stopped = to_stop(withdrawn_from([*before, case], lines), orders, _in_parcels(file))
    after = {sk: po.stopped(now) if sk in stopped else po for sk, po in orders.items()}
    for sk, po in sorted(after.items()):
        commit.handed_over(sk, po, "stopped: the customer withdrew" if po != orders[sk] else "")
    record, back = given_back(file, record, after, now)
    if not (record.cancelled or record.state in _OVER or WITHDRAWN in record.released):
        record = record.stopped(WITHDRAWN_HOLD)
    record = commit.order("the customer withdrew", record)
    commit.beside(*back)
    end = came_to(units_withdrawn([case], lines), after.values())
    return record, case if end is None else case.ended(end.value, stopped=end is CancelOutcome.NOTHING_ORDERED)


def _in_parcels(file: OrderFile) -> dict[str, int]:
    moving = (held.model for held in file.shipments.values() if held.model.state is not ShipmentState.CANCELLED)
    return units_of((line.line_id, line.quantity) for parcel in moving for line in parcel.lines)


def _said(case: CustomerRequest, details: OrderDetails, told: str) -> str:
    """For the alert, with nothing about the person (promise P8)."""
    pieces = sum(line.quantity for line in case.lines)
    what = f"the customer wants to send back {pieces} {'piece' if pieces == 1 else 'pieces'}"
    if case.kind is RequestKind.WITHDRAWAL:
        whole = is_whole(units_withdrawn([case], details.lines), details.lines)
        what = f"the customer withdrew from {'the whole order' if whole else f'{pieces} of its pieces'}: {told}"
    if not details.email:
        what += "; there is no mail address, so no receipt was sent: the law wants one, send it another way"
    return what
