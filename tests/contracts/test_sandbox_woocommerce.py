"""What a WooCommerce shop does that others do not: traps for whoever believes its answers."""

from __future__ import annotations

import json
from base64 import b64encode
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.kit.hooks import hmac_base64
from local.sandbox.sandbox import Sandbox, SandboxSettings
from local.sandbox.ui.app import ACTIONS
from local.sandbox.ui.mailbox import Mailbox
from local.sandbox.ui.state import snapshot
from local.sandbox.wire import Delivery, Request, World
from local.sandbox.woocommerce import WooConfig, WooStore
from tests.contracts.sandbox_kit import Clock

URL = "https://api.example.com/webhooks/1"
TOPICS = ("order.created", "order.updated", "order.deleted", "product.updated")


class Shop:
    """A shop that sells one lamp, and what leaves it."""

    def __init__(self, **config: Any) -> None:
        self.clock, self.sent = Clock(), list[Delivery]()
        self.world = World(clock=self.clock, deliver=self.sent.append)
        self.store = WooStore(self.world, WooConfig(**config), goods=())
        (self.lamp,) = self.store.shelve(["LAMP"], stock=10)

    def ask(self, method: str, path: str, body: Any = None, keys: str = "ck_sandbox:cs_sandbox", **query: str) -> Any:
        """One call; gives the answer's data."""
        headers = {"authorization": f"Basic {b64encode(keys.encode()).decode()}", "content-type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        return json.loads(self.store.handle(Request(method, f"/wp-json/wc/v3{path}", query, headers, content)).body)

    def listen(self, secret: str = "s") -> None:
        """Webhooks for all topics; their pings are out of the way."""
        for topic in TOPICS:
            self.ask("POST", "/webhooks", {"topic": topic, "delivery_url": URL, "secret": secret})
        self.sent.clear()

    def told(self) -> list[tuple[str, Any]]:
        """What was sent since the last time: topic, and id or error code of the body."""
        found = [(one.topic, json.loads(one.body)) for one in self.sent]
        self.sent.clear()
        return [(topic, body.get("id") or body["code"]) for topic, body in found]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_zone_in_a_date_beside_the_flag_loses_rows_and_the_limit_itself_is_left_out(shop: Shop) -> None:
    order = shop.store.buy([("LAMP", 1)])
    at = f"{order.updated_at:%Y-%m-%dT%H:%M:%S}"
    before = f"{order.updated_at.replace(second=0, minute=0):%Y-%m-%dT%H:%M:%S}"
    shop.clock.forward(3600)
    late = shop.store.buy([("LAMP", 1)]).number

    def found(after: str, **flag: str) -> list[int]:
        return [row["id"] for row in shop.ask("GET", "/orders", modified_after=after, **flag)]

    assert found(at, dates_are_gmt="true") == [late]
    assert found(f"{at}Z") == [late]
    assert found(f"{before}Z", dates_are_gmt="true") == [], "two hours too late, and nothing says so"
    assert order.number in found(f"{at}"), "read as the site's time: too many rows"


def test_one_sale_is_told_three_times_without_retries_and_ids_repeat_within_a_second(shop: Shop) -> None:
    shop.listen()
    number = shop.store.buy([("LAMP", 1)]).number
    assert {one.retry_after for one in shop.sent} == {()}
    ids = {one.topic: one.headers["x-wc-webhook-delivery-id"] for one in shop.sent}
    assert shop.told() == [("order.updated", number), ("order.created", number), ("product.updated", shop.lamp.number)]
    shop.store.buy([("LAMP", 1)])
    assert {one.topic: one.headers["x-wc-webhook-delivery-id"] for one in shop.sent} == ids


def test_a_body_is_made_when_it_leaves_and_says_an_error_for_what_is_gone(shop: Shop) -> None:
    shop.listen("a&amp;b")
    shop.store.config.queue_seconds = 60
    number = shop.store.buy([("LAMP", 1)], pay="pending").number
    shop.store.capture(number)
    gone = shop.store.buy([("LAMP", 1)], pay="pending", extra={"status": "checkout-draft"}).number
    del shop.store.shop.orders[gone]
    shop.clock.forward(60)
    shop.store.tick()
    first = shop.sent[0]
    assert json.loads(first.body)["status"] == "processing"
    assert first.headers["x-wc-webhook-signature"] == hmac_base64("a&b", first.body)
    error = "woocommerce_rest_shop_order_invalid_id"
    assert sorted(map(str, shop.told())) == sorted(
        map(str, [("order.updated", number), ("order.created", number), ("product.updated", shop.lamp.number),
                  ("order.updated", error), ("order.created", error)])
    )  # fmt: skip


def test_a_draft_is_told_as_created_twice_and_a_deletion_by_its_id_alone(shop: Shop) -> None:
    shop.listen()
    number = shop.store.buy([("LAMP", 1)], pay="pending", extra={"status": "checkout-draft"}).number
    assert shop.ask("GET", "/orders") == []
    shop.store.place(number)
    shop.store.trash(number)
    assert [topic for topic, _ in shop.told()] == ["order.updated", "order.created", "order.created", "order.deleted"]
    assert (shop.ask("GET", f"/orders/{number}")["status"], shop.ask("GET", "/orders")) == ("trash", [])
    assert [row["id"] for row in shop.ask("GET", "/orders", status="trash")] == [number]


def test_the_seventh_failure_ends_a_webhook_and_made_active_it_dies_at_the_next(shop: Shop) -> None:
    shop.listen()
    (first, *_) = shop.ask("GET", "/webhooks", order="asc", orderby="id")

    def status() -> str:
        return str(shop.ask("GET", "/webhooks", include=str(first["id"]))[0]["status"])

    for _ in range(6):
        shop.store.report_delivery(URL, ok=False)
    assert status() == "active"
    for _ in range(2):
        shop.store.report_delivery(URL, ok=False)
        assert status() == "disabled"
        shop.ask("PUT", f"/webhooks/{first['id']}", {"status": "active"})
    assert shop.sent == [], "only an address that is new is pinged"


def test_the_same_refund_twice_moves_money_twice_and_mails_and_units_alone_have_no_amount(shop: Shop) -> None:
    order = shop.store.buy([("LAMP", 4)])
    path = f"/orders/{order.number}"
    for body in ({"amount": "1.00"}, {"amount": "1.00"}, {"amount": "1.00", "api_refund": False}):
        shop.ask("POST", f"{path}/refunds", body)
    shop.ask(
        "POST", f"{path}/refunds", {"api_refund": False, "line_items": [{"id": order.lines[0].number, "quantity": 9}]}
    )
    assert shop.store.given_back() == ["1.00", "1.00"]
    assert [row["total"] for row in shop.ask("GET", path)["refunds"]] == ["-", "-1.00", "-1.00", "-1.00"]
    assert len(shop.world.ledger.of_kind("woocommerce", "customer_mailed")) == 4
    assert shop.ask("POST", f"{path}/refunds", {"amount": "1.01"})["data"] == 500
    shop.ask("POST", f"{path}/refunds", {"amount": "1.00"})
    assert shop.ask("GET", path)["status"] == "refunded"


def test_stock_follows_the_status_and_no_status_moves_money(shop: Shop) -> None:
    number = shop.store.buy([("LAMP", 2)], pay="pending").number
    assert shop.lamp.stock == 10, "what is not paid holds nothing"
    shop.ask("PUT", f"/orders/{number}", {"status": "processing"})
    assert (shop.lamp.stock, bool(shop.ask("GET", f"/orders/{number}")["date_paid_gmt"])) == (8, True)
    shop.ask("PUT", f"/orders/{number}", {"status": "cancelled"})
    assert (shop.lamp.stock, shop.store.given_back()) == (10, [])


def test_a_change_of_stock_is_lost_where_a_sale_comes_between_and_no_value_is_checked_in_a_batch(shop: Shop) -> None:
    path = f"/products/{shop.lamp.number}"
    shop.store.catalogue.meanwhile = lambda: shop.store.buy([("LAMP", 3)])
    assert shop.ask("PUT", path, {"inventory_delta": -1})["stock_quantity"] == 9
    for given, kept in (("abc", 0), (7.5, 7), (None, 0)):
        row = {"id": shop.lamp.number, "stock_quantity": given, "regular_price": "14,90", "sale_price": "1490"}
        (told,) = shop.ask("POST", "/products/batch", {"update": [row]})["update"]
        assert (told["stock_quantity"], told["price"], told["sale_price"]) == (kept, "1490", "")
    small, large = shop.store.shelve(["S", "L"], together=True)
    shop.store.catalogue.parents[small.product].stock, small.stock = 5, None
    told = shop.ask("PUT", f"/products/{small.product}/variations/{small.number}", {"stock_quantity": 3})
    assert (told["manage_stock"], told["stock_quantity"], large.stock) == ("parent", 5, 1000)


def test_where_the_host_drops_the_header_the_keys_in_the_query_count(shop: Shop) -> None:
    shop.store.config.drops_authorization = True
    assert shop.ask("GET", "/orders")["code"] == "woocommerce_rest_cannot_view"
    assert shop.ask("GET", "/orders", consumer_key="ck_sandbox", consumer_secret="cs_sandbox") == []
    shop.store.config.demoted = True
    assert shop.ask("GET", "/orders", consumer_key="ck_sandbox", consumer_secret="cs_sandbox")["data"] == {
        "status": 403
    }


def test_the_same_order_number_in_two_stores_is_two_orders_on_the_page() -> None:
    sandbox = Sandbox(SandboxSettings(deliver=False))
    for store in ("shopify", "woocommerce"):
        assert ACTIONS["buy"].run(sandbox, ACTIONS["buy"].arguments(sku="HL-COB-350", store=store))["order"] == "#1001"
    ACTIONS["cancel"].run(sandbox, ACTIONS["cancel"].arguments(order="#1001", store="woocommerce"))
    state = snapshot(sandbox, Mailbox())
    shown = {row["store"]: row["fulfillment"] for row in state["shop"]["orders"]}
    assert shown == {"shopify": "UNFULFILLED", "woocommerce": "CANCELLED"}
    lines = {row["store"]: [one["kind"] for one in row["entries"]] for row in state["timelines"]["orders"]}
    assert ("order_cancelled" in lines["shopify"], "order_cancelled" in lines["woocommerce"]) == (False, True)
    assert {row["store"] for row in state["shop"]["shelf"]} == {"shopify", "woocommerce"}
    assert sandbox.store.order("#1001").total != Decimal(0)
