"""R9: what nobody ships is delivered by rule once its order is paid: a mail with the link, or only a mark in the store."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import Any

import pytest

from local.sandbox.kit.people import Buyer
from local.sandbox.shopify.orders import Orders
from orderwright.connectors.stores.shopify.orders import ShopifyOrders
from orderwright.domain.config import Config
from orderwright.domain.order import OrderState
from orderwright.domain.rules import Rules
from orderwright.domain.shipment import StoreFulfillment
from orderwright.ports.store import FulfillmentView
from tests.support.shop import Boundary, Killed, test_config
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop

__all__ = ["open_shop"]

GUIDE, LAMP = "GUIDE-PDF", "HL-MS-400"
LINK = "https://files.example.com/trail-guide"


def ruled(rule: Any = None, **rules: Any) -> Config:
    return test_config(digital={GUIDE: rule or {"link": LINK}}, **rules)


@pytest.fixture
def shop(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> OrderShop:
    """A store that leaves its files to us."""
    return shop_of(open_shop, monkeypatch, ruled())


def shop_of(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, config: Config) -> OrderShop:
    monkeypatch.setattr(Orders, "_hand_over", lambda *_: None)
    return open_shop(config)


def links(shop: OrderShop) -> list[str]:
    """The mails with the link."""
    return [mail.subject for mail in shop.post.mails if LINK in mail.text and LINK in mail.html]


def shown(shop: OrderShop, sku: str = GUIDE) -> int:
    """The units that the store's ledger has as fulfilled by us."""
    made = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    return sum(line["quantity"] for entry in made for line in entry.data["lines"] if line["sku"] == sku)


def records(shop: OrderShop, name: str) -> list[StoreFulfillment]:
    return [held.model for held in shop.order(name).fulfillments.values()]


def test_a_paid_file_is_mailed_once_shown_in_the_store_without_a_number_and_delivered(shop: OrderShop) -> None:
    name = buy(shop, (GUIDE, 2))
    assert links(shop) == [f"Your order {name}: here is your link"]
    assert (shown(shop), shop.bought(name), shop.record(name).state) == (2, {}, OrderState.DELIVERED)
    (sent,) = shop.store.order(name).fulfillments
    assert [row[0] for row in sent.tracking] in ([], [None], [""])
    shop.pass_time(3600)
    assert (len(links(shop)), shown(shop)) == (1, 2)


def test_beside_a_lamp_the_order_is_delivered_when_both_are(shop: OrderShop) -> None:
    name = buy(shop, (LAMP, 1), (GUIDE, 1))
    assert (len(links(shop)), shown(shop), shop.record(name).state) == (1, 1, OrderState.PLACED)
    (po,) = shop.purchase_orders(name)
    assert [line.sku for line in po.lines] == [LAMP]
    shop.supplier.ship(po.reference)
    shop.run()
    assert (shop.record(name).state, shown(shop, LAMP)) == (OrderState.SHIPPED, 1)


