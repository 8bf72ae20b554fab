"""The sandbox's BigCommerce store: what its own files say, and the worst where they say nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from local.sandbox.bigcommerce import BigCommerceConfig, BigCommerceStore
from local.sandbox.bigcommerce.hooks import sign
from local.sandbox.kit.people import CartLine
from local.sandbox.sandbox import Sandbox, SandboxSettings
from local.sandbox.ui.app import ACTIONS
from local.sandbox.ui.mailbox import Mailbox
from local.sandbox.ui.state import snapshot
from local.sandbox.wire import Request, Response
from tests.contracts.sandbox_kit import Desk, sample
from tests.support import spec_guard

URL = "https://hooks.example.com/x"


class BigDesk(Desk):
    """A store that sells one lamp for 20.00, ten pieces, and the calls of its API account."""

    def __init__(self, **config: Any) -> None:
        super().__init__()
        self.store = BigCommerceStore(self.world, BigCommerceConfig(**config))
        (self.lamp,) = self.store.shelve(["LAMP"], stock=10)
        self.store.set_price(self.lamp, Decimal(20))

    def raw(self, method: str, path: str, body: Any = None, **query: str) -> Response:
        headers = dict.fromkeys(("accept", "content-type"), "application/json")
        headers["x-auth-token"] = self.store.config.access_token
        asked = {name.replace("__", ":"): value for name, value in query.items()}
        data = b"" if body is None else json.dumps(body).encode()
        request = Request(method, f"/stores/{self.store.config.store_hash}/{path}", asked, headers, data)
        answer = self.store.handle(request)
        if answer.status < 400:
            spec_guard.check("bigcommerce", request)
        spec_guard.check_answer("bigcommerce", request, answer)
        return answer

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        answer = self.raw(method, path, body, **query)
        assert answer.status < 300, answer.body
        data = json.loads(answer.body or b"[]")
        return data["data"] if path.startswith("v3/") and "data" in data else data

    def listen(self, *scopes: str) -> list[int]:
        return [self.call("POST", "v3/hooks", {"scope": one, "destination": URL})["id"] for one in scopes]

    def told(self) -> list[str]:
        scopes = [json.loads(one.body)["scope"] for one in self.sent]
        self.sent.clear()
        return scopes

    def parcel(self, order: Any, units: int, **more: str) -> Response:
        items = [{"order_product_id": order.lines[0].number, "quantity": units}]
        body = {"order_address_id": order.extra["address_id"], "items": items, **more}
        return self.raw("POST", f"v2/orders/{order.number}/shipments", body)


def test_it_signs_as_the_vector_of_the_contracts() -> None:
    vector = json.loads(sample("signature_vectors.json").read_bytes())["bigcommerce"]
    name, at, signature = (vector["headers"][f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    assert sign(vector["client_secret"], name, int(at), vector["body"].encode()) == signature


def test_every_call_and_its_answer_are_what_the_vendors_files_say() -> None:
    sample("specs/bigcommerce")
    desk = BigDesk()
    values = [{"option_display_name": "Size", "label": label} for label in ("S", "M")]
    wares = {"type": "physical", "weight": 0, "price": 9.5, "is_visible": True, "inventory_tracking": "variant"}
    rows = [{"sku": f"SHIRT-{one['label']}", "option_values": [one]} for one in values]
    shirt = desk.call("POST", "v3/catalog/products", {"name": "Shirt", **wares, "variants": rows})
    path, option = f"v3/catalog/products/{shirt['id']}", shirt["options"][0]["id"]
    value = desk.call("POST", f"{path}/options/{option}/values", {"label": "L", "sort_order": 2})["id"]
    large = {"sku": "SHIRT-L", "option_values": [{"id": value, "option_id": option}]}
    made = desk.call("POST", f"{path}/variants", large)
    assert made["calculated_price"] == 9.5, "it has its article's price"
    desk.call("PUT", "v3/catalog/variants", [{"id": made["id"], "price": 12, "sale_price": 11.5}])
    desk.call("PUT", path, {"price": 8, "images": [{"image_url": "https://img.example.com/1.jpg"}]})
    desk.call("PUT", "v3/catalog/products/channel-assignments", [{"product_id": shirt["id"], "channel_id": 1}])
    assert [one["calculated_price"] for one in desk.call("GET", f"{path}/variants")] == [8.0, 8.0, 11.5]
    assert desk.call("GET", path, include="options,variants")["base_variant_id"] is None
    assert [one["sku"] for one in desk.call("GET", "v3/catalog/variants", limit="3", page="2")] == ["SHIRT-L"]
    assert len(desk.call("GET", "v3/catalog/products", id__greater="1", include_fields="name")) == 2
    place = desk.call("GET", "v3/inventory/locations")[0]["id"]
    stock = [{"location_id": place, "variant_id": made["id"], "quantity": 4}]
    for how in (("PUT", "absolute"), ("POST", "relative")):
        desk.call(how[0], f"v3/inventory/adjustments/{how[1]}", {"reason": "count", "items": stock})
    (item,) = desk.call("GET", "v3/inventory/items", sku__in="SHIRT-L")
    assert [one["available_to_sell"] for one in item["locations"]] == [8, 0]

    order = desk.store.buy([("SHIRT-L", 2), ("LAMP", 1)], shipping_price=Decimal(5), discount=Decimal(3))
    orders = f"v2/orders/{order.number}"
    assert desk.call("GET", "v2/store")["currency"] == "USD"
    (listed,) = desk.call("GET", "v2/orders", min_date_modified="2026-11-02T08:59:59Z", sort="date_modified:asc")
    assert (listed, listed["total_inc_tax"]) == (desk.call("GET", orders), "45.0000")
    shown = desk.call("GET", f"{orders}/products")[0]
    assert (shown["total_ex_tax"], shown["applied_discounts"][0]["amount"]) == ("23.0000", "3.0000")
    assert desk.call("GET", f"{orders}/shipping_addresses")[0]["id"] == shown["order_address_id"]
    sent = json.loads(desk.parcel(order, 1, tracking_number="T1").body)["id"]
    desk.call("PUT", f"{orders}/shipments/{sent}", {"tracking_number": "T2", "comments": "also T3"})
    assert desk.call("GET", f"{orders}/shipments")[0]["tracking_number"] == "T2"
    actions = f"v3/orders/{order.number}/payment_actions"
    items = [{"item_type": "ORDER", "item_id": order.number, "amount": 11.5}]
    desk.store.refund(order.number, [("LAMP", 1)])
    (_,), (way,) = desk.call("POST", f"{actions}/refund_quotes", {"items": items})["refund_methods"]
    payment = {name: way[name] for name in ("provider_id", "amount", "offline")}
    desk.call("POST", f"{actions}/refunds", {"items": items, "payments": [payment]})
    assert [one["total_amount"] for one in desk.call("GET", f"{actions}/refunds")] == [20, 11.5]
    ended = desk.call("PUT", orders, {"status_id": 5, "staff_notes": "one\ntwo"})
    assert (ended["status_id"], ended["payment_status"], ended["refunded_amount"]) == (
        5,
        "partially refunded",
        "0.0000",
    )
    (hook,) = desk.listen("store/order/*")
    desk.call("PUT", f"v3/hooks/{hook}", {"is_active": False})
    assert [one["is_active"] for one in desk.call("GET", "v3/hooks")] == [False]
    assert desk.call("GET", "v3/hooks/admin")["hooks_list"][0]["status"] == "deactivated"
    assert desk.call("DELETE", f"v3/hooks/{hook}")["id"] == hook


def test_who_is_not_signed_in_or_does_not_ask_for_json_gets_nothing() -> None:
    desk = BigDesk()
    right = {"x-auth-token": "bc_sandbox_token", "accept": "application/json"}
    asked = {"another": right, "sandboxhash": {**right, "x-auth-token": "?"}}
    for store, headers in asked.items():
        assert desk.store.handle(Request("GET", f"/stores/{store}/v2/store", {}, headers)).status == 401
    assert (
        desk.store.handle(Request("GET", "/stores/sandboxhash/v2/store", {}, {**right, "accept": "*/*"})).status == 415
    )
    desk.store.uninstall()
    assert [desk.raw("GET", path).status for path in ("v2/store", "v3/hooks")] == [401, 401]


def test_each_answer_tells_what_is_left_of_the_quota_and_an_overload_does_not() -> None:
    desk = BigDesk(calls=2)
    left = [desk.raw("GET", "v2/store").headers["x-rate-limit-requests-left"] for _ in range(2)]
    desk.clock.forward(10)
    refused = desk.raw("GET", "v2/orders")
    assert (left, refused.status, refused.headers["x-rate-limit-time-reset-ms"]) == (["1", "0"], 429, "20000")
    desk.clock.forward(20)
    desk.store.faults.script("getStoreInformation", "rate_limited_bare")
    bare = desk.raw("GET", "v2/store")
    assert (bare.status, [name for name in bare.headers if name.startswith("x-rate")]) == (429, [])


def test_an_order_begins_as_incomplete_and_its_state_is_not_its_payments() -> None:
    desk = BigDesk()
    desk.listen("store/order/*")
    order = desk.store.buy([("LAMP", 1)], pay="authorized")
    assert desk.told() == ["store/order/created", "store/order/statusUpdated"]

    def state() -> tuple[int, str]:
        shown = desk.call("GET", f"v2/orders/{order.number}")
        return shown["status_id"], shown["payment_status"]

    assert state() == (11, "authorized"), "it waits for its parcel, and nothing is paid"
    for paid, then in (("PENDING", (7, "pending")), ("DISPUTED", (13, "captured")), ("UNKNOWN", (11, ""))):
        desk.store.set_payment(order.number, paid)
        assert state() == then
    desk.store.archive(order.number)
    assert desk.told()[-2:] == ["store/order/archived", "store/order/updated"]
    assert (desk.raw("GET", "v2/orders").status, desk.raw("GET", "v2/orders").body) == (204, b"")
    assert desk.call("GET", f"v2/orders/{order.number}")["is_deleted"] is True


def test_a_list_has_fifty_rows_where_nobody_asks_for_more_and_never_more_than_the_store_gives() -> None:
    desk = BigDesk(v2_page=60)
    order = desk.store.buy([CartLine(None, title=f"Part {number}", price=Decimal(1)) for number in range(70)])
    sizes = [len(desk.call("GET", f"v2/orders/{order.number}/products", **how)) for how in ({}, {"limit": "250"})]
    assert sizes == [50, 60]
    assert desk.call("GET", f"v2/orders/{order.number}/products", page="3") == []


def test_a_parcel_is_told_of_with_what_is_left_only_and_mails_the_buyer_unless_that_is_off() -> None:
    desk = BigDesk()
    order = desk.store.buy([("LAMP", 2)])
    assert [desk.parcel(order, units, **more).status for units, more in (
        (3, {}), (1, {"tracking_number": "9" * 51}), (1, {"tracking_link": "x" * 501}), (1, {"shipping_provider": "dhl"}),
        (1, {}), (1, {}), (1, {}),
    )] == [400, 400, 400, 400, 201, 201, 400]  # fmt: skip
    desk.store.config.mails_shipped = False
    desk.parcel(desk.store.buy([("LAMP", 1)]), 1)
    assert [one.data["notified"] for one in desk.ledger("bigcommerce", "fulfillment_created")] == [True, True, False]


def test_a_refund_fits_its_quote_and_a_second_one_of_the_orders_money_pays_again() -> None:
    desk = BigDesk()
    order = desk.store.buy([("LAMP", 2)])
    path = f"v3/orders/{order.number}/payment_actions"

    def refund(amount: float, provider: str = "sandboxcard", paid: float | None = None) -> int:
        items = [{"item_type": "ORDER", "item_id": order.number, "amount": amount}]
        way = {"provider_id": provider, "amount": amount if paid is None else paid, "offline": provider == "custom"}
        return desk.raw("POST", f"{path}/refunds", {"items": items, "payments": [way]}).status

    assert [refund(5, paid=6), refund(41), refund(5, "storecredit"), refund(5, "strange")] == [422] * 4
    assert [refund(5), refund(5), refund(30, "custom"), refund(1)] == [201, 201, 201, 201]
    assert desk.store.given_back() == ["5.0", "5.0", "1.0"], "what was only noted moved nothing"
    assert (desk.store.order(order.number).extra["status"], desk.lamp.stock) == (14, 8)


def test_stock_is_written_where_it_is_counted_and_a_late_write_overwrites_what_was_sold() -> None:
    desk = BigDesk(stock_lag=5)
    (fresh,) = desk.store.shelve(["NEW"], stock=0)
    fresh.extra["counted"] = False

    def write(how: str, **item: Any) -> int:
        method = "PUT" if how == "absolute" else "POST"
        return desk.raw(method, f"v3/inventory/adjustments/{how}", {"items": [{"location_id": 1, **item}]}).status

    assert write("relative", variant_id=fresh.number, quantity=1) == 422, "an absolute one comes first"
    assert write("absolute", product_id=desk.lamp.product, quantity=1) == 422, "it is counted by variant"
    assert write("absolute", variant_id=1, quantity=1) == 422
    assert write("absolute", variant_id=desk.lamp.number, quantity=7) == 200
    assert desk.call("GET", "v3/inventory/items", sku__in="LAMP")[0]["locations"][0]["available_to_sell"] == 10
    desk.store.buy([("LAMP", 1)])
    desk.clock.forward(5)
    assert desk.call("GET", "v3/inventory/items", sku__in="LAMP")[0]["locations"][0]["available_to_sell"] == 7


def test_a_batch_of_variants_is_set_as_a_whole_and_names_and_skus_are_unique() -> None:
    desk = BigDesk()
    rows = [{"id": desk.lamp.number, "price": 3.0}, {"id": 1, "price": 3.0}]
    refused = desk.raw("PUT", "v3/catalog/variants", rows)
    assert (refused.status, desk.lamp.price) == (422, Decimal(20))
    assert list(json.loads(refused.body)["batch_errors"][0]["errors"]) == ["1.id"]
    assert desk.raw("PUT", "v3/catalog/variants", [{"id": desk.lamp.number}] * 51).status == 413
    for name, sku in (("goods lamp", "X"), ("Other", "lamp")):
        again = {"name": name, "sku": sku, "type": "physical", "weight": 0, "price": 1}
        assert desk.raw("POST", "v3/catalog/products", again).status == 409


def test_hooks_are_one_per_scope_and_address_and_end_by_failures_and_by_silence() -> None:
    desk = BigDesk()
    (hook,) = desk.listen("store/order/updated")
    for body in ({"scope": "store/order/updated", "destination": URL}, {"scope": "store/nothing", "destination": URL},
                 {"scope": "store/order/created", "destination": "https://hooks.example.com:8443/x"}):  # fmt: skip
        assert desk.raw("POST", "v3/hooks", body).status == 422

    def again() -> None:
        for active in (False, True):
            assert desk.call("GET", "v3/hooks")[0]["is_active"] is active
            desk.call("PUT", f"v3/hooks/{hook}", {"is_active": True})

    for _ in range(12):
        desk.store.report_delivery(URL, ok=False)
    again()
    desk.clock.forward(90 * 86400)
    again()
    desk.store.hooks.block("hooks.example.com")
    order = desk.store.buy([("LAMP", 1)])
    assert (desk.told(), desk.call("GET", "v3/hooks/admin")["blocked_domains"][0]["time_left"]) == ([], 180)
    desk.clock.forward(180)
    desk.store.tick()
    (late,) = desk.sent
    assert json.loads(late.body)["data"] == {"type": "order", "id": order.number}


def test_its_buyers_and_its_desk_are_on_the_page() -> None:
    sandbox = Sandbox(SandboxSettings(deliver=False))
    sandbox.vendors["bigcommerce"].shelve(["LAMP"])
    bought = ACTIONS["buy"].perform(sandbox, {"sku": "LAMP", "store": "bigcommerce"})
    assert ACTIONS["refund"].perform(sandbox, {"order": bought["order"], "sku": "LAMP"})["payment"] == "REFUNDED"
    shop = snapshot(sandbox, Mailbox(None))["shop"]
    assert [one["sku"] for one in shop["shelf"] if one["store"] == "bigcommerce"] == ["LAMP"]
    assert [one["order"] for one in shop["orders"]] == [bought["order"]]
