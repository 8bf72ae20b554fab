"""CJ's five order calls, held against the sandbox's ledger and the vendor's samples."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.cj import CjConfig
from orderwright.domain.money import Money
from orderwright.errors import OutcomeUnknown, Rejected, Retryable
from orderwright.ports.freight import FreightQuote, FreightRequest
from orderwright.ports.supplier import PurchaseLine
from tests.connectors.cj.cj_kit import PRO, TORCH, answering, open_shop, request, run_until, sample
from tests.support.fakes import unit_usd

STEPS = ["create", "add_cart", "confirm_cart", "generate_parent", "pay"]
OPERATIONS = dict(
    zip(STEPS, ["createOrderV2", "addCart", "addCartConfirm", "saveGenerateParentOrder", "payBalanceV2"], strict=True)
)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def test_five_steps_end_in_one_paid_order_and_only_the_last_one_pays() -> None:
    shop = open_shop()
    assert [(step.name, step.commits) for step in shop.connector.steps] == [(name, name == "pay") for name in STEPS]
    ids: dict[str, str] = {}
    payable = {}
    for name in STEPS:
        done = shop.connector.run_step(name, request(ids))
        ids, payable[name] = done.vendor_ids, done.payable
        assert len(shop.ledger("order_paid")) == (name == "pay")
    assert set(ids) == {"order_id", "shipments_id", "pay_id"}
    assert payable["create"] == payable["generate_parent"] == Money.parse("18.60", "USD")
    assert shop.ledger("order_paid")[0]["amount"] == Decimal("18.60")
    assert not shop.ledger("contract_violation")
    assert [path.rsplit("/", 1)[1] for path in shop.paths()] == list(OPERATIONS.values())


def test_the_created_order_holds_the_address_and_no_more_than_cj_takes() -> None:
    shop = open_shop(settings={"sandbox_orders": True})
    shop.connector.run_step("create", request(company="Esimerkki Oy", line2="B 4"))
    assert shop.calls[0].headers["cj-access-token"] == shop.keys.current
    assert shop.calls[0].body == {
        "orderNumber": "OW-1001-1",
        "shippingZip": "33100",
        "shippingCountryCode": "FI",
        "shippingCountry": "Finland",
        "shippingProvince": "Tampere",
        "shippingCity": "Tampere",
        "shippingPhone": "+358400000000",
        "shippingCustomerName": "Aino Esimerkki",
        "shippingAddress": "Esimerkkikatu 1",
        "shippingAddress2": "Esimerkki Oy, B 4",
        "logisticName": "CJPacket Ordinary",
        "fromCountryCode": "CN",
        "payType": 3,
        "isSandbox": 1,
        "email": "aino@example.com",
        "products": [{"vid": "1905223344557701", "quantity": 2, "storeLineItemId": "gid://shopify/LineItem/1"}],
    }


@pytest.mark.parametrize(
    ("address", "code", "field"),
    [
        ({"city": ""}, "FIELD_MISSING", "shippingProvince"),
        ({"city": "", "province": "Pirkanmaa"}, "FIELD_MISSING", "shippingCity"),
        ({"country_code": "QQ"}, "FIELD_MISSING", "shippingCountry"),
        ({"line1": "x" * 201}, "FIELD_TOO_LONG", "shippingAddress"),
        ({"name": "x" * 51}, "FIELD_TOO_LONG", "shippingCustomerName"),
        ({"phone": "1" * 21}, "FIELD_TOO_LONG", "shippingPhone"),
    ],
)
def test_an_address_that_cj_cannot_take_is_refused_before_any_call(
    address: dict[str, Any], code: str, field: str
) -> None:
    shop = open_shop()
    with pytest.raises(Rejected) as refused:
        shop.connector.run_step("create", request(**address))
    assert refused.value.code == code
    assert field in refused.value.message
    assert "x" * 20 not in refused.value.message
    assert not shop.calls


def test_without_a_method_the_preferred_one_is_taken_where_cj_offers_it_else_the_cheapest() -> None:
    quote = open_shop().connector.quote_freight
    torch = FreightRequest("FI", ((TORCH.supplier.vid, 2),))
    assert quote(torch) == FreightQuote("CJPacket Ordinary", unit_usd("5.80"), False)
    assert quote(torch._replace(preferred="DHL Official")) == FreightQuote("DHL Official", unit_usd("17.40"), False)
    assert quote(FreightRequest("FI", ((PRO.supplier.vid, 1),))).method == "CJPacket Sensitive"


@pytest.mark.parametrize(
    ("parts", "price", "carries"),
    [
        ({"totalPostageFee": 9.27, "taxesFee": 3, "clearanceOperationFee": 0.5}, "9.27", True),
        ({"totalPostageFee": 6.5, "taxesFee": 0}, "6.50", False),
        ({"totalPostageFee": 6.5}, "6.50", None),
        ({}, "5.78", None),
        ({"taxesFee": 1.001, "clearanceOperationFee": 0.002}, "6.78", True),
        ({"clearanceOperationFee": 0.3, "taxesFee": None}, "6.08", None),
        ({"totalPostageFee": 0, "taxesFee": 1.0}, "6.78", True),
    ],
)
def test_the_parts_of_a_quote_are_added_up_and_a_missing_one_is_unknown(
    parts: dict[str, Any], price: str, carries: bool | None
) -> None:
    # 5.775 alone is 5.78; 5.775 + 1.001 + 0.002 = 6.778 is 6.78, though its parts rounded up would be 6.80.
    data = [{"logisticName": "CJPacket Ordinary", "logisticPrice": 5.775, **parts}]
    connector = answering({"code": 200, "success": True, "data": data})
    found = connector.quote_freight(FreightRequest("FI", (("1", 1),)))
    assert (found.method, found.price.rounded, found.carries_duty) == ("CJPacket Ordinary", usd(price), carries)


def test_without_a_way_a_quote_is_refused_and_without_points_it_says_so() -> None:
    with pytest.raises(Rejected) as refused:
        answering({"code": 200, "success": True, "data": []}).quote_freight(FreightRequest("FI", (("1", 1),)))
    assert refused.value.code == "NO_SHIPPING_METHOD"
    with pytest.raises(Retryable) as used_up:
        open_shop(CjConfig(points_per_day=5)).connector.quote_freight(FreightRequest("FI", ((TORCH.supplier.vid, 1),)))
    assert used_up.value.code == "POINTS_USED_UP"


def test_an_order_is_created_without_asking_anything_by_the_connections_own_method_where_none_is_given() -> None:
    shop = open_shop()
    assert shop.connector.run_step("create", request(method="")).vendor_ids["order_id"]
    assert [(call.path, call.body["logisticName"]) for call in shop.calls] == [
        ("shopping/order/createOrderV2", "CJPacket Ordinary")
    ]


# --- IOSS -------------------------------------------------------------------------------------------------------------


def declared(settings: dict[str, Any], *, business: bool = False, **address: str) -> dict[str, Any]:
    """What is declared of an order of two torches that the buyer pays 25.20 for."""
    shop = open_shop(settings=settings)
    asked = request(None, **address)._replace(declared_value=usd("25.20"), business=business)
    shop.connector.run_step("create", asked)
    assert not shop.ledger("contract_violation")
    return {
        name: value for name, value in shop.calls[-1].body.items() if name in ("iossType", "iossNumber", "shopAmount")
    }


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {}),
        ({"ioss_type": "none"}, {"iossType": 1}),
        (
            {"ioss_type": "own", "ioss_number": "IM0123456789"},
            {"iossType": 2, "iossNumber": "IM0123456789", "shopAmount": "25.20"},
        ),
        ({"ioss_type": "cj"}, {"iossType": 3, "shopAmount": "25.20"}),
    ],
)
def test_ioss_is_declared_with_the_stores_amount_for_consumers_in_the_eu(
    settings: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert declared(settings) == expected
    assert declared(settings, business=True) == {}
    assert declared(settings, country_code="NO", postcode="0150") == {}
    assert declared(settings, country_code="ES", postcode="35001") == {}  # the Canary Islands are outside the EU's VAT


def test_with_cjs_own_ioss_the_tax_is_in_the_bill_and_its_fee_is_added_to_nothing() -> None:
    # Goods 2 x 6.40 and freight 2 x 2.90 are 18.60; VAT 19 % of 25.20 is 4.788, so 4.79; CJ's fee is 0.50.
    shop = open_shop(settings={"ioss_type": "cj"})
    ids: dict[str, str] = {}
    done = {}
    for step in STEPS[:4]:
        done[step] = shop.connector.run_step(step, request(ids)._replace(declared_value=usd("25.20")))
        ids = done[step].vendor_ids
    for step in ("create", "generate_parent"):
        assert (done[step].payable, done[step].tax_in_bill) == (usd("23.89"), usd("4.79"))
    (made,) = shop.ledger("order_created")
    assert (made["ioss_type"], made["declared"], made["ioss_amount"]) == (3, Decimal("25.20"), Decimal("4.79"))


def test_an_order_without_ioss_says_nothing_of_tax() -> None:
    assert open_shop().connector.run_step("create", request()).tax_in_bill is None


def test_an_amount_in_another_currency_is_not_declared() -> None:
    shop = open_shop(settings={"ioss_type": "cj"})
    with pytest.raises(Rejected, match="shopAmount"):
        shop.connector.run_step("create", request()._replace(declared_value=Money.parse("25.20", "EUR")))
    assert not shop.calls


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("behaviour", ["accept_then_timeout", "accept_then_500", "timeout", "error_500"])
def test_an_unclear_answer_is_unknown_and_the_look_up_tells_where_to_go_on(step: str, behaviour: str) -> None:
    shop = open_shop()
    ids = run_until(shop, STEPS[STEPS.index(step) - 1]) if step != "create" else {}
    before = len(shop.calls)
    shop.vendor.faults.script(OPERATIONS[step], behaviour)
    with pytest.raises(OutcomeUnknown):
        shop.connector.run_step(step, request(ids))
    assert len(shop.calls) == before + 1
    view = shop.connector.look_up("OW-1001-1", ids)
    happened = behaviour.startswith("accept")
    if step == "create" and not happened:
        assert not view.found
    elif step == "confirm_cart" and happened:
        assert view.unreadable
        assert view.next_step == ""
    elif step == "pay" and happened:
        assert view.committed
        assert view.next_step == ""
    elif step == "generate_parent":
        # A lost bill was never paid; another one is asked for.
        assert view.next_step == "generate_parent"
    else:
        assert view.next_step == (STEPS[STEPS.index(step) + 1] if happened else step)
    assert view.committed == bool(shop.ledger("order_paid"))


@pytest.mark.parametrize("code", [1603003, 1603100])
def test_a_repeated_order_number_is_looked_up_and_adopted(code: int) -> None:
    shop = open_shop(CjConfig(duplicate_code=code))
    first = run_until(shop, "create")
    with pytest.raises(OutcomeUnknown):
        shop.connector.run_step("create", request())
    view = shop.connector.look_up("OW-1001-1", {})
    assert (view.next_step, view.vendor_ids) == ("add_cart", first)
    assert len(shop.ledger("order_created")) == 1


def test_an_intercepted_order_is_refused_without_the_vendors_text() -> None:
    shop = open_shop()
    shop.vendor.intercept_next(message="Aino Esimerkki lives nowhere")
    with pytest.raises(Rejected) as refused:
        shop.connector.run_step("create", request())
    assert refused.value.code == "ORDER_INTERCEPTED"
    assert "10001" in refused.value.message
    assert "Aino" not in refused.value.message


def test_a_missing_shipping_method_is_refused_with_the_setting_to_change() -> None:
    shop = open_shop()
    with pytest.raises(Rejected, match=r"connections\.cj-main\.shipping_method"):
        shop.connector.run_step("create", request(method="Carrier Pigeon"))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("createOrderV2__200_intercepted.json", "ORDER_INTERCEPTED"),
        ("createOrderV2__200_logistics_miss.json", "SHIPPING_METHOD_MISSING"),
    ],
)
def test_the_vendors_refusals_inside_a_success_are_refusals(name: str, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        answering(sample(name)).run_step("create", request()._replace(reference="DS-1001-CJ-1"))
    assert refused.value.code == code


def test_the_vendors_samples_of_creation_parse() -> None:
    line = PurchaseLine("1", "", "92511400-C758-4474-93CA-66D442F5F787", 2)
    ours = request()._replace(reference="DS-1001-CJ-1", lines=(line,))
    done = answering(sample("createOrderV2__200.json")).run_step("create", ours)
    assert done.vendor_ids == {"order_id": "SD26010109282603297001"}
    assert done.payable == Money.parse("11.92", "USD")
    with pytest.raises(OutcomeUnknown):
        answering(sample("createOrderV2__duplicate.json")).run_step("create", request())
    with pytest.raises(Retryable):
        answering(sample("error_1600200_rate.json")).run_step("create", request())
    with pytest.raises(Retryable):
        answering(sample("error_1600200_rate.json"), 429).run_step("create", request())


def test_the_vendors_samples_of_the_look_up_parse() -> None:
    for name in ("getOrderDetail__200_unshipped.json", "getOrderDetail__200_shipped.json"):
        view = answering(sample(name)).look_up("DS-1001-CJ-1", {})
        assert (view.found, view.committed, view.next_step) == (True, True, "")
        assert view.payable == Money.parse("11.92", "USD")
        assert view.lines == (("92511400-C758-4474-93CA-66D442F5F787", 2),)
        assert (view.country_code, view.postcode, view.city) == ("DE", "", "Berlin")
    assert not answering(sample("getOrderDetail__not_found.json")).look_up("DS-1001-CJ-1", {}).found


def test_success_answers_without_the_usual_flags_count() -> None:
    data = {"payId": "P1", "successOrders": ["SD1"], "paymentInformation": {"payableAmount": Decimal("9.30")}}
    ids = {"order_id": "SD1", "shipments_id": "S1"}
    done = answering({"success": True, "data": data}).run_step("generate_parent", request(ids))
    assert (done.vendor_ids["pay_id"], done.payable) == ("P1", Money.parse("9.30", "USD"))
    confirmed = {"code": 200, "data": {"submitSuccess": True, "shipmentsId": "S9", "interceptOrders": []}}
    assert (
        answering(confirmed).run_step("confirm_cart", request({"order_id": "SD1"})).vendor_ids["shipments_id"] == "S9"
    )


def test_a_confirmation_without_an_id_and_a_bill_without_an_amount_are_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        answering({"code": 200, "data": {"submitSuccess": False, "shipmentsId": ""}}).run_step(
            "confirm_cart", request({"order_id": "SD1"})
        )
    with pytest.raises(OutcomeUnknown):
        answering({"code": 200, "data": {"payId": "P1", "successOrders": ["SD1"]}}).run_step(
            "generate_parent", request({"order_id": "SD1", "shipments_id": "S1"})
        )


def test_a_paid_bill_is_not_paid_again() -> None:
    shop = open_shop()
    ids = run_until(shop, "pay")
    with pytest.raises(OutcomeUnknown):
        shop.connector.run_step("pay", request(ids))
    assert shop.connector.look_up("OW-1001-1", ids).committed
    assert len(shop.ledger("order_paid")) == 1


def test_a_surcharge_shows_in_what_the_bill_will_take() -> None:
    shop = open_shop()
    ids = run_until(shop, "confirm_cart")
    shop.vendor.set_payable_surcharge("OW-1001-1", Decimal("42.40"))
    assert shop.connector.run_step("generate_parent", request(ids)).payable == Money.parse("61.00", "USD")


@pytest.mark.parametrize(
    ("last", "gone"), [("create", True), ("add_cart", True), ("confirm_cart", False), ("generate_parent", False)]
)
def test_an_order_can_be_withdrawn_until_its_cart_is_confirmed(last: str, gone: bool) -> None:
    shop = open_shop()
    ids = run_until(shop, last)
    assert shop.connector.withdraw("OW-1001-1", ids) is gone
    assert shop.connector.look_up("OW-1001-1", ids).cancelled is gone
    assert shop.connector.withdraw("OW-1001-1", ids) is gone, "a repeat says the same"


def test_a_paid_order_is_not_withdrawn_and_an_unknown_one_is_gone() -> None:
    shop = open_shop()
    assert shop.connector.withdraw("OW-1001-1", {}) is True
    ids = run_until(shop, "pay")
    with pytest.raises(Rejected) as refused:
        shop.connector.withdraw("OW-1001-1", ids)
    assert refused.value.code == "ALREADY_PAID"
    assert shop.connector.request_cancellation("OW-1001-1", ids) is False


def test_a_withdrawal_that_comes_too_late_says_so() -> None:
    shop = open_shop()
    ids = run_until(shop, "create")
    shop.vendor.faults.script("deleteOrder", "refuse")
    assert shop.connector.withdraw("OW-1001-1", ids) is False


def test_a_state_that_is_not_known_is_for_the_operator() -> None:
    detail = {"orderId": "SD1", "orderNum": "OW-1001-1", "orderStatus": "OTHER", "paymentDate": None}
    assert answering({"code": 200, "data": detail}).look_up("OW-1001-1", {}).unreadable


def test_a_bill_of_nothing_is_no_bill() -> None:
    ids = {"order_id": "SD1", "shipments_id": "S1"}
    data = {"payId": "P1", "successOrders": ["SD1"], "orderMoney": 9.30, "paymentInformation": {"payableAmount": 0}}
    done = answering({"code": 200, "success": True, "data": data}).run_step("generate_parent", request(ids))
    assert done.payable == Money.parse("9.30", "USD")
    nothing = {**data, "orderMoney": 0}
    with pytest.raises(OutcomeUnknown, match="no amount"):
        answering({"code": 200, "success": True, "data": nothing}).run_step("generate_parent", request(ids))
