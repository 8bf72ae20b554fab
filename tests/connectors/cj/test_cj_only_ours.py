"""What CJ says of another order than ours is unclear, in every call (promises P1, P15)."""

from __future__ import annotations

from typing import Any

import pytest

from local.sandbox.cj import CjConfig
from orderwright.errors import OutcomeUnknown, Rejected
from tests.connectors.cj.cj_kit import TORCH, answering, open_shop, request, run_until

VID = TORCH.supplier.vid
STEPS = {
    "create": "createOrderV2",
    "add_cart": "addCart",
    "confirm_cart": "addCartConfirm",
    "generate_parent": "saveGenerateParentOrder",
    "pay": "payBalanceV2",
}
BEFORE = dict(zip(list(STEPS)[1:], STEPS, strict=False))
MADE = {
    "orderNumber": "OW-1001-1",
    "orderId": "SD1",
    "orderAmount": 18.6,
    "productInfoList": [{"variantId": VID, "quantity": 2}],
}
DETAIL: dict[str, Any] = {
    "orderId": "SD1",
    "orderNum": "OW-1001-1",
    "cjOrderId": "2611",
    "orderStatus": "UNSHIPPED",
    "paymentDate": "2026-11-22 09:00:00",
    "productList": [{"vid": VID, "quantity": 2}],
    "trackNumber": "YT1",
}


def ok(data: object) -> dict[str, object]:
    return {"code": 200, "data": data}


@pytest.mark.parametrize("step", ["create", "add_cart", "generate_parent", "pay"])
def test_p15_an_answer_about_another_order_is_unclear_and_that_order_is_left_alone(step: str) -> None:
    shop = open_shop()
    ids = run_until(shop, BEFORE[step]) if step != "create" else {}
    shop.vendor.faults.script(STEPS[step], "another_order")
    with pytest.raises(OutcomeUnknown) as unclear:
        shop.connector.run_step(step, request(ids))
    assert unclear.value.code == "ANOTHER_ORDER"
    view = shop.connector.look_up("OW-1001-1", ids)
    assert view.vendor_ids["order_id"] == shop.ledger("order_created")[0]["order_id"], "ours is found and gone on with"
    assert [entry["order_id"] for entry in shop.ledger("order_paid")] == [view.vendor_ids["order_id"]] * view.committed


@pytest.mark.parametrize("step", ["create", "add_cart", "generate_parent"])
def test_p15_an_answer_that_names_no_order_where_cj_names_one_is_unclear(step: str) -> None:
    shop = open_shop()
    ids = run_until(shop, BEFORE[step]) if step != "create" else {}
    shop.vendor.faults.script(STEPS[step], "no_reference")
    with pytest.raises(OutcomeUnknown):
        shop.connector.run_step(step, request(ids))


def test_p15_a_shipment_of_another_order_gets_no_bill_that_is_paid() -> None:
    """The answer that names the shipment names no order; the bill does."""
    shop = open_shop()
    ids = run_until(shop, "add_cart")
    shop.vendor.faults.script("addCartConfirm", "another_order")
    ids = shop.connector.run_step("confirm_cart", request(ids)).vendor_ids
    with pytest.raises(OutcomeUnknown) as unclear:
        shop.connector.run_step("generate_parent", request(ids))
    assert unclear.value.code == "ANOTHER_ORDER"
    assert not shop.ledger("order_paid")


def test_p15_a_bill_for_ours_and_another_order_is_unclear() -> None:
    data = {"payId": "P1", "orderMoney": 30.0, "successOrders": ["SD1", "SD2"]}
    with pytest.raises(OutcomeUnknown):
        answering(ok(data)).run_step("generate_parent", request({"order_id": "SD1", "shipments_id": "S1"}))


@pytest.mark.parametrize(
    "refusal", [{"interceptOrderReasons": [{"code": 10001}]}, {"logisticsMiss": True}], ids=["intercepted", "no method"]
)
def test_p15_a_refusal_of_another_order_is_no_refusal_of_ours(refusal: dict[str, object]) -> None:
    with pytest.raises(OutcomeUnknown):
        answering(ok({**MADE, "orderNumber": "OW-9", **refusal})).run_step("create", request())
    with pytest.raises(Rejected):
        answering(ok({**MADE, **refusal})).run_step("create", request())


@pytest.mark.parametrize("named", ["SD9", {"orderId": "SD9", "code": 1}])
def test_p15_another_order_that_cj_stops_is_none_of_ours(named: object) -> None:
    data = {"addSuccessOrders": [], "interceptOrders": [named]}
    with pytest.raises(OutcomeUnknown):
        answering(ok(data)).run_step("add_cart", request({"order_id": "SD1"}))
    with pytest.raises(Rejected):
        answering(ok({**data, "interceptOrders": ["SD1"]})).run_step("add_cart", request({"order_id": "SD1"}))


