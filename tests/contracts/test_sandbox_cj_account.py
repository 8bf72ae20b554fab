"""The sandbox's CJ account: tokens, catalogue, webhooks with their signature, and parcels."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from local.sandbox.cj import CjConfig
from local.sandbox.cj.messages import sign
from local.sandbox.goods import GOODS, good_of
from local.sandbox.parcel_numbers import carrier_of
from tests.contracts.sandbox_kit import CjDesk, sample

UL = good_of("HL-UL-300").supplier


@pytest.fixture
def desk() -> CjDesk:
    return CjDesk()


def test_a_token_is_given_once_in_five_minutes_and_lives_fifteen_days(desk: CjDesk) -> None:
    login = {"apiKey": desk.cj.config.api_key}
    data = desk.data("POST", "authentication/getAccessToken", login)
    known = json.loads(sample("suppliers/cjdropshipping/getAccessToken__200.json").read_text())["data"]
    assert set(data) == set(known)
    assert desk.call("POST", "authentication/getAccessToken", login)["code"] == 1600200
    desk.token = data["accessToken"]
    desk.clock.forward(15 * 86_400 - 1)
    assert desk.call("GET", "shopping/pay/getBalance")["code"] == 200
    desk.clock.forward(1)
    assert desk.call("GET", "shopping/pay/getBalance")["code"] == 1600001
    renewed = desk.data("POST", "authentication/refreshAccessToken", {"refreshToken": data["refreshToken"]})
    assert "openId" not in renewed
    desk.token = renewed["accessToken"]
    assert desk.call("GET", "shopping/pay/getBalance")["code"] == 200


def test_wrong_keys_and_missing_tokens_are_refused(desk: CjDesk) -> None:
    assert desk.call("POST", "authentication/getAccessToken", {"apiKey": "wrong"})["code"] == 1600005
    assert desk.call("POST", "authentication/refreshAccessToken", {"refreshToken": "wrong"})["code"] == 1600003
    desk.token = ""
    assert desk.call("GET", "shopping/pay/getBalance")["code"] == 1600002


def test_the_whole_catalogue_is_read_page_by_page(desk: CjDesk) -> None:
    pages = [desk.data("GET", "product/list", pageNum=str(page), pageSize="2") for page in (1, 2, 3)]
    assert [len(page["list"]) for page in pages] == [2, 2, 1]
    assert pages[0]["total"] == len(GOODS)
    pid = pages[0]["list"][0]["pid"]
    product = desk.data("GET", "product/query", pid=pid)
    vid = product["variants"][0]["vid"]
    assert desk.data("GET", "product/variant/queryByVid", vid=vid) == product["variants"][0]
    assert desk.call("GET", "product/query", pid="404")["code"] == 1602001


def test_stock_is_reported_per_warehouse_and_an_unknown_variant_is_an_empty_list(desk: CjDesk) -> None:
    (row,) = desk.data("GET", "product/stock/queryByVid", vid=UL.vid)
    assert (row["totalInventoryNum"], row["countryCode"]) == (2, "CN")
    assert desk.data("GET", "product/stock/queryByVid", vid="404") == []


def test_freight_is_quoted_per_logistic_line(desk: CjDesk) -> None:
    body = {"startCountryCode": "CN", "endCountryCode": "FI", "products": [{"vid": UL.vid, "quantity": 2}]}
    quotes = {q["logisticName"]: q["logisticPrice"] for q in desk.data("POST", "logistic/freightCalculate", body)}
    assert quotes == {"CJPacket Ordinary": 5.0, "DHL Official": 15.0}


def test_the_signature_equals_the_published_vector() -> None:
    vector = json.loads(sample("signature_vectors.json").read_text())["cjdropshipping"]
    assert sign(vector["body"].encode(), int(vector["openId"])) == vector["headers"]["sign"]


def test_stock_and_cost_changes_reach_subscribers_in_the_samples_shape(desk: CjDesk) -> None:
    desk.listen()
    desk.cj.set_stock("HL-UL-300", 0)
    desk.cj.set_cost("HL-MS-400", Decimal("7.60"))
    (stock,) = desk.messages("STOCK")
    assert stock["params"][UL.vid][0]["storageNum"] == 0
    (variant,) = desk.messages("VARIANT")
    assert (variant["params"]["variantSellPrice"], variant["params"]["fields"]) == (7.6, ["variantSellPrice"])
    for kind, message in (("STOCK", stock), ("VARIANT", variant)):
        known = json.loads(sample(f"suppliers/cjdropshipping/webhook__{kind}.json").read_text())
        assert set(message) == set(known)
    known_row = {"vid", "areaId", "areaEn", "countryCode", "storageNum"}
    assert set(stock["params"][UL.vid][0]) == known_row
    delivery = desk.sent[0]
    assert delivery.url == "https://hooks.example.com/cj"
    assert delivery.headers["sign"] == sign(delivery.body, desk.cj.config.open_id)


def test_only_subscribed_products_are_announced(desk: CjDesk) -> None:
    desk.listen()
    desk.cj.set_stock("HL-KID-120", 1)
    assert desk.sent == []
    desk.cj.set_stock("HL-UL-300", 1)
    assert len(desk.sent) == 1


def test_a_cancelled_topic_is_silent_and_subscribe_all_is_refused(desk: CjDesk) -> None:
    desk.listen()
    desk.data("POST", "webhook/set", {"stock": {"type": "CANCEL", "callbackUrls": ["https://hooks.example.com/cj"]}})
    desk.cj.set_stock("HL-UL-300", 1)
    assert desk.messages("STOCK") == []
    body = {"productIds": [UL.pid], "subscribeAll": True}
    assert desk.call("POST", "webhook/product/subscribe", body)["code"] == 1600300


@pytest.mark.parametrize(("url", "expected"), [("https://localhost/x", 1607001), ("http://hooks.example.com", 1607002)])
def test_strict_callbacks_refuse_local_and_plain_addresses(url: str, expected: int) -> None:
    desk = CjDesk(CjConfig(strict_callbacks=True))
    body = {"order": {"type": "ENABLE", "callbackUrls": [url]}}
    assert desk.call("POST", "webhook/set", body)["code"] == expected


def test_payment_and_shipment_are_announced_with_our_order_number(desk: CjDesk) -> None:
    desk.listen()
    order_id = desk.paid(HL_UL_300=1)
    desk.clock.forward(60)
    parcel = desk.cj.ship("OW-1", carrier="UPS")
    paid, shipped = (message["params"] for message in desk.messages("ORDER"))
    assert (paid["orderStatus"], paid["payDate"], paid["trackNumber"]) == ("UNSHIPPED", "2026-11-02 09:00:00", None)
    assert (shipped["orderStatus"], shipped["trackNumber"]) == ("SHIPPED", parcel.tracking_number)
    assert (shipped["orderNumber"], shipped["cjOrderId"]) == ("OW-1", order_id)
    (logistic,) = desk.messages("LOGISTIC")
    assert json.loads(logistic["params"]["logisticsTrackEvents"])[0]["status"] == 1
    assert desk.messages("STOCK")[0]["params"][UL.vid][0]["storageNum"] == 1
    assert carrier_of(parcel.tracking_number) == "UPS"


def test_delivery_ends_the_order(desk: CjDesk) -> None:
    desk.listen()
    order_id = desk.paid()
    number = desk.cj.ship(order_id).tracking_number
    desk.cj.move_parcel(number, 12, "Handed over")
    assert desk.detail("OW-1")["orderStatus"] == "DELIVERED"
    assert desk.messages("LOGISTIC")[-1]["params"]["trackingStatus"] == 12
    (row,) = desk.data("GET", "logistic/trackInfo", trackNumber=f"{number},404")
    known = json.loads(sample("suppliers/cjdropshipping/trackInfo__200.json").read_text())["data"][0]
    assert set(row) == set(known)
    assert (row["trackingNumber"], row["trackingStatus"], row["trackingTo"]) == (number, "Delivered", "FI")


def test_an_order_in_two_parcels_is_split_with_the_right_lines_in_each(desk: CjDesk) -> None:
    desk.listen()
    order_id = desk.paid(HL_MS_400=2, HL_PRO_1200=1)
    first = desk.cj.ship("OW-1", {"HL-MS-400": 2})
    assert desk.detail("OW-1")["orderStatus"] == "UNSHIPPED"
    second = desk.cj.ship("OW-1")
    (split,) = desk.messages("ORDERSPLIT")
    parts = split["params"]["splitOrderList"]
    assert split["params"]["originalOrderId"] == order_id
    assert [part["orderCode"] for part in parts] == [f"{order_id}-1", f"{order_id}-2"] == [first.code, second.code]
    assert [[row["quantity"] for row in part["productList"]] for part in parts] == [[2], [1]]
    for parcel, sku in ((first, "HL-MS-400"), (second, "HL-PRO-1200")):
        shown = desk.detail(parcel.code)
        assert shown["trackNumber"] == parcel.tracking_number
        assert [row["vid"] for row in shown["productList"]] == [good_of(sku).supplier.vid]
        assert shown["orderNum"] == "OW-1"
    whole = desk.detail("OW-1")
    assert (whole["orderStatus"], whole["trackNumber"]) == ("SHIPPED", None)
    assert [message["params"]["orderId"] for message in desk.messages("LOGISTIC")] == [first.code, second.code]
    assert [entry.data["quantities"] for entry in desk.ledger("cj", "order_shipped")] == [
        {"HL-MS-400": 2},
        {"HL-PRO-1200": 1},
    ]
    desk.cj.move_parcel(first.tracking_number, 12)
    assert [desk.detail(ref)["orderStatus"] for ref in (first.code, "OW-1")] == ["DELIVERED", "SHIPPED"]


@pytest.mark.parametrize("split", [False, True])
def test_a_number_that_is_replaced_is_gone_and_the_last_mile_has_one_of_its_own_behind_it(
    desk: CjDesk, split: bool
) -> None:
    desk.listen()
    desk.paid(HL_MS_400=2)
    parcel = desk.cj.ship("OW-1", {"HL-MS-400": 1} if split else None)
    old = parcel.tracking_number
    new = desk.cj.renumber(old).tracking_number
    assert new != old
    assert desk.detail(parcel.code)["trackNumber"] == desk.messages("ORDER")[-1]["params"]["trackNumber"] == new
    (row,) = desk.data("GET", "logistic/trackInfo", trackNumber=f"{old},{new}")
    assert (row["trackingNumber"], row["lastTrackNumber"]) == (new, None)
    last = desk.cj.renumber(new, carrier="DHL", last_mile=True).travels_as
    assert desk.detail(parcel.code)["trackNumber"] == new
    (row,) = desk.data("GET", "logistic/trackInfo", trackNumber=new)
    assert (row["trackingNumber"], row["lastTrackNumber"], row["lastMileCarrier"]) == (new, last, "DHL")
    told = [entry.data for entry in desk.ledger("cj", "number_replaced")]
    assert [(facts["old"], facts["tracking_number"]) for facts in told] == [(old, new), (new, last)]
    with pytest.raises(KeyError):
        desk.cj.renumber(old)


def test_only_what_was_paid_and_is_left_can_be_shipped(desk: CjDesk) -> None:
    desk.create("OW-1")
    desk.paid("OW-2")
    with pytest.raises(ValueError, match="nothing to ship"):
        desk.cj.ship("OW-1")
    with pytest.raises(ValueError, match="left, not 2"):
        desk.cj.ship("OW-2", {"HL-MS-400": 2})
    with pytest.raises(KeyError):
        desk.cj.ship("OW-404")


def test_orders_ship_by_themselves_after_the_configured_time() -> None:
    desk = CjDesk(CjConfig(auto_ship_after=20))
    desk.paid("OW-1")
    desk.clock.forward(19)
    desk.cj.tick()
    assert desk.ledger("cj", "order_shipped") == []
    desk.clock.forward(1)
    desk.cj.tick()
    desk.cj.tick()
    assert [entry.reference for entry in desk.ledger("cj", "order_shipped")] == ["OW-1"]
