"""One order from Buy to the mail about its delivery, in the whole running shop. `make test` has this one end-to-end test."""

from __future__ import annotations

import pytest

from local.demo.desk import Desk
from local.demo.people import buy
from local.demo.scenes import ship_and_deliver
from local.running.shop import LocalShop

# With the others that bring a whole shop up, so that no two compete for the machine.
pytestmark = pytest.mark.xdist_group("local_shop")


def test_an_order_goes_from_buy_to_the_mail_about_its_delivery(shop: LocalShop) -> None:
    desk = Desk(shop)
    name = buy(shop.sandbox, "berlin", ("HL-COB-350", 1))
    reference = desk.until_paid(name)
    number = ship_and_deliver(desk, name, reference)
    desk.until_state(name, "DELIVERED")
    (fulfillment,) = desk.until("the store's record", lambda: desk.ledger("shopify", "fulfillment_created", name))
    assert fulfillment.data["number"] == number
    assert [entry.data["quantities"] for entry in desk.paid_at_supplier(name)] == [{"HL-COB-350": 1}]
    mails = [mail for mail in desk.mails(name) if mail.channel == "mail"]
    assert {mail.to for mail in mails} == {"jonas@example.org"}
    assert len(mails) == len({mail.subject for mail in mails}) == len(desk.told(name))
    assert {"shipped", "out_for_delivery", "delivered"} <= desk.told(name)