@pytest.mark.parametrize("goods", [[(VID, 3)], [("999", 2)], [(VID, 2), ("999", 1)]])
def test_p15_a_made_order_with_other_lines_is_unclear(goods: list[tuple[str, int]]) -> None:
    listed = [{"variantId": vid, "quantity": units} for vid, units in goods]
    with pytest.raises(OutcomeUnknown):
        answering(ok({**MADE, "productInfoList": listed})).run_step("create", request())


@pytest.mark.parametrize("listed", [None, [], [{"variantId": "B1", "quantity": 1, "isGroup": True}]])
def test_lines_that_cj_does_not_show_or_shows_as_a_bundle_are_not_compared(listed: object) -> None:
    made = answering(ok({**MADE, "productInfoList": listed})).run_step("create", request())
    assert made.vendor_ids == {"order_id": "SD1"}
    assert answering(ok({**DETAIL, "productList": []})).look_up("OW-1001-1", {}).lines is None


@pytest.mark.parametrize(
    "shown", [{"orderNum": "OW-9"}, {"orderNum": None}, {"orderId": "SD9", "cjOrderId": "2699"}], ids=str
)
def test_p15_a_look_up_that_shows_another_order_is_unclear_and_moves_nothing(shown: dict[str, object]) -> None:
    connector = answering(ok({**DETAIL, **shown}))
    ids = {"order_id": "SD1"}
    for ask in (connector.look_up, connector.withdraw, connector.read_parcels):
        with pytest.raises(OutcomeUnknown) as unclear:
            ask("OW-1001-1", ids)
        assert unclear.value.code == "ANOTHER_ORDER"


def test_the_operator_may_have_taken_either_of_cjs_ids_from_its_pages() -> None:
    assert answering(ok(DETAIL)).look_up("OW-1001-1", {"order_id": "2611"}).committed


def test_p15_a_look_up_asks_for_the_order_that_was_made_not_for_the_newest_of_its_number() -> None:
    shop = open_shop(CjConfig(refuse_duplicates=False))
    ids = run_until(shop, "pay")
    run_until(shop, "create")
    assert shop.connector.look_up("OW-1001-1", ids).committed
    assert not shop.connector.look_up("OW-1001-1", {}).committed


def test_p15_nothing_of_another_order_is_deleted() -> None:
    shop = open_shop()
    ids = run_until(shop, "create")
    shop.vendor.faults.script("getOrderDetail", "another_order")
    with pytest.raises(OutcomeUnknown):
        shop.connector.withdraw("OW-1001-1", ids)
    assert not shop.ledger("order_deleted")
    shop.vendor.faults.script("deleteOrder", "another_order")
    with pytest.raises(OutcomeUnknown):
        shop.connector.withdraw("OW-1001-1", ids)
    assert shop.connector.withdraw("OW-1001-1", ids) is True


@pytest.mark.parametrize(
    "other", [{"orderNum": "OW-9"}, {"productList": [{"vid": VID, "quantity": 2}]}], ids=["number", "units"]
)
def test_p15_a_part_that_does_not_fit_our_order_gives_no_parcel(other: dict[str, object]) -> None:
    shop = open_shop()
    ids = run_until(shop, "pay")
    shop.vendor.ship("OW-1001-1", {TORCH.sku: 1})
    shop.vendor.ship("OW-1001-1")
    assert len(shop.connector.read_parcels("OW-1001-1", ids).parcels) == 2
    honest = shop.vendor._reads["getOrderDetail"]
    first = f"{ids['order_id']}-1"
    shop.vendor._reads["getOrderDetail"] = lambda query: {
        **honest(query),
        **(other if query["orderId"] == first else {}),
    }
    with pytest.raises(OutcomeUnknown):
        shop.connector.read_parcels("OW-1001-1", ids)


def test_p15_a_tracking_row_of_another_parcel_says_nothing_of_ours() -> None:
    shop = open_shop()
    ids = run_until(shop, "pay")
    shop.vendor.ship("OW-1001-1")
    honest = shop.vendor._reads["trackInfo"]
    for number in ("YT-OTHER", None):
        shop.vendor._reads["trackInfo"] = lambda query, number=number: [  # type: ignore[misc]
            {**honest(query)[0], "trackingNumber": number, "trackingStatus": "Delivered", "lastMileCarrier": "GLS"}
        ]
        (parcel,) = shop.connector.read_parcels("OW-1001-1", ids).parcels
        assert (parcel.state.value, parcel.carrier_name) == ("PENDING", "")


def test_p15_stock_and_cost_of_another_variant_are_none_of_ours() -> None:
    """Unknown, which is not zero."""
    shop = open_shop()
    stock, variant = shop.vendor._reads["stockQueryByVid"], shop.vendor._reads["variantQueryByVid"]
    assert shop.connector.read_offer("x", VID).stock == TORCH.stock
    shop.vendor._reads["stockQueryByVid"] = lambda query: [{**row, "vid": "999"} for row in stock(query)]
    shop.vendor._reads["variantQueryByVid"] = lambda query: {**variant(query), "vid": "999"}
    offer = shop.connector.read_offer("x", VID)
    assert (offer.stock, offer.cost) == (None, None)
