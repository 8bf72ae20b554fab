"""What keeps messages, and what was given up: one alert a cause, a list, a retry; the rest goes by itself (promise P14)."""

from __future__ import annotations

import pytest

from orderwright.domain.notice import NoticeState
from orderwright.domain.shipment import Milestone
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.notices import count_notices, list_notices, retry_notices
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop
from tests.unit.usecases.test_notify_customer import ask, notices, sent_parcel, told

__all__ = ["open_shop", "shop"]

PAUSED = "SendingPausedException"


def paused(times: int) -> list[Misconfigured]:
    return [Misconfigured("SES SendEmail: the account does not allow it", code=PAUSED)] * times


def desk(shop: OrderShop) -> Desk:
    return Desk(shop.wiring.storage, shop.clock, "mika", "seen")


def alerts(shop: OrderShop, topic: str) -> list[str]:
    return [text for text in shop.post.alerts if text.startswith(f"Orderwright: {topic}")]


def test_an_account_that_is_paused_for_a_day_loses_no_mail_and_is_told_once(shop: OrderShop) -> None:
    shop.post.next.extend(paused(5000))
    names = [sent_parcel(shop)[0] for _ in range(3)]
    shop.run()
    shop.pass_time(86400, step=1800)
    held = [notices(shop, name)["email"] for name in names]
    assert {notice.state for notice in held} == {NoticeState.WAITING}
    assert {notice.cause for notice in held} == {PAUSED}
    assert all(len(notice.log) <= 2 for notice in held), "one line for a cause, not one for each try"
    (text,) = alerts(shop, "NOTICES_WAIT")
    assert PAUSED in text
    assert count_notices(shop.wiring.storage) == {"WAITING": 3}
    shop.post.next.clear()
    shop.pass_time(1800, step=300)
    assert told(shop) == ["SHIPPED"] * 3
    assert list_notices(shop.wiring.storage) == []


def test_a_cause_that_had_ended_and_comes_back_is_told_again_and_one_that_flickers_is_not(shop: OrderShop) -> None:
    for hours in (0, 3):
        shop.clock.advance(hours * 3600)
        for _ in range(3):
            shop.post.next.extend([*paused(1), None])
            for _ in range(2):
                sent_parcel(shop)
            shop.run()
            shop.pass_time(900, step=60)
    assert len(alerts(shop, "NOTICES_WAIT")) == 2
    assert told(shop) == ["SHIPPED"] * 12


def test_a_later_milestone_waits_behind_what_the_account_keeps(shop: OrderShop) -> None:
    name, number = sent_parcel(shop)
    shop.post.next.extend(paused(1))
    shop.run()
    shop.carrier.scan(number, "delivered", "delivered")
    shop.run()
    assert told(shop) == []
    shop.pass_time(900, step=60)
    assert told(shop) == ["SHIPPED", "DELIVERED"]
    assert notices(shop, name)["email"].trouble is None


def test_what_was_certainly_not_sent_waits_also_when_a_milestone_came_meanwhile(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _ = sent_parcel(shop)

    def refuse(_: object) -> str:
        monkeypatch.undo()
        shop.call("notify_customer", ask(shop, name, Milestone.DELIVERED))
        raise paused(1)[0]

    monkeypatch.setattr(shop.post, "send_email", refuse)
    shop.run()
    assert notices(shop, name)["email"].state is NoticeState.WAITING
    shop.pass_time(900, step=60)
    assert told(shop) == ["SHIPPED", "DELIVERED"]


def test_what_is_refused_stands_in_the_list_with_one_alert_a_cause_and_can_be_sent_again(shop: OrderShop) -> None:
    shop.post.next.extend([Rejected("refused", code="MessageRejected")] * 2)
    names = [sent_parcel(shop)[0] for _ in range(2)]
    shop.run()
    found = list_notices(shop.wiring.storage)
    assert sorted(one.order for one in found) == sorted(names)
    assert {(one.trouble.value, one.notice.cause) for one in found} == {("FAILED", "MessageRejected")}
    assert len(alerts(shop, "NOTICE_GIVEN_UP")) == 1
    assert retry_notices(desk(shop), found[0].pk) == ("email shipped: sent again",)
    shop.run()
    assert told(shop) == ["SHIPPED"]
    assert len(list_notices(shop.wiring.storage)) == 1
    with pytest.raises(Refused, match="waits, failed or came back"):
        retry_notices(desk(shop), found[0].pk)


def test_what_was_perhaps_sent_goes_again_only_for_a_person_who_says_that_it_may_double(shop: OrderShop) -> None:
    name, _ = sent_parcel(shop)
    shop.post.next.append(OutcomeUnknown("no answer"))
    shop.run()
    pk = shop.order(name).pk
    assert count_notices(shop.wiring.storage) == {"UNCLEAR": 1}
    assert len(alerts(shop, "NOTICE_GIVEN_UP")) == 1
    with pytest.raises(Refused) as refused:
        retry_notices(desk(shop), pk)
    assert refused.value.code == "MAY_DOUBLE"
    shop.pass_time(3600, step=600)
    assert told(shop) == []
    retry_notices(desk(shop), pk, may_double=True)
    shop.run()
    shop.call("notify_customer", ask(shop, name, Milestone.SHIPPED))
    assert told(shop) == ["SHIPPED"]
