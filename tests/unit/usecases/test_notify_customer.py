"""Each customer gets each milestone once per channel, in order, in their language (R30, promise P5)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.exceptions import EndpointConnectionError

from local.sandbox.kit.people import Address, Buyer
from orderwright.domain.notice import Notice, NoticeState
from orderwright.domain.order import OrderState
from orderwright.domain.shipment import Milestone
from orderwright.errors import OutcomeUnknown, Rejected, Retryable
from orderwright.messages import Message
from orderwright.tracking_links import PARAMETER, TrackingLinks
from orderwright.usecases.operator.tracking_key import MOST_KEYS, new_key, open_pages
from tests.support.shop import Boundary, Killed, test_config
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"


def sent_parcel(shop: OrderShop, **how: object) -> tuple[str, str]:
    """A paid order whose parcel is on its way: name and number. What follows from it has not happened yet."""
    name = shop.store.buy([(MS, 1)], **how).name  # type: ignore[arg-type]
    shop.run()
    number = shop.supplier.ship(shop.purchase_orders(name)[0].reference).tracking_number
    return name, number


def told(shop: OrderShop) -> list[str]:
    """Milestones that were mailed, oldest first."""
    return [mail.reference.partition("-")[2] for mail in shop.post.mails]


def notices(shop: OrderShop, name: str) -> dict[str, Notice]:
    """By channel."""
    return {held.model.channel: held.model for held in shop.order(name).notices.values()}


def scan(shop: OrderShop, number: str, status: str, seconds: float = 60) -> None:
    shop.clock.advance(seconds)
    shop.carrier.scan(number, status, status)
    shop.run()


def ask(shop: OrderShop, name: str, milestone: Milestone) -> str:
    """A message that asks for this milestone of the order's parcel."""
    file = shop.order(name)
    (sk,) = file.shipments
    message = Message("notice.due", f"ask-{milestone}", "now", pk=file.pk, sk=sk, detail={"milestone": milestone.value})
    return message.to_json()


def test_a_milestone_is_told_once_however_often_it_is_asked_for(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)
    shop.run()
    for _ in range(3):
        shop.call("notify_customer", ask(shop, name, Milestone.SHIPPED))
    assert told(shop) == ["SHIPPED"]
    assert shop.post.texts == []


def test_a_text_message_needs_its_own_consent(shop: OrderShop) -> None:
    phone = Buyer(phone="+358401234567")
    sent_parcel(shop, buyer=phone)
    shop.run()
    assert shop.post.texts == []
    name, _ = sent_parcel(shop, buyer=phone, sms=True)
    shop.run()
    ((number, text),) = shop.post.texts
    assert number == "+358401234567"
    assert text
    assert set(notices(shop, name)) == {"email", "sms"}


def test_every_message_of_an_order_carries_the_same_link_to_its_page(shop: OrderShop) -> None:
    secrets = shop.wiring.secrets
    open_pages(secrets, "http://127.0.0.1:8123")
    name, number = sent_parcel(shop, buyer=Buyer(phone="+358401234567"), sms=True)
    record = shop.order(name).record.model
    link = TrackingLinks.of(secrets.read(*PARAMETER)).link(shop.order(name).pk, record.link_mark)
    assert link.startswith("http://127.0.0.1:8123/track/")
    shop.post.next.append(Retryable("throttled"))
    shop.run()
    # A new key, an address that changed, a worker that starts cold: the retry and what follows say the same.
    new_key(secrets)
    shop.store.set_address(name, Address("2 Other Road", "Espoo", "02100", "FI"))
    shop.new_worker(Boundary())
    shop.pass_time(600, step=60)
    scan(shop, number, "delivered")
    assert told(shop) == ["SHIPPED", "DELIVERED"]
    assert [mail.text.count(link) for mail in shop.post.mails] == [1, 1]
    assert [link in text for _, text in shop.post.texts] == [True, True]
    token = link.rpartition("/")[2]
    assert token not in repr([shop.order(name), shop.post.alerts]), "who reads the tables opens no page"
    other, _ = sent_parcel(shop)
    shop.run()
    assert shop.order(other).record.model.link_mark != record.link_mark
    assert token not in shop.post.mails[-1].text


