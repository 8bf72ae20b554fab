"""Files of orders in the stack's own bucket hold an address: they end two weeks after the delivery, or with the person (P8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from orderwright.aws.files import S3Files
from orderwright.domain.order import OrderState
from orderwright.domain.supplier_answers import EnteredParcel
from orderwright.errors import OutcomeUnknown, Retryable
from orderwright.usecases.answering import Said, take_answer
from orderwright.usecases.intake.erasure import erase_order
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.people_shop import PARTS, PeopleShop

MS, DAY = "HL-MS-400", 86_400
NUMBER = "00340434161094015902"


@pytest.fixture
def shop() -> Iterator[PeopleShop]:
    made = PeopleShop("file", drop_to="files://orders")
    yield made
    made.close()
    assert made.failed == []


def deliver(shop: PeopleShop, name: str) -> None:
    """The supplier confirms and ships; the parcel is delivered."""
    pk, (sk,) = shop.order(name).pk, shop.order(name).purchase_orders
    sent = EnteredParcel(tracking_number=NUMBER, carrier="DHL", who="supplier", at=shop.clock.now())
    take_answer(shop.wiring.storage, pk, sk, Said(parcels=(sent,)), "supplier", shop.clock.now())
    shop.run()
    shop.carrier.scan(NUMBER, "delivered", "delivered")
    shop.pass_time(DAY, step=DAY / 4)
    assert shop.record(name).state is OrderState.DELIVERED


def test_an_order_is_a_file_until_fourteen_days_after_its_delivery(shop: PeopleShop) -> None:
    name = buy(shop, (MS, 1))
    (file,) = shop.files()
    assert file == f"{PARTS}/files/orders/{shop.only_order(name).reference}.csv"
    deliver(shop, name)
    shop.pass_time(12 * DAY, step=DAY)
    assert shop.files() == [file]
    shop.pass_time(3 * DAY, step=DAY)
    assert shop.files() == []
    assert shop.only_order(name).files_until is None


def test_without_a_delivery_it_ends_with_its_reminder_when_its_link_does(shop: PeopleShop) -> None:
    name = buy(shop, (MS, 1))
    shop.pass_time(3 * DAY, step=DAY / 2)
    assert [file.rpartition("-")[2] for file in shop.files() if "-" in file.rpartition("/")[2]] == ["reminder.csv"]
    shop.pass_time(110 * DAY, step=10 * DAY)
    assert len(shop.files()) == 2
    shop.pass_time(10 * DAY, step=DAY)
    assert shop.files() == []
    assert shop.only_order(name).files_until is None


def test_a_person_who_is_erased_is_erased_from_the_file_too(shop: PeopleShop) -> None:
    name = buy(shop, (MS, 1))
    assert shop.files() != []
    erase_order(
        shop.order(name).pk, "asked", storage=shop.wiring.storage, clock=shop.clock, files=shop.wiring.bill_files
    )
    shop.pass_time(60, step=30)
    assert shop.files() == []


def test_a_file_that_may_lie_there_though_it_is_unclear_ends_with_the_person_too(
    shop: PeopleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = S3Files.put

    def lose(*arguments: Any) -> None:
        put(*arguments)
        raise OutcomeUnknown("S3: no answer")

    monkeypatch.setattr(S3Files, "put", lose)
    name = buy(shop, (MS, 1))
    shop.pass_time(1300, step=650)
    assert (shop.codes(name), len(shop.files())) == (["OUTCOME_UNCLEAR"], 1)
    erase_order(
        shop.order(name).pk, "asked", storage=shop.wiring.storage, clock=shop.clock, files=shop.wiring.bill_files
    )
    shop.pass_time(60, step=30)
    assert shop.files() == []


def test_a_bucket_that_fails_is_tried_again_on_the_next_day(shop: PeopleShop, monkeypatch: pytest.MonkeyPatch) -> None:
    name, delete = buy(shop, (MS, 1)), S3Files.delete

    def fail(*_: object) -> None:
        raise Retryable("the file could not be deleted", code="FILE_NOT_DELETED")

    monkeypatch.setattr(S3Files, "delete", fail)
    erase_order(
        shop.order(name).pk, "asked", storage=shop.wiring.storage, clock=shop.clock, files=shop.wiring.bill_files
    )
    shop.pass_time(60, step=30)
    assert shop.files() != []
    monkeypatch.setattr(S3Files, "delete", delete)
    shop.pass_time(2 * DAY, step=DAY / 2)
    assert shop.files() == []
