"""Orders of a BigCommerce store: payment beside status, money, pages that move, parcels, and ending one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.kit.people import Address
from local.sandbox.wire import Request, Response, json_response
from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.order_mapping import parse_order, payment_state
from orderwright.domain.order import PaymentState, StoreOrder
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.store import FulfillmentRequest, TrackingUpdate
from tests.contracts.kinds import stand_of
from tests.support.stand import StoreStand

SKU = StoreStand.lamp.sku
COSTS = {
    f"{name}_cost_{side}": "0.0000"
    for name in ("shipping", "handling", "wrapping")
    for side in ("ex_tax", "inc_tax", "tax")
}


@pytest.fixture
def stand() -> Any:
    """A store with one lamp at 20.00."""
    made: Any = stand_of("bigcommerce")()
    connector = made.connector()
    connector.publish_goods(made.lamp, made.money("20.00"), 400, connector.find_location(made.location))
    made.clock.forward(seconds=5)
    return made


@pytest.mark.parametrize(
    ("status", "word", "method", "state"),
    [
        (11, "captured", "", "PAID"), (9, "paid", "", "PAID"), (11, "authorized", "", "AUTHORIZED"),
        (11, "capture pending", "", "PENDING"), (12, "held for review", "", "PENDING"), (11, "declined", "", "PENDING"),
        (5, "void pending", "", "VOIDED"), (14, "captured", "", "PARTIALLY_REFUNDED"), (4, "captured", "", "REFUNDED"),
        (13, "captured", "", "DISPUTED"), (7, "captured", "", "PENDING"), (1, "", "Bank Deposit", "PENDING"),
        (11, "", "Bank Deposit", "UNKNOWN"), (11, "", "cash", "PAID"), (7, "", "Cash", "PENDING"), (2, "", "", "UNKNOWN"),
        (7, "partially refunded", "", "PENDING"), (11, "partially refunded", "", "PARTIALLY_REFUNDED"),
        (11, "a new word", "Cash", "UNKNOWN"), (77, "captured", "", "UNKNOWN"),
    ],
)  # fmt: skip
def test_only_a_payment_that_the_store_calls_taken_counts_as_paid(
    status: int, word: str, method: str, state: str
) -> None:
    order = Node({"status_id": status, "payment_status": word, "payment_method": method}, "order")
    assert payment_state(order, ["Cash"]) is PaymentState[state]


def parsed(line: dict[str, Any], refunds: list[dict[str, Any]], **order: Any) -> StoreOrder:
    """An order of one line."""
    whole = {
        "id": 7, "status_id": 11, "date_created": "Tue, 05 Mar 2019 21:40:11 +0000", "payment_status": "captured",
        "date_modified": "Mon, 11 Mar 2019 15:17:25 -0000", "default_currency_code": "USD", "channel_id": 1,
        "is_tax_inclusive_pricing": False, "fees": [], **COSTS, **order,
    }  # fmt: skip
    row = {"id": 70, "name": "Lamp", "sku": "L-1", "type": "physical", "order_address_id": 5, "quantity": 2,
           "quantity_refunded": 0, "quantity_shipped": 0, "price_ex_tax": "10", "price_inc_tax": "12.4", **line}  # fmt: skip
    nodes = [Node(one, "refund") for one in refunds]
    return parse_order(Node(whole, "order"), [Node(row, "line")], [Node({"id": 5}, "address")], nodes, "shop")


EX = {"total_ex_tax": "20", "total_inc_tax": "24.8", "total_tax": "4.8"}


def test_p13_net_is_exact_on_the_side_of_the_prices_after_discounts_and_all_refunds() -> None:
    off = {"applied_discounts": [{"amount": "5.0000"}], "total_tax": "3.6000", "discounted_total_inc_tax": "18.6000"}
    plain = parsed(EX | off, [], total_ex_tax="15", total_inc_tax="18.6", total_tax="3.6").money
    assert plain is not None
    assert (str(plain.net), str(plain.tax), plain.unclear) == ("15.00 USD", "3.60 USD", ())
    # Discounts of prices with tax may be told with it.
    gross = {"applied_discounts": [{"amount": "6.2000"}], "total_tax": "3.6000", "discounted_total_inc_tax": "18.6000"}
    totals = {"total_ex_tax": "15", "total_inc_tax": "18.6", "total_tax": "3.6"}
    inclusive = parsed(EX | gross, [], is_tax_inclusive_pricing=True, **totals).money
    assert inclusive is not None
    assert (str(inclusive.net), inclusive.unclear, inclusive.prices_include_tax) == ("15.00 USD", (), True)
    wrong = parsed(EX | gross, [], **totals).money
    assert wrong is not None
    assert "discounted_total_inc_tax" in wrong.unclear[0]
    unit = {"item_type": "PRODUCT", "item_id": 70, "quantity": 1}
    back = [
        {"total_amount": Decimal("12.40"), "total_tax": Decimal("2.40"), "items": [unit]},
        {"total_amount": 3, "total_tax": 0, "items": [{"item_type": "ORDER", "item_id": 7}]},
        {"total_amount": 9, "total_tax": 0, "items": [], "payments": [{"is_declined": True}]},
    ]
    order = parsed(EX | {"quantity_refunded": 1}, back, **EX)
    assert order.money is not None
    assert [str(one) for one in (order.money.lines[0].net, order.money.given_back, order.money.net, order.refunded)] == [
        "10.00 USD", "3.00 USD", "7.00 USD", "15.40 USD",
    ]  # fmt: skip
    assert (order.lines[0].quantity, order.money.unclear) == (1, ())


def test_p13_what_does_not_close_or_is_finer_than_the_currency_is_said() -> None:
    def unclear(line: dict[str, Any] | None = None, refunds: list[dict[str, Any]] | None = None, **order: Any) -> str:
        money = parsed(EX | (line or {}), refunds or [], **{**EX, **order}).money
        assert money is not None
        return "; ".join(money.unclear)

    assert unclear() == ""
    assert unclear(total_inc_tax="25.8", total_ex_tax="21").startswith("lines and costs come to")
    assert "total_inc_tax is finer than USD" in unclear(total_inc_tax="24.8012")
    assert "the store gives no shipping_cost_tax" in unclear(shipping_cost_tax=None)
    assert "0 units are called refunded, and refunds list 1" in unclear(
        refunds=[
            {"total_amount": 12, "total_tax": 2, "items": [{"item_type": "PRODUCT", "item_id": 70, "quantity": 1}]}
        ]
    )
    assert "no refund is listed" in unclear(payment_status="partially refunded")
    assert "its fees were not read" in unclear(fees={"url": "", "resource": ""})
    paid_with_credit: dict[str, Any] = {"total_inc_tax": "20.8", "total_ex_tax": "16", "store_credit_amount": "4.0000"}
    assert unclear(**paid_with_credit) == "", "a means of payment is no discount"
    fee = {"cost_exc_tax": "1", "cost_inc_tax": "1", "cost_tax": "0"}
    assert unclear(fees=[fee], total_inc_tax="25.8", total_ex_tax="21") == ""


def test_what_needs_no_parcel_is_not_sent_and_a_hold_is_told() -> None:
    def ships(line: dict[str, Any], **order: Any) -> bool:
        return parsed(EX | line, [], **{**EX, **order}).lines[0].requires_shipping

    assert ships({})
    for line in ({"type": "digital", "order_address_id": 0}, {"order_address_id": 0, "order_pickup_method_id": 3}):
        assert not ships(line)
    assert not ships({"order_address_id": 0}, status_id=10), "sold over a counter"
    for missing in (0, None):
        assert ships({"order_address_id": missing}), "goods that nobody says are fetched wait for an address"
        assert parsed(EX | {"order_address_id": missing}, [], **EX).address is None
    assert not ships({}, status_id=8)
    certificate = parsed(EX | {"type": "giftcertificate"}, [], **EX)
    assert (certificate.lines[0].gift_card, certificate.money and certificate.money.net.minor) == (True, 0)
    assert parsed(EX, [], **EX, status_id=12).risk_note == "the store wants it verified by hand"
    for sent, cancelled in ((0, True), (1, True), (2, False)):
        archived = parsed(EX | {"quantity_shipped": sent}, [], **EX, status_id=2, is_deleted=True)
        assert (archived.cancelled_at is not None) is cancelled, "who tidies up cancels nothing"
    assert parsed(EX, [], **EX, payment_method="Test Payment Gateway").test


@pytest.mark.parametrize("part", ["products", "shipping_addresses", "refunds"])
def test_a_part_of_an_order_that_is_not_found_cancels_no_order(stand: Any, part: str) -> None:
    number, real = stand.buy({SKU: 1}), stand.vendor.handle
    stand.handle = lambda request: Response(404) if request.path.endswith(part) else real(request)
    with pytest.raises(Retryable, match="for an order that is there"):
        stand.connector().fetch_order(number)


def test_an_order_whose_lines_are_not_told_has_not_lost_them(stand: Any) -> None:
    number, real = stand.buy({SKU: 1}), stand.vendor.handle
    stand.handle = lambda request: Response(204) if request.path.endswith("products") else real(request)
    with pytest.raises(Rejected, match="a total and no lines"):
        stand.connector().fetch_order(number)


def test_a_checkout_that_was_not_finished_or_another_channels_order_is_no_order(stand: Any) -> None:
    number = stand.buy({SKU: 1})
    stand.vendor.set_status(number, 0)
    with pytest.raises(NotFound):
        stand.connector().fetch_order(number)
    assert stand.connector().list_changed_orders(stand.clock.now(), "") == ([], "")
    stand.vendor.set_status(number, 11)
    assert stand.connector().fetch_order(number).payment is PaymentState.PAID
    stand.lines = {**stand.lines, "channel_id": 2}
    with pytest.raises(NotFound):
        stand.connector().fetch_order(number)


def test_a_store_that_mails_shipments_is_told_of_none_before_it_left(stand: Any) -> None:
    def faults(**lines: Any) -> list[str]:
        changed = {**stand.settings.model_dump(exclude_unset=True), **lines}
        return [fault.path[0] for fault in type(stand.settings).model_validate(changed).faults()]

    assert faults(fulfilled_on="ACCEPTANCE") == ["fulfilled_on"]
    assert faults(fulfilled_on="ACCEPTANCE", store_mails=["CONFIRMED"]) == []
    assert faults(store_hash="store-abc") == ["store_hash"]


def test_an_order_in_another_currency_is_parked_and_another_shop_currency_is_a_setting(stand: Any) -> None:
    number = stand.buy({SKU: 1})
    for shop, kind in (("USD", Rejected), ("EUR", Misconfigured)):
        told = {"default_currency_code": "EUR", "store_default_currency_code": shop}
        real = stand.vendor.handle

        def answered(request: Request, told: dict[str, str] = told, real: Any = real) -> Response:
            return json_response({**json.loads(real(request).body), **told})

        stand.handle = answered
        with pytest.raises(kind, match="currency is USD, and order"):
            stand.connector().fetch_order(number)


def test_p2_orders_that_change_while_pages_are_read_are_neither_lost_nor_repeated(stand: Any) -> None:
    connector, since = stand.connector(), stand.clock.now()
    numbers = [stand.buy({SKU: 1}) for _ in range(260)]  # all in one second: more than a page
    stand.clock.forward(seconds=1)
    numbers += [stand.buy({SKU: 1}) for _ in range(60)]
    stand.clock.forward(seconds=1)
    seen, cursor = list[str](), ""
    for turn in range(20):
        page, cursor = connector.list_changed_orders(since, cursor)
        seen += [one.order_id for one in page]
        if turn == 0:
            stand.vendor.set_address(numbers[0], Address())
            stand.vendor.set_address(numbers[259], Address())
        if not cursor:
            break
    assert not cursor
    assert set(seen) == set(numbers)
    assert [one for one in numbers if seen.count(one) > 1] == [numbers[0]], "it was given, and changed afterwards"


def test_a_parcels_carrier_link_and_further_numbers_go_where_the_store_has_them(stand: Any) -> None:
    connector, number = stand.connector(), stand.buy({SKU: 2})
    view = connector.read_fulfillment(number)
    line = view.open_lines[0].line_id
    request = FulfillmentRequest(number, ((line, 1),), "T1", "Royal Mail", "https://track.example.com/T1")
    made = connector.create_fulfillment(request, view)
    facts = stand.vendor.order(number).extra[made.partition("/")[2]]
    assert (facts["shipping_provider"], "tracking_link" in facts) == ("royalmail", False)
    stand.vendor.order(number).extra[made.partition("/")[2]]["tracking_carrier"] = "royal-mail"
    update = TrackingUpdate(made, ("T2", "T3"), "YunExpress", ("https://track.example.com/T2", ""))
    connector.update_fulfillment_tracking(update)
    facts = stand.vendor.order(number).extra[made.partition("/")[2]]
    assert (facts["tracking_number"], facts["tracking_link"], facts["comments"]) == (
        "T2", "https://track.example.com/T2", "Further parcels: T3",
    )  # fmt: skip
    assert facts["shipping_provider"] == facts["tracking_carrier"] == "", "no link of the carrier before"
    assert connector.read_fulfillment(number).made[0].tracking_numbers == ("T2", "T3")
    connector.update_fulfillment_tracking(update._replace(numbers=("T4",), urls=("",)))
    assert connector.read_fulfillment(number).made[0].tracking_numbers == ("T4",)
    with pytest.raises(Rejected, match="longer than 50"):
        connector.update_fulfillment_tracking(update._replace(numbers=("T" * 51,), urls=("",)))
    assert line == connector.fetch_order(number).lines[0].line_id


def test_money_that_cannot_go_back_by_itself_leaves_the_order_as_it_was(stand: Any) -> None:
    connector, number = stand.connector(), stand.buy({SKU: 1})
    stand.vendor.set_payment(number, "ELSEWHERE")
    with pytest.raises(Rejected, match="by hand in the store"):
        connector.cancel_order(number, refund=True)
    assert connector.fetch_order(number).cancelled_at is None
    stand.vendor.set_payment(number, "DISPUTED")
    with pytest.raises(Rejected, match="disputed"):
        connector.cancel_order(number, refund=True)
    connector.cancel_order(number, refund=False)
    assert (connector.fetch_order(number).cancelled_at is not None, list(stand.given_back())) == (True, [])


def told_otherwise(stand: Any, path: str, **told: Any) -> None:
    """Answers about `path` have these fields from now on, and nobody else's."""
    real = stand.vendor.handle

    def answered(request: Request) -> Response:
        answer: Response = real(request)
        if not request.path.endswith(path) or not answer.body:
            return answer
        body = json.loads(answer.body)
        for one in [body] if path.startswith("/v2") or "data" not in body else [body["data"]]:
            for row in one if isinstance(one, list) else [one]:
                row.update(told)
        return json_response(body, answer.status)

    stand.handle = answered


