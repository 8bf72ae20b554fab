"""One image in, messages out: the same image always gives the same messages, so a repeated record changes nothing."""

from __future__ import annotations

import json

import pytest

from orderwright.usecases.relay_facts import BadFacts, messages_of

IMAGE = {"pk": "lamp-shop#6102", "sk": "ORDER", "version": 3, "writer": "w" * 32}


def test_the_same_image_gives_the_same_messages() -> None:
    image = {**IMAGE, "facts": json.dumps([{"type": "order.due"}, {"type": "notice.due", "sk": "SHIP#1"}])}
    first, second = messages_of(image, "now"), messages_of(image, "now")
    assert first == second
    assert [message.id for message in first] == ["lamp-shop#6102#ORDER#3#0", "lamp-shop#6102#ORDER#3#1"]


def test_a_fact_may_name_its_own_correlation() -> None:
    facts = json.dumps([{"type": "order.due", "correlation": "c-1"}, {"type": "order.due"}])
    assert [message.correlation for message in messages_of({**IMAGE, "facts": facts}, "now")] == ["c-1", "w" * 32]


def test_an_image_without_facts_gives_nothing() -> None:
    assert messages_of(IMAGE, "now") == []


def test_one_bad_fact_spoils_its_image_so_that_no_half_of_it_is_sent() -> None:
    facts = json.dumps([{"type": "order.due"}, {"type": "order.exploded", "detail": {"name": "Aino"}}])
    with pytest.raises(BadFacts) as refused:
        messages_of({**IMAGE, "facts": facts}, "now")
    assert str(refused.value) == "facts of lamp-shop#6102 ORDER version 3: NotAMessage"
