"""A mail to a supplier that comes back is shown on the purchase order, and told to the operator once (P14)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.mail_events import ses_event, sns_event
from orderwright.domain.base import iso
from orderwright.errors import OutcomeUnknown
from orderwright.ports.people import About, Email
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from tests.support.handlers import call
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.people_shop import PeopleShop

MS, BOX, DAY = "HL-MS-400", "orders@factory.example", 86_400


@pytest.fixture
def shop() -> Iterator[PeopleShop]:
    made = PeopleShop("email", orders_to=BOX)
    yield made
    made.close()
    assert made.failed == []


def mailed(shop: PeopleShop) -> list[Email]:
    """What the factory's mailbox got."""
    return [mail for mail in shop.post.mails if mail.to == BOX]


def tell(shop: PeopleShop, kind: str, about: About) -> None:
    """SES says so of a mail."""
    call("receive_mail_events", sns_event(ses_event(kind, about, at=iso(shop.clock.now()))), shop.wiring)
    shop.run()


def alerts(shop: PeopleShop) -> int:
    return sum("Code: ORDER_MAIL_CAME_BACK" in alert for alert in shop.post.alerts)


def test_p1_an_order_is_one_mail_with_the_articles_and_the_merchants_name(shop: PeopleShop) -> None:
    name = buy(shop, (MS, 2))
    shop.pass_time(3600, step=600)
    (mail,) = mailed(shop)
    reference = shop.only_order(name).reference
    assert (mail.reference, shop.only_order(name).vendor_ids) == (reference, {"mail": "mail-1"})
    assert f"Purchase order {reference} from " in mail.subject
    assert f"https://api.example.com/purchase-orders/{reference}-" in mail.text
    assert [one.name for one in mail.attachments] == [f"{reference}.csv", f"{reference}.pdf"]


def test_p1_a_mail_that_may_have_come_is_a_copy_when_the_operator_has_it_sent_again(shop: PeopleShop) -> None:
    shop.post.next.append(OutcomeUnknown("SES: no answer"))
    name = buy(shop, (MS, 1))
    shop.pass_time(1300, step=650)
    assert shop.codes(name) == ["OUTCOME_UNCLEAR"]
    desk = Desk(shop.wiring.storage, shop.clock, "tester")
    retry_order(desk, shop.order(name).pk, shop.wiring.timing, not_ordered=True)
    shop.run()
    (mail,) = mailed(shop)
    reference = shop.only_order(name).reference
    assert (mail.reference, shop.only_order(name).state) == (reference, "PLACED")
    assert mail.subject.startswith(f"COPY, please confirm: purchase order {reference}")
    assert "Ship it only once" in mail.text


def test_who_does_not_answer_is_reminded_once_by_a_copy(shop: PeopleShop) -> None:
    buy(shop, (MS, 1))
    shop.pass_time(4 * DAY, step=DAY / 4)
    assert [mail.subject.partition(" ")[0] for mail in mailed(shop)] == ["Purchase", "COPY,"]


def test_a_mail_that_came_back_is_told_once_and_one_that_is_late_is_only_shown(shop: PeopleShop) -> None:
    name = buy(shop, (MS, 1))
    about = mailed(shop)[0].about
    tell(shop, "delay", about)
    assert alerts(shop) == 0
    for _ in range(2):
        tell(shop, "bounce", about)
    assert alerts(shop) == 1
    shown = [entry.what for entry in shop.only_order(name).log if "the mail to the supplier" in entry.what]
    assert shown == [
        "the mail to the supplier (ORDER): MAIL_DELAYED MailboxFull",
        "the mail to the supplier (ORDER): MAIL_BOUNCED Permanent General",
    ]
    assert BOX not in "".join(shop.post.alerts)


def test_news_of_a_mail_about_another_stacks_order_change_nothing(shop: PeopleShop) -> None:
    name = buy(shop, (MS, 1))
    tell(shop, "bounce", mailed(shop)[0].about._replace(subject="PO#other#1"))
    assert (alerts(shop), len(shop.purchase_orders(name))) == (0, 1)
