"""Goods, prices and stock against what a real WooCommerce 11.0.1 answered."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderwright.connectors.http import HttpAnswer
from orderwright.connectors.stores.woocommerce.goods import listing_view, prices_body, takes, variant_view
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.domain.money import Money
from orderwright.errors import OutcomeUnknown, Rejected, Retryable
from orderwright.ports.store import QuantityChange
from tests.connectors.woocommerce.recorded import (
    Playing,
    all_goods,
    body,
    needs_recordings,
)
from tests.contracts.stands.woocommerce import STAND

pytestmark = needs_recordings


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


def answering(*rows: Any, key: str = "") -> list[HttpAnswer]:
    """One answer with these rows, as a list or below a key."""
    return [HttpAnswer(200, {}, json.dumps({key: rows} if key else rows, default=str).encode())]


def test_p2_a_page_that_lacks_rows_is_not_the_last_where_the_shop_says_so() -> None:
    """The shop leaves out of a page what the keys' user may not read, and what it cannot load."""
    shop = Playing()
    begin = datetime(2026, 11, 29, 18, tzinfo=UTC)
    rows = [{"id": number, "date_modified_gmt": f"2026-11-29T18:00:{number:02}"} for number in (1, 2)]
    paged = {"x-wp-total": "101", "x-wp-totalpages": "2"}
    page = HttpAnswer(200, paged, json.dumps(rows).encode())
    shop.answers["GET", "/wp-json/wc/v3/orders"] = [page, HttpAnswer(200, {}, b"[]")]
    found, cursor = shop.connector().list_changed_orders(begin, "")
    assert ([one.order_id for one in found], cursor) == (["1", "2"], "2026-11-29T18:00:02.000000Z")
    goods = {**body("products_get_simple"), "parent_id": 0}
    shop.answers["GET", "/wp-json/wc/v3/products"] = [answering(goods)[0]._replace(headers=paged)]
    assert shop.connector().list_variants("")[1] == "products 2 101"


def test_a_real_entry_that_was_refused_inside_a_200_is_a_problem_and_the_others_are_set() -> None:
    shop = Playing("variations_batch_bad_entries")
    found = shop.connector().batch({name: {"stock_quantity": 21} for name in ("100:102", "100:99999999", "100:12")})
    assert isinstance(found["100:102"], WooNode)
    assert [getattr(found[name], "code", "") for name in ("100:99999999", "100:12")] == [
        "WOOCOMMERCE_REST_PRODUCT_VARIATION_INVALID_ID"
    ] * 2


def test_every_product_of_every_sample_is_read() -> None:
    nodes = [WooNode(one, "product") for _, one in all_goods()]
    assert len(nodes) > 80
    for node in nodes:
        assert variant_view(node, None, "EUR").variant_id
        assert listing_view(node, None, "EUR").price.minor >= -500


@pytest.mark.parametrize(
    ("name", "price", "struck", "taken"),
    [
        ("products_put_price_text", "13.90", None, True),
        ("products_put_price_comma", "14.90", None, False),
        ("products_put_price_garbage", "14.90", None, False),
        ("products_put_sale_price", "9.90", "12.90", True),
        ("products_put_sale_above_regular", "19.90", "12.90", False),
    ],
)
def test_p4_a_price_counts_when_the_answer_shows_it(name: str, price: str, struck: str | None, taken: bool) -> None:
    wanted = prices_body(euros(price), euros(struck) if struck else None, None)
    assert takes(WooNode(body(name), "product"), euros(price), wanted) is taken


def test_p9_a_price_or_stock_that_is_no_number_holds_up_no_other_article() -> None:
    shop, good = Playing(), body("products_get_simple")
    odd = {**good, "id": 13, "price": "14,90", "regular_price": "€ 14", "stock_quantity": "many"}
    shop.answers["GET", "/wp-json/wc/v3/products"] = answering(odd, good)
    found = {one.variant_id: one for one in shop.connector().read_listings(["12", "13"], "")}
    assert found["12"].price == euros("12.90")
    assert (found["13"].price.minor, found["13"].quantity) == (0, 0), "other than ours, so it is set"
    assert [one.variant_id for one in shop.connector().list_variants("")[0]] == ["13", "12"]
    assert not takes(
        WooNode(odd, "product"), euros("14.90"), prices_body(euros("14.90"), None, WooNode(odd, "product"))
    )


def test_p4_a_planned_sale_is_ended_by_an_empty_text_and_a_price_counts_only_when_it_is() -> None:
    planned = {**body("products_put_sale_price"), "date_on_sale_to_gmt": "2026-12-24T00:00:00"}
    wanted = prices_body(euros("9.90"), euros("12.90"), WooNode(planned, "product"))
    assert (wanted["date_on_sale_from"], wanted["date_on_sale_to"]) == ("", ""), "null is ignored"
    assert not takes(WooNode(planned, "product"), euros("9.90"), wanted), "it would be another one after the sale"
    assert takes(WooNode(body("products_put_sale_price"), "product"), euros("9.90"), wanted)


