"""R48: a day's statement over a whole shop. Every figure is held against what the vendors' own ledgers say."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from local.events import address_of, queue_event
from local.sandbox.cj.messages import sign
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.money import Money
from orderwright.domain.statement import Statement
from orderwright.domain.statement_work import StatementWork, WrittenStatement
from orderwright.errors import Misconfigured, Retryable, VendorError
from orderwright.messages import Message, parse
from orderwright.records import connection_key, statement_key, statement_work_key
from orderwright.storage import Spend
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.parked_notes import note_done, parked_notes
from orderwright.usecases.write_statement import day_of
from tests.support.handlers import call
from tests.support.hooks import posted
from tests.support.shop import START, STORE, SUPPLIER, Boundary, Killed
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.shop_fixture import open_shop, shop

__all__ = ["open_shop", "shop"]

DAY = START.date()
LAMP = "HL-MS-400"


def due(day: date = DAY) -> str:
    """The message of the schedule."""
    return Message("statement.due", "m-1", "now", pk=statement_key(day).pk).to_json()


def write(shop: OrderShop, day: date = DAY, boundary: Boundary | None = None) -> None:
    """The function, with its message."""
    wiring = shop.new_worker(boundary)
    shop.boundary = boundary or shop.boundary
    wiring.write_statement(parse(due(day)))


def written(shop: OrderShop, day: date = DAY) -> Statement:
    """What stands in Control."""
    held = shop.wiring.storage.get(statement_key(day), WrittenStatement)
    assert held is not None
    return held.model.statement


def total(statement: Statement, what: str) -> list[str]:
    """Sums of one kind."""
    return [str(one.money) for one in statement.totals if one.what == what]


def asks_more(shop: OrderShop, order_id: str, amount: float, claim: str = "BT1") -> None:
    """CJ's MAKEUP, really signed and delivered."""
    params = {"orderId": claim, "relationOrderId": order_id, "amount": amount, "status": "CREATED"}
    body = json.dumps({"messageId": f"m-{claim}-{amount}", "type": "MAKEUP", "params": params}).encode()
    headers = {"sign": sign(body, shop.supplier.config.open_id)}
    assert shop.wiring.receive_webhook(address_of(SUPPLIER), posted(headers, body)).status == 200
    shop.run()


def test_a_day_on_which_all_sides_agree_has_their_sums_and_no_difference(shop: OrderShop) -> None:
    names = [buy(shop, (LAMP, 1)), buy(shop, (LAMP, 2))]
    write(shop)
    found = written(shop)
    assert (found.agrees, found.orders, found.purchases, found.differences) == (True, 2, 2, ())
    charged = sum((shop.record(name).total.minor for name in names), 0)
    assert total(found, "sold") == [str(Money(minor=charged, currency="USD"))]
    paid = sum(entry.data["amount"] for entry in shop.paid_orders())
    assert total(found, "bought") == total(found, "spend") == [f"{Decimal(str(paid)):.2f} USD"]
    assert shop.wiring.storage.get(statement_work_key(DAY), StatementWork) is None
    shop.run()
    assert not any("STATEMENT" in alert for alert in shop.post.alerts)


def test_another_day_is_not_in_it_and_has_one_of_its_own(shop: OrderShop) -> None:
    buy(shop, (LAMP, 1))
    shop.clock.advance(86_400)
    buy(shop, (LAMP, 3))
    write(shop)
    write(shop, date(2026, 11, 23))
    assert (written(shop).orders, written(shop, date(2026, 11, 23)).orders) == (1, 1)


def test_a_bill_that_changed_afterwards_is_named_with_both_amounts_and_told_once(shop: OrderShop) -> None:
    name = buy(shop, (LAMP, 1))
    (po,) = shop.purchase_orders(name)
    (order,) = shop.supplier.orders
    order.surcharge = Decimal("1.40")
    write(shop)
    (found,) = written(shop).differences
    paid = po.payable or po.expected_cost
    assert (found.code, found.order, found.reference) == ("BILL_DIFFERS", name, po.reference)
    assert (found.ours, found.theirs) == (paid, paid + Money.parse("1.40", "USD"))
    write(shop)
    shop.run()
    told = [alert for alert in shop.post.alerts if "STATEMENT_DIFFERS" in alert]
    assert len(told) == 1, "once for a day, however often it is written"
    assert "BILL_DIFFERS" in told[0]
    assert f"orderwright statement {DAY}" in told[0]


