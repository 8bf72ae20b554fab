"""Parcels, stock, catalogue and subscriptions at CJ."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.cj import CjConfig
from local.sandbox.goods import GOODS
from orderwright.connectors.suppliers.cj.catalogue import _images, _record
from orderwright.connectors.suppliers.cj.fields import unit_usd, usd
from orderwright.connectors.suppliers.cj.stock import stock_in
from orderwright.domain.catalogue import Article, has_battery
from orderwright.domain.connection_settings import Goods
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import Misconfigured, NotFound, Retryable
from orderwright.ports.connection import Subscription
from tests.connectors.cj.cj_kit import PRO, START, TORCH, Shop, answering, open_shop, run_until, sample

CALLBACK = "https://hooks.example.com/webhooks/cj-main"


def _paid() -> tuple[Shop, dict[str, str]]:
    shop = open_shop()
    return shop, run_until(shop, "pay")


def test_one_parcel_holds_all_lines() -> None:
    shop, ids = _paid()
    assert shop.connector.read_parcels("OW-1001-1", ids).parcels == ()
    parcel = shop.vendor.ship("OW-1001-1")
    (found,) = shop.connector.read_parcels("OW-1001-1", ids).parcels
    assert found.tracking_number == parcel.tracking_number
    assert found.carrier_name == "YunExpress"
    assert found.tracking_url.startswith("https://track.example.com/")
    assert found.lines == ((TORCH.supplier.vid, 2),)
    assert found.state is ShipmentState.PICKED_UP


def test_a_split_order_gives_each_parcel_its_own_lines_from_the_first_one_on() -> None:
    shop, ids = _paid()
    first = shop.vendor.ship("OW-1001-1", {TORCH.sku: 1})
    (found,) = shop.connector.read_parcels("OW-1001-1", ids).parcels
    assert (found.tracking_number, found.lines) == (first.tracking_number, ((TORCH.supplier.vid, 1),))
    second = shop.vendor.ship("OW-1001-1")
    shop.vendor.move_parcel(second.tracking_number, 12)
    parcels = shop.connector.read_parcels("OW-1001-1", ids).parcels
    assert [(parcel.tracking_number, parcel.lines) for parcel in parcels] == [
        (first.tracking_number, ((TORCH.supplier.vid, 1),)),
        (second.tracking_number, ((TORCH.supplier.vid, 1),)),
    ]
    assert [parcel.state for parcel in parcels] == [ShipmentState.PICKED_UP, ShipmentState.DELIVERED]


def test_a_parcel_is_told_even_when_its_tracking_cannot_be_asked(caplog: pytest.LogCaptureFixture) -> None:
    shop, ids = _paid()
    shop.vendor.ship("OW-1001-1")
    shop.vendor.faults.script("trackInfo", "error_500")
    with caplog.at_level(logging.WARNING):
        view = shop.connector.read_parcels("OW-1001-1", ids)
    (found,), unread = view.parcels, view.unread
    assert unread, "so that it is asked for again"
    assert (found.carrier_name, found.state) == ("", ShipmentState.PENDING), "the number says that it is YunExpress"
    assert "trackInfo" in caplog.text


def test_the_last_miles_carrier_does_not_name_a_number_that_is_anothers() -> None:
    shop, ids = _paid()
    shop.vendor.ship("OW-1001-1", {TORCH.sku: 1}, "YT2600100123456789", "DHL")
    shop.vendor.ship("OW-1001-1", None, "123456780004", "SF Express")
    first, second = shop.connector.read_parcels("OW-1001-1", ids).parcels
    assert (first.carrier_name, second.carrier_name) == ("", "SF Express")


def test_a_part_that_is_not_found_although_all_has_left_is_a_gap() -> None:
    shop, ids = _paid()
    shop.vendor.ship("OW-1001-1", {TORCH.sku: 1})
    assert not shop.connector.read_parcels("OW-1001-1", ids).gaps
    shop.vendor.ship("OW-1001-1")
    whole = shop.connector.read_parcels("OW-1001-1", ids)
    assert (len(whole.parcels), whole.gaps) == (2, False)
    for found in (0, 1):
        shop.vendor.faults.script("getOrderDetail", *["ok"] * (1 + found), "not_found")
        view = shop.connector.read_parcels("OW-1001-1", ids)
        assert (len(view.parcels), view.gaps) == (found, True)


def test_the_vendors_samples_of_a_shipped_order_and_its_tracking_parse() -> None:
    connector = answering(sample("getOrderDetail__200_shipped.json"))
    (found,) = connector.read_parcels("DS-1001-CJ-1", {}).parcels
    assert found.tracking_number == "YT2600100123456789"
    assert found.lines == (("92511400-C758-4474-93CA-66D442F5F787", 2),)
    row = answering(sample("trackInfo__200.json"))._row("YT2600100123456789") or {}
    assert (row["lastMileCarrier"], row["trackingStatus"]) == ("DHL", "In transit")


def test_stock_and_cost_of_one_variant() -> None:
    shop = open_shop()
    offer = shop.connector.read_offer("CJNL100201AZ-Black", TORCH.supplier.vid)
    assert offer.stock == 40
    assert offer.cost == UnitCost.parse("6.40", "USD")
    assert offer.observed_at == shop.clock.at
    assert shop.vendor.access.points()["usedToday"] == shop.connector.points_per_read
    by_sku = shop.connector.read_offer("CJNL100201AZ-Black", "")
    assert by_sku.supplier_ref == TORCH.supplier.vid
    with pytest.raises(NotFound):
        shop.connector.read_offer("NOTHING", "")


def test_an_unknown_variant_has_unknown_stock_and_cost_never_zero() -> None:
    offer = open_shop().connector.read_offer("x", "999")
    assert (offer.stock, offer.cost) == (None, None)
    sampled = answering(sample("stock_queryByVid__200_empty.json")).read_offer("x", "1")
    assert (sampled.stock, sampled.cost) == (None, None)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], None),
        (
            [{"countryCode": "CN", "areaEn": "Yiwu", "totalInventoryNum": 3}, {"countryCode": "CN", "storageNum": 4}],
            {"Yiwu": 3, "CN": 4},
        ),
        ([{"countryCode": "US", "totalInventoryNum": 3}], {}),
        ([{"countryCode": "CN"}], None),
        ([{"countryCode": "CN", "totalInventoryNum": -1}, {"countryCode": "CN", "totalInventoryNum": "4"}], {"CN": 4}),
        ([{"countryCode": "CN", "totalInventoryNum": Decimal("1.5")}], None),
        ([{"countryCode": "CN", "totalInventoryNum": True}], None),
    ],
)
def test_only_our_warehouses_count_and_a_gap_is_not_zero(rows: list[dict[str, Any]], expected: object) -> None:
    assert stock_in(rows, "CN") == expected


def test_a_variant_off_the_shelf_has_no_stock() -> None:
    stock = {"code": 200, "data": [{"countryCode": "CN", "totalInventoryNum": 3}]}
    off_the_shelf = {"code": 1602003, "success": False, "data": None}
    offer = answering(stock, then=off_the_shelf).read_offer("x", "1")
    assert (offer.stock, offer.cost) == (0, None)


def test_the_catalogue_comes_with_texts_pictures_cost_and_reference_freight() -> None:
    shop = open_shop()
    goods, cursor = shop.connector.list_goods("")
    assert cursor == ""
    assert [one.supplier_ref for one in goods] == [good.supplier.vid for good in GOODS]
    torch = goods[0]
    assert torch.supplier_sku == torch.sku.sku == "CJNL100201AZ-Black"
    assert torch.sku.title == TORCH.title
    assert torch.sku.description_html == TORCH.description_html
    assert torch.sku.images == (TORCH.image_url,)
    assert torch.sku.category == "Head torches"
    assert torch.sku.tags == ("Head torches",)
    told = {"Transport": "BATTERY", "battery": "yes"} if TORCH.attributes.hazmat else {"Transport": "COMMON"}
    assert torch.sku.attributes == {"Color": "Black", **told}
    assert has_battery(torch.sku) is bool(TORCH.attributes.hazmat)
    assert torch.sku.weight_grams == 78
    assert (torch.cost, torch.freight) == (UnitCost.parse("6.40", "USD"), UnitCost.parse("2.90", "USD"))
    assert goods[2].freight == UnitCost.parse(str(PRO.freight), "USD")


def test_a_cost_keeps_its_digits() -> None:
    shop = open_shop()
    shop.vendor.inventory.set_cost(TORCH.sku, Decimal("3.275"), shop.clock.at)
    assert shop.connector.list_goods("")[0][0].cost == UnitCost.parse("3.275", "USD")
    assert shop.connector.read_offer("", TORCH.supplier.vid).cost == UnitCost.parse("3.275", "USD")


@pytest.mark.parametrize(
    ("value", "cost", "bill"),
    [
        (Decimal("3.275"), "3.275 USD", "3.28 USD"),
        (Decimal("9.200000000000001"), "9.20 USD", "9.21 USD"),
        ("-1", "None", "None"),
        ("3.2x", "None", "None"),
        (True, "None", "None"),
    ],
)
def test_costs_keep_six_digits_and_bills_are_rounded_up(value: object, cost: str, bill: str) -> None:
    assert (str(unit_usd(value)), str(usd(value))) == (cost, bill)


def test_customs_attributes_come_from_the_article_and_what_the_goods_map_says_wins() -> None:
    sku = f"{TORCH.supplier.supplier_sku}-Black"
    assert open_shop().connector.list_goods("")[0][0].sku.hs6 == "8513101000"
    own = {"sku": "LAMP", "hs6": "85131000", "origin": "VN", "mpn": "NL-1"}
    (torch,), _ = open_shop(settings={"goods": {sku: own}}).connector.list_goods("")
    assert (torch.sku.sku, torch.sku.hs6, torch.sku.origin, torch.sku.mpn) == ("LAMP", "85131000", "VN", "NL-1")


@pytest.mark.parametrize(
    ("names", "values", "choices"),
    [
        ("Color-Size", "Black-XL", {"Color": "Black", "Size": "XL"}),
        ("Color", "Dark-Blue", {"Color": "Dark-Blue"}),
        ("A-B-C", "1-2-3", {"A": "1", "B": "2", "C": "3"}),
        ("Color-Size", "Dark-Blue-XL", None),
        ("Color-Size", "Black", None),
        ("Color-Size", "Black- ", None),
        ("Color-Color", "Black-White", None),
        ("A-B-C-D", "1-2-3-4", None),
        ("", "Black", None),
        ("Color", "", None),
    ],
)
def test_variants_of_one_article_belong_together_by_its_id_and_their_values(
    names: str, values: str, choices: dict[str, str] | None
) -> None:
    article = {"pid": "P-1", "productNameEn": "Lamp", "productKeyEn": names}
    record = _record(article, {"variantKey": values}, Goods(sku="L"), 2)
    if choices is None:
        assert record.article is None
    else:
        assert record.article == Article(key="cj-P-1", title="Lamp", choices=choices)
        assert record.title == f"Lamp, {values}", "mails and the operator's lists name the variant"
    assert _record(article, {"variantKey": values}, Goods(sku="L"), 1).article is None
    assert _record({**article, "pid": ""}, {"variantKey": values}, Goods(sku="L"), 2).article is None


def test_pages_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderwright.connectors.suppliers.cj.catalogue.PAGE", 2)
    shop = open_shop(CjConfig(qps=1))
    cursor, seen = "", []
    while True:
        goods, cursor = shop.connector.list_goods(cursor)
        seen += [one.supplier_ref for one in goods]
        if not cursor:
            break
    assert seen == [good.supplier.vid for good in GOODS]
    assert shop.sleeps, "one call a second is waited out inside the page"


def test_goods_without_cost_or_way_are_left_out_with_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    shop = open_shop(settings={"freight_country": "US"})
    shop.vendor.inventory.set_cost(TORCH.sku, Decimal(0), shop.clock.at)
    with caplog.at_level(logging.WARNING):
        goods, _ = shop.connector.list_goods("")
    assert TORCH.supplier.vid not in [one.supplier_ref for one in goods]
    assert TORCH.supplier.vid in caplog.text


@pytest.mark.parametrize("vid", ["9\n2026-11-29 ERROR all is lost", "9\x1b[2J", "9\x9b31m", "9\u202egnp", "9\u2028x"])
def test_a_vendors_id_adds_no_line_to_the_log_and_steers_no_terminal(
    vid: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert answering({})._goods({}, {"vid": vid}, 1, START) is None
    (line,) = caplog.messages
    assert line.isprintable()
    assert "has no id, SKU or cost" in line


def test_pictures_of_every_kind_are_handed_on_for_the_import_to_judge() -> None:
    article = {"productImageSet": ["https://images.example.com/1.jpg", "data:image/png;base64,AAAA", ""]}
    assert _images(article, {"variantImage": "http://images.example.com/2.jpg"}) == (
        "http://images.example.com/2.jpg",
        "https://images.example.com/1.jpg",
        "data:image/png;base64,AAAA",
    )


def test_a_catalogue_answer_without_a_total_is_not_an_empty_catalogue() -> None:
    with pytest.raises(Retryable):
        answering({"code": 200, "data": {}}).list_goods("")


def test_webhooks_are_set_and_articles_subscribed_by_their_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orderwright.connectors.suppliers.cj.webhooks_setup.CHUNK", 2)
    shop = open_shop()
    vids = [good.supplier.vid for good in GOODS]
    for _ in range(2):
        topics = shop.connector.ensure_webhooks(Subscription(CALLBACK, goods=(*vids, vids[0], "999")))
        assert topics == ["product", "stock", "order", "logistics", "makeup"]
        assert set(shop.vendor.messages.callbacks.values()) == {CALLBACK}
        assert shop.vendor.messages.subscribed == {good.supplier.pid for good in GOODS}
    assert shop.paths().count("webhook/product/subscribe") == 6
    assert not shop.ledger("contract_violation")


def test_an_address_that_cj_does_not_take_is_a_matter_of_settings() -> None:
    shop = open_shop(CjConfig(strict_callbacks=True))
    with pytest.raises(Misconfigured, match="https"):
        shop.connector.ensure_webhooks(Subscription("http://127.0.0.1:8000/x"))
