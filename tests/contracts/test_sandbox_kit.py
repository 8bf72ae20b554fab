"""The sandbox kit: a small REST store made of it, and what such a store gets without writing it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from local.sandbox.inventory import Inventory
from local.sandbox.kit.api import Api, Body, Call, Refusal, Route, Words, gate, operations
from local.sandbox.kit.hooks import Hooks, Subscription, hmac_base64
from local.sandbox.kit.orders import Order
from local.sandbox.kit.paging import after, numbered
from local.sandbox.kit.people import Address, Buyer
from local.sandbox.kit.shop import Store
from local.sandbox.kit.signin import Tokens, basic, header, signed_in
from local.sandbox.kit.supply import Book, Purchase, Supplier, Warehouse
from local.sandbox.kit.throttle import Bucket, Daily, Window
from local.sandbox.kit.vendor import Account, ApiVendor
from local.sandbox.parcel_numbers import ParcelNumbers
from local.sandbox.sandbox import Kind, Sandbox, SandboxSettings
from local.sandbox.ui.actions import ActionRefused
from local.sandbox.ui.app import ACTIONS
from local.sandbox.ui.mailbox import Mailbox
from local.sandbox.ui.state import snapshot
from local.sandbox.wire import Delivery, Request, Response, World, json_response
from tests.contracts.sandbox_kit import Clock

ROUTES = (
    Route("GET", "/orders", "listOrders", optional=("page", "per_page")),
    Route("GET", "/orders/{id}", "readOrder"),
    Route("PUT", "/variants/{id}", "writeVariant"),
    Route("POST", "/hooks", "subscribe"),
)


class WriteVariant(Body):
    stock: int


class Subscribe(Body):
    topic: str
    url: str


def signed(hook: Subscription, topic: str, body: bytes) -> dict[str, str]:
    return {"x-topic": topic, "x-signature": hmac_base64(str(hook.secret), body)}


class TinyStore(ApiVendor, Store):
    """Orders in pages, stock by variant, one signed topic."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "tiny")
        self.hooks = Hooks[Subscription](world, "tiny", signed, (60.0,), off_after=2)
        self.window = Window(world.clock, 3, 1)
        self.api = Api(
            world,
            "tiny",
            ROUTES,
            {"listOrders": self._list, "readOrder": self._read, "writeVariant": self._write, "subscribe": self._hook},
            error=lambda no, _: json_response({"code": no.code, "message": no.message}, no.status, no.headers),
            refusal_of=lambda wrong: Refusal(404 if wrong.kind == "path" else 400, wrong.kind, str(wrong)),
            words=Words(Refusal(400, "no", "No"), Refusal(404, "gone", "Gone")),
            gates=(
                signed_in(basic("ck", "cs"), lambda _: Refusal(401, "key", "Wrong key")),
                gate(lambda _: self.window.take(), lambda _: Refusal(429, "slow", "Slow", headers={"wait": "1"})),
            ),
        )
        self.report_delivery = self.hooks.report

    def changed(self, event: str, order: Order, part: Any = None) -> None:
        self.hooks.emit((f"order.{event}", self._shown(order)))

    def _shown(self, order: Order) -> dict[str, Any]:
        lines = [{"id": line.number, "sku": line.sku, "quantity": line.current} for line in order.lines]
        return {"id": order.number, "total": str(order.total), "status": order.financial_status, "lines": lines}

    def _list(self, call: Call) -> Response:
        page = numbered(
            list(self.shop.orders.values()), self.api.whole(call, "page", 1), self.api.whole(call, "per_page", 2)
        )
        headers = {"x-total": str(page.total), "x-pages": str(page.pages), **page.link(call.request)}
        return json_response([self._shown(order) for order in page.rows], headers=headers)

    def _read(self, call: Call) -> dict[str, Any]:
        try:
            return self._shown(self.order(call.parts["id"]))
        except KeyError:
            raise Refusal(404, "no_order", "No such order") from None

    def _write(self, call: Call) -> dict[str, Any]:
        variant = self.variant(int(call.parts["id"]))
        self.set_stock(variant, self.api.body(call, WriteVariant).stock)
        return {"id": variant.number, "stock": variant.stock}

    def _hook(self, call: Call) -> dict[str, Any]:
        given = self.api.body(call, Subscribe)
        hook = Subscription(
            id=self.new_id(), url=given.url, topic=given.topic, secret="s3cret", created_at=self.world.clock()
        )
        self.hooks.subscriptions.append(hook)
        return {"id": hook.id}

    @property
    def account(self) -> Account:
        return Account("tiny", "/tiny", {"user": "ck", "password": "cs"}, "s3cret")