def test_an_order_that_the_supplier_does_not_show_as_paid_is_named(shop: OrderShop) -> None:
    name = buy(shop, (LAMP, 1))
    (order,) = shop.supplier.orders
    order.status, order.paid_at = "UNPAID", None
    write(shop)
    assert [one.code for one in written(shop).differences] == ["NOT_PAID_THERE"]
    assert written(shop).differences[0].order == name


def test_a_refund_that_never_arrived_here_is_a_difference_and_one_that_did_is_a_row_of_its_day(shop: OrderShop) -> None:
    name = buy(shop, (LAMP, 1))
    shop.store.refund(name, amount=Decimal("5.00"))
    shop.deliveries.clear()
    write(shop)
    assert "STORE_DIFFERS" in written(shop).codes
    refunds = [one for one in written(shop).differences if "refunds" in one.message]
    assert [(str(one.ours), str(one.theirs)) for one in refunds] == [("0.00 USD", "5.00 USD")]
    shop.queues["ingest_order"].append(
        Message("order.changed", "m", "now", connection=STORE, resource=shop.record(name).order_id).to_json()
    )
    shop.run()
    write(shop)
    found = written(shop)
    assert (total(found, "refunded"), found.codes) == (["5.00 USD"], ())
    assert [str(one.amount) for one in shop.record(name).refunds] == ["5.00 USD"]


def test_spend_that_was_counted_wrong_is_named(shop: OrderShop) -> None:
    buy(shop, (LAMP, 1))
    more = Spend(SUPPLIER, DAY.isoformat(), Money.parse("2.00", "USD"), None, check_kill=False)
    shop.wiring.storage.commit([more])
    write(shop)
    (found,) = written(shop).differences
    assert found.code == "SPEND_DIFFERS"
    assert found.ours is not None
    assert found.theirs is not None
    assert str(found.theirs - found.ours) == "2.00 USD"


def test_a_suppliers_later_claim_is_in_it_once_and_no_difference_any_more_once_it_is_done(shop: OrderShop) -> None:
    asks_more(shop, "2611220001", 1.25)
    asks_more(shop, "2611220001", 1.75)
    write(shop)
    (claim,) = written(shop).differences
    assert (claim.code, claim.reference, str(claim.theirs)) == ("LATER_CLAIM", "2611220001", "1.75 USD")
    for listed in parked_notes(shop.wiring.storage):
        note_done(Desk(shop.wiring.storage, shop.clock, "mika"), listed.id)
    write(shop)
    assert (written(shop).agrees, total(written(shop), "claimed")) == (True, ["1.75 USD"])


@pytest.mark.parametrize(("kind", "noted"), [(Retryable, False), (Misconfigured, True)])
def test_a_store_that_cannot_be_asked_is_named_and_asked_again(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch, kind: type[VendorError], noted: bool
) -> None:
    buy(shop, (LAMP, 1))
    away = [True]
    fetch = type(shop.wiring.connectors.store(STORE)).fetch_order

    def down(self: Any, order_id: str) -> object:
        if away[0]:
            raise kind("the store does not answer", code="UNAVAILABLE")
        return fetch(self, order_id)

    monkeypatch.setattr(type(shop.wiring.connectors.store(STORE)), "fetch_order", down)
    write(shop)
    assert shop.wiring.storage.get(statement_key(DAY), WrittenStatement) is None, "nothing is said yet"
    sweep(shop, minutes=45)
    assert written(shop).codes == ("STATEMENT_INCOMPLETE",)
    assert [(one.connection, one.code) for one in written(shop).missing] == [(STORE, "UNAVAILABLE")]
    assert total(written(shop), "bought") != [], "the other sides are there"
    assert (shop.wiring.storage.get(connection_key(STORE), ConnectionState) is not None) is noted, "a refused key is"
    away[0] = False
    sweep(shop, minutes=70)
    assert (written(shop).agrees, written(shop).missing) == (True, ())
    shop.run()
    assert len([alert for alert in shop.post.alerts if "STATEMENT_INCOMPLETE" in alert]) == 1