def test_where_links_cannot_be_read_a_mail_waits_and_is_sent_once(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)

    read = shop.wiring.secrets.read

    def broken(connection: str, name: str, **how: bool) -> dict[str, object] | None:
        if (connection, name) == PARAMETER:
            raise EndpointConnectionError(endpoint_url="https://ssm.test")
        return read(connection, name, **how)

    shop.wiring.secrets.read = broken  # type: ignore[method-assign]
    shop.run()
    assert (told(shop), notices(shop, name)["email"].state) == ([], NoticeState.WAITING)
    shop.wiring.secrets.read = read  # type: ignore[method-assign]
    shop.pass_time(600, step=60)
    assert (told(shop), notices(shop, name)["email"].state) == (["SHIPPED"], NoticeState.SENT)


def test_a_link_of_a_key_that_is_newer_than_what_was_read_is_found(shop: OrderShop) -> None:
    shop.wiring.tracking_links()
    newer = new_key(shop.new_worker(Boundary()).secrets)
    mark = newer.mark("ORDER#1")
    assert shop.wiring.tracking_links().link("ORDER#1", mark) == ""
    assert shop.wiring.page_link("ORDER#1", mark) == newer.link("ORDER#1", mark) != ""
    for _ in range(MOST_KEYS):
        newest = new_key(shop.wiring.secrets)
    assert (len(newest.keys), newest.link("ORDER#1", mark)) == (MOST_KEYS, "")
    assert shop.wiring.page_link("ORDER#1", mark) == "", "and the mail goes without"


def test_without_an_e_mail_address_nothing_is_mailed_and_nothing_fails(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop, buyer=Buyer(email=None, phone="+358401234567"), sms=True)
    shop.run()
    assert (told(shop), len(shop.post.texts)) == ([], 1)
    assert set(notices(shop, name)) == {"sms"}


def test_what_the_store_mails_itself_is_not_mailed_twice(open_shop: OpenShop) -> None:
    base = test_config()
    store = base.connections["lamp-shop"].model_copy(update={"store_mails": ("SHIPPED",)})
    shop = open_shop(base.model_copy(update={"connections": {**base.connections, "lamp-shop": store}}))
    _, number = sent_parcel(shop)
    shop.run()
    scan(shop, number, "delivered")
    assert told(shop) == ["CONFIRMED", "DELIVERED"]


@pytest.mark.parametrize(("locale", "word"), [("fi", "matkalla"), ("de", "unterwegs"), ("en", "on its way")])
def test_mails_speak_the_buyers_language(shop: OrderShop, locale: str, word: str) -> None:
    sent_parcel(shop, locale=locale)
    shop.run()
    (mail,) = shop.post.mails
    assert word in f"{mail.subject} {mail.text}".lower()


def test_a_worker_killed_over_a_send_leaves_it_unclear_and_never_sent_again(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)
    shop.post.next.append(Killed("send"))
    shop.deliver()
    with pytest.raises(Killed):
        shop.run()
    assert notices(shop, name)["email"].state is NoticeState.SENDING
    shop.new_worker(Boundary())
    shop.call("notify_customer", ask(shop, name, Milestone.SHIPPED))
    shop.pass_time(1800, step=300)
    assert (told(shop), notices(shop, name)["email"].state) == ([], NoticeState.UNCLEAR)
    assert "killed" in notices(shop, name)["email"].log[-1].why


def test_an_unclear_send_is_shown_and_the_next_milestone_still_comes(shop: OrderShop) -> None:
    name, number = sent_parcel(shop)
    shop.post.next.append(OutcomeUnknown("no answer"))
    shop.run()
    assert notices(shop, name)["email"].state is NoticeState.UNCLEAR
    scan(shop, number, "delivered")
    assert told(shop) == ["DELIVERED"]


