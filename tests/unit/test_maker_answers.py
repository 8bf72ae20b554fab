"""What the sandbox's pages tell of suppliers without an API: what they answered, and who refused before."""

from __future__ import annotations

import pytest

from local.running import answers
from local.running.answers import Answers
from orderwright.usecases.answering import Said
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import STORE, SUPPLIER
from tests.unit.usecases.desk_shop import MS, NUMBER, OpenDesk, by_mail, open_desk, parcel, refusal, say
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop

__all__ = ["open_desk", "scripted_suppliers"]


def told(shop: ScriptedShop) -> Answers:
    return Answers(lambda: shop.wiring.storage, {STORE: "shopify"})


def test_each_answer_is_told_once_with_the_order_that_it_is_about(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 2))
    reference, read = by_mail(shop, name).reference, told(shop)
    known = read([reference, "OWNOBODY"])[reference]
    assert (known.store, known.order, known.state, known.answers) == ("shopify", name, "MAILED", ())
    say(shop, name, Said(confirmed=True))
    assert read([reference])[reference].state == "MAILED", "asked at most once a second"
    monkeypatch.setattr(answers, "FRESH_SECONDS", 0)
    assert read([reference])[reference].state == "CONFIRMED"
    say(shop, name, parcel(shop))
    known = read([reference])[reference]
    assert known.state == "SHIPPED"
    assert [(one.what, one.tone) for one in known.answers] == [("Confirmed", "good"), (f"Parcel {NUMBER}", "good")]


def test_who_refused_before_is_told_to_the_one_that_was_asked_next(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    say(shop, name, refusal(shop, name))
    shop.pass_time(600, step=60)
    (next_one,) = [po for po in shop.purchase_orders(name) if po.supplier == SUPPLIER]
    known = told(shop)([next_one.reference, by_mail(shop, name).reference])
    assert known[by_mail(shop, name).reference].state == "REFUSED"
    (said,) = [one for one in known[next_one.reference].answers if one.tone == "bad"]
    assert said.what == f"Refused by {PARTS}"
