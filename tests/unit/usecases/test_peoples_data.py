"""Addresses and phone numbers on their way through the shop: what was checked is what goes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local.sandbox.kit.people import GERMAN_ADDRESS, Buyer
from orderwright.connectors.suppliers.cj.order_body import other_faults
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.domain.catalogue import Offer
from orderwright.domain.order import OrderState
from orderwright.domain.releases import release_of
from orderwright.records import offer_key, order_key
from orderwright.storage import Fact, Put
from orderwright.usecases.operator.address import fix_address
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.stock.offers import offer_put
from tests.support.shop import STORE, SUPPLIER
from tests.unit.cli.cli_kit import operator_of
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop
from tests.unit.usecases.test_notify_customer import sent_parcel

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"


@pytest.mark.parametrize(
    "written", ["\u202a+491713920012\u202c", "+49 (0)171 3920012", "(0171) 392-0012", "٠١٧١٣٩٢٠٠١٢"]
)
def test_a_phone_goes_to_the_supplier_and_the_text_messages_as_it_was_checked(shop: OrderShop, written: str) -> None:
    address = replace(GERMAN_ADDRESS, phone=None if "(0)" in written else written)
    name, _ = sent_parcel(shop, buyer=Buyer(phone=written), address=address, sms=True)
    shop.run()
    assert shop.codes(name) == []
    assert [order.address["shippingPhone"] for order in shop.supplier.book.orders] == ["+491713920012"]
    assert {to for to, _ in shop.post.texts} == {"+491713920012"}


def test_a_phone_that_cannot_be_dialled_is_sent_to_nobody_though_it_was_passed_over(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)], address=replace(GERMAN_ADDRESS, phone="call me"), buyer=Buyer(phone="")).name
    shop.run()
    assert shop.codes(name) == ["PHONE_INVALID"]
    shop.release(name)
    shop.run()
    assert [order.address["shippingPhone"] for order in shop.supplier.book.orders] == [""]


def test_a_missing_postcode_is_not_bought_though_an_older_version_let_it_pass(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)], address=replace(GERMAN_ADDRESS, zip=None, phone=None)).name
    shop.run()
    file = shop.order(name)
    (reason,) = file.record.model.reasons
    let_pass = {"released": (reason.code,), "releases": (release_of(reason, shop.clock.now(), "an older version"),)}
    again = Fact("order.changed", connection=STORE, pk=file.pk, resource=file.record.model.order_id)
    record = file.record.model.model_copy(update=let_pass)
    put = Put(order_key(file.pk), record, file.record.version, facts=(again,), state=record.state.value)
    shop.wiring.storage.commit([put])
    shop.run()
    assert (shop.codes(name), list(shop.supplier.book.orders)) == (["POSTCODE_MISSING"], [])


def test_a_postcode_across_a_border_is_bought_and_noted(shop: OrderShop) -> None:
    border = replace(
        GERMAN_ADDRESS, country_code="US", province_code="TN", province="Tennessee", zip="42223", phone=None
    )
    name = shop.store.buy([(MS, 1)], address=border).name
    shop.run()
    assert (shop.record(name).state, shop.bought(name)) == (OrderState.PLACED, {MS: 1})
    assert "note: POSTCODE_MISMATCH" in operator_of(shop)("orders", "show", name).out


def test_what_cj_needs_of_an_address_is_asked_before_anything_is_planned(shop: OrderShop) -> None:
    singapore = replace(GERMAN_ADDRESS, country_code="SG", city=None, zip="018956", phone=None)
    name = shop.store.buy([(MS, 1)], address=singapore).name
    shop.run()
    (reason,) = shop.record(name).reasons
    assert (shop.record(name).state, reason.code, reason.field) == (
        OrderState.NEEDS_ATTENTION, "FIELD_MISSING", "address.city"
    )  # fmt: skip
    assert "shippingCity is empty" in reason.message
    assert (shop.purchase_orders(name), len(shop.post.alerts)) == ([], 1)
    desk = Desk(shop.wiring.storage, shop.clock, "tester")
    with pytest.raises(Refused):
        shop.release(name)
    fix_address(desk, shop.order(name).pk, {"city": "Singapore"}, shop.wiring.config().rules)
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == ([], {MS: 1})


def test_what_cj_needs_of_a_line_and_of_the_connection_is_asked_as_well(shop: OrderShop) -> None:
    storage, key = shop.wiring.storage, offer_key(MS, SUPPLIER)
    held = storage.get(key, Offer)
    assert held is not None
    nameless = held.model.model_copy(update={"supplier_ref": "", "supplier_sku": ""})
    storage.commit([offer_put(nameless, held.version, matters=False)])
    name = shop.store.buy([(MS, 1)]).name
    shop.run()
    (reason,) = shop.record(name).reasons
    assert (reason.code, reason.field, bool(reason.line_id)) == ("FIELD_MISSING", "sku", True)
    assert shop.purchase_orders(name) == []
    settings = CjSettings(kind="cj", from_country="")
    assert [one.field for one in other_faults([], SUPPLIER, settings)] == ["connections.cj.from_country"]
