"""What an operator reads: no key of a table, and no message's type. cli_kit looks for both in all that these tests print."""

from __future__ import annotations

import pytest

from orderwright.messages import QUEUE_OF
from orderwright.usecases.people.words import WORK, in_words, item_name, part_name, short_name, work
from tests.support.shop import STORE, Shop
from tests.unit.cli.cli_kit import INTERNAL, Operator

NAMES = {"PO#cj#1": "OW1", "SHIP#OW1#1Z": "1Z9"}


def test_every_message_has_words_for_its_work() -> None:
    assert set(WORK) == set(QUEUE_OF)
    assert not [
        text for kind in WORK for text in (work(kind), work(kind, "it")) if INTERNAL.search(text) or "{" in text
    ]


@pytest.mark.parametrize(
    ("sk", "long", "short"),
    [
        ("ORDER", "the order", ""),
        ("PO#cj#1", "purchase order OW1", "OW1"),
        ("SHIP#OW1#1Z", "parcel 1Z9", "1Z9"),
        ("SHIP#OW1#1Z5", "parcel 1Z5", "1Z5"),
        ("FULFILLMENT#OW1", "the fulfillment of OW1", "OW1"),
        ("NOTICE#ORDER#email", "the mail about the order", ""),
        ("NOTICE#SHIP#OW1#1Z#sms", "the text message about parcel 1Z9", "1Z9"),
    ],
)
def test_a_part_of_an_order_has_a_name_for_people(sk: str, long: str, short: str) -> None:
    assert (part_name(sk, NAMES), short_name(sk, NAMES)) == (long, short)


def test_what_a_partition_holds_has_a_name_for_people() -> None:
    names = [item_name(pk) for pk in ("SKU#LAMP#1", "lamp-shop#6102", "")]
    assert names == ["SKU LAMP#1", "order 6102 of lamp-shop", ""]


def test_only_a_type_at_the_beginning_is_replaced() -> None:
    assert in_words("tracking.due") == "ask for the tracking of a parcel"
    assert in_words("tracking.due failed") == "ask for the tracking of a parcel: failed"
    assert [in_words(text) for text in ("", "published", "not tracking.due")] == ["", "published", "not tracking.due"]


def test_each_stage_of_an_order_says_in_words_what_is_next(shop: Shop, operator: Operator) -> None:
    order = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    (bought,) = shop.paid_orders(order.name)
    page = operator("orders", "show", order.name).out
    assert f"next: ask for the tracking of purchase order {bought.reference} at cj, in " in page
    parcel = shop.supplier.ship(bought.reference)
    shop.run()
    assert (
        f"next: ask for the tracking of parcel {parcel.tracking_number}, in "
        in operator("orders", "show", order.name).out
    )
    shop.clock.advance(9 * 3600)
    said = operator("status").out
    assert "overdue: ask for the tracking of a parcel (" in said
    assert [f"{STORE}#" in operator(*words).out for words in (("status",), ("orders", "list", "--all"))] == [
        False,
        False,
    ]
