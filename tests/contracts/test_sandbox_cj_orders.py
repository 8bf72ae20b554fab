"""The sandbox's CJ account: the five calls, what repeats do, and that a wrong request is refused and written down."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.cj import CjConfig
from tests.contracts.sandbox_kit import CjDesk, order_body, sample


@pytest.fixture
def desk() -> CjDesk:
    return CjDesk()


def code(response_body: bytes) -> int:
    return int(json.loads(response_body)["code"])


def shape(value: Any) -> Any:
    """Names only, with one element per list."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__ if value == [] else None


def test_the_five_calls_end_in_one_payment_and_less_stock(desk: CjDesk) -> None:
    order_id = desk.create(HL_MS_400=2)
    assert desk.detail("OW-1")["orderStatus"] == "CREATED"
    desk.data("POST", "shopping/order/addCart", {"cjOrderIdList": [order_id]})
    assert desk.detail("OW-1")["orderStatus"] == "IN_CART"
    confirmed = desk.data("POST", "shopping/order/addCartConfirm", {"cjOrderIdList": [order_id]})
    assert (desk.detail(order_id)["orderStatus"], desk.detail(order_id)["paymentDate"]) == ("UNPAID", None)
    pay_id, payable = desk.bill(confirmed["shipmentsId"])
    assert payable == 18.6
    assert code(desk.pay(confirmed["shipmentsId"], pay_id).body) == 200
    shown = desk.detail(order_id)
    assert (shown["orderStatus"], shown["paymentDate"]) == ("UNSHIPPED", "2026-11-02 09:00:00")
    (paid,) = desk.ledger("cj", "order_paid")
    assert (paid.reference, paid.data["amount"], paid.data["pay_id"]) == ("OW-1", Decimal("18.60"), pay_id)
    assert [len(desk.ledger("cj", kind)) for kind in ("order_created", "cart_confirmed")] == [1, 1]
    assert desk.cj.inventory["HL-MS-400"].stock == 38
    assert desk.data("GET", "shopping/pay/getBalance")["amount"] == 4981.4
    assert desk.ledger("cj", "contract_violation") == []


def test_the_sample_request_is_understood_and_answered_in_the_samples_shape(desk: CjDesk) -> None:
    request = json.loads(sample("suppliers/cjdropshipping/createOrderV2__request.json").read_text())
    request["products"] = order_body("x")["products"]
    envelope = desk.call("POST", "shopping/order/createOrderV2", request)
    envelope.pop("pointsInfo")
    known = json.loads(sample("suppliers/cjdropshipping/createOrderV2__200.json").read_text())
    assert shape(envelope) == shape(known)


@pytest.mark.parametrize("state", ["unshipped", "shipped"])
def test_a_looked_up_order_has_every_field_of_the_sample(desk: CjDesk, state: str) -> None:
    order_id = desk.paid()
    if state == "shipped":
        desk.cj.ship(order_id)
    known = json.loads(sample(f"suppliers/cjdropshipping/getOrderDetail__200_{state}.json").read_text())["data"]
    shown = desk.detail(order_id)
    assert set(known) <= set(shown)
    assert shape(known["productList"]) == shape(shown["productList"])
    assert shown["orderStatus"] == known["orderStatus"]


def test_a_repeated_order_number_is_refused_by_the_vendors_table(desk: CjDesk) -> None:
    desk.create()
    assert desk.call("POST", "shopping/order/createOrderV2", order_body("OW-1"))["code"] == 1603003
    assert len(desk.ledger("cj", "order_created")) == 1


def test_a_repeated_order_number_is_refused_as_in_the_sample_where_configured() -> None:
    desk = CjDesk(CjConfig(duplicate_code=1603100))
    desk.create()
    envelope = desk.call("POST", "shopping/order/createOrderV2", order_body("OW-1"))
    known = json.loads(sample("suppliers/cjdropshipping/createOrderV2__duplicate.json").read_text())
    assert {**envelope, "requestId": known["requestId"]} == known


def test_a_vendor_without_duplicate_protection_really_makes_two_orders() -> None:
    desk = CjDesk(CjConfig(refuse_duplicates=False))
    first, second = desk.create(), desk.create()
    assert first != second
    assert len(desk.ledger("cj", "order_created")) == 2


def test_two_pay_ids_of_one_order_really_pay_twice(desk: CjDesk) -> None:
    shipment = desk.confirm(desk.create())
    bills = [desk.bill(shipment)[0], desk.bill(shipment)[0]]
    assert [code(desk.pay(shipment, pay_id).body) for pay_id in bills] == [200, 200]
    assert [entry.data["pay_id"] for entry in desk.ledger("cj", "order_paid")] == bills
    assert desk.data("GET", "shopping/pay/getBalance")["amount"] == 4981.4
    assert desk.cj.inventory["HL-MS-400"].stock == 39


def test_one_pay_id_pays_once(desk: CjDesk) -> None:
    shipment = desk.confirm(desk.create())
    pay_id, _ = desk.bill(shipment)
    assert [code(desk.pay(shipment, pay_id).body) for _ in range(2)] == [200, 1603101]
    assert len(desk.ledger("cj", "order_paid")) == 1


def test_a_pay_id_of_another_shipment_is_refused(desk: CjDesk) -> None:
    first, second = desk.confirm(desk.create("OW-1")), desk.confirm(desk.create("OW-2"))
    assert code(desk.pay(second, desk.bill(first)[0]).body) == 1603101