class TinySupplier(ApiVendor, Supplier[Purchase]):
    """Takes an order in one call, which is its payment."""

    account = Account("maker", "/maker", {})

    def __init__(self, world: World) -> None:
        self.book = Book(world, "maker", Inventory(world.clock()))
        self.tokens = Tokens(world.clock, Random(1))
        self.warehouse = Warehouse(self.book, ParcelNumbers(world.random), "UPS")
        self.api = Api(
            world,
            "maker",
            (Route("POST", "/orders", "placeOrder"),),
            {"placeOrder": self._place},
            gates=(
                signed_in(header("authorization", self.tokens.accepts, "Bearer"), lambda _: Refusal(401, "", "No")),
            ),
            error=lambda no, _: json_response({"error": no.message}, no.status),
            refusal_of=lambda wrong: Refusal(400, wrong.kind, str(wrong)),
        )

    def _place(self, call: Call) -> dict[str, str]:
        given, now = call.request.json(), self.book.world.clock()
        order = Purchase(
            order_number=given["reference"],
            order_id=f"M{len(self.book.orders)}",
            address={"country": "FI"},
            created_at=now,
            status="UNSHIPPED",
            ordered=given["units"],
            price=Decimal("5.00"),
        )
        self.book.keep(order)
        self.book.take_stock([order])
        self.book.paid(order, order.amount)
        return {"id": order.order_id}


@pytest.fixture
def clock() -> Clock:
    """Time that moves only when told."""
    return Clock()


class Desk:
    """A tiny store and what left it."""

    def __init__(self, clock: Clock) -> None:
        self.sent: list[Delivery] = []
        self.world = World(clock=clock, deliver=self.sent.append)
        self.store = TinyStore(self.world)

    def ask(self, method: str, path: str, body: Any = None, key: str = "ck:cs", **query: str) -> Response:
        """One call."""
        self.store.window.taken.clear()
        headers = {"authorization": "Basic " + base64.b64encode(key.encode()).decode()}
        return self.store.handle(
            Request(method, path, query, headers, b"" if body is None else json.dumps(body).encode())
        )

    def told(self, kind: str) -> list[Any]:
        """What the ledger says of one kind, without its times."""
        return [(entry.reference, dict(entry.data)) for entry in self.world.ledger.of_kind("tiny", kind)]


@pytest.fixture
def desk(clock: Clock) -> Desk:
    """A tiny store with three orders."""
    desk = Desk(clock)
    for _ in range(3):
        desk.store.buy([("HL-MS-400", 2)], Buyer(), Address())
    return desk


def test_a_page_says_how_many_there_are_and_where_the_next_one_is(desk: Desk) -> None:
    first, second = desk.ask("GET", "/orders"), desk.ask("GET", "/orders", page="2")
    assert [len(json.loads(each.body)) for each in (first, second)] == [2, 1]
    assert (first.headers["x-total"], first.headers["x-pages"]) == ("3", "2")
    assert (first.headers["link"], second.headers["link"]) == (
        '</orders?page=2>; rel="next"',
        '</orders?page=1>; rel="prev"',
    )
    assert after([1, 2, 3], lambda row: row, "1", 1) == ([2], True)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "problem"),
    [
        ("GET", "/nowhere", None, 404, "path", "no such path"),
        ("DELETE", "/orders", None, 400, "method", "method DELETE"),
        ("GET", "/orders?x=1", None, 400, "query_unknown", "query x: unknown"),
        ("GET", "/orders?page=no", None, 400, "query_value", "page must be 1 to 1000000."),
        ("PUT", "/variants/10001", None, 400, "body_missing", "body: missing"),
        ("PUT", "/variants/10001", {"stock": "5", "more": 1}, 400, "fields", "stock: int_type; more: extra_forbidden"),
    ],
)
def test_what_breaks_the_contract_is_refused_in_the_vendors_form_and_kept(
    desk: Desk, method: str, path: str, body: Any, status: int, code: str, problem: str
) -> None:
    path, _, text = path.partition("?")
    answer = desk.ask(method, path, body, **dict([text.split("=")] if text else []))
    assert (answer.status, json.loads(answer.body)) == (status, {"code": code, "message": problem})
    assert [facts["problem"] for _, facts in desk.told("contract_violation")] == [problem]


