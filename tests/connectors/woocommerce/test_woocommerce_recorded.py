"""The connector against what a real WooCommerce 11.0.1 answered and sent."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest

from orderwright.connectors.http import HttpAnswer
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.order_mapping import Goods, parse_order
from orderwright.connectors.stores.woocommerce.webhook import read
from orderwright.domain.money import Money
from orderwright.domain.order import PaymentState
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.webhooks import NotUnderstood, Request, Unauthentic, signatures
from tests.connectors.woocommerce.recorded import (
    FOLDER,
    HOOK_SECRET,
    Playing,
    all_orders,
    body,
    needs_recordings,
    parsed,
    sent,
    settings,
)
from tests.support.hooks import posted

pytestmark = needs_recordings
P = PaymentState


def euros(text: str) -> Money:
    return Money.parse(text, "EUR")


# --- orders -----------------------------------------------------------------------------------------------------------


def test_every_order_of_every_sample_is_read_or_refused_by_the_field_that_is_wrong() -> None:
    read_ones, refused = 0, dict[str, str]()
    for name, order in all_orders():
        try:
            found = parse_order(
                WooNode(order, "order"), [], {}, {}, "woo", settings(currency=str(order["currency"])[:3])
            )
        except Rejected as error:
            refused[name] = f"{error.code} {error.message}"
            continue
        read_ones += 1
        assert found.money is not None
        assert "[deleted]" not in str(found.address)
    assert read_ones > 80
    assert all(
        re.match(r"UNREADABLE_ORDER order\S+: expected|ORDER_INCOMPLETE .* no lines", one) for one in refused.values()
    )


@pytest.mark.parametrize(
    ("name", "state", "hold"),
    [
        ("orders_get_after_checkout_gateway_cod", P.PENDING, ""),
        ("orders_get_after_checkout_gateway_bacs", P.PENDING, ""),
        ("orders_get_cod_processing", P.PENDING, ""),
        ("orders_put_pending_to_processing", P.PAID, ""),
        ("orders_put_status_cancelled", P.PAID, ""),
        ("orders_put_status_refunded", P.REFUNDED, ""),
        ("orders_get_after_full_refund_amount_only", P.REFUNDED, ""),
        ("orders_get_after_money_only_refund", P.PARTIALLY_REFUNDED, ""),
        ("orders_get_after_privacy_erasure", P.PAID, "erased"),
        ("orders_block_checkout_cod", P.PENDING, ""),
    ],
)
def test_p6_a_status_says_only_what_it_says_of_the_money(name: str, state: PaymentState, hold: str) -> None:
    order = parsed(name)
    assert order.payment is state
    assert hold in order.risk_note
    assert order.risk_hold == bool(hold)
    assert (order.cancelled_at is not None) == (name == "orders_put_status_cancelled")
    if state is P.REFUNDED:
        assert not any(line.quantity for line in order.lines)


def test_p6_what_the_merchant_says_of_a_method_and_of_a_status_counts() -> None:
    assert parsed("orders_get_cod_processing", paid_without_date=["cod"]).payment is P.PAID
    order = {**body("orders_get_cod_processing"), "status": "awaiting-pickup", "date_paid_gmt": "2026-11-29T18:00:00"}
    unknown = parse_order(WooNode(order, "order"), [], {}, {}, "woo", settings())
    assert (unknown.payment, unknown.risk_hold) == (P.UNKNOWN, True)
    mapped = parse_order(WooNode(order, "order"), [], {}, {}, "woo", settings(statuses={"awaiting-pickup": "PAID"}))
    assert (mapped.payment, mapped.risk_hold) == (P.PAID, False)
    played = {**body("orders_put_pending_to_processing"), "meta_data": [{"key": "_wcpay_mode", "value": "test"}]}
    assert parse_order(WooNode(played, "order"), [], {}, {}, "woo", settings()).risk_hold


@pytest.mark.parametrize("told", ["", "0000-00-00T00:00:00", None])
def test_p6_a_date_of_payment_that_is_no_time_is_no_payment(told: str | None) -> None:
    order = {**body("orders_put_pending_to_processing"), "date_paid_gmt": told}
    assert parse_order(WooNode(order, "order"), [], {}, {}, "woo", settings()).payment is P.PENDING


def test_lists_that_php_wrote_as_objects_are_read() -> None:
    order = body("orders_put_pending_to_processing")
    order["meta_data"] = {"1": {"key": "_wcpay_mode", "value": "test"}}
    order["line_items"] = {str(at): row for at, row in enumerate(order["line_items"], 1)}
    found = parse_order(WooNode(order, "order"), [], {}, {}, "woo", settings())
    assert ([line.sku for line in found.lines], found.risk_hold) == (["OW-CUP-01"], True)


def test_p8_nothing_of_an_erased_buyer_is_read_and_nothing_is_sent_to_words() -> None:
    order = parsed("orders_get_after_privacy_erasure")
    assert (order.address, order.email, order.phone) == (None, "", "")
    assert "Jätä" not in str(order)


def test_an_order_that_lost_its_lines_and_one_in_another_currency_are_refused() -> None:
    for name in ("orders_block_checkout_long_phone", "orders_create_phone_300_chars"):
        with pytest.raises(Rejected, match="no lines") as caught:
            parsed(name)
        assert caught.value.code == "ORDER_INCOMPLETE"
    with pytest.raises(Rejected) as other:
        parsed("orders_get_cod_processing", currency="SEK")
    assert other.value.code == "OTHER_CURRENCY"


def test_lines_of_variations_and_of_deleted_products() -> None:
    small = Goods(virtual=False, choices=frozenset({"koko", "väri", "vari"}))
    lines = parsed("orders_create_variations", goods={"100:101": small, "100:102": small}).lines
    assert (lines[0].variant_id, lines[0].title, lines[0].variant_title) == ("100:101", "Paita", "S, Punainen")
    assert not any(line.personalised for line in lines)
    assert all(line.personalised for line in parsed("orders_create_variations").lines), "choices of nobody knows what"
    gone = parsed("orders_get_line_of_erased_product").lines[0]
    assert (gone.sku, gone.variant_id, gone.title) == ("", "", "Nappi")
    virtual = parsed("orders_get_cod_processing", goods={"12": Goods(virtual=True, choices=frozenset())}).lines
    assert [line.requires_shipping for line in virtual if line.variant_id == "12"] == [False]


def test_parts_of_a_bundle_are_shipped_and_never_their_container_as_well() -> None:
    order = body("orders_get_after_unit_refunds")
    first, second = order["line_items"]
    bundle = {**order, "refunds": [], "line_items": [first, {**second, "bundled_by": str(first["id"])}]}
    for virtual in (True, False):
        goods = {"12": Goods(virtual=virtual, choices=frozenset())}
        found = parse_order(WooNode(bundle, "order"), [], goods, {}, "woo", settings())
        assert [line.requires_shipping for line in found.lines] == [False, True]
        assert ("bundle" in found.risk_note) is not virtual, "one with goods of its own is looked at"


def test_an_address_without_a_shipping_block_is_the_billing_one_and_a_state_is_its_code() -> None:
    address = parsed("orders_excl_tax_de_shipping_fee_coupon").address
    assert address is not None
    assert (address.name, address.province_code, address.province, address.country_code) == (
        "Jörg Weißbach",
        "NW",
        "",
        "DE",
    )
    bare = parsed("orders_create_guest_no_shipping").address
    assert bare is not None
    assert bare.line1


# --- money (P13) ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("orders_*cl_tax_*.json")))
def test_p13_net_and_tax_of_a_taxed_order_are_the_shops_own_to_the_cent(name: str) -> None:
    order = parsed(name)
    money = order.money
    assert money is not None
    assert money.unclear == ()
    off = money.net.decimal + money.tax.decimal - order.total.decimal
    assert abs(off) <= Decimal("0.01") * (len(order.lines) + 2)
    assert money.charged == order.total


def test_p13_a_discount_that_hides_in_a_fee_comes_off_and_a_gift_card_does_not() -> None:
    order = {**body("orders_get_cod_processing"), "total": "0.00"}
    goods = sum(
        Decimal(one["total"]) + Decimal(one["total_tax"])
        for key in ("line_items", "shipping_lines")
        for one in order[key]
    )
    fee = {"id": 1, "name": "Discount", "total": "-2.00", "total_tax": "-0.51"}
    for extra, total, given_back in (
        ({"fee_lines": [fee]}, goods - Decimal("2.51"), "2.00"),
        ({"gift_cards": [{"code": "X", "amount": "10.00"}]}, goods - 10, "0.00"),
    ):
        found = parse_order(
            WooNode({**order, **extra, "total": str(total)}, "order"), [], {}, {}, "woo", settings()
        ).money
        assert found is not None
        assert found.unclear == ()
        assert found.given_back == euros(given_back)
    wrong = parse_order(WooNode({**order, "total": "1.00"}, "order"), [], {}, {}, "woo", settings()).money
    assert wrong is not None
    assert wrong.unclear


def test_p13_refunded_units_money_and_units_without_money() -> None:
    order = parsed("orders_get_after_unit_refunds", "refunds_list_units")
    money = order.money
    assert money is not None
    assert [(line.quantity, line.unfulfilled) for line in order.lines] == [(0, 0), (1, 1)], "five back of four sold"
    assert (order.refunded, order.total) == (euros("61.88"), euros("47.88"))
    assert (money.lines[0].net, money.given_back, money.unclear) == (euros("-10.28"), euros("0.00"), ())
    alone = {"id": 69, "amount": "5.00", "line_items": [], "shipping_lines": [], "fee_lines": []}
    given = parse_order(
        WooNode(body("orders_get_after_money_only_refund"), "order"),
        [WooNode(alone, "refund")],
        {},
        {},
        "woo",
        settings(),
    )
    assert given.money is not None
    assert (given.money.given_back, given.money.unclear) == (euros("5.00"), ())
    assert sum(line.quantity for line in given.lines) == 5
    units = {**body("orders_get_cod_processing"), "refunds": [{"id": 63, "total": "-"}]}
    refund = body("refunds_create_quantity_without_refund_total")
    refund["line_items"][0]["meta_data"][0]["value"] = str(units["line_items"][0]["id"])
    found = parse_order(WooNode(units, "order"), [WooNode(refund, "refund")], {}, {}, "woo", settings())
    assert found.refunded == euros("0.00")
    assert found.lines[0].quantity == units["line_items"][0]["quantity"] - 1


# --- webhooks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "news"),
    [
        ("delivery_order_created", 1),
        ("delivery_order_updated_new_order", 1),
        ("delivery_order_created_checkout_draft", 0),
        ("delivery_order_updated_checkout_draft", 0),
        ("delivery_order_created_draft_became_pending", 1),
        ("delivery_order_updated_status", 1),
        ("delivery_order_updated_by_refund", 1),
        ("delivery_order_updated_by_fulfillment", 1),
        ("delivery_order_deleted", 1),
        ("delivery_product_deleted_but_it_was_a_coupon", 0),
        ("delivery_product_updated_by_sale", 0),
        ("delivery_product_updated_variation", 0),
    ],
)
def test_a_real_delivery_is_read_with_its_real_signature(name: str, news: int) -> None:
    headers, content = sent(name)
    found = read(posted(headers, content), ["another", HOOK_SECRET])
    assert [one.type for one in found] == ["order.changed"] * news
    with pytest.raises(Unauthentic):
        read(posted(headers, content + b" "), [HOOK_SECRET])


def test_the_same_body_under_two_topics_is_two_news_and_a_delivery_id_names_none() -> None:
    created, updated = (read(posted(*sent(name)), [HOOK_SECRET])[0] for name in (
        "delivery_order_created", "delivery_order_updated_new_order",
    ))  # fmt: skip
    assert created.delivery_id != updated.delivery_id
    headers, content = sent("delivery_order_created")
    again = read(posted({**headers, "x-wc-webhook-delivery-id": "another"}, content), [HOOK_SECRET])[0]
    assert again.delivery_id == created.delivery_id


def test_the_ping_is_answered_and_a_signed_error_body_is_parked() -> None:
    assert read(posted(*sent("delivery_ping")), [HOOK_SECRET]) == []
    with pytest.raises(Unauthentic):
        read(posted({}, b"webhook_id=2&x=1"), [HOOK_SECRET])
    with pytest.raises(NotUnderstood, match="it was gone before this was sent"):
        read(posted(*sent("delivery_order_gone_before_delivery")), [HOOK_SECRET])


def signed(told: dict[str, object], secret: str, topic: str = "order.updated") -> Request:
    content = json.dumps(told, default=str).encode()
    return posted({"x-wc-webhook-topic": topic, "x-wc-webhook-signature": signatures(content, [secret])[0]}, content)


def test_p8_an_order_that_the_eraser_changed_asks_for_its_erasure_first() -> None:
    erased = signed(body("orders_get_after_privacy_erasure"), "s")
    found = read(erased, ["s"])
    assert [one.type for one in found] == ["order.erasure_asked", "order.changed"]
    assert found[0].detail == {"orders": found[1].resource}
    assert found[0].delivery_id != found[1].delivery_id
    gap = {"id": 5, "status": ["odd"], "meta_data": {"1": {"key": "_anonymized", "value": "yes"}}}
    assert [one.type for one in read(signed(gap, "s"), ["s"])] == ["order.erasure_asked", "order.changed"]


def test_p7_a_secret_with_entities_counts_as_its_text_and_a_second_deletion_is_another_one() -> None:
    gone = signed({"id": 87}, "a&b", "order.deleted")
    first, again = (
        read(gone._replace(headers={**gone.headers, "x-wc-webhook-delivery-id": number}), ["a&amp;b"])[0]
        for number in "12"
    )
    assert first.resource == again.resource == "87"
    assert first.delivery_id != again.delivery_id
    with pytest.raises(Unauthentic):
        read(signed({"id": 87}, "a&amp;b", "order.deleted"), ["a&amp;b"])


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "error", "code"),
    [
        ("errors_401_wrong_secret", Misconfigured, "HTTP_401"),
        ("errors_401_no_key", Misconfigured, "HTTP_401"),
        ("errors_404_no_route", Misconfigured, "HTTP_404"),
        ("errors_404_order_unknown", NotFound, "WOOCOMMERCE_REST_SHOP_ORDER_INVALID_ID"),
        ("errors_404_order_put_unknown", NotFound, "WOOCOMMERCE_REST_SHOP_ORDER_INVALID_ID"),
        ("errors_400_status", Rejected, "REST_INVALID_PARAM"),
        ("products_batch_101", Rejected, "WOOCOMMERCE_REST_REQUEST_ENTITY_TOO_LARGE"),
        ("refunds_create_gateway_fails", OutcomeUnknown, "OUTCOME_UNKNOWN"),
        ("refunds_create_no_gateway", OutcomeUnknown, "OUTCOME_UNKNOWN"),
        ("fulfillments_unknown_id", Rejected, "HTTP_400"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_never_by_its_text(name: str, error: type[VendorError], code: str) -> None:
    shop = Playing(name)
    ((method, path),) = shop.answers
    with pytest.raises(error) as caught:
        shop.connector()._client.call("it", method, path.partition("/wc/v3/")[2], has_effect=method == "POST")
    assert caught.value.code == code
    assert not [word for word in ("Sorry", "Gateway says", "ck_1", "cs_1") if word in caught.value.message]


def test_keys_go_in_the_query_only_where_the_host_takes_the_header_and_only_over_https() -> None:
    refusal, good = Playing("errors_401_no_key").answers["GET", "/wp-json/wc/v3/orders"][0], HttpAnswer(200, {}, b"[]")
    for base, sends in (("https://s.example.com", 2), ("http://127.0.0.1:8099/woo", 1)):
        shop = Playing("errors_401_no_key", base_url=base)
        shop.answers = {("GET", f"{urlsplit(base).path}/wp-json/wc/v3/orders"): [refusal, good]}
        connector = shop.connector()
        if sends == 1:
            with pytest.raises(Misconfigured):
                connector.list_changed_orders(datetime(2026, 11, 29, tzinfo=UTC), "")
            assert "consumer" not in str([url for _, url, *_ in shop.asked])
            continue
        connector.list_changed_orders(datetime(2026, 11, 29, tzinfo=UTC), "")
        assert ["consumer_key=ck_1" in url for _, url, *_ in shop.asked] == [False, True, True], "remembered"
        assert ["authorization" in headers for _, _, headers, _ in shop.asked] == [True, False, False]


def test_p7_keys_stay_out_of_the_query_until_that_way_worked() -> None:
    """A URL stands in the logs of the shop's host."""
    refusal = Playing("errors_401_no_key").answers["GET", "/wp-json/wc/v3/orders"][0]
    shop = Playing(base_url="https://s.example.com")
    shop.answers = {("GET", "/wp-json/wc/v3/orders"): [refusal, HttpAnswer(503, {}, b""), HttpAnswer(200, {}, b"[]")]}
    connector = shop.connector()
    with pytest.raises(Retryable):
        connector.list_changed_orders(datetime(2026, 11, 29, tzinfo=UTC), "")
    connector.list_changed_orders(datetime(2026, 11, 29, tzinfo=UTC), "")
    assert ["consumer_key" in url for _, url, *_ in shop.asked] == [False, True, False, False]


def test_the_window_of_changes_has_no_zone_beside_the_flag_and_overlaps_by_a_second() -> None:
    shop = Playing("orders_modified_after_dates_are_gmt")
    shop.answers = {("GET", "/wp-json/wc/v3/orders"): [HttpAnswer(200, {}, b"[]")]}
    assert shop.connector().list_changed_orders(datetime(2026, 11, 29, 18, 0, 0, 5, tzinfo=UTC), "") == ([], "")
    for (_, url, _, _), status in zip(shop.asked, ("any", "trash"), strict=True):
        query = dict(parse_qsl(urlsplit(url).query))
        assert (query["modified_after"], query["dates_are_gmt"]) == ("2026-11-29T17:59:59", "true")
        assert query["status"] == status