def test_what_is_asked_while_a_lower_milestone_still_waits_is_told_after_it(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)
    shop.post.next.append(Killed("send"))
    shop.deliver()
    with pytest.raises(Killed):
        shop.run()
    shop.new_worker(Boundary())
    shop.call("notify_customer", ask(shop, name, Milestone.OUT_FOR_DELIVERY))
    assert notices(shop, name)["email"].waiting == (Milestone.OUT_FOR_DELIVERY,)
    # The first word after the settle window is another milestone: it must not fall away behind the one that waited.
    shop.clock.advance(400)
    shop.call("notify_customer", ask(shop, name, Milestone.DELIVERED))
    shop.run()
    assert told(shop) == ["OUT_FOR_DELIVERY", "DELIVERED"]


def test_a_throttled_mail_waits_and_is_sent_once(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)
    shop.post.next.extend([Retryable("throttled")] * 2)
    shop.run()
    assert notices(shop, name)["email"].state is NoticeState.WAITING
    shop.pass_time(600, step=60)
    assert (told(shop), notices(shop, name)["email"].state) == (["SHIPPED"], NoticeState.SENT)


def test_a_later_milestone_does_not_swallow_one_that_waits(shop: OrderShop) -> None:
    name, number = sent_parcel(shop)
    shop.post.next.append(Retryable("throttled"))
    shop.run()
    scan(shop, number, "out_for_delivery", 2)
    scan(shop, number, "delivered", 2)
    assert told(shop) == []
    shop.pass_time(600, step=60)
    assert told(shop) == ["SHIPPED", "OUT_FOR_DELIVERY", "DELIVERED"]
    assert notices(shop, name)["email"].waiting == ()


def test_a_refused_mail_is_failed_and_says_why(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)
    shop.post.next.append(Rejected("address refused", code="REFUSED"))
    shop.run()
    notice = notices(shop, name)["email"]
    assert (notice.state, told(shop)) == (NoticeState.FAILED, [])
    assert "REFUSED" in notice.told[-1].note


def test_a_mail_that_is_throttled_for_ever_is_given_up_visibly(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)
    shop.post.next.extend([Retryable("throttled")] * 40)
    shop.run()
    shop.pass_time(86400, step=3600)
    assert notices(shop, name)["email"].state is NoticeState.FAILED
    shop.post.next.clear()
    shop.pass_time(3600, step=3600)
    assert told(shop) == []


def test_a_lower_milestone_never_follows_a_higher_one(shop: OrderShop) -> None:
    name, number = sent_parcel(shop)
    shop.run()
    scan(shop, number, "delivered")
    for milestone in (Milestone.SHIPPED, Milestone.OUT_FOR_DELIVERY, Milestone.DELAYED):
        shop.call("notify_customer", ask(shop, name, milestone))
    assert told(shop) == ["SHIPPED", "DELIVERED"]


def test_a_milestone_that_arrives_during_a_send_follows_it(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)
    send = shop.post.send_email
    others = ["ask"]

    def slow_send(email: object) -> str:
        if others:
            others.pop()
            shop.call("notify_customer", ask(shop, name, Milestone.DELIVERED))
        return send(email)  # type: ignore[arg-type]

    shop.post.send_email = slow_send  # type: ignore[method-assign]
    shop.run()
    assert told(shop) == ["SHIPPED", "DELIVERED"]


def test_an_erased_customer_gets_nothing(shop: OrderShop) -> None:
    name, number = sent_parcel(shop, buyer=Buyer(phone="+358401234567"), sms=True)
    shop.store.redact(name)
    shop.run()
    scan(shop, number, "delivered")
    assert (shop.post.mails, shop.post.texts) == ([], [])
    assert shop.record(name).state is OrderState.DELIVERED


def test_an_evening_in_new_york_is_that_evening_in_the_mail(shop: OrderShop) -> None:
    address = Address("1 Sample Road", "Albany", "12207", "US", "United States", "New York", "NY")
    _, number = sent_parcel(shop, address=address)
    shop.run()
    evening = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    shop.clock.advance((evening - shop.clock.now()).total_seconds())
    scan(shop, number, "delivered", 0)
    assert "Delivered on: November 22, 2026" in shop.post.mails[-1].text
    assert "November 23" not in shop.post.mails[-1].text