def test_a_wrong_key_and_a_call_too_many_are_refused_before_the_operation(desk: Desk, clock: Clock) -> None:
    assert desk.ask("GET", "/orders", key="ck:no").status == 401
    for _ in range(3):
        desk.store.window.take()
    request = Request("GET", "/orders", {}, {"authorization": "Basic Y2s6Y3M="})
    slow = desk.store.handle(request)
    assert (slow.status, slow.headers["wait"], desk.store.window.left) == (429, "1", 0)
    clock.forward(1)
    assert desk.store.handle(request).status == 200


@pytest.mark.parametrize(
    ("behaviour", "status", "hang", "stock_now", "stock_later"),
    [
        ("ok", 200, False, 7, 7),
        ("refuse", 400, False, 34, 34),
        ("not_found", 404, False, 34, 34),
        ("timeout", 0, True, 34, 34),
        ("accept_then_timeout", 0, True, 7, 7),
        ("accept_late", 0, True, 34, 7),
        ("rate_limited", 429, False, 34, 34),
        ("unavailable", 503, False, 34, 34),
        ("accept_then_500", 500, False, 7, 7),
    ],
)
def test_each_operation_can_be_refused_silent_or_late(
    desk: Desk, clock: Clock, behaviour: str, status: int, hang: bool, stock_now: int, stock_later: int
) -> None:
    assert operations(ROUTES) == ("listOrders", "readOrder", "writeVariant", "subscribe")
    variant = desk.store.variant("HL-MS-400")
    desk.store.faults.script("writeVariant", behaviour)
    answer = desk.ask("PUT", f"/variants/{variant.number}", {"stock": 7})
    assert (answer.status, answer.hang, variant.stock) == (status, hang, stock_now)
    clock.forward(30)
    desk.store.tick()
    assert variant.stock == stock_later


def test_an_event_is_signed_for_its_listeners_and_a_dead_address_is_given_up(desk: Desk) -> None:
    desk.ask("POST", "/hooks", {"topic": "order.created", "url": "http://127.0.0.1:1/x"})
    desk.store.buy([("HL-UL-300", 1)])
    (sent,) = desk.sent
    assert (sent.topic, sent.retry_after, sent.headers["x-topic"]) == ("order.created", (60.0,), "order.created")
    assert sent.headers["x-signature"] == hmac_base64("s3cret", sent.body)
    desk.store.hooks.to_drop, desk.store.hooks.next_copies = 1, 2
    for _ in range(2):
        desk.store.buy([("HL-UL-300", 1)], oversell=True)
    assert len(desk.sent) == 3
    for ok in (False, True, False, False):
        desk.store.report_delivery(sent.url, ok)
    desk.store.buy([("HL-KID-120", 1)])
    assert len(desk.sent) == 3


