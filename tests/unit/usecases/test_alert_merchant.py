"""What needs a person is told to the operator's topic, with ids and codes only (R14, promise P8)."""

from __future__ import annotations

import pytest

from orderwright.errors import Retryable
from orderwright.messages import Message
from orderwright.usecases.alert_merchant import FIX, alert_merchant
from tests.support.shop import test_config
from tests.unit.usecases.order_shop import OrderShop, Post
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]


def alert(topic: str, **detail: str) -> Message:
    return Message("alert.raised", "a1", "now", connection="shop", pk="shop#1", topic=topic, detail=detail)


def told(message: Message) -> str:
    post = Post()
    alert_merchant(message, alerts=post)
    return post.alerts[0]


@pytest.mark.parametrize("topic", [*FIX, "SOMETHING_NEW"])
def test_every_alert_names_what_it_concerns_and_what_to_do(topic: str) -> None:
    text = told(alert(topic, order="#1001", reference="OW-1"))
    assert topic in text
    assert "#1001" in text
    assert "What to do" in text


def test_an_alert_says_what_is_wrong_where_somebody_wrote_it() -> None:
    assert "the feed is empty" in told(alert("FEED_BROKEN", codes="FEED_BROKEN", message="the feed is empty"))


def test_an_alert_names_what_it_concerns_by_no_key() -> None:
    sku = Message("alert.raised", "a1", "now", connection="cj", pk="SKU#LAMP-1", topic="OFFER_OFF_SALE")
    assert [words in told(alert("NEW_ORDER")) for words in ("  order 1 of shop\n", "shop#1")] == [True, False]
    assert [words in told(sku) for words in ("  SKU LAMP-1\n", "SKU#")] == [True, False]


def test_an_alert_that_cannot_be_sent_comes_again() -> None:
    class Closed:
        def raise_alert(self, subject: str, text: str) -> None:
            raise Retryable("throttled")

    with pytest.raises(Retryable):
        alert_merchant(alert("NEW_ORDER"), alerts=Closed())


def test_a_new_order_is_told_by_rule(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(alert_new_orders=True))
    shop.store.buy([("HL-MS-400", 1)])
    shop.store.buy([("HL-MS-400", 1)], pay="pending")
    shop.run()
    assert ["NEW_ORDER" in text for text in shop.post.alerts] == [True]


def test_no_alert_holds_anything_of_a_person(shop: OrderShop) -> None:
    shop.supplier.refuse_next("createOrderV2")
    shop.store.buy([("HL-MS-400", 1)])
    shop.store.buy([("HL-MS-400", 1)], address=None)
    shop.run()
    assert len(shop.post.alerts) == 2
    for text in shop.post.alerts:
        assert not any(part in text for part in ("Aino", "Esimerkki", "aino@", "33100"))
