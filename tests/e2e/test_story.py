"""One order in each store, from Buy to the mail about its delivery, in the running shop: the end-to-end test of `make test`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.demo.desk import Desk
from local.demo.scenes import ship_and_deliver
from local.running.shop import LocalShop

# With the others that bring a whole shop up, so that no two compete for the machine.
pytestmark = pytest.mark.xdist_group("local_shop")
LAMP = "HL-COB-350"


def test_an_order_of_each_store_goes_from_buy_to_the_mail_about_its_delivery(shop: LocalShop) -> None:
    stores, people = Desk(shop).everywhere(), ("berlin", "portland", "tampere")
    with ThreadPoolExecutor(len(stores)) as side_by_side:
        list(side_by_side.map(delivered_and_told, stores, people))


def delivered_and_told(desk: Desk, who: str) -> None:
    name = desk.buy(who, (LAMP, 1))
    reference = desk.until_paid(name)
    number = ship_and_deliver(desk, name, reference)
    desk.until_state(name, "DELIVERED")
    (fulfillment,) = desk.until("the store's record", lambda: desk.ledger(desk.kind, "fulfillment_created", name))
    assert fulfillment.data["number"] == number
    assert {row["sku"]: row["quantity"] for row in fulfillment.data["lines"]} == {LAMP: 1}
    assert [entry.data["quantities"] for entry in desk.paid_at_supplier(name)] == [{LAMP: 1}]
    # Two stores may have an order of this name: each has a buyer of its own here.
    buyer = desk.store.order(name).buyer
    mails = [mail for mail in desk.mails(name) if mail.to == buyer.email]
    assert len(mails) == len({mail.subject for mail in mails}) == len(desk.told(name))
    assert {"shipped", "out_for_delivery", "delivered"} <= desk.told(name)