def sweep(shop: OrderShop, minutes: int) -> None:
    """Time passes, and what is due of statements is worked on."""
    for _ in range(minutes):
        shop.clock.advance(60)
        for key, kind in shop.wiring.storage.due("control", shop.clock.now(), 10):
            if kind == "statement.due":
                shop.wiring.write_statement(Message(kind, "sweep", "now", pk=key.pk, sk=key.sk))


def test_a_long_day_is_read_in_pieces_and_no_order_twice(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        buy(shop, (LAMP, 1))
    slow = shop.wiring.connectors.store(STORE).fetch_order
    read: list[str] = []

    def fetch(_: object, order_id: str) -> object:
        read.append(order_id)
        shop.clock.advance(40)
        return slow(order_id)

    monkeypatch.setattr(type(shop.wiring.connectors.store(STORE)), "fetch_order", fetch)
    shop.wiring.write_statement(Message("statement.due", "m", "now", pk=statement_key(DAY).pk))
    assert len(read) == 2
    sweep(shop, minutes=5)
    assert len(read) == len(set(read)) == 4
    assert (written(shop).orders, written(shop).agrees) == (4, True)


def test_a_worker_that_was_killed_anywhere_is_followed_by_another_with_the_same_result(shop: OrderShop) -> None:
    buy(shop, (LAMP, 1))
    write(shop)
    expected, kills = written(shop), 0
    for number in range(1, 100):
        for when in ("before", "after"):
            at = Boundary(kill_at=(number, when))
            with suppress(Killed):
                write(shop, boundary=at)
            if not at.dead:
                assert kills > 20
                return
            kills += 1
            shop.wiring = shop.new_worker()
            sweep(shop, minutes=8)
            now = written(shop)
            assert now.model_copy(update={"at": expected.at}) == expected, (number, when)
            assert shop.wiring.storage.get(statement_work_key(DAY), StatementWork) is None


def test_two_workers_at_once_write_it_once(shop: OrderShop) -> None:
    buy(shop, (LAMP, 1))
    message = Message("statement.due", "m", "now", pk=statement_key(DAY).pk)
    fetch = shop.wiring.connectors.store(STORE).fetch_order
    with pytest.MonkeyPatch.context() as patch:
        second = partial(shop.new_worker().write_statement, message)
        patch.setattr(
            type(shop.wiring.connectors.store(STORE)), "fetch_order", lambda _, order_id: (second(), fetch(order_id))[1]
        )
        shop.wiring.write_statement(message)
    assert (written(shop).orders, written(shop).agrees) == (1, True)


def test_the_statement_holds_nobodys_name(shop: OrderShop) -> None:
    name = buy(shop, (LAMP, 1))
    shop.supplier.orders[0].surcharge = Decimal("1.00")
    write(shop)
    details = shop.order(name).details.model
    text = written(shop).model_dump_json()
    assert details.email
    assert details.email not in text
    assert details.destination.name not in text
    assert details.destination.postcode not in text


def test_the_handler_takes_the_queues_event(shop: OrderShop) -> None:
    assert call("write_statement", queue_event("write_statement", due()), shop.wiring) == {"batchItemFailures": []}
    assert written(shop).agrees
    bad = Message("statement.due", "m", "now", pk="STATEMENT#soon").to_json()
    failed = call("write_statement", queue_event("write_statement", due(), bad), shop.wiring)
    assert [one["itemIdentifier"][-1] for one in failed["batchItemFailures"]] == ["2"]


def test_a_message_without_a_day_is_refused_by_its_field() -> None:
    with pytest.raises(ValueError, match="pk must be STATEMENT#<day>"):
        day_of("lamp-shop#1")