def test_p3_variations_that_share_their_products_stock_get_their_own_with_the_first_number() -> None:
    shop = Playing("variations_list_over_all_products")
    shop.answers["GET", "/wp-json/wc/v3/products"] = answering(body("products_create_variable_parent_stock"))
    connector = shop.connector()
    found = {one.variant_id: one for one in connector.read_listings(["100:103", "100:102"], "")}
    assert [(one.stock_id, one.quantity) for one in found.values()] == [("100:103", None), ("100:102", 21)]
    large = [one for one in body("variations_list_over_all_products") if one["id"] == 103]
    shop.answers["GET", "/wp-json/wc/v3/variations"] = answering(*large)
    own = body("variations_put_manage_stock_true_from_parent")
    shop.answers["POST", "/wp-json/wc/v3/products/100/variations/batch"] = answering(own, key="update")
    assert connector.push_quantities([QuantityChange("100:103", "", 5, 0)], "k") == []
    entry = {"id": 103, "manage_stock": True, "backorders": "no", "stock_quantity": 5}
    assert json.loads(shop.asked[-1][3] or b"") == {"update": [entry]}


def test_a_plugins_kind_of_variation_is_one() -> None:
    shop = Playing()
    row = {**body("variations_list_over_all_products")[1], "type": "subscription_variation"}
    shop.answers["GET", "/wp-json/wc/v3/variations"] = answering(row)
    shop.answers["GET", "/wp-json/wc/v3/products"] = answering(body("products_create_variable_parent_stock"))
    (found,) = shop.connector().list_variants("variations 1 0")[0]
    assert (found.variant_id, found.published) == ("100:102", True)


def test_p3_what_may_be_sold_beyond_its_stock_may_not_with_the_first_number() -> None:
    shop, row = Playing(), body("products_put_stock_zero_backorders_notify")
    shop.answers["GET", "/wp-json/wc/v3/products"] = answering(row)
    shop.answers["POST", "/wp-json/wc/v3/products/batch"] = answering({**row, "backorders": "no"}, key="update")
    connector = shop.connector()
    assert connector.read_listings(["12"], "")[0].quantity is None, "its 0 ends no sale"
    assert connector.push_quantities([QuantityChange("12", "", 0, 0)], "k") == []
    assert json.loads(shop.asked[-1][3] or b"")["update"][0]["backorders"] == "no"


def test_p3_when_a_later_call_of_a_batch_fails_the_numbers_of_the_earlier_ones_are_not_believed() -> None:
    shop = Playing()
    shop.answers["POST", "/wp-json/wc/v3/products/batch"] = answering({"id": 12}, key="update")
    shop.answers["POST", "/wp-json/wc/v3/products/100/variations/batch"] = [HttpAnswer(429, {"retry-after": "7"}, b"")]
    with pytest.raises(Retryable):
        shop.connector().batch({"100:103": {"inventory_delta": 1}})
    with pytest.raises(OutcomeUnknown) as unclear:
        shop.connector().batch({"12": {"inventory_delta": 1}, "100:103": {"inventory_delta": 1}})
    assert unclear.value.after == timedelta(seconds=7)


def test_p3_a_shop_that_counts_no_stock_is_not_believed_to_have_none() -> None:
    shop, row = Playing(), body("products_put_manage_stock_off")
    shop.answers["GET", "/wp-json/wc/v3/products"] = answering(row)
    shop.answers["POST", "/wp-json/wc/v3/products/batch"] = answering(row, key="update")
    problems = shop.connector().push_quantities([QuantityChange("12", "", 0, 0)], "k")
    assert [(one.code, one.stale) for one in problems] == [("NOT_COUNTED", False)]


def test_p3_an_article_that_the_shop_would_not_count_is_not_left_on_sale() -> None:
    shop, row = Playing(), {**body("products_put_manage_stock_off"), "regular_price": "9.90", "price": "9.90"}
    shop.answers["GET", "/wp-json/wc/v3/products"] = answering()
    for call in (("POST", "/wp-json/wc/v3/products"), ("PUT", "/wp-json/wc/v3/products/12")):
        shop.answers[call] = [HttpAnswer(200, {}, json.dumps(row, default=str).encode())]
    with pytest.raises(Rejected) as refused:
        shop.connector().publish_goods(STAND.lamp, euros("9.90"), 0, "")
    assert refused.value.code == "NOT_COUNTED"
    assert json.loads(shop.asked[-1][3] or b"") == {"status": "draft"}
