"""Bounces and complaints find their notice, stop further mails, and are found at night where an event was lost (P14, P8)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.mail_events import ses_event, sns_event
from local.sandbox.kit.people import Buyer
from orderwright.aws.mail_events import PAGE, SesSuppressions, read_mail_event, tags_of
from orderwright.domain.base import iso
from orderwright.domain.notice import NoticeState
from orderwright.domain.timing import timing_of
from orderwright.errors import OUT_OF_TIME, Rejected, Retryable
from orderwright.messages import Message
from orderwright.ports.people import About
from orderwright.records import details_key
from orderwright.storage import Put
from orderwright.usecases.notices.missed import MISSED, find_missed
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.notices import count_notices, retry_notices
from tests.support.handlers import Ticking, call
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop
from tests.unit.usecases.test_notices_in_trouble import alerts, desk
from tests.unit.usecases.test_notify_customer import notices, scan, sent_parcel, told

__all__ = ["open_shop", "shop"]


def mailed(shop: OrderShop) -> tuple[str, str]:
    """An order whose buyer was told that its parcel is on its way: name and number."""
    name, number = sent_parcel(shop)
    shop.run()
    return name, number


def tell(shop: OrderShop, kind: str, mail: int = 0) -> None:
    """SES says so of a mail, as the first, or of the last one by its tags alone."""
    event = ses_event(kind, shop.post.mails[mail - 1].about, at=iso(shop.clock.now()), message_id=f"mail-{mail}")
    call("receive_mail_events", sns_event(event), shop.wiring)
    shop.run()


@pytest.mark.parametrize(("kind", "code"), [("bounce", "MAIL_BOUNCED"), ("complaint", "MAIL_COMPLAINT")])
def test_what_came_back_for_good_is_shown_and_ends_mails_to_that_address(shop: OrderShop, kind: str, code: str) -> None:
    name, number = mailed(shop)
    tell(shop, kind)
    tell(shop, kind)
    notice = notices(shop, name)["email"]
    (news,) = notice.feedback
    assert (news.kind, news.milestone, notice.cause) == (code, "SHIPPED", code)
    assert count_notices(shop.wiring.storage) == {"BOUNCED": 1}
    assert len(alerts(shop, "NOTICE_GIVEN_UP")) == 1
    scan(shop, number, "delivered")
    assert told(shop) == ["SHIPPED"]
    assert (notices(shop, name)["email"].state, notices(shop, name)["email"].cause) == (NoticeState.FAILED, code)


@pytest.mark.parametrize(
    ("kind", "trouble"), [("soft_bounce", {"BOUNCED": 1}), ("delay", {}), ("reject", {"BOUNCED": 1}), ("not_spam", {})]
)
def test_what_may_pass_does_not_end_mails(shop: OrderShop, kind: str, trouble: dict[str, int]) -> None:
    _, number = mailed(shop)
    tell(shop, kind)
    assert count_notices(shop.wiring.storage) == trouble
    scan(shop, number, "delivered")
    assert told(shop) == ["SHIPPED", "DELIVERED"]


def test_after_a_soft_bounce_a_hard_one_is_written_down_too(shop: OrderShop) -> None:
    name, _ = mailed(shop)
    tell(shop, "soft_bounce")
    tell(shop, "bounce")
    assert [news.detail for news in notices(shop, name)["email"].feedback] == ["Transient General", "Permanent General"]


def test_another_address_gets_mails_again_and_the_same_one_only_when_told(shop: OrderShop) -> None:
    name, _ = mailed(shop)
    pk = shop.order(name).pk
    tell(shop, "bounce")
    with pytest.raises(Refused) as refused:
        retry_notices(desk(shop), pk)
    assert refused.value.code == "MAIL_BOUNCED"
    retry_notices(desk(shop), pk, same_address=True)
    shop.run()
    assert told(shop) == ["SHIPPED", "SHIPPED"]
    assert len(notices(shop, name)["email"].feedback) == 1


def correct_address(shop: OrderShop, name: str) -> None:
    file = shop.order(name)
    assert file.details is not None
    right = file.details.model.model_copy(update={"email": "right@example.com"})
    shop.wiring.storage.commit([Put(details_key(file.pk), right, file.details.version)])


def test_news_of_a_mail_to_the_wrong_address_stops_nothing_once_it_is_corrected(shop: OrderShop) -> None:
    name, number = mailed(shop)
    tell(shop, "bounce", 1)
    correct_address(shop, name)
    tell(shop, "bounce", 1)
    tell(shop, "complaint", 1)
    suppressions = SesSuppressions(SuppressionList(["mail-1"]), shop.clock.advance)
    find_missed(storage=shop.wiring.storage, suppressions=suppressions, clock=shop.clock)
    scan(shop, number, "delivered")
    assert told(shop) == ["SHIPPED", "DELIVERED"]
    assert notices(shop, name)["email"].trouble is None


def test_p5_a_late_bounce_of_an_earlier_mail_does_not_have_the_later_one_sent_twice(shop: OrderShop) -> None:
    name, number = mailed(shop)
    scan(shop, number, "delivered")
    tell(shop, "soft_bounce", 1)
    assert [news.milestone for news in notices(shop, name)["email"].feedback] == ["SHIPPED"]
    with pytest.raises(Refused, match="waits, failed or came back"):
        retry_notices(desk(shop), shop.order(name).pk)


def test_an_address_that_a_person_calls_right_is_free_also_where_another_parcels_mail_came_back(
    shop: OrderShop,
) -> None:
    order = shop.store.buy([("HL-MS-400", 2)])
    shop.run()
    reference = shop.purchase_orders(order.name)[0].reference
    first = shop.supplier.ship(reference, {"HL-MS-400": 1}).tracking_number
    shop.run()
    scan(shop, first, "delivered")
    tell(shop, "bounce", 1)
    second = shop.supplier.ship(reference).tracking_number
    shop.run()
    assert told(shop) == ["SHIPPED", "DELIVERED"]
    retry_notices(desk(shop), shop.order(order.name).pk, same_address=True)
    shop.run()
    scan(shop, second, "delivered")
    assert told(shop) == ["SHIPPED", "DELIVERED", "SHIPPED", "DELIVERED"]


def test_a_text_message_is_sent_again_though_the_mail_came_back(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise Rejected("refused", code="InvalidParameter")

    monkeypatch.setattr(shop.post, "send_sms", refuse)
    name, _ = sent_parcel(shop, buyer=Buyer(phone="+358401234567"), sms=True)
    shop.run()
    monkeypatch.undo()
    tell(shop, "bounce")
    said = retry_notices(desk(shop), shop.order(name).pk)
    assert said == ("sms shipped: sent again", "email shipped: left as it is: MAIL_BOUNCED")
    shop.run()
    assert (len(shop.post.texts), told(shop)) == (1, ["SHIPPED"])


def test_nothing_of_the_recipient_is_kept_or_said(shop: OrderShop, capsys: pytest.CaptureFixture[str]) -> None:
    name, _ = mailed(shop)
    tell(shop, "bounce")
    kept = notices(shop, name)["email"].model_dump_json() + "".join(shop.post.alerts) + capsys.readouterr().out
    assert "somebody@" not in kept
    assert shop.post.mails[-1].to not in kept


def test_an_event_of_another_sender_changes_nothing_and_a_broken_one_is_refused_without_its_text(
    shop: OrderShop,
) -> None:
    foreign = ses_event("bounce", About(), at=iso(shop.clock.now()))
    unknown = ses_event("bounce", About("lamp-shop#404", "ORDER", "CONFIRMED"), at=iso(shop.clock.now()))
    for event in (foreign, unknown):
        call("receive_mail_events", sns_event(event), shop.wiring)
    assert count_notices(shop.wiring.storage) == {}
    record = {"Sns": {"Message": json.dumps({"eventType": "Bounce", "bounce": "anna@example.com"})}}
    with pytest.raises(ValueError, match="documented form") as caught:
        read_mail_event(record)
    assert "anna" not in str(caught.value)


def test_a_tag_has_only_the_letters_that_ses_allows() -> None:
    tags = tags_of(About("lamp-shop#gid://ä/1", "SHIP#OW1#RR 12/3", "SHIPPED"))
    assert [tag["Name"] for tag in tags] == ["notice_pk", "notice_subject", "notice_milestone"]
    assert all(
        set(tag["Value"]) <= set("-_") | {c for c in tag["Value"] if c.isascii() and c.isalnum()} for tag in tags
    )


class SuppressionList:
    """SES's list, two entries a page. `mails` are message ids, oldest first; `asked` the days from which it was read."""

    class exceptions:
        """As botocore names them."""

        class NotFoundException(Exception):
            """Taken off the list."""

        class InvalidNextTokenException(Exception):
            """A position that is too old."""

    def __init__(self, mails: list[str]) -> None:
        self.mails = mails
        self.asked: list[datetime] = []

    def list_suppressed_destinations(self, StartDate: datetime, PageSize: int, NextToken: str = "0") -> dict[str, Any]:
        self.asked.append(StartDate)
        start = int(NextToken)
        entries = [
            {"EmailAddress": f"{mail}@example.com", "Reason": "BOUNCE"} for mail in self.mails[start : start + 2]
        ]
        more = {"NextToken": str(start + 2)} if start + 2 < len(self.mails) else {}
        return {"SuppressedDestinationSummaries": entries, **more}

    def get_suppressed_destination(self, EmailAddress: str) -> dict[str, Any]:
        mail = EmailAddress.partition("@")[0]
        if mail == "gone":
            raise self.exceptions.NotFoundException
        return {"SuppressedDestination": {"LastUpdateTime": self.asked[-1], "Attributes": {"MessageId": mail}}}


