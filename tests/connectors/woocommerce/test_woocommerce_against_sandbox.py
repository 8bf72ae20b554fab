"""What is special about WooCommerce, against the sandbox's shop: its ledger and its orders judge."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.wire import Request, Response
from local.sandbox.woocommerce import WooConfig, WooStore
from orderwright.domain.catalogue import Article
from orderwright.domain.order import PaymentState
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, VendorError
from orderwright.ports.connection import Subscription
from orderwright.ports.store import FulfillmentRequest, QuantityChange, TrackingUpdate
from tests.contracts.stands.woocommerce import STAND
from tests.support.stand import CALLBACK, PRIVATE

LAMP = STAND.lamp.sku


def shop(lines: dict[str, Any] | None = None, **config: Any) -> STAND:
    """A shop with switches, and our settings for it."""

    kind: type[STAND] = type("Switched", (STAND,), {"lines": {**STAND.lines, **(lines or {})}})
    made = kind()
    made.vendor = WooStore(made.world, WooConfig(**config), goods=())
    made.vendor.faults = made.faults
    return made


def selling(stand: STAND, units: int = 5) -> Any:
    connector = stand.connector()
    connector.publish_goods(stand.lamp, stand.money("22.99"), units, "")
    stand.clock.forward(seconds=1)
    return connector


# --- parcels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("switches", "way"), [({"tracking": True}, "tracking"), ({}, "note")])
def test_without_fulfillments_parcels_are_notes_and_their_numbers_rows_where_the_plugin_is(
    switches: dict[str, Any], way: str
) -> None:
    stand = shop({"complete_orders": True}, fulfillments=False, **switches)
    connector = selling(stand)
    number = stand.buy({LAMP: 3})
    view = connector.read_fulfillment(number)
    assert [(one.fulfillment_order_id, one.remaining, one.open) for one in view.open_lines] == [(way, 3, True)]
    line = view.open_lines[0].line_id

    def sent(units: int, parcel: str) -> str:
        request = FulfillmentRequest(number, ((line, units),), parcel, "Posti & Co", "https://track.example.com/T1")
        return str(connector.create_fulfillment(request, connector.read_fulfillment(number)))

    first, second = sent(1, "T 1/x&y"), sent(2, "")
    seen = {one.fulfillment_id: (one.tracking_numbers, one.lines) for one in connector.read_fulfillment(number).made}
    assert seen == {first: (("T 1/x&y",), ((line, 1),)), second: ((), ((line, 2),))}
    with pytest.raises(Rejected):
        sent(1, "T9")
    later = TrackingUpdate(second, ("T2", "T3"), "Posti", ("https://track.example.com/T2", ""))
    updates = (
        later,
        later,
        later._replace(numbers=("T 1/x&y",), urls=("",)),
        later._replace(numbers=("T4",), urls=("",)),
    )
    for update in updates:
        connector.update_fulfillment_tracking(update)
        made = {one.fulfillment_id: one.tracking_numbers for one in connector.read_fulfillment(number).made}
        assert made == {first: ("T 1/x&y",), second: update.numbers}
        rows = [row["tracking_number"] for row in stand.vendor.order(number).extra.get("rows", {}).values()]
        assert sorted(rows) == (sorted({"T 1/x&y", *update.numbers}) if switches else [])
    mails = stand.world.ledger.of_kind("woocommerce", "customer_mailed")
    assert [one.data["about"] for one in mails] == ["completed"], "no number mails the buyer"
    for gone in (f"{way}/{number}/99", f"{way}/{number}", f"own/{number}/", "x"):
        with pytest.raises(Rejected) as refused:
            connector.update_fulfillment_tracking(replace_id(later, gone))
        assert refused.value.code == "FULFILLMENT_GONE"


def test_a_row_of_the_plugin_whose_note_was_not_written_is_found_and_gets_another_number() -> None:
    stand = shop(fulfillments=False, tracking=True)
    connector = selling(stand)
    number = stand.buy({LAMP: 2})
    view = connector.read_fulfillment(number)
    line = view.open_lines[0].line_id
    stand.faults.script("createNote", "error_500")
    with stand.refuses(OutcomeUnknown):
        connector.create_fulfillment(FulfillmentRequest(number, ((line, 1),), "T1", "Posti", ""), view)
    (found,) = connector.read_fulfillment(number).made
    assert (found.tracking_numbers, found.lines) == (("T1",), ((line, 2),))
    for _ in range(2):
        connector.update_fulfillment_tracking(TrackingUpdate(found.fulfillment_id, ("T2",), "Posti", ("",)))
    assert [one.tracking_numbers for one in connector.read_fulfillment(number).made] == [("T2",)]


def replace_id(update: TrackingUpdate, fulfillment_id: str) -> TrackingUpdate:
    return update._replace(fulfillment_id=fulfillment_id, numbers=("T9",), urls=("",))


@pytest.mark.parametrize(("lines", "status"), [({}, "processing"), ({"complete_orders": True}, "completed")])
def test_an_order_is_completed_when_every_line_left_and_only_if_it_is_wanted(
    lines: dict[str, Any], status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand, sent = shop(lines), list[Request]()
    answer = stand.vendor.handle

    def heard(request: Request) -> Response:
        sent.append(request)
        return answer(request)

    monkeypatch.setattr(stand.vendor, "handle", heard)
    connector = selling(stand)
    number = stand.buy({LAMP: 2})
    for parcel in ("T1", "T2"):
        assert connector.read_order(number).text("status") == "processing"
        view = connector.read_fulfillment(number)
        request = FulfillmentRequest(number, ((view.open_lines[0].line_id, 1),), parcel, "Posti", "")
        connector.create_fulfillment(request, view)
    assert connector.read_order(number).text("status") == status
    assert connector.fetch_order(number).lines[0].unfulfilled == 0
    bodies = [json.loads(one.body) for one in sent if one.method == "POST" and "/fulfillments" in one.path]
    ids = {row.get("id") for body in bodies for row in body["meta_data"]}
    assert (len(bodies), ids) == (2, {0}), "10.5 drops a row that is sent without an id"


# --- stock and articles -----------------------------------------------------------------------------------------------


def test_p3_a_sale_between_reading_and_setting_the_stock_stays_sold(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = shop()
    connector = selling(stand)
    view = connector.find_variants([LAMP])[0]
    handle = stand.handle

    def selling_first(request: Request) -> Response:
        if request.path.endswith("/batch"):
            stand.buy({LAMP: 1})
        return handle(request)

    monkeypatch.setattr(stand, "handle", selling_first)
    problems = connector.push_quantities([QuantityChange(view.stock_id, "", 3, 5)], "k")
    assert [one.stale for one in problems] == [True]
    assert connector.read_listings([view.variant_id], "")[0].quantity == 2, "three, and one of them was sold"


def test_variants_of_one_article_are_published_together_and_hidden_alone() -> None:
    stand = shop()
    connector = stand.connector()
    views = []
    for size in ("S", "M", "S"):
        article = Article(key="shirt", title="Shirt", choices={"Size": size})
        sku = stand.lamp.model_copy(update={"sku": f"SHIRT-{size}", "article": article})
        views.append(connector.publish_goods(sku, stand.money("9.99"), 4, ""))
    assert views[0] == views[2]
    assert views[0].listed_id == views[1].listed_id
    small, middle = views[:2]
    assert [one.published for one in connector.list_variants("variations 1 0")[0]] == [True, True]
    connector.unpublish_goods(small.listed_id, small.variant_id)
    shown = {
        one.variant_id: one.published for one in connector.read_listings([small.variant_id, middle.variant_id], "")
    }
    assert shown == {small.variant_id: False, middle.variant_id: True}
    stand.buy({"SHIRT-M": 1})
    assert connector.push_quantities([QuantityChange(middle.stock_id, "", 1, 3)], "k") == []
    with pytest.raises(Rejected) as taken:
        connector.publish_goods(stand.lamp.model_copy(update={"sku": "SHIRT-M"}), stand.money("9.99"), 1, "")
    assert taken.value.code == "SKU_TAKEN"


@pytest.mark.parametrize(
    ("sku", "option"),
    [("A,B", "S"), ("A<b>", "S"), ("A%20B", "S"), (" A", "S"), ("A  B", "S"), ("A", "S | M"), ("A", "<b>S")],
)
def test_what_the_shop_would_store_in_another_form_is_not_published(sku: str, option: str) -> None:
    stand = shop()
    goods = stand.lamp.model_copy(update={"sku": sku, "article": Article(key="k", title="A", choices={"Size": option})})
    with stand.refuses(Rejected):
        stand.connector().publish_goods(goods, stand.money("9.99"), 1, "")
    assert stand.connector().list_variants("")[0] == []


@pytest.mark.parametrize("article", [None, Article(key="k", title="A", choices={"Size": "S"})])
def test_an_article_whose_pictures_cannot_be_fetched_is_published_without_them(
    article: Article | None, caplog: pytest.LogCaptureFixture
) -> None:
    stand = shop()
    images = ("https://img.example.com/missing.jpg", "https://img.example.com/1.jpg")
    goods = stand.lamp.model_copy(update={"article": article, "images": images})
    for _ in range(2):
        view = stand.connector().publish_goods(goods, stand.money("9.99"), 4, "")
        assert (view.sku, view.published, view.price) == (LAMP, True, stand.money("9.99"))
    assert len(stand.connector().list_variants("")[0]) == (article is None)
    assert all(LAMP in one.message or "article-k" in one.message for one in caplog.records)
    assert len(caplog.records) >= 2


# --- orders -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orders", [0, 1, 99, 100, 101, 250])
def test_p2_orders_of_one_second_are_all_found_over_its_pages(orders: int) -> None:
    stand = shop()
    connector = selling(stand, 1000)
    since = stand.clock.now()
    bought = [stand.buy({LAMP: 1}) for _ in range(orders)]
    stand.clock.forward(seconds=5)
    bought.append(stand.buy({LAMP: 1}))
    found, cursor = connector.list_changed_orders(since, "")
    while cursor:
        more, cursor = connector.list_changed_orders(since, cursor)
        found += more
    assert list(dict.fromkeys(one.order_id for one in found)) == bought


def test_an_order_in_the_trash_is_not_found_and_the_reconciler_sees_that_it_changed() -> None:
    stand = shop()
    connector = selling(stand)
    number = stand.buy({LAMP: 1})
    stand.clock.forward(seconds=60)
    stand.vendor.trash(number)
    with pytest.raises(NotFound):
        connector.fetch_order(number)
    changed, _ = connector.list_changed_orders(stand.clock.now() - timedelta(seconds=1), "")
    assert [one.order_id for one in changed] == [number]


def test_p8_an_erased_buyer_is_gone_with_the_next_reading() -> None:
    stand = shop()
    connector = selling(stand)
    number = stand.buy({LAMP: 1})
    stand.vendor.redact(number)
    order = connector.fetch_order(number)
    assert not [one for one in (*PRIVATE, "[deleted]") if one in str(order)]
    assert order.risk_hold


# --- the end of an order ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["bacs", "gone-plugin", "", "a b"])
def test_money_that_the_gateway_cannot_give_back_is_not_asked_for(method: str) -> None:
    stand = shop()
    connector = selling(stand)
    number = stand.buy({LAMP: 1})
    stand.vendor.order(number).extra["method"] = method
    with stand.refuses(Rejected) as declined:
        connector.cancel_order(number, refund=True)
    assert (declined.value.code, stand.noted(number)) == ("NO_REFUND_METHOD", [])
    assert connector.fetch_order(number).payment is PaymentState.PAID
    connector.cancel_order(number, refund=False)
    assert connector.fetch_order(number).cancelled_at is not None


@pytest.mark.parametrize(
    ("given", "order", "code"),
    [
        ({"paid_without_date": ["cod"]}, {"method": "cod", "paid_at": None}, "NO_REFUND_METHOD"),
        ({"statuses": {"chargeback": "DISPUTED"}}, {"status": "chargeback"}, "PAYMENT_DISPUTED"),
        (
            {"statuses": {"at-work": "PAID"}},
            {"status": "at-work", "method": "cod", "paid_at": None},
            "NO_REFUND_METHOD",
        ),
    ],
)
def test_no_order_that_counts_as_paid_or_is_disputed_ends_as_given_back_in_silence(
    given: dict[str, Any], order: dict[str, Any], code: str
) -> None:
    stand = shop(given)
    connector = selling(stand)
    number = stand.buy({LAMP: 1})
    stand.vendor.order(number).extra.update(order)
    with stand.refuses(Rejected) as refused:
        connector.cancel_order(number, refund=True)
    assert (refused.value.code, list(stand.given_back())) == (code, [])
    assert connector.fetch_order(number).cancelled_at is None
    if code == "NO_REFUND_METHOD":
        assert connector.money_left(number) == stand.money("22.99")


def test_a_gateway_that_fails_after_it_moved_the_money_is_never_asked_again() -> None:
    stand = shop(breaking=("card",))
    selling(stand)
    number = stand.buy({LAMP: 1})
    stand.refund_money(number, "2.00")
    for errors, code in ((OutcomeUnknown, "OUTCOME_UNKNOWN"), *[(Rejected, "REFUND_UNCLEAR")] * 2):
        with stand.refuses(errors) as unclear:
            stand.connector().cancel_order(number, refund=True)
        assert unclear.value.code == code
        assert list(stand.given_back()) == ["2.00", "20.99"]
        stand.clock.forward(minutes=10)
    stand.vendor.config.breaking = stand.vendor.config.gateways = ()
    with stand.refuses(Rejected) as unclear:
        stand.connector().cancel_order(number, refund=True)
    assert unclear.value.code == "REFUND_UNCLEAR", "a gateway that is gone by now has moved it all the same"
    stand.vendor.set_status(stand.vendor.order(number), "refunded")
    stand.connector().cancel_order(number, refund=True)
    assert list(stand.given_back()) == ["2.00", "20.99"], "what the person entered in the shop ends it"


@pytest.mark.parametrize(
    ("operation", "how", "wait", "given", "codes"),
    [
        ("createRefund", "accept_late", 600, "22.99", ["OUTCOME_UNKNOWN"]),
        ("createRefund", "accept_late", 20, "22.99", ["OUTCOME_UNKNOWN", "REFUND_UNCLEAR"]),
        ("createRefund", "timeout", 600, "0", ["OUTCOME_UNKNOWN", "REFUND_UNCLEAR", "REFUND_UNCLEAR"]),
        ("createRefund", "rate_limited", 20, "22.99", ["RATE_LIMITED"]),
        ("createNote", "accept_late", 600, "0", ["OUTCOME_UNKNOWN", "REFUND_UNCLEAR", "REFUND_UNCLEAR"]),
        ("createNote", "accept_late", 20, "22.99", ["OUTCOME_UNKNOWN"]),
        ("createNote", "accept_then_500", 20, "22.99", []),
    ],
)
def test_a_refund_that_may_have_been_taken_is_not_asked_for_again_and_one_that_was_not_is(
    operation: str, how: str, wait: int, given: str, codes: list[str]
) -> None:
    stand = shop()
    selling(stand)
    number, ended = stand.buy({LAMP: 1}), list[str]()
    stand.faults.script(operation, how)
    for _ in range(3):
        try:
            stand.connector().cancel_order(number, refund=True)
        except VendorError as error:
            ended.append(error.code)
        stand.clock.forward(seconds=wait)
        stand.vendor.tick()
    assert (sum(map(Decimal, stand.given_back())), ended) == (Decimal(given), codes)


# --- access and webhooks ----------------------------------------------------------------------------------------------


def test_a_host_that_takes_the_header_away_is_worked_with_and_a_user_without_rights_is_not() -> None:
    connector = selling(shop(drops_authorization=True))
    assert "sells in USD" in connector.probe()
    assert "11.0.1" in connector.probe()


def test_a_disabled_webhook_is_made_anew_and_another_port_is_refused() -> None:
    stand = shop()
    connector = stand.connector()
    assert len(connector.ensure_webhooks(stand.subscription())) == 4
    before = {one.id for one in stand.vendor.hooks.subscriptions}
    stand.vendor.hooks.subscriptions[0] = replace(stand.vendor.hooks.subscriptions[0], status="disabled")
    assert connector.ensure_webhooks(stand.subscription()) == ["order.created"]
    assert len({one.id for one in stand.vendor.hooks.subscriptions} & before) == 3
    with pytest.raises(Misconfigured):
        connector.ensure_webhooks(Subscription(CALLBACK.replace(".com/", ".com:8443/"), secret="whs-1"))
