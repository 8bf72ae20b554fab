"""The table of order states."""

from __future__ import annotations

import pytest

from orderwright.domain.order import OrderState, PaymentState, Reason
from orderwright.domain.order_state import STOPPED_HOLD, CancelOutcome, OrderParts, OrderSummary, derive_state
from orderwright.domain.payment import payment_gate
from orderwright.domain.purchase_order import PurchaseOrderState as Po
from orderwright.domain.shipment import FulfillmentState, ShipmentState
from tests.unit.domain.order_kit import line, order, parcel, purchase_order

PAID = payment_gate(order())
PENDING = payment_gate(order(payment=PaymentState.PENDING))
REFUNDED = payment_gate(order(payment=PaymentState.REFUNDED))
UNKNOWN = payment_gate(order(payment=PaymentState.UNKNOWN))
WHY = (Reason(code="POSTCODE_MISSING", message="the postcode is missing"),)


def _derive(**parts: object) -> OrderSummary:
    values: dict[str, object] = {"lines": (line(),), "payment": PAID} | parts
    return derive_state(OrderParts(**values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ({"test": True}, OrderState.IGNORED),
        ({}, OrderState.PLACING),
        ({"payment": PENDING}, OrderState.AWAITING_PAYMENT),
        ({"payment": PENDING, "problems": WHY}, OrderState.AWAITING_PAYMENT),
        ({"payment": REFUNDED}, OrderState.CANCELLED),
        ({"payment": UNKNOWN}, OrderState.NEEDS_ATTENTION),
        ({"problems": WHY}, OrderState.NEEDS_ATTENTION),
        ({"holds": WHY}, OrderState.ON_HOLD),
        ({"problems": WHY, "holds": WHY}, OrderState.NEEDS_ATTENTION),
        ({"problems": WHY, "holds": (STOPPED_HOLD,)}, OrderState.ON_HOLD),
        ({"problems": WHY, "holds": (STOPPED_HOLD,), "cancelled": True}, OrderState.CANCELLED),
        ({"approvals": WHY}, OrderState.AWAITING_APPROVAL),
        ({"holds": WHY, "approvals": WHY}, OrderState.ON_HOLD),
        ({"lines": (line(requires_shipping=False),)}, OrderState.NOTHING_TO_ORDER),
        ({"lines": ()}, OrderState.NOTHING_TO_ORDER),
        ({"purchase_orders": (purchase_order(Po.NEW),)}, OrderState.PLACING),
        ({"purchase_orders": (purchase_order(Po.NEW),), "payment": PENDING}, OrderState.AWAITING_PAYMENT),
        ({"purchase_orders": (purchase_order(Po.INTENT),)}, OrderState.PLACING),
        ({"purchase_orders": (purchase_order(Po.INTENT),), "holds": WHY}, OrderState.PLACING),
        ({"purchase_orders": (purchase_order(Po.PARKED),)}, OrderState.NEEDS_ATTENTION),
        ({"purchase_orders": (purchase_order(Po.REJECTED),)}, OrderState.NEEDS_ATTENTION),
        ({"purchase_orders": (purchase_order(Po.PLACED),)}, OrderState.PLACED),
        ({"purchase_orders": (purchase_order(Po.PLACED),), "holds": WHY}, OrderState.PLACED),
        ({"purchase_orders": (purchase_order(Po.PLACED),), "shipments": (parcel(),)}, OrderState.SHIPPED),
    ],
)
def test_the_first_fitting_row_decides(parts: dict[str, object], state: OrderState) -> None:
    assert _derive(**parts).state is state


def test_what_waits_says_why() -> None:
    assert _derive(payment=PENDING, problems=WHY).reasons == (PENDING.reason, *WHY)
    assert _derive(purchase_orders=(purchase_order(Po.PARKED, reasons=WHY),)).reasons == WHY
    (bare,) = _derive(purchase_orders=(purchase_order(Po.REJECTED),)).reasons
    assert bare.code == "PURCHASE_ORDER_REJECTED"


def test_a_refusal_is_no_longer_shown_once_another_supplier_has_the_line() -> None:
    both = (purchase_order(Po.REJECTED), purchase_order(Po.PLACED, supplier="acme", number=2))
    assert _derive(purchase_orders=both).state is OrderState.PLACED


def test_one_unmapped_line_beside_a_placed_one_needs_attention() -> None:
    summary = _derive(lines=(line("l1"), line("l2")), purchase_orders=(purchase_order(Po.PLACED, "l1"),), problems=WHY)
    assert summary == OrderSummary(OrderState.NEEDS_ATTENTION, WHY)


