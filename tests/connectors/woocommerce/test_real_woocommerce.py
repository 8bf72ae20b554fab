"""The connector against a real WooCommerce, where there is one; stand-in and contract can be held against it as well.

It makes goods, orders and webhooks, and deletes them: give it a shop for tests. Its fulfillments may be on or off, and a
plugin of Shipment Tracking may be there. In the environment:

ORDERWRIGHT_WOOCOMMERCE          the shop's address: https, or http://127.0.0.1 where the shop takes itself for https
ORDERWRIGHT_WOOCOMMERCE_KEY      its consumer key, which may write
ORDERWRIGHT_WOOCOMMERCE_SECRET   its consumer secret
ORDERWRIGHT_WOOCOMMERCE_GATEWAY  a payment method that gives money back by itself; without it no refund is asked for
ORDERWRIGHT_WOOCOMMERCE_PORT     a port of 127.0.0.1 that the shop delivers webhooks to; without it none is awaited
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orderwright.declarations import named
from orderwright.domain.catalogue import Article
from orderwright.domain.money import Money
from orderwright.domain.order import PaymentState
from orderwright.errors import Misconfigured, NotFound, Rejected
from orderwright.ports.connection import Subscription
from orderwright.ports.store import FulfillmentRequest, PriceChange, QuantityChange, TrackingUpdate, VariantView
from orderwright.registry import declaration
from orderwright.webhooks import News, Unauthentic
from tests.connectors.woocommerce.real_shop import BASE, GATEWAY, KEY, KIND, PORT, SECRET, SIGNING, Shop, listening
from tests.support.hooks import posted
from tests.support.stand import BUYER, CALLBACK, EMAIL

pytestmark = pytest.mark.skipif(
    not (BASE and KEY and SECRET),
    reason="no real WooCommerce: ORDERWRIGHT_WOOCOMMERCE and its keys are not in the environment",
)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    made = Shop()
    made.publish("O", 99)
    yield made
    made.leave()


def test_a_probe_names_the_shop_and_refuses_a_wrong_currency_and_a_wrong_secret(shop: Shop) -> None:
    assert shop.store.probe()
    assert shop.store.account().startswith(f"{KIND}/")
    with pytest.raises(Misconfigured, match="currency"):
        shop.connector(currency="SEK" if shop.currency != "SEK" else "NOK").probe()
    with pytest.raises(Misconfigured) as refused:
        shop.connector("cs_0000").probe()
    assert KEY not in str(refused.value)


def test_an_article_is_published_found_listed_taken_off_and_put_on_again(shop: Shop) -> None:
    view, shown = shop.publish("A"), shop.shown("A")
    assert (view.price, view.tracked, view.published) == (shop.money("12.40"), True, True)
    assert (shown["type"], shown["status"], shown["stock_quantity"], shown["price"]) == (
        "simple",
        "publish",
        5,
        "12.40",
    )
    assert shop.store.find_variants([view.sku, view.sku.upper(), f"{view.sku}-no", ""]) == [view]
    seen, cursor = shop.store.list_variants("")
    while cursor:
        more, cursor = shop.store.list_variants(cursor)
        seen += more
    assert [one for one in seen if one.sku == view.sku] == [view]
    for _ in range(2):
        shop.store.unpublish_goods(view.listed_id, view.variant_id)
        assert not shop.store.read_listings([view.variant_id], "")[0].published
    assert shop.publish("A", 3, "13.50") == view._replace(price=shop.money("13.50"))
    (listing,) = shop.store.read_listings([view.variant_id, "999999999", view.variant_id], "")
    assert (listing.price, listing.quantity, listing.published) == (shop.money("13.50"), 3, True)


def test_variants_of_one_article_have_options_and_one_is_taken_off_alone(shop: Shop) -> None:
    def one(colour: str) -> VariantView:
        choices = {"Colour": colour, "Size": "L"}
        return shop.publish(f"V-{colour}", article=Article(key=f"{shop.name}-V", title="Lamp", choices=choices))

    black, white = one("Black"), one("White")
    assert black.listed_id == white.listed_id
    assert one("Black") == black, "a repeat is the same variant"
    shown = shop.shown("V-White")
    assert {(each["name"], each["option"]) for each in shown["attributes"]} == {("Colour", "White"), ("Size", "L")}
    parent = shop.rest("GET", f"products/{shown['parent_id']}")
    assert (parent["type"], parent["status"], len(parent["variations"])) == ("variable", "publish", 2)
    assert {each["name"]: set(each["options"]) for each in parent["attributes"]} == {
        "Colour": {"Black", "White"}, "Size": {"L"}
    }  # fmt: skip
    assert sorted(shop.store.find_variants([white.sku, black.sku])) == sorted([black, white])
    shop.store.unpublish_goods(black.listed_id, black.variant_id)
    listed = shop.store.read_listings([black.variant_id, white.variant_id], "")
    assert {each.variant_id: each.published for each in listed} == {black.variant_id: False, white.variant_id: True}
    assert shop.store.push_quantities([QuantityChange(white.stock_id, "", 7, 5)], f"{shop.name}-v") == []
    assert shop.store.push_prices([PriceChange(white.listed_id, white.variant_id, shop.money("19.90"))]) == []
    shown = shop.shown("V-White")
    assert (shown["stock_quantity"], shown["price"], shop.shown("V-Black")["stock_quantity"]) == (7, "19.90", 5)


def test_p3_stock_is_set_over_the_value_that_was_read_and_a_sale_in_between_stays(shop: Shop) -> None:
    one, other = shop.publish("S1"), shop.publish("S2", 3)
    stale, good = QuantityChange(one.stock_id, "", 9, 4), QuantityChange(other.stock_id, "", 2, 3)
    problems = shop.store.push_quantities([stale, good], f"{shop.name}-1")
    assert [(each.key, each.stale) for each in problems] == [(one.stock_id, True)]
    assert (shop.shown("S1")["stock_quantity"], shop.shown("S2")["stock_quantity"]) == (5, 2)
    change = QuantityChange(one.stock_id, "", 2, 5)
    assert shop.store.push_quantities([change], f"{shop.name}-2") == []
    shop.order("S1")
    assert all(each.stale for each in shop.store.push_quantities([change], f"{shop.name}-2"))
    assert shop.shown("S1")["stock_quantity"] == 1, "what was sold meanwhile stays sold"


def test_p3_variations_that_share_their_parents_stock_get_their_own(shop: Shop) -> None:
    body = {"name": "Shirt", "type": "variable", "manage_stock": True, "stock_quantity": 8}
    options = [{"name": "Size", "variation": True, "options": ["S", "L"]}]
    parent = shop.rest("POST", "products", {**body, "attributes": options})["id"]
    for size in "SL":
        attributes = [{"name": "Size", "option": size}]
        variation = {"sku": f"{shop.name}-P-{size}", "regular_price": "9.90", "attributes": attributes}
        shop.rest("POST", f"products/{parent}/variations", variation)
    found = shop.store.find_variants([f"{shop.name}-P-S", f"{shop.name}-P-L"])
    ids = [each.variant_id for each in found]
    assert [each.quantity for each in shop.store.read_listings(ids, "")] == [None, None]
    assert shop.store.push_quantities([QuantityChange(found[0].stock_id, "", 6, 0)], f"{shop.name}-3") == []
    assert [each.quantity for each in shop.store.read_listings(ids, "")] == [6, None]
    assert shop.rest("GET", f"products/{parent}")["stock_quantity"] == 8


def test_p4_prices_are_set_struck_through_and_read_back(shop: Shop) -> None:
    view = shop.publish("R")

    def pushed(price: str, **compare_at: Money | None) -> tuple[str, str, str]:
        change = PriceChange(view.listed_id, view.variant_id, shop.money(price), **compare_at)
        assert shop.store.push_prices([change]) == []
        assert shop.store.read_listings([view.variant_id], "")[0].price == shop.money(price)
        shown = shop.shown("R")
        return shown["price"], shown["regular_price"], shown["sale_price"]

    assert pushed("21.99", compare_at=shop.money("28.99")) == ("21.99", "28.99", "21.99")
    assert pushed("20.99") == ("20.99", "28.99", "20.99")
    assert pushed("20.99", compare_at=None) == ("20.99", "20.99", "")
    changes = [PriceChange(view.listed_id, number, shop.money("25.99")) for number in ("999999999", view.variant_id)]
    assert [each.key for each in shop.store.push_prices(changes)] == ["999999999"]
    assert shop.shown("R")["price"] == "25.99"


def test_an_order_is_read_as_it_was_paid_refunded_and_thrown_away(shop: Shop) -> None:
    post = {"method_id": "flat_rate", "method_title": "Post", "total": "4.90"}
    made = shop.order("O", 3, shipping_lines=[post])
    number, item = str(made["id"]), made["line_items"][0]
    order = shop.store.fetch_order(number)
    (line,) = order.lines
    assert (order.payment, order.cancelled_at, order.total) == (PaymentState.PAID, None, shop.money(made["total"]))
    assert (line.sku, line.quantity, line.unfulfilled, line.requires_shipping) == (f"{shop.name}-O", 3, 3, True)
    assert (order.address.name, order.address.line1, order.email) == (BUYER.name, BUYER.line1, EMAIL)
    assert (order.money.unclear, order.money.shipping) == ((), shop.money("4.90"))
    assert order.money.lines[0].net == shop.money(item["total"])
    assert shop.store.fetch_order(number) == order, "reading changes nothing"
    units = {"id": item["id"], "quantity": 1, "refund_total": 10}
    for body in ({"amount": "10.00", "line_items": [units]}, {"amount": "1.50"}):
        shop.rest("POST", f"orders/{number}/refunds", {**body, "api_refund": False})
    order = shop.store.fetch_order(number)
    assert (order.payment, order.refunded) == (PaymentState.PARTIALLY_REFUNDED, shop.money("11.50"))
    assert [(each.quantity, each.unfulfilled) for each in order.lines] == [(2, 2)]
    shop.rest("PUT", f"orders/{number}", {"status": "refunded"})
    order = shop.store.fetch_order(number)
    assert (order.payment, [each.unfulfilled for each in order.lines]) == (PaymentState.REFUNDED, [0])
    with pytest.raises(NotFound):
        shop.store.fetch_order("999999999")


@pytest.mark.parametrize(
    "how", [{}, {"status": "on-hold"}, {"status": "processing", "payment_method": "cod"}, {"status": "failed"}], ids=str
)
def test_an_order_without_its_money_is_not_paid(shop: Shop, how: dict[str, Any]) -> None:
    number = str(shop.order("O", set_paid=False, **how)["id"])
    assert shop.store.fetch_order(number).payment in (PaymentState.PENDING, PaymentState.VOIDED)


def test_p2_changed_orders_come_oldest_first_and_from_the_very_second_on(shop: Shop) -> None:
    numbers = [str(shop.order("O")["id"]) for _ in range(4)]
    time.sleep(1.1)
    shop.rest("PUT", f"orders/{numbers[0]}", {"customer_note": "changed"})

    def changed(since: datetime) -> list[Any]:
        found, cursor = shop.store.list_changed_orders(since, "")
        while cursor:
            more, cursor = shop.store.list_changed_orders(since, cursor)
            found += more
        return [each for each in found if each.order_id in numbers]

    found = changed(datetime.now(UTC) - timedelta(minutes=5))
    assert list(dict.fromkeys(each.order_id for each in found)) == [*numbers[1:], numbers[0]]
    assert [each.updated_at for each in found] == sorted(each.updated_at for each in found)
    last = found[-1].updated_at
    assert [each.order_id for each in changed(last)] == [numbers[0]]
    assert changed(last + timedelta(seconds=1)) == []
    assert shop.store.fetch_order(numbers[0]).updated_at == last


def test_parcels_are_recorded_found_again_and_get_other_numbers(shop: Shop) -> None:
    routes = str(shop.rest("GET", "")["routes"].keys())
    number = str(shop.order("O", 3)["id"])
    line = shop.store.fetch_order(number).lines[0].line_id

    def sent(units: int, parcel: str) -> str:
        url = parcel and f"https://track.example.com/{parcel}"
        request = FulfillmentRequest(number, ((line, units),), parcel, parcel and "Example Post", url)
        made: str = shop.store.create_fulfillment(request, shop.store.read_fulfillment(number))
        return made

    first = sent(1, "T1")
    if "/fulfillments" in routes:
        assert shop.store.fetch_order(number).lines[0].unfulfilled == 2
    second = sent(2, "")
    view = shop.store.read_fulfillment(number)
    assert {each[:2] for each in view.made} == {(first, ("T1",)), (second, ())}
    assert {each.fulfillment_id: each.lines for each in view.made} == {first: ((line, 1),), second: ((line, 2),)}
    assert view.open_lines == ()
    with pytest.raises(Rejected):
        sent(1, "T9")
    update = TrackingUpdate(second, ("T2", "T3"), "Example Post", ("https://track.example.com/T2", ""))
    for wanted in (update, update, update._replace(numbers=("T4",), urls=("",))):
        shop.store.update_fulfillment_tracking(wanted)
        numbers = {each.fulfillment_id: set(each.tracking_numbers) for each in shop.store.read_fulfillment(number).made}
        assert numbers == {first: {"T1"}, second: set(wanted.numbers)}
    assert shop.rest("GET", f"orders/{number}")["status"] == "processing"


def test_a_note_is_written_once_and_an_order_cancelled_once(shop: Shop) -> None:
    shop.publish("C", 20)
    number = str(shop.order("C", 2)["id"])
    for _ in range(2):
        shop.store.add_note(number, 'Ordered at the supplier: OW-1 & "two" <parcels>')
        shop.store.cancel_order(number, refund=False)
    notes = shop.rest("GET", f"orders/{number}/notes")
    assert [each["customer_note"] for each in notes if "OW-1" in each["note"]] == [False]
    order = shop.store.fetch_order(number)
    assert order.cancelled_at is not None
    assert (order.refunded, shop.shown("C")["stock_quantity"]) == (shop.money("0.00"), 20)
    number = str(shop.order("C", payment_method="bacs")["id"])
    with pytest.raises(Rejected):
        shop.store.cancel_order(number, refund=True)
    assert (shop.rest("GET", f"orders/{number}")["status"], shop.rest("GET", f"orders/{number}/refunds")) == (
        "processing",
        [],
    )


@pytest.mark.skipif(not GATEWAY, reason="no payment method gives money back")
def test_a_cancelled_orders_money_is_given_back_once(shop: Shop) -> None:
    made = shop.order("O", 2)
    number = str(made["id"])
    shop.rest("POST", f"orders/{number}/refunds", {"amount": "1.00", "api_refund": False})
    for _ in range(2):
        shop.store.cancel_order(number, refund=True)
    order = shop.store.fetch_order(number)
    assert (order.payment, order.refunded) == (PaymentState.REFUNDED, shop.money(made["total"]))
    assert len(shop.rest("GET", f"orders/{number}/refunds")) == 2
    assert not any(each.unfulfilled for each in order.lines)


def hooks(shop: Shop, address: str) -> list[dict[str, Any]]:
    """The shop's webhooks to an address."""
    return [each for each in shop.rest("GET", "webhooks?per_page=100") if each["delivery_url"].startswith(address)]


