"""Prices and orders that wait for a yes, and stopping an order, through the command line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from orderwright.aws.queues import send_later
from orderwright.domain.listing import Listing
from orderwright.domain.timing import AWS
from orderwright.messages import Message
from orderwright.records import listing_key
from orderwright.usecases.listing.records import listing_put
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.repricing import reprice
from tests.support.aws_in_process import InProcessAws
from tests.support.shop import STORE, Shop
from tests.unit.cli.cli_kit import Operator


def slip(shop: Shop, sku: str) -> None:
    """The supplier's cost slips, and the news of it arrives."""
    shop.clock.advance(60)
    shop.supplier.set_cost(sku, Decimal("0.32"))
    shop.run()


def test_a_price_step_is_listed_and_published_only_when_it_is_approved(shop: Shop, operator: Operator) -> None:
    slip(shop, "HL-COB-350")
    (waiting,) = operator("approvals", "list", "--json").json["prices"]
    assert (waiting["sku"], waiting["store"], waiting["published_price"]["amount"]) == ("HL-COB-350", STORE, "16.99")
    unasked = operator("approvals", "approve", "HL-COB-350", "--json").json["error"]
    assert (unasked["code"], unasked["fix"]) == ("YES_NEEDED", "orderwright approvals approve HL-COB-350 --yes")
    assert f"for {waiting['pending_price']['amount']} USD instead of 16.99 USD" in unasked["message"]
    assert operator("approvals", "approve", "HL-COB-350", "--yes", "--why", "a sale").code == 0
    assert operator("approvals", "list", "--json").json["prices"] == []
    entry = operator("catalogue", "show", "HL-COB-350", "--json").json["listings"][0]
    assert entry["desired_price"] == waiting["pending_price"]
    assert operator("approvals", "approve", "HL-COB-350", "--yes").code == 1


def test_a_rejected_price_stays_as_it_is_and_is_not_asked_again(shop: Shop, operator: Operator) -> None:
    slip(shop, "HL-KID-120")
    page = operator("catalogue", "show", "HL-KID-120").out
    assert "\n         orderwright approvals approve HL-KID-120\n" in page
    assert "13.99 USD, is outside" not in page
    said = operator("approvals", "reject", "HL-KID-120", "--why", "a slip")
    assert (said.code, "is rejected; 13.99 USD stays" in said.out) == (0, True)
    shop.run()
    assert operator("approvals", "list", "--json").json["prices"] == []
    shown = operator("catalogue", "show", "HL-KID-120", "--json").json
    assert shown["listings"][0]["desired_price"]["amount"] == "13.99"
    assert any("a slip" in line["who"] for line in shown["timeline"])


def test_a_stopped_order_is_not_bought_when_the_kill_switch_goes_off(shop: Shop, operator: Operator) -> None:
    operator("kill", "on")
    order = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    refused = operator("approvals", "reject", order.name, "--json").json["error"]
    assert (refused["code"], refused["fix"]) == ("NOTHING_TO_APPROVE", f"orderwright orders cancel '{order.name}'")
    said = operator("orders", "cancel", order.name, "--why", "fraud", "--json")
    assert (said.code, said.json["state"]) == (0, "ON_HOLD")
    operator("kill", "off")
    shop.pass_time(1200)
    assert shop.paid_orders() == []


def test_one_page_shows_how_everything_is(shop: Shop, operator: Operator) -> None:
    shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    operator("kill", "on", "--supplier", "cj")
    status = operator("status", "--json").json
    assert status["orders"] == {"PLACED": 1}
    assert status["kill_switches"] == ["cj"]
    assert status["spent_today"]["cj"]["currency"] == "USD"
    page = operator("status").out
    assert "kill switch on: cj" in page


def test_repricing_is_delivered_after_every_cached_configuration_has_ended(shop: Shop, operator: Operator) -> None:
    asked: list[timedelta] = []

    def later(messages: Iterable[Message], after: timedelta) -> int:
        asked.append(after)
        return len(list(messages))

    desk = Desk(operator.wiring.storage, shop.clock, "mika")
    reprice(desk, later, AWS.config_cache)
    assert asked[0] > AWS.config_cache
    aws = InProcessAws()
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="recalculate")["QueueUrl"]
    messages = [Message("offer.changed", f"m{n}", "2026-11-22T08:00:00Z", resource=str(n)) for n in range(23)]
    assert send_later(sqs, url, messages, 7) == 23
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
    counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    sqs.delete_queue(QueueUrl=url)
    aws.close()
    assert counted["ApproximateNumberOfMessagesDelayed"] == "23"


def test_a_price_struck_through_is_shown_with_its_reason_and_so_is_one_left_out(shop: Shop, operator: Operator) -> None:
    key = listing_key("HL-KID-120", STORE)
    stored = operator.wiring.storage.get(key, Listing)
    assert stored is not None
    news = {"compare_at_note": "16.99 USD (the MSRP) is left out: above 14.99 USD"}
    operator.wiring.storage.commit([listing_put(stored.model.model_copy(update=news), stored.version)])
    said = operator("catalogue", "show", "HL-KID-120")
    assert "none: 16.99 USD (the MSRP) is left out: above 14.99 USD" in said.out
    entry = operator("catalogue", "show", "HL-KID-120", "--json").json["listings"][0]
    assert (entry["desired_compare_at"], entry["published_compare_at"]) == (None, None)
    assert entry["compare_at_note"] == news["compare_at_note"]
