"""What a withdrawal stops, and how it ended: bundles, several purchase orders, parcels (promise P6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orderwright.domain.customer_request import (
    CustomerRequest,
    RequestedLine,
    RequestKind,
    RequestOutcome,
    RequestReason,
)
from orderwright.domain.money import Money
from orderwright.domain.order import OrderLine
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.unit_cost import UnitCost
from orderwright.domain.withdrawals import came_to, is_whole, to_stop, units_withdrawn, withdrawn_from

AT = datetime(2026, 11, 22, tzinfo=UTC)
STATE = PurchaseOrderState
USD = Money.parse("1", "USD")


def asked(units: dict[str, int], kind: RequestKind = RequestKind.WITHDRAWAL) -> CustomerRequest:
    lines = tuple(RequestedLine(line_id=line, title=line, quantity=many) for line, many in units.items())
    return CustomerRequest(kind=kind, number=0, lines=lines, reason=RequestReason.NOT_SAID, asked_at=AT)


def sold(line_id: str, units: int, of_line: str = "", per_bundle: int = 1) -> OrderLine:
    return OrderLine(
        line_id=line_id, title=line_id, quantity=units, unfulfilled=units, unit_price=USD, of_line=of_line, per_bundle=per_bundle
    )  # fmt: skip


def po(state: PurchaseOrderState, number: int = 1, *, placed: bool = False, **more: Any) -> PurchaseOrder:
    units = {line: more.pop(line) for line in ("a", "b") if line in more}
    lines = tuple(
        PurchaseOrderLine(line_id=line, sku=line, supplier_sku=line, title=line, quantity=many, reservation=line,
                          unit_cost=UnitCost.parse("1", "USD"))
        for line, many in units.items()
    )  # fmt: skip
    return PurchaseOrder(
        supplier="cj", number=number, reference=f"OW{number}", lines=lines, freight=USD, state=state, created_at=AT,
        placed_at=AT if placed else None, **more,
    )  # fmt: skip


def test_what_came_to_nothing_or_is_kept_does_not_count_against_what_is_bought_later() -> None:
    open_still, nothing = asked({"a": 1}), asked({"a": 2}).ended("NOTHING_ORDERED", stopped=True)
    kept = [asked({"a": 4}).closed(outcome, AT) for outcome in (RequestOutcome.KEPT, RequestOutcome.REFUSED)]
    done = asked({"a": 8}).closed(RequestOutcome.REFUNDED, AT)
    assert withdrawn_from([open_still, nothing, *kept, done], [sold("a", 9)]) == {"a": 9}


def test_a_bundle_is_withdrawn_with_all_its_components() -> None:
    lines = [sold("7+1", 4, "7", 2), sold("7+2", 2, "7", 1), sold("8", 1)]
    units = units_withdrawn([asked({"7": 1}), asked({"7": 1}), asked({"8": 1}, RequestKind.RETURN)], lines)
    assert {name: units.get(name, 0) for name in ("7+1", "7+2", "8")} == {"7+1": 4, "7+2": 2, "8": 0}
    assert (is_whole(units, lines[:2]), is_whole(units, lines)) == (True, False)


@pytest.mark.parametrize(
    ("units", "orders", "sent", "stopped"),
    [
        ({"a": 1}, [po(STATE.NEW, b=1), po(STATE.PARKED, 2, b=1)], {}, {0, 1}),
        ({"a": 1}, [po(STATE.PLACED, a=1, b=1)], {}, set()),
        ({"a": 1, "b": 1}, [po(STATE.PLACED, a=1, b=1)], {}, {0}),
        ({"a": 1}, [po(STATE.PLACED, a=1), po(STATE.PLACED, 2, a=1)], {}, {0}),
        ({"a": 2}, [po(STATE.PLACED, a=1), po(STATE.PLACED, 2, a=1)], {"a": 1}, {1}),
        ({"a": 1}, [po(STATE.PLACED, a=1)], {"a": 1}, set()),
        ({"a": 1}, [po(STATE.PLACED, a=1, b=1, own_stock=True)], {}, {0}),
    ],
    ids=[
        "not ordered: each",
        "a part",
        "the whole",
        "one of two alike",
        "one has left",
        "all has left",
        "on the shelf",
    ],
)
def test_what_is_stopped(
    units: dict[str, int], orders: list[PurchaseOrder], sent: dict[str, int], stopped: set[int]
) -> None:
    by_sk = {f"PO#{index}": one for index, one in enumerate(orders)}
    assert to_stop(units, by_sk, sent) == {f"PO#{index}" for index in stopped}


@pytest.mark.parametrize(
    ("orders", "end"),
    [
        ([], "NOTHING_ORDERED"),
        ([po(STATE.CANCELLED, a=1), po(STATE.PLACED, 2, b=1)], "NOTHING_ORDERED"),
        ([po(STATE.INTENT, a=1)], None),
        ([po(STATE.PARKED, a=1)], None),
        ([po(STATE.PLACED, a=1, cancel_requested=True)], None),
        ([po(STATE.PLACED, a=1)], "ORDERED_TOO_LATE"),
        ([po(STATE.PLACED, a=1, cancel_requested=True, cancel_outcome="CANCELLATION_REQUESTED")], "CANCELLATION_REQUESTED"),
        ([po(STATE.PLACED, a=1, cancel_requested=True, cancel_outcome="ORDERED_TOO_LATE")], "ORDERED_TOO_LATE"),
        ([po(STATE.REJECTED, a=1)], "NOTHING_ORDERED"),
        ([po(STATE.REJECTED, a=1, placed=True)], "CANCELLATION_REQUESTED"),
    ],
)  # fmt: skip
def test_how_it_ended(orders: list[PurchaseOrder], end: str | None) -> None:
    assert came_to({"a": 1}, orders) == end
