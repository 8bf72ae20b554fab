"""A supplier's tracking link that is not safe reaches nobody, and the parcel goes on with its number (promises P5, P11)."""

from __future__ import annotations

import pytest

import local.sandbox.cj.views
from local.sandbox.kit.people import Buyer
from orderwright.domain.shipment import FulfillmentState, Shipment
from orderwright.records import ORDERS, Key
from orderwright.storage import Due, Put
from orderwright.usecases.notices.compose import context
from tests.support.shop import STORE, test_config
from tests.unit.cli.cli_kit import operator_of
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, NUMBER = "HL-MS-400", "ZZQ-77-UNHEARD"
SAFE = "https://track.example.com/ZZQ-77"
UNSAFE = [
    "http://track.example.com/ZZQ-77",
    "javascript:alert(1)",
    "https://track.example.com@evil.example.com/",
    "https://127.0.0.1/ZZQ-77",
    "https://track.example.com/\x1b[2J",
    "https://track.example.com/%0d%0aZZQ",
    "https://track.example.com/" + "z" * 1000,
]


def says(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """From now on the supplier gives this link for every parcel."""
    monkeypatch.setattr(local.sandbox.cj.views, "tracking_url", lambda number: url)


def buy(shop: OrderShop) -> str:
    name = shop.store.buy([(MS, 1)], buyer=Buyer(phone="+358401234567"), sms=True).name
    shop.run()
    return name


def ship(shop: OrderShop, name: str) -> None:
    """One parcel of a carrier that nobody knows, so that the supplier's own link counts."""
    reference = shop.purchase_orders(name)[0].reference
    shop.supplier.ship(reference, tracking_number=NUMBER, carrier="Snail Express")
    shop.run()


def everything_said(shop: OrderShop, name: str) -> str:
    """Mails, text messages, and what the command line shows of the order."""
    mails = [mail.subject + mail.text + mail.html for mail in shop.post.mails]
    operator = operator_of(shop)
    shown = [operator("orders", "show", name).out, operator("orders", "show", name, "--json").out]
    return "\n".join([*mails, *(text for _, text in shop.post.texts), *shown])


def in_the_store(shop: OrderShop, name: str) -> list[tuple[str | None, str | None]]:
    """Number and link of each parcel that the store has."""
    return [(row[0], row[2]) for sent in shop.store.order(name).fulfillments for row in sent.tracking]


@pytest.mark.parametrize("url", UNSAFE)
def test_an_unsafe_link_is_in_no_fulfillment_mail_text_message_or_answer_and_the_number_is(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    says(monkeypatch, url)
    name = buy(shop)
    ship(shop, name)
    assert in_the_store(shop, name) == [(NUMBER, None)]
    said = everything_said(shop, name)
    assert url not in said
    assert "evil.example.com" not in said
    assert said.count(NUMBER) >= 4
    assert len(shop.post.mails) == len(shop.post.texts) == 1
    (parcel,) = shop.shipments(name)
    assert (parcel.fulfillment, parcel.log[0].why) == (
        FulfillmentState.DONE,
        "its link is left out: it is no plain https address",
    )


def test_a_safe_link_goes_everywhere(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> None:
    says(monkeypatch, SAFE)
    name = buy(shop)
    ship(shop, name)
    assert in_the_store(shop, name) == [(NUMBER, SAFE)]
    assert SAFE in shop.post.mails[0].html
    assert SAFE in shop.post.mails[0].text
    assert operator_of(shop)("orders", "show", name, "--json").json["shipments"][0]["tracking_url"] == SAFE


@pytest.mark.parametrize("url", UNSAFE)
def test_a_store_that_shows_fulfilled_from_acceptance_gets_the_number_without_the_link(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    config = test_config()
    store = config.connections[STORE].model_copy(update={"fulfilled_on": "ACCEPTANCE"})
    shop = open_shop(config.model_copy(update={"connections": {**config.connections, STORE: store}}))
    says(monkeypatch, url)
    name = buy(shop)
    ship(shop, name)
    assert in_the_store(shop, name) == [(NUMBER, None)]
    assert shop.shipments(name)[0].fulfillment is FulfillmentState.DONE


@pytest.mark.parametrize("url", UNSAFE)
def test_a_link_that_was_kept_before_it_was_checked_goes_nowhere_either(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    says(monkeypatch, SAFE)
    name = buy(shop)
    shop.store.config.faults.script("fulfillmentCreate", "error_500")
    ship(shop, name)
    assert in_the_store(shop, name) == []
    (sk, held), = shop.order(name).shipments.items()  # fmt: skip
    key = Key(ORDERS, shop.order(name).pk, sk)
    # As an older version wrote it: model_copy checks nothing.
    old = held.model.model_copy(update={"tracking_url": url})
    due = Due(shop.clock.now(), "shipment.fulfillment_due")
    shop.wiring.storage.commit([Put(key, old, held.version, due=due, ref=f"track#{NUMBER}")])
    shop.pass_time(3600, step=300)
    assert in_the_store(shop, name) == [(NUMBER, None)]
    assert context(shop.order(name), sk, test_config(), lambda pk, mark: "").tracking_url == "", (
        "of every later mail and text message"
    )
    assert url not in operator_of(shop)("orders", "show", name, "--json").out


def test_a_carriers_name_in_the_suppliers_words_is_plain_text(shop: OrderShop) -> None:
    name = buy(shop)
    reference = shop.purchase_orders(name)[0].reference
    shop.supplier.ship(reference, tracking_number=NUMBER, carrier="Snail <script>alert(1)</script>\x1b[31mExpress")
    shop.run()
    assert [row[1] for sent in shop.store.order(name).fulfillments for row in sent.tracking] == ["Snail [31mExpress"]


def test_a_link_is_checked_whenever_a_parcel_is_read() -> None:
    fields = {
        "supplier": "cj",
        "reference": "OW-1",
        "tracking_number": "1",
        "lines": (),
        "created_at": "2026-11-29T10:00:00Z",
    }
    assert [Shipment.model_validate({**fields, "tracking_url": url}).tracking_url for url in (SAFE, *UNSAFE)] == [
        SAFE,
        *[""] * len(UNSAFE),
    ]
