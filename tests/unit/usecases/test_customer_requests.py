"""What a customer sent from the page of their order is acted on once (R49, R52, promises P5, P6)."""

from __future__ import annotations

from typing import Any

import pytest

from orderwright.domain.customer_request import CustomerRequest, RequestedLine, RequestKind, SentRequest
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.messages import parse
from orderwright.records import sent_request_key
from orderwright.storage import Fact, Put
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.release import release_order
from tests.unit.usecases.order_shop import OrderShop, before_call, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["OpenShop", "open_shop", "shop"]

MS, PRO = "HL-MS-400", "HL-PRO-1200"


def sends(
    shop: OrderShop, name: str, kind: RequestKind = RequestKind.WITHDRAWAL, *, number: int = 0, only: str = ""
) -> SentRequest:
    """As take_customer_request writes it: all pieces of the order, or those of one SKU."""
    file = shop.order(name)
    lines = [line for line in file.details.model.lines if only in ("", line.sku)]
    sent = SentRequest(
        kind=kind, number=number, order=file.pk, at=shop.clock.now(), language="en",
        lines=tuple(RequestedLine(line_id=one.line_id, title=one.title, quantity=one.quantity) for one in lines),
    )  # fmt: skip
    key = sent_request_key(file.record.model.link_mark, kind, number)
    fact = Fact("customer.request_due", connection=file.record.model.connection, pk=key.pk, sk=key.sk)
    shop.wiring.storage.commit([Put(key, sent, 0, facts=(fact,))])
    return sent


def case(shop: OrderShop, name: str) -> CustomerRequest:
    (held,) = shop.order(name).requests.values()
    found: CustomerRequest = held.model
    return found


def states(shop: OrderShop, name: str) -> list[PurchaseOrderState]:
    return [held.model.state for held in shop.order(name).purchase_orders.values()]


def receipts(shop: OrderShop) -> list[str]:
    return [mail.subject for mail in shop.post.mails if "withdrawal" in mail.subject]


def unpaid(shop: OrderShop, *lines: tuple[str, int]) -> str:
    name: str = shop.store.buy(list(lines or [(MS, 1)]), pay="authorized").name
    shop.run()
    return name


def pay(shop: OrderShop, name: str) -> None:
    shop.store.capture(name)
    shop.run()


def test_p6_a_withdrawal_before_payment_orders_nothing_even_when_the_money_comes(shop: OrderShop) -> None:
    name = unpaid(shop)
    sends(shop, name)
    shop.run()
    pay(shop, name)
    shop.pass_time(1800, step=300)
    assert shop.paid_orders() == []
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.ON_HOLD, ["CUSTOMER_WITHDREW"])
    assert (case(shop, name).stopped, len(receipts(shop)), len(shop.post.alerts)) == (True, 1, 1)


@pytest.mark.parametrize(
    "operation", ["createOrderV2", "addCart", "addCartConfirm", "saveGenerateParentOrder", "payBalanceV2"]
)
def test_p6_a_withdrawal_right_before_a_step_ends_in_one_of_three_ways(shop: OrderShop, operation: str) -> None:
    """The supplier's ledger judges: paid is kept and told, everything else is taken back or never done."""
    asked: list[Any] = []

    def withdraw() -> None:
        name = next(iter(shop.store.shop.orders.values())).name
        asked.append(sends(shop, name))
        shop.relay()
        while shop.queues["ingest_order"]:
            shop.new_worker().ingest_order(parse(shop.queues["ingest_order"].popleft()))

    before_call(shop, operation, withdraw)
    name = buy(shop, (MS, 1))
    shop.pass_time(3600, step=300)
    assert asked, f"the supplier was never called with {operation}"
    placed = PurchaseOrderState.PLACED in states(shop, name)
    assert len(shop.paid_orders(name)) == placed, "ordered is shown as ordered, and nothing else is"
    assert "CUSTOMER_WITHDREW" in shop.record(name).released
    assert len(receipts(shop)) == 1


def test_p6_what_is_placed_is_asked_back_and_the_case_is_open(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    assert states(shop, name) == [PurchaseOrderState.PLACED]
    sends(shop, name)
    shop.run()
    (po,) = [held.model for held in shop.order(name).purchase_orders.values()]
    assert po.cancel_requested
    assert not case(shop, name).stopped
    assert len(shop.paid_orders(name)) == 1
    assert len(receipts(shop)) == 1


def test_of_two_articles_one_is_withdrawn_and_the_operator_lets_the_other_go_on(shop: OrderShop) -> None:
    name = unpaid(shop, (MS, 1), (PRO, 1))
    sends(shop, name, only=MS)
    shop.run()
    pay(shop, name)
    assert shop.paid_orders() == []
    shop.store.edit(name, {MS: 0})
    shop.run()
    release_order(
        Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing, ["CUSTOMER_WITHDREW"]
    )
    shop.run()
    assert len(shop.paid_orders(name)) == 1
    bought = [line.sku for held in shop.order(name).purchase_orders.values() for line in held.model.lines
              if held.model.state is PurchaseOrderState.PLACED]  # fmt: skip
    assert bought == [PRO]


def test_p5_a_message_that_comes_twice_or_a_worker_that_dies_makes_one_case_and_one_receipt(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    sends(shop, name)
    shop.relay()
    body = shop.queues["ingest_order"][0]
    shop.queues["ingest_order"].extend([body, body])
    shop.run()
    shop.queues["ingest_order"].append(body)
    shop.run()
    assert len(shop.order(name).requests) == 1
    assert len(receipts(shop)) == 1


def test_what_was_sent_for_an_order_that_is_erased_is_only_marked(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    sent = sends(shop, name)
    mark = shop.order(name).record.model.link_mark
    shop.store.redact(name)
    shop.deliver()
    shop.run()
    held = shop.wiring.storage.get(sent_request_key(mark, sent.kind, 0), SentRequest)
    assert held is not None
    assert held.model.taken_at is not None


def test_a_question_is_counted_and_nothing_else(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    mails, alerts = len(shop.post.mails), len(shop.post.alerts)
    sends(shop, name, RequestKind.QUESTION)
    shop.run()
    assert shop.record(name).asked == 1
    assert shop.order(name).requests == {}
    assert (len(shop.post.mails), len(shop.post.alerts)) == (mails, alerts)


def test_a_return_opens_a_case_and_stops_nothing(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    sends(shop, name, RequestKind.RETURN)
    shop.run()
    assert case(shop, name).kind is RequestKind.RETURN
    assert shop.record(name).released == ()
    assert [mail.subject for mail in shop.post.mails if "return request" in mail.subject]
