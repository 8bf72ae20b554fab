"""Market's own ways: what it signs, its numbered pages, its figures; and its stand-in on the sandbox's page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.kit.money import TaxRule
from local.sandbox.kit.people import Address, Buyer
from local.sandbox.sandbox import Kind, Sandbox, SandboxSettings
from local.sandbox.ui.app import ACTIONS
from local.sandbox.ui.mailbox import Mailbox
from local.sandbox.ui.state import snapshot
from local.sandbox.wire import Request as Asked
from orderwright.connectors.reading import Node
from orderwright.errors import Rejected
from orderwright.webhooks import Answer, Request, Unauthentic
from tests.scripted.stores.market.order_mapping import parse_order
from tests.scripted.stores.market.sandbox import KIND, MarketStore
from tests.scripted.stores.market.shop import registered
from tests.scripted.stores.market.stand import MarketStand
from tests.scripted.stores.market.webhook import read, read_queue, signature


@pytest.fixture
def stand() -> Iterator[MarketStand]:
    """A shop whose prices hold 24 % of tax, with one lamp at 12.40; pages of three."""
    with registered():
        made = MarketStand()
        made.store.taxes["FI"], made.store.config.page = TaxRule(Decimal(24)), 3
        made.connector().publish_goods(made.lamp, made.money("12.40"), 99, "")
        yield made


def test_a_challenge_is_answered_with_the_newest_secret_and_stranger_ones_are_refused() -> None:
    def asked(challenge: str) -> Request:
        return Request("GET", "/webhooks/x", {"challenge": challenge}, {}, b"")

    assert read(asked("4f2a"), ["new", "whs-1"]) == Answer(json.dumps({"answer": signature("new", b"4f2a")}))
    for challenge in ("", "<x>", "a" * 101):
        with pytest.raises(Unauthentic):
            read(asked(challenge), ["whs-1"])
    body = json.dumps({"topic": "app.removed"}).encode()
    assert [news.type for news in read_queue(body, {})] == ["connection.closed"]


def test_p2_an_order_that_changes_between_two_pages_hides_no_other(stand: MarketStand) -> None:
    connector, since, cursor, seen = stand.connector(), stand.clock.at, "", list[str]()
    for _ in range(8):
        stand.clock.forward(seconds=1)
        stand.buy({stand.lamp.sku: 1})
    numbers = list(stand.store.shop.orders)
    for turn in range(9):
        page, cursor = connector.list_changed_orders(since, cursor)
        seen += [one.order_id for one in page]
        if turn == 0:
            stand.clock.forward(seconds=1)
            stand.store.set_address(numbers[0], Address())
        if not cursor:
            break
    assert (set(seen), cursor) == ({str(number) for number in numbers}, "")
    at_once = [stand.store.set_address(number, Address()) for number in numbers]
    assert len({order.updated_at for order in at_once}) == 1
    cursor, seen = "", []
    while cursor or not seen:
        page, cursor = connector.list_changed_orders(stand.clock.at, cursor)
        seen += [one.order_id for one in page]
    assert seen == [str(number) for number in numbers]


def test_p13_money_is_read_without_its_tax_and_what_does_not_fit_is_said(stand: MarketStand) -> None:
    order = stand.store.buy([(stand.lamp.sku, 2)], Buyer(), Address(), shipping_price=Decimal("4.96"))
    stand.store.refund(order.number, [(stand.lamp.sku, 1)], Decimal("14.88"))

    def money(**changes: Any) -> Any:
        told = parse_order(Node({**stand.store.shown(order), **changes}, "order"), "shop", "sms_updates").money
        assert told is not None
        return told

    read_ = money()
    assert [str(one) for one in (read_.lines[0].net, read_.lines[0].tax, read_.shipping, read_.given_back, read_.net)] == [
        "10.00 EUR", "2.40 EUR", "4.00 EUR", "2.00 EUR", "12.00 EUR",
    ]  # fmt: skip
    assert (str(read_.charged), str(read_.charged_tax), read_.unclear) == ("29.76 EUR", "5.76 EUR", ())
    assert money(total="17.37").unclear == ("lines and shipping come to 17.36 EUR, the order's total to 17.37 EUR",)
    assert money(paid_tax=None).unclear == ("the order: the store gives no paid_tax",)
    assert money(shipping=None).unclear[0] == "the order: the store gives no shipping"
    assert money(taxes_included=None).unclear[0].startswith("the order: the store does not say")
    assert str(money(money_refunded={"total": "2.48", "tax": None}).given_back) == "2.48 EUR", "its tax is not known"
    with pytest.raises(Rejected, match=r"order.total: expected an amount in EUR"):
        money(total="17.361")


def test_its_buyers_and_its_desk_are_on_the_page() -> None:
    sandbox = Sandbox(SandboxSettings(deliver=False), more=(Kind(KIND, "store", lambda world, *_: MarketStore(world)),))

    def act(name: str, **arguments: Any) -> dict[str, Any]:
        return ACTIONS[name].perform(sandbox, arguments)

    bought, other = (act("buy", sku="HL-MS-400", quantity=2, store=KIND) for _ in range(2))
    (line,) = sandbox.vendors[KIND].order(bought["order"]).lines
    body = {
        "lines": [{"line_id": line.number, "quantity": 1}],
        "parcels": [{"number": "YT1"}],
        "notify_customer": False,
    }
    path = f"/{KIND}/api/orders/{bought['id']}/fulfillments"
    asked = Asked("POST", path, {}, {"authorization": "Basic bWtfc2FuZGJveDptc19zYW5kYm94"}, json.dumps(body).encode())
    assert sandbox.handle(replace(asked, headers={})).status == 401
    assert sandbox.handle(asked).status == 201
    assert act("refund", order=bought["order"], sku="HL-MS-400")["payment"] == "PARTIALLY_REFUNDED"
    assert act("cancel", order=other["order"])["payment"] == "REFUNDED"
    act("risk", order=bought["order"])
    act("redact", order=other["order"])
    state = snapshot(sandbox, Mailbox(None))
    told = {entry["title"] for one in state["timelines"]["orders"] for entry in one["entries"]}
    assert told >= {
        "Order placed",
        "Payment received",
        "Fulfillment created",
        "Refunded",
        "Order cancelled",
        "Buyer erased",
    }
    assert {row["store"] for row in state["shop"]["shelf"]} >= {"shopify", KIND}
