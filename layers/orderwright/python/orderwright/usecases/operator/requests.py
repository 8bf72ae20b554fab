"""What customers asked for on their pages: what is open, until when the money is to be back, what is settled (R49, R35)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from orderwright.domain.customer_request import REFUND_DAYS, CustomerRequest, RequestKind, RequestOutcome, RequestState
from orderwright.domain.order import OrderRecord
from orderwright.domain.order_state import WITHDRAWN
from orderwright.domain.withdrawals import in_words, units_withdrawn
from orderwright.records import ORDERS, QUESTIONS, OrderFile, order_key, request_key
from orderwright.storage import Storage
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.order_edit import load
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.people.fixes import command

MOST = 1000
WEEK = timedelta(days=7)
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


class ListedRequest(NamedTuple):
    """One request with its order's partition and record."""

    pk: str
    order: OrderRecord
    request: CustomerRequest


class Counted(NamedTuple):
    """Open requests, and those of them whose money should be back by law. Questions of today (UTC), and of seven days."""

    open: int
    overdue: int
    questions_today: int
    questions_week: int


def counted(storage: Storage, now: datetime) -> Counted:
    """By the index, which may lag; each counted no further than `MOST`."""
    state = f"REQUEST#{RequestState.OPEN}"
    still = storage.count_in_state(ORDERS, state, MOST)
    late = storage.in_state(ORDERS, state, MOST, _BEGIN, now - timedelta(days=REFUND_DAYS)) if still else []
    asked = storage.in_state(ORDERS, QUESTIONS, MOST, now - WEEK)
    today = sum(key.sk.startswith(f"{RequestKind.QUESTION}#{now.date().isoformat()}") for key in asked)
    overdue = sum(key.sk.startswith(f"REQUEST#{RequestKind.WITHDRAWAL}#") for key in late)
    return Counted(still, overdue, today, len(asked))


def list_requests(storage: Storage, states: Iterable[RequestState], limit: int = MOST) -> list[ListedRequest]:
    """The oldest first within a state. The index may lag, so each is read."""
    found: list[ListedRequest] = []
    for state in states:
        keys = storage.in_state(ORDERS, f"REQUEST#{state}", limit)
        records = storage.get_many([order_key(key.pk) for key in keys], OrderRecord)
        for key, held in storage.get_many(keys, CustomerRequest).items():
            record = records.get(order_key(key.pk))
            if held.model.state is state and record is not None:
                found.append(ListedRequest(key.pk, record.model, held.model))
    return found


def close_request(desk: Desk, pk: str, name: str, outcome: RequestOutcome) -> tuple[CustomerRequest, tuple[str, ...]]:
    """Say what became of a request; `name` may be empty where one is open. Gives it, and what is still to be looked at.

    It moves no money and tells nobody. Raises Refused.
    """
    return decided(lambda: _close(desk, pk, name, outcome))


def _close(desk: Desk, pk: str, name: str, outcome: RequestOutcome) -> tuple[CustomerRequest, tuple[str, ...]]:
    file, stored = load(desk, pk)
    record = stored.model
    requests = {held.model.name: held.model for _, held in sorted(file.requests.items())}
    waiting = [key for key, one in requests.items() if one.state is RequestState.OPEN]
    show = command("requests", "show", record.name)
    if not requests:
        raise Refused("NO_REQUEST", f"the customer of {record.name} asked for nothing", "orderwright requests list")
    if name and name.lower() not in requests:
        raise Refused("NO_REQUEST", f"{record.name} has no request {name!r}, but {', '.join(requests)}", show)
    if not name and len(waiting) > 1:
        fix = command("requests", "close", record.name, waiting[0], "--outcome", outcome.lower())
        raise Refused("WHICH_REQUEST", f"{record.name} has {len(waiting)} open requests: {', '.join(waiting)}", fix)
    if not waiting or (name and name.lower() not in waiting):
        raise Refused("ALREADY_CLOSED", f"{name or 'each request'} of {record.name} is closed already", show)
    closed = requests[name.lower() or waiting[0]].closed(outcome, desk.now())
    work = OrderCommit(file, desk.who, desk.now(), desk.correlation, desk.why)
    closed = work.request(closed, f"closed: {outcome.lower()}", desk.why)
    work.write(desk.storage)
    return closed, tuple(_left(record, closed))


def _left(record: OrderRecord, closed: CustomerRequest) -> Iterable[str]:
    if closed.outcome == RequestOutcome.REFUNDED and not record.refunded.minor:
        yield "the store shows no refund of it yet: the money is given back there"
    if any(reason.code == WITHDRAWN for reason in record.reasons):
        release = command("orders", "release", record.name, "--code", WITHDRAWN)
        yield f"nothing more is bought for {record.name}: cancel it in the store, or let the rest be bought: {release}"


def request_data(one: CustomerRequest, now: datetime, file: OrderFile | None = None) -> dict[str, Any]:
    """A request with stable keys. `came_to` of a withdrawal: the three ends of promise P6, "" while it is not certain.

    `told`: the same in words; with the order's `file` also what is still done.
    """
    due = one.refund_by if one.state is RequestState.OPEN else None
    return {
        "part": request_key("", one.kind, one.number).sk,
        "request": one.name,
        "kind": one.kind.value,
        "state": one.state.value,
        "asked_at": one.asked_at,
        "lines": [line.model_dump() for line in one.lines],
        "reason": one.reason.value,
        "came_to": one.came_to,
        "told": _told(one, file),
        "refund_by": due,
        "days_left": (due - now).days if due is not None else None,
        "outcome": one.outcome,
        "closed_at": one.closed_at,
    }


def _told(one: CustomerRequest, file: OrderFile | None) -> str:
    if one.kind is not RequestKind.WITHDRAWAL:
        return ""
    lines = file.details.model.lines if file and file.details else ()
    orders = [held.model for held in file.purchase_orders.values()] if file else []
    return in_words(one.came_to, units_withdrawn([one], lines), orders) if one.came_to or file else "not certain yet"


def asked_in_words(count: Counted) -> str:
    """How often customers asked where their order is (R52)."""
    return f'"where is my order?" was asked today: {count.questions_today}, in 7 days: {count.questions_week}'


def due_in_words(data: dict[str, Any]) -> str:
    """Until when the money is to be back: "2026-12-15, 9 days left"."""
    if data["refund_by"] is None:
        return str(data["outcome"]).lower()
    left = int(data["days_left"])
    late = (
        f"{-left} {'day' if left == -1 else 'days'} too late"
        if left < 0
        else f"{left} {'day' if left == 1 else 'days'} left"
    )
    return f"refund by {data['refund_by']:%Y-%m-%d}, {late}"