def test_a_file_that_is_only_marked_sends_no_mail(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop_of(open_shop, monkeypatch, ruled("mark"))
    name = buy(shop, (GUIDE, 1))
    assert (links(shop), shown(shop), shop.record(name).state) == ([], 1, OrderState.DELIVERED)
    assert not any("link" in mail.subject for mail in shop.post.mails)
    assert not any("NOTICE" in alert for alert in shop.post.alerts)


def test_without_a_rule_nothing_happens_and_the_order_says_so(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_of(open_shop, monkeypatch, test_config())
    name = buy(shop, (GUIDE, 1))
    assert (links(shop), shown(shop), shop.record(name).state) == ([], 0, OrderState.NOTHING_TO_ORDER)


def test_a_store_that_hands_files_over_itself_is_believed_and_the_link_is_sent(open_shop: OpenShop) -> None:
    shop = open_shop(ruled())
    name = buy(shop, (GUIDE, 1))
    assert (len(links(shop)), shop.record(name).state) == (1, OrderState.DELIVERED)
    assert len(shop.store.order(name).fulfillments) == 1


def test_at_a_store_that_fulfils_only_what_is_shipped_the_link_is_all(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ShopifyOrders, "read_fulfillment", lambda *_: FulfillmentView((), ()))
    name = buy(shop, (GUIDE, 1))
    assert (len(links(shop)), shown(shop), shop.record(name).state) == (1, 0, OrderState.DELIVERED)
    assert shop.codes(name) == []


def test_nothing_goes_out_before_the_money_comes_nor_after_a_cancellation(shop: OrderShop) -> None:
    name = shop.store.buy([(GUIDE, 1)], pay="authorized").name
    shop.run()
    assert (links(shop), shown(shop)) == ([], 0)
    shop.store.cancel(name)
    shop.run()
    shop.pass_time(600)
    assert (links(shop), shown(shop), shop.record(name).state) == ([], 0, OrderState.CANCELLED)


@pytest.mark.parametrize(
    ("lines", "refunded", "mails", "units"),
    [
        ([(GUIDE, 1)], 1, 0, 0),
        ([(GUIDE, 1), (LAMP, 1)], 1, 0, 0),
        ([(GUIDE, 3)], 1, 1, 2),
    ],
)
def test_what_is_refunded_before_the_mail_is_not_delivered(
    shop: OrderShop, lines: list[tuple[str, int]], refunded: int, mails: int, units: int
) -> None:
    def take_in() -> None:
        while shop.queues["ingest_order"]:
            shop.call("ingest_order", shop.queues["ingest_order"].popleft())

    name = shop.store.buy(lines).name
    shop.deliver()
    shop.relay()
    take_in()
    assert len(records(shop, name)) == 1
    shop.store.refund(name, [(GUIDE, refunded)])
    shop.deliver()
    take_in()
    shop.run()
    shop.pass_time(600)
    assert (len(links(shop)), shown(shop)) == (mails, units)
    assert shop.codes(name) in ([], ["PAYMENT_REFUNDED"])
    assert not any("NOTICE" in alert or "FULFILLMENT" in alert for alert in shop.post.alerts)
    assert shop.record(name).state in (OrderState.CANCELLED, OrderState.PLACED, OrderState.DELIVERED)
    assert all(one.settle_until is None for one in records(shop, name))


def test_an_expensive_file_waits_for_its_approval(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    config = ruled(approve_orders_above={"amount": "1.00", "currency": "USD"})
    shop = shop_of(open_shop, monkeypatch, config)
    name = buy(shop, (GUIDE, 1))
    assert (shop.record(name).state, links(shop)) == (OrderState.AWAITING_APPROVAL, [])
    shop.release(name)
    shop.run()
    assert (shop.record(name).state, len(links(shop))) == (OrderState.DELIVERED, 1)


def test_a_link_that_nobody_can_be_sent_waits_for_a_person(shop: OrderShop) -> None:
    name = shop.store.buy([(GUIDE, 1)], buyer=Buyer(email=None)).name
    shop.run()
    assert (shop.codes(name), shown(shop)) == (["DIGITAL_NO_EMAIL"], 0)
    shop.release(name)
    shop.run()
    assert (shop.record(name).state, shown(shop), links(shop)) == (OrderState.DELIVERED, 1, [])


@pytest.mark.parametrize("function", ["ingest_order", "publish_fulfillment", "notify_customer"])
def test_a_worker_killed_after_any_call_delivers_once(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    shop = shop_of(open_shop, monkeypatch, ruled())
    for number in itertools.count(1):
        if number % 8 == 0:
            shop = open_shop(ruled())
        told, had = len(links(shop)), shown(shop)
        name = shop.store.buy([(GUIDE, 1)]).name
        boundary, met = Boundary(kill_at=(number, "after")), False
        for _ in range(20):
            shop.deliver()
            shop.relay()
            for queue in ("ingest_order", "publish_fulfillment", "notify_customer"):
                while shop.queues[queue]:
                    body = shop.queues[queue].popleft()
                    if queue != function or met or ("DIGITAL" not in body and queue != "ingest_order"):
                        shop.call(queue, body)
                        continue
                    met = True
                    with suppress(Killed):
                        shop.call(queue, body, boundary)
                    shop.new_worker()
                    if boundary.dead:
                        shop.queues[queue].append(body)
        shop.pass_time(3600, step=300)
        assert shown(shop) - had == 1, boundary.calls[-1]
        state = shop.record(name).state
        assert state in (OrderState.DELIVERED, OrderState.PLACED)
        mails = len(links(shop)) - told
        assert mails == 1 or (function == "notify_customer" and boundary.dead and mails == 0), boundary.calls[-1]
        if not boundary.dead:
            assert state is OrderState.DELIVERED
            return


@pytest.mark.parametrize(
    ("rule", "why"),
    [("send", "mark"), ({"link": "http://files.example.com/x"}, "link"), ({"link": "https://localhost"}, "host name")],
)
def test_a_rule_that_cannot_be_followed_is_refused(rule: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Rules.model_validate({"digital": {GUIDE: rule}})