def test_an_order_is_bought_edited_sent_and_given_back_and_the_ledger_says_so(desk: Desk) -> None:
    order = desk.store.order("#5001")
    price, line = order.lines[0].unit_price, order.lines[0]
    desk.store.edit("#5001", {"HL-MS-400": 1}, add=[("HL-KID-120", 3)])
    assert (line.current, desk.store.variant("HL-MS-400").stock, order.financial_status) == (1, 35, "PARTIALLY_PAID")
    desk.store.capture("#5001")
    desk.store.fulfil(order, [(line, 1)], [("YT1", "YunExpress", None)])
    desk.store.refund("#5001", [("HL-KID-120", 1)])
    assert (order.fulfillment_status, order.financial_status) == ("PARTIALLY_FULFILLED", "PARTIALLY_REFUNDED")
    assert order.refunded == order.lines[1].unit_price
    with pytest.raises(ValueError, match="fulfilled already"):
        desk.store.cancel("#5001")
    desk.store.cancel("#5002")
    assert (desk.store.order("#5002").financial_status, desk.store.order("#5002").refunded) == ("REFUNDED", 2 * price)
    left = desk.store.variant("HL-UL-300").stock
    pending = desk.store.buy([("HL-UL-300", 1)], pay="pending")
    desk.store.cancel(pending.number)
    assert (pending.financial_status, desk.store.variant("HL-UL-300").stock, pending.refunds) == ("VOIDED", left, [])
    assert [name for name, _ in desk.told("order_cancelled")] == ["#5002", pending.name]
    assert [facts["numbers"] for _, facts in desk.told("fulfillment_created")] == [["YT1"]]


def test_points_come_back_by_the_second_or_by_the_day(clock: Clock) -> None:
    bucket, daily = Bucket(clock, 10, 2), Daily(clock)
    assert (bucket.take(10), bucket.take(1), daily.take(5, 5), daily.take(1, 5)) == (True, False, True, False)
    clock.forward(1)
    assert (bucket.take(2), bucket.take(1)) == (True, False)
    clock.forward(timedelta(days=1).total_seconds())
    assert daily.take(5, 5)


def test_vendors_that_a_test_brings_are_bought_at_shipped_by_and_seen_without_a_line_on_the_pages(clock: Clock) -> None:
    sandbox = Sandbox(
        SandboxSettings(deliver=False, clock=clock),
        more=(
            Kind("tiny", "store", lambda world, *_: TinyStore(world)),
            Kind("maker", "supplier", lambda world, *_: TinySupplier(world)),
        ),
    )
    assert [account.kind for account in sandbox.accounts][-2:] == ["tiny", "maker"]

    def act(name: str, **arguments: Any) -> dict[str, Any]:
        return ACTIONS[name].perform(sandbox, arguments)

    bought = act("buy", sku="HL-MS-400", quantity=2, store="tiny")
    clock.forward(1)
    act("buy", sku="HL-COB-350")
    body = {"reference": f"OW-{bought['id']}-1", "units": {"HL-MS-400": 2}}
    act("next_answer", supplier="maker", operation="placeOrder", answer="refuse")
    token, _ = sandbox.vendors["maker"].tokens.issue(timedelta(hours=1))
    wrong, right = ({"authorization": f"Bearer {key}"} for key in ("x", token))
    request = Request("POST", "/maker/orders", {}, wrong, json.dumps(body).encode())
    assert sandbox.handle(request).status == 401
    request = replace(request, headers=right)
    assert [sandbox.handle(request).status for _ in range(2)] == [422, 200]
    first, second = act("ship_in_two", reference=body["reference"])["tracking_numbers"]
    act("replace_number", tracking_number=first, new_number="1Z999")
    act("scan", tracking_number=second, scan="delivered")
    assert act("refund", order=bought["order"], sku="HL-MS-400")["payment"] == "PARTIALLY_REFUNDED"
    with pytest.raises(ActionRefused, match="knows no set risk"):
        act("risk", order=bought["order"])
    state = snapshot(sandbox, Mailbox(None))
    line = next(each for each in state["timelines"]["orders"] if each["order"] == bought["order"])
    assert {(row["source"], row["title"]) for row in line["entries"]} >= {
        ("store", "Order placed"),
        ("supplier", "Purchase order paid"),
        ("supplier", "Parcel handed over"),
        ("supplier", "Number replaced"),
        ("carrier", "Delivered"),
        ("store", "Refunded"),
    }
    assert [row["order"] for row in state["shop"]["orders"]] == ["#1001", bought["order"]]
    assert [row["state"] for row in state["supplier"]["purchase_orders"]] == ["SHIPPED"]
    act("hang", vendor="maker")
    assert sandbox.handle(request).hang
    clock.forward(3600)
    assert sandbox.handle(request).status == 401
    act("hang", vendor="store")
    assert sandbox.faults_of("shopify").always == "timeout"