def test_p2_webhooks_are_made_moved_and_made_again(shop: Shop) -> None:
    wanted, host = Subscription(CALLBACK, secret=SIGNING), CALLBACK.partition("/webhooks")[0]
    moved = Subscription(f"{host}/webhooks/4567cdef", (CALLBACK,), SIGNING)
    try:
        topics = shop.store.ensure_webhooks(wanted)
        assert sorted(topics) == sorted(each["topic"] for each in hooks(shop, CALLBACK))
        assert shop.store.ensure_webhooks(wanted) == []
        assert sorted(shop.store.ensure_webhooks(moved)) == sorted(topics)
        shop.rest("PUT", f"webhooks/{hooks(shop, host)[0]['id']}", {"status": "disabled"})
        assert len(shop.store.ensure_webhooks(moved)) == 1
        found = [(each["topic"], each["delivery_url"], each["status"]) for each in hooks(shop, host)]
        assert sorted(found) == [(topic, moved.url, "active") for topic in sorted(topics)]
        assert not any(address.startswith(host) for address in shop.store.foreign_webhooks(moved.url))
    finally:
        for each in hooks(shop, host):
            shop.rest("DELETE", f"webhooks/{each['id']}?force=true")


@pytest.mark.skipif(not PORT, reason="the shop delivers to no port of this machine")
def test_p7_a_real_delivery_is_read_and_one_that_was_touched_is_refused(shop: Shop) -> None:
    read, address, heard = named(declaration(KIND).webhook), f"http://127.0.0.1:{PORT}", list[News]()
    with listening() as came:
        try:
            shop.store.ensure_webhooks(Subscription(f"{address}/webhooks/0123abcd", secret=SIGNING))
            number = str(shop.order("O")["id"])
            for _ in range(30):
                shop.http("GET", f"{BASE}/wp-cron.php", {}, None, 60)  # visitors make the shop work off its queue
                heard = [news for headers, body in list(came) for news in read(posted(headers, body), [SIGNING])]
                if any(news.resource == number for news in heard):
                    break
                time.sleep(3)
        finally:
            for each in hooks(shop, address):
                shop.rest("DELETE", f"webhooks/{each['id']}?force=true")
    assert any(news.resource == number for news in heard), f"{len(came)} came, none of this order"
    assert len({news.delivery_id for news in heard}) == len(heard)
    signed = next((headers, body) for headers, body in came if "x-wc-webhook-signature" in headers)
    with pytest.raises(Unauthentic):
        read(posted(signed[0], signed[1] + b" "), [SIGNING])