def test_an_empty_balance_and_an_empty_shelf_refuse_the_payment(desk: CjDesk) -> None:
    shipment = desk.confirm(desk.create(HL_UL_300=3))
    assert code(desk.pay(shipment, desk.bill(shipment)[0]).body) == 1603102
    desk.cj.book.balance = Decimal("1.00")
    assert code(desk.pay(shipment, desk.bill(shipment)[0]).body) == 1604000
    assert desk.ledger("cj", "order_paid") == []


def test_a_surcharge_shows_in_the_payable_amount_only(desk: CjDesk) -> None:
    desk.cj.set_payable_surcharge("HL-PRO-1200", Decimal("38.50"))
    created = desk.data("POST", "shopping/order/createOrderV2", order_body("OW-1", HL_PRO_1200=1))
    assert created["orderAmount"] == 22.5
    shipment = desk.confirm(created["orderId"])
    assert [desk.bill(shipment)[1], desk.bill(shipment)[1]] == [61.0, 61.0]
    assert desk.bill(desk.confirm(desk.create("OW-2", HL_PRO_1200=1)))[1] == 22.5


def test_a_repeated_confirmation_gives_no_second_shipments_id(desk: CjDesk) -> None:
    order_id = desk.create()
    assert desk.confirm(order_id)
    again = desk.data("POST", "shopping/order/addCartConfirm", {"cjOrderIdList": [order_id]})
    assert (again["submitSuccess"], again["shipmentsId"], again["successCount"]) == (False, "", 0)
    assert len(desk.ledger("cj", "cart_confirmed")) == 1


def test_an_order_is_deleted_before_the_cart_is_confirmed_only(desk: CjDesk) -> None:
    first, second = desk.create("OW-1"), desk.create("OW-2")
    assert desk.data("DELETE", "shopping/order/deleteOrder", orderId=first) == first
    assert desk.detail("OW-1")["orderStatus"] == "CANCELLED"
    desk.confirm(second)
    assert desk.call("DELETE", "shopping/order/deleteOrder", orderId=second)["code"] == 1603002
    assert [entry.reference for entry in desk.ledger("cj", "order_deleted")] == ["OW-1"]
    added = desk.data("POST", "shopping/order/addCart", {"cjOrderIdList": [first]})
    assert added["addSuccessOrders"] == []


def test_an_unknown_order_is_not_found_in_the_samples_form(desk: CjDesk) -> None:
    envelope = desk.call("GET", "shopping/order/getOrderDetail", orderId="OW-404")
    known = json.loads(sample("suppliers/cjdropshipping/getOrderDetail__not_found.json").read_text())
    envelope["requestId"] = known["requestId"]
    assert envelope == known


def test_an_intercepted_order_and_an_unknown_logistic_name_are_successes_with_a_warning(desk: CjDesk) -> None:
    desk.cj.intercept_next()
    created = desk.data("POST", "shopping/order/createOrderV2", order_body("OW-1"))
    assert created["interceptOrderReasons"][0]["code"] == 10001
    odd = order_body("OW-2") | {"logisticName": "Pigeon"}
    created = desk.data("POST", "shopping/order/createOrderV2", odd)
    assert (created["logisticsMiss"], created["postageAmount"], created["interceptOrderReasons"]) == (True, None, [])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"shippingCountry": None}, "shippingCountry: string_type"),
        ({"shipingZip": "33100"}, "shipingZip: extra_forbidden"),
        ({"payType": 2}, "payType: literal_error"),
        ({"shippingCountryCode": "Finland"}, "shippingCountryCode: string_pattern_mismatch"),
        ({"products": [{"vid": "1", "quantity": "2"}]}, "products.0.quantity: int_type"),
        ({"products": [{"quantity": 1}]}, "products.0: value_error"),
        ({"products": []}, "products: too_short"),
    ],
)
def test_a_request_that_breaks_the_contract_is_refused_and_recorded(
    desk: CjDesk, change: dict[str, Any], problem: str
) -> None:
    envelope = desk.call("POST", "shopping/order/createOrderV2", order_body("OW-1") | change)
    assert envelope["code"] == 1600300
    (violation,) = desk.ledger("cj", "contract_violation")
    assert (violation.reference, violation.data["problem"]) == ("OW-1", problem)
    assert desk.cj.orders == ()


@pytest.mark.parametrize(
    ("method", "path", "query", "expected"),
    [
        ("GET", "shopping/order/getOrderDetail", {"orderNumber": "OW-1"}, 1600300),
        ("GET", "shopping/order/getOrderDetail", {"orderId": "OW-1", "page": "1"}, 1600300),
        ("POST", "shopping/order/getOrderDetail", {"orderId": "OW-1"}, 16900202),
        ("POST", "shopping/order/addCart", {}, 16900204),
        ("GET", "shopping/order/nowhere", {}, 1600101),
    ],
)
def test_a_wrong_path_method_query_or_empty_body_is_a_violation(
    desk: CjDesk, method: str, path: str, query: dict[str, str], expected: int
) -> None:
    assert desk.call(method, path, **query)["code"] == expected
    assert len(desk.ledger("cj", "contract_violation")) == 1


def test_an_unknown_variant_is_refused_without_an_order(desk: CjDesk) -> None:
    body = order_body("OW-1") | {"products": [{"vid": "404", "quantity": 1}]}
    assert desk.call("POST", "shopping/order/createOrderV2", body)["code"] == 1602000
    assert desk.cj.orders == ()