def test_shipped_and_delivered_need_every_unit() -> None:
    placed = (purchase_order(Po.PLACED, "l1", "l2", quantity=2),)
    first = parcel("l1", 2, state=ShipmentState.DELIVERED)
    half = parcel("l2", 1, state=ShipmentState.DELIVERED)
    rest = parcel("l2", 1, state=ShipmentState.IN_TRANSIT)
    arrived = parcel("l2", 1, state=ShipmentState.DELIVERED)
    assert _derive(purchase_orders=placed, shipments=(first, half)).state is OrderState.PLACED
    assert _derive(purchase_orders=placed, shipments=(first, half, rest)).state is OrderState.SHIPPED
    assert _derive(purchase_orders=placed, shipments=(first, half, arrived)).state is OrderState.DELIVERED


def test_a_cancelled_parcel_ships_nothing_and_a_lost_one_may_be_replaced() -> None:
    placed = (purchase_order(Po.PLACED),)
    gone = parcel(state=ShipmentState.CANCELLED)
    lost = parcel(state=ShipmentState.RETURN_TO_SENDER)
    again = parcel(state=ShipmentState.DELIVERED)
    assert _derive(purchase_orders=placed, shipments=(gone,)).state is OrderState.PLACED
    assert _derive(purchase_orders=placed, shipments=(lost, again)).state is OrderState.DELIVERED


def test_a_parcel_that_the_store_refused_needs_attention() -> None:
    stuck = parcel(fulfillment=FulfillmentState.PARKED)
    summary = _derive(purchase_orders=(purchase_order(Po.PLACED),), shipments=(stuck,))
    assert summary.state is OrderState.NEEDS_ATTENTION
    assert [reason.code for reason in summary.reasons] == ["FULFILLMENT_PARKED"]


def test_a_refund_after_placement_is_shown_until_it_is_acknowledged() -> None:
    placed = (purchase_order(Po.PLACED),)
    summary = _derive(payment=REFUNDED, purchase_orders=placed)
    assert [reason.code for reason in summary.reasons] == ["REFUNDED_AFTER_PLACEMENT"]
    assert _derive(payment=REFUNDED, purchase_orders=placed, acknowledged=True).state is OrderState.PLACED
    assert _derive(payment=REFUNDED, purchase_orders=placed, shipments=(parcel(),)).state is OrderState.SHIPPED


@pytest.mark.parametrize("state", [Po.CANCELLED, Po.REJECTED, None])
def test_cancelled_with_nothing_ordered_is_a_clear_end(state: Po | None) -> None:
    orders = () if state is None else (purchase_order(state),)
    summary = _derive(cancelled=True, purchase_orders=orders, problems=WHY)
    assert summary == OrderSummary(OrderState.CANCELLED, (), CancelOutcome.NOTHING_ORDERED)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("CANCELLATION_REQUESTED", CancelOutcome.CANCELLATION_REQUESTED),
        ("ORDERED_TOO_LATE", CancelOutcome.ORDERED_TOO_LATE),
        ("", CancelOutcome.ORDERED_TOO_LATE),
    ],
)
def test_cancelled_after_placement_is_visible_until_acknowledged(said: str, outcome: CancelOutcome) -> None:
    placed = (purchase_order(Po.PLACED, cancel_outcome=said),)
    summary = _derive(cancelled=True, purchase_orders=placed)
    assert (summary.state, summary.cancel_outcome) == (OrderState.NEEDS_ATTENTION, outcome)
    assert [reason.code for reason in summary.reasons] == [outcome]
    seen = _derive(cancelled=True, purchase_orders=placed, acknowledged=True)
    assert (seen.state, seen.cancel_outcome, seen.reasons) == (OrderState.CANCELLED, outcome, summary.reasons)


@pytest.mark.parametrize("state", [Po.NEW, Po.INTENT])
def test_a_cancellation_waits_for_an_open_purchase_order(state: Po) -> None:
    summary = _derive(cancelled=True, purchase_orders=(purchase_order(state),), acknowledged=True)
    assert (summary.state, summary.cancel_outcome) == (OrderState.PLACING, "")
    assert [reason.code for reason in summary.reasons] == ["CANCEL_WAITS"]


def test_a_parked_purchase_order_of_a_cancelled_order_stays_with_the_operator() -> None:
    parked = (purchase_order(Po.PARKED, reasons=WHY),)
    assert _derive(cancelled=True, purchase_orders=parked, acknowledged=True) == OrderSummary(
        OrderState.NEEDS_ATTENTION, WHY
    )