def test_at_night_every_page_of_the_providers_list_is_looked_through_for_what_was_missed(shop: OrderShop) -> None:
    name, number = mailed(shop)
    sent = notices(shop, name)["email"].told[-1].provider_id
    listed = SuppressionList(["not-ours", "gone", "other", sent])

    def look() -> None:
        suppressions = SesSuppressions(listed, shop.clock.advance)
        find_missed(storage=shop.wiring.storage, suppressions=suppressions, clock=shop.clock)

    began = shop.clock.now()
    look()
    assert notices(shop, name)["email"].feedback == ()
    ((_, due),) = shop.wiring.storage.due("control", shop.clock.now(), 10)
    assert due == "mail.feedback_due", "the next page is due at once"
    last = shop.clock.now()
    look()
    assert [news.kind for news in notices(shop, name)["email"].feedback] == ["MAIL_BOUNCED"]
    assert listed.asked == [began - timedelta(days=1)] * 2
    assert shop.wiring.storage.due("control", shop.clock.now(), 10) == []
    shop.clock.advance(86400)
    look()
    assert listed.asked[-1] == last - timedelta(days=1)
    shop.run()
    scan(shop, number, "delivered")
    assert told(shop) == ["SHIPPED"]


def test_a_page_of_the_list_is_not_begun_at_the_end_of_a_workers_time(shop: OrderShop) -> None:
    assert timing_of("aws").last_call.total_seconds() > PAGE
    shop.wiring.begin(Ticking(shop.clock, shop.wiring.timing.reserve.total_seconds() + 1))
    with pytest.raises(Retryable) as late:
        shop.wiring.notify_customer(Message(MISSED, "look", "now"))
    assert late.value.code == OUT_OF_TIME