@pytest.mark.parametrize(
    "told",
    [
        {"payment_status": "capture pending"}, {"payment_status": "held for review"}, {"payment_status": "a new word"},
        {"payment_status": "pending"}, {"store_credit_amount": "5.0000"}, {"gift_certificate_amount": "5.0000"},
        {"store_credit_amount": "20.0000", "total_inc_tax": "0.0000"},
        {"payment_status": "authorized", "store_credit_amount": "5.0000"},
    ],
)  # fmt: skip
def test_no_order_ends_as_given_back_while_money_may_still_come_or_was_paid_by_the_stores_own_means(
    stand: Any, told: dict[str, str]
) -> None:
    number = stand.buy({SKU: 1})
    told_otherwise(stand, f"/v2/orders/{number}", **told)
    connector = stand.connector()
    for ask in (connector.money_left, lambda one: connector.cancel_order(one, refund=True)):
        with pytest.raises(Rejected, match="by hand in the store"):
            ask(number)
    assert (stand.connector().fetch_order(number).cancelled_at, list(stand.given_back())) == (None, [])


def test_a_refund_of_which_a_part_was_declined_is_not_called_done(stand: Any) -> None:
    number = stand.buy({SKU: 1})
    payments = [{"is_declined": declined, "amount": 10} for declined in (False, True)]
    told_otherwise(stand, "/payment_actions/refunds", payments=payments)
    connector = stand.connector()
    with pytest.raises(OutcomeUnknown, match="a part of the refund was declined"):
        connector.cancel_order(number, refund=True)
    stand.vendor.order(number).refunds[-1].amount = Decimal("12.00")
    with pytest.raises(Rejected, match="by hand in the store"):
        connector.cancel_order(number, refund=True)
    assert connector.fetch_order(number).cancelled_at is None


def test_p13_a_refund_that_the_orders_states_do_not_tell_of_yet_is_seen(stand: Any) -> None:
    number = stand.buy({SKU: 2})
    stand.vendor.refund_money(number, Decimal("40.00"))
    told_otherwise(stand, f"/v2/orders/{number}", status_id=11, payment_status="captured")
    order = stand.connector().fetch_order(number)
    assert (order.refunded, order.money.net) == (stand.money("40.00"), stand.money("0.00"))


def test_a_used_up_quota_says_when_and_an_overloaded_store_is_left_alone_longer(stand: Any) -> None:
    def waits(headers: dict[str, str]) -> float:
        stand.handle = lambda request: Response(429, b"", headers)
        with pytest.raises(Retryable) as refused:
            stand.connector().probe()
        assert refused.value.after is not None
        return refused.value.after.total_seconds()

    assert waits({"x-rate-limit-time-reset-ms": "1500"}) == 1.5
    assert waits({"retry-after": "7"}) == 7
    assert waits({}) == waits({"x-rate-limit-time-reset-ms": "soon"}) == 60
    assert waits({"x-rate-limit-time-reset-ms": "999999999"}) == 300
