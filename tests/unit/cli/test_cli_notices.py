"""orderwright notices: what did not arrive, sent again; a try of both channels (promise P14)."""

from __future__ import annotations

from local.mail_events import ses_event, sns_event
from orderwright.domain.base import iso
from orderwright.errors import Misconfigured, OutcomeUnknown
from tests.support.handlers import call
from tests.support.shop import STORE, SUPPLIER
from tests.unit.cli.cli_kit import operator_of
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop
from tests.unit.usecases.test_notify_customer import sent_parcel, told

__all__ = ["open_shop", "shop"]


def test_what_waits_is_listed_with_its_cause_and_counted(shop: OrderShop) -> None:
    operator = operator_of(shop)
    assert "every message went out" in operator("notices", "list").out
    shop.post.next.extend([Misconfigured("paused", code="SendingPausedException")] * 9)
    name, _ = sent_parcel(shop)
    shop.run()
    (row,) = operator("notices", "list", "--json").json
    assert [row[key] for key in ("order", "channel", "milestone", "trouble", "cause")] == [
        name, "email", "SHIPPED", "WAITING", "SendingPausedException",
    ]  # fmt: skip
    shown = operator("orders", "show", name, "--json").json["notices"]
    assert [(one["state"], one["note"]) for one in shown] == [("WAITING", "SendingPausedException")]
    shop.post.next.clear()
    assert operator("notices", "retry", "--all", "SendingPausedException", "--why", "AWS lifted it").code == 0
    shop.run()
    assert told(shop) == ["SHIPPED"]


def test_what_is_unclear_and_what_came_back_ask_for_a_word_more(shop: OrderShop) -> None:
    operator = operator_of(shop)
    shop.post.next.append(OutcomeUnknown("no answer"))
    name, _ = sent_parcel(shop)
    shop.run()
    assert operator("notices", "retry", name, "--json").json["error"]["code"] == "MAY_DOUBLE"
    assert operator("notices", "retry", name, "--may-double").out.startswith(f"{name}: email shipped: sent again\n")
    shop.run()
    event = ses_event("complaint", shop.post.mails[-1].about, at=iso(shop.clock.now()))
    call("receive_mail_events", sns_event(event), shop.wiring)
    assert "What came back" in operator("orders", "show", name).out
    assert operator("notices", "retry", name, "--json").json["error"]["code"] == "MAIL_COMPLAINT"
    assert "MAIL_COMPLAINT" in operator("notices", "retry", "--all", "MAIL_COMPLAINT").out
    assert operator("notices", "retry").code == 1


def test_a_test_sends_what_was_asked_for(shop: OrderShop) -> None:
    operator = operator_of(shop)
    assert operator("notices", "test").code == 1
    said = operator("notices", "test", "--to", "me@example.com", "--sms", "+358401234567", "--json")
    assert said.json == {"email": "mail-1", "sms": "text-1"}
    for wrong in (("--to", "me"), ("--to", "me@example.com", "--sms", "123")):
        assert "notices test --" in operator("notices", "test", *wrong, "--json").json["error"]["fix"]
    assert len(shop.post.mails) == 1
    shop.post.next.append(Misconfigured("SES SendEmail: not allowed", code="NOT_VERIFIED"))
    assert operator("notices", "test", "--to", "me@example.com", "--json").json["error"]["code"] == "NOT_VERIFIED"


def test_the_test_of_a_store_tries_a_mail_and_where_asked_a_text_message(shop: OrderShop) -> None:
    operator = operator_of(shop)
    steps = {step["step"]: step["told"] for step in operator("connect", STORE, "--test", "--json").json["steps"]}
    assert "mail-1" in steps["email"]
    assert shop.post.mails[-1].to == shop.wiring.config().merchant.support_email
    shop.post.next.append(Misconfigured("SES SendEmail: not allowed", code="NOT_VERIFIED"))
    said = operator("connect", STORE, "--test", "--sms", "+358401234567").out
    assert "NOT_VERIFIED" in said
    assert shop.post.texts[-1][0] == "+358401234567"
    assert operator("connect", SUPPLIER, "--test", "--sms", "+358401234567").code == 1
