"""What a customer asks for on the page of their order: a withdrawal against the placing (P6), its receipt (P5), a question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from local.sandbox.kit.people import Buyer
from orderwright.aws.dynamo import DynamoStorage
from orderwright.domain.customer_request import (
    CustomerRequest,
    RequestedLine,
    RequestKind,
    RequestReason,
    RequestState,
    SentRequest,
)
from orderwright.domain.order import OrderState
from orderwright.domain.order_state import WITHDRAWN
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.messages import Message
from orderwright.records import ORDERS, QUESTIONS, Key, sent_question_key, sent_request_key
from orderwright.storage import Change, Fact, Put
from orderwright.usecases.intake.erasure import erase_order
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.release import before_release, release_order
from orderwright.usecases.operator.retry import retry_order
from tests.support.rights import Need, Roles, allowed, needs_of
from tests.unit.usecases.order_shop import OrderShop, before_call, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, PRO, UL = "HL-MS-400", "HL-PRO-1200", "HL-UL-300"
SETTLED = 400
STEPS = ["createOrderV2", "addCart", "addCartConfirm", "saveGenerateParentOrder", "payBalanceV2"]
KIND = RequestKind
SK = "REQUEST#WITHDRAWAL#0"


def desk(shop: OrderShop) -> Desk:
    return Desk(shop.wiring.storage, shop.clock, "tester")


def send(
    shop: OrderShop, name: str, kind: RequestKind = KIND.WITHDRAWAL, lines: int = 1, number: int = 0, **of: int
) -> Key:
    """As take_customer_request writes it, of the first lines, or of those `after` some. Nothing is taken in yet."""
    file = shop.order(name)
    mark, hour = file.record.model.link_mark, shop.clock.now().strftime("%Y-%m-%dT%H")
    key = sent_question_key(mark, hour) if kind is KIND.QUESTION else sent_request_key(mark, kind, number)
    asked = tuple(
        RequestedLine(line_id=line.line_id, title=line.title, quantity=of.get("pieces", line.quantity))
        for line in file.details.model.lines[of.get("after", 0) : 0 if kind is KIND.QUESTION else lines]
    )
    sent = SentRequest(
        kind=kind, number=number, order=file.pk, lines=asked, reason=RequestReason.CHANGED_MIND, language="de",
        at=shop.clock.now(),
    )  # fmt: skip
    shop.wiring.storage.commit([Put(key, sent, 0, (Fact("customer.request_due", pk=key.pk, sk=key.sk),))])
    return key


def take_in(shop: OrderShop) -> None:
    """Only intake works: the worker that places is in the middle of something."""
    shop.relay()
    while shop.queues["ingest_order"]:
        shop.call("ingest_order", shop.queues["ingest_order"].popleft())


def withdraw(shop: OrderShop, name: str, lines: int = 1) -> None:
    send(shop, name, lines=lines)
    take_in(shop)


def case(shop: OrderShop, name: str, sk: str = SK) -> CustomerRequest:
    found: CustomerRequest = shop.order(name).requests[sk].model
    return found


def sent(shop: OrderShop, key: Key) -> SentRequest:
    held = shop.wiring.storage.get(key, SentRequest)
    assert held is not None
    return held.model


def receipts(shop: OrderShop) -> list[str]:
    return [
        mail.about.milestone for mail in shop.post.mails if mail.about and mail.about.subject.startswith("REQUEST#")
    ]


# --- before it is ordered: never ordered after a withdrawal was committed (P6) ----------------------------------------


@pytest.mark.parametrize("operation", STEPS)
def test_p6_a_withdrawal_between_any_two_steps_has_one_clear_end(shop: OrderShop, operation: str) -> None:
    name = shop.store.buy([(MS, 1)]).name
    before_call(shop, operation, lambda: withdraw(shop, name))
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    paid, found = len(shop.paid_orders(name)), case(shop, name)
    if operation == "payBalanceV2":
        # The call that pays was under way: the supplier is asked to cancel, and does not.
        assert (paid, found.came_to, found.stopped) == (1, "ORDERED_TOO_LATE", False)
        assert shop.purchase_orders(name)[0].cancel_requested
    else:
        assert (paid, found.came_to, found.stopped) == (0, "NOTHING_ORDERED", True)
        assert (shop.record(name).state, shop.codes(name)) == (OrderState.ON_HOLD, [WITHDRAWN])
        assert shop.spent() == 0
    assert any(line.what.endswith(("nothing was ordered", "too late to stop it")) for line in found.log)
    assert receipts(shop) == ["WITHDRAWAL"]


def test_p6_a_withdrawal_right_before_the_intent_orders_nothing(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    commit, done = DynamoStorage.commit, list[int]()

    def committed(self: DynamoStorage, changes: Sequence[Change], **more: str) -> None:
        intent = any(isinstance(one, Put) and getattr(one.model, "state", "") == "INTENT" for one in changes)
        if intent and not done:
            done.append(1)
            withdraw(shop, name)
        commit(self, changes, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoStorage, "commit", committed)
        shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert (done, shop.bought(name), case(shop, name).came_to) == ([1], {}, "NOTHING_ORDERED")
    assert shop.world.ledger.of_kind("cj", "order_created") == []


@pytest.mark.parametrize("how", ["accept_then_timeout", "timeout"])
def test_p6_a_withdrawal_during_an_unclear_payment_waits_for_its_outcome(shop: OrderShop, how: str) -> None:
    shop.supplier.faults.script("payBalanceV2", how)
    name = buy(shop, (MS, 1))
    withdraw(shop, name)
    assert case(shop, name).came_to == "", "nobody knows yet"
    shop.run()
    assert "is being looked up" in shop.post.alerts[-1]
    shop.pass_time(2 * SETTLED, step=SETTLED)
    paid = len(shop.paid_orders(name))
    said = [alert for alert in shop.post.alerts if "the withdrawal of 2026-11-22 08:00 UTC ended:" in alert]
    assert ["too late to stop it" in alert for alert in said] == [bool(paid)], "told once"
    assert (f"orders cancel '{name}' --in-store" in said[0]) is not paid
    assert paid == (how == "accept_then_timeout")
    assert case(shop, name).came_to == ("ORDERED_TOO_LATE" if paid else "NOTHING_ORDERED")


@pytest.mark.parametrize("how", ["ok", "accept_then_timeout"])
def test_p6_of_a_part_that_is_paid_meanwhile_the_rest_is_not_asked_back(shop: OrderShop, how: str) -> None:
    name = shop.store.buy([(MS, 1), (UL, 1)]).name
    if how == "ok":
        before_call(shop, "payBalanceV2", lambda: withdraw(shop, name))
    else:
        shop.supplier.faults.script("payBalanceV2", how)
        shop.run()
        withdraw(shop, name)
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    (po,) = shop.purchase_orders(name)
    assert (po.state, po.cancel_requested, case(shop, name).came_to) == ("PLACED", False, "ORDERED_TOO_LATE")
    send(shop, name, lines=2, number=1)
    shop.run()
    (po,) = shop.purchase_orders(name)
    assert (po.cancel_requested, po.cancel_outcome) == (True, "ORDERED_TOO_LATE"), "now all of it is withdrawn"


def test_p6_what_is_parked_unclear_is_not_sent_again_by_a_retry(shop: OrderShop) -> None:
    shop.supplier.faults.script("addCartConfirm", "accept_then_timeout")
    name = buy(shop, (MS, 1))
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert shop.codes(name) == ["ID_LOST"]
    (before,) = shop.order(name).purchase_orders.values()
    withdraw(shop, name)
    (after,) = shop.order(name).purchase_orders.values()
    assert (after.model, after.version) == (before.model, before.version + 1), (
        "who read it before commits no step of it"
    )
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing, not_ordered=True)
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert (shop.bought(name), case(shop, name).came_to) == ({}, "NOTHING_ORDERED")


def test_an_order_that_is_not_paid_yet_is_not_bought_when_the_money_comes(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)], pay="pending").name
    shop.run()
    withdraw(shop, name)
    shop.store.set_payment(shop.record(name).order_id, "PAID")
    shop.run()
    assert (shop.bought(name), shop.codes(name)) == ({}, [WITHDRAWN])
    shown = before_release(desk(shop), shop.order(name).pk, shop.wiring.config(), shop.wiring.timing, [WITHDRAWN])
    assert shown.costs[0] == f"the customer withdrew from 1 x {MS}, and the order still has 1"


def test_of_a_part_the_rest_is_bought_once_the_operator_has_taken_it_out(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1), (UL, 1)], pay="pending").name
    shop.run()
    withdraw(shop, name)
    shop.run()
    assert "withdrew from 1 of its pieces: nothing was ordered" in shop.post.alerts[-1]
    shop.store.set_payment(shop.record(name).order_id, "PAID")
    shop.store.edit(name, {MS: 0})
    shop.run()
    assert (shop.bought(name), shop.codes(name)) == ({}, [WITHDRAWN])
    pk = shop.order(name).pk
    shown = before_release(desk(shop), pk, shop.wiring.config(), shop.wiring.timing, [WITHDRAWN])
    assert [line[:6] for line in shown.costs] == ["buys f"], "what was withdrawn is not in the order any more"
    release_order(desk(shop), pk, shop.wiring.timing, [WITHDRAWN])
    shop.run()
    assert shop.bought(name) == {UL: 1}
    assert case(shop, name).came_to == "NOTHING_ORDERED", "that stays, whatever is bought later"


def test_what_was_taken_out_before_it_was_bought_does_not_make_a_later_part_the_whole(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 3), (UL, 1)], pay="pending").name
    shop.run()
    send(shop, name, pieces=2)
    shop.run()
    shop.store.edit(name, {MS: 1})
    shop.store.set_payment(shop.record(name).order_id, "PAID")
    shop.run()
    release_order(desk(shop), shop.order(name).pk, shop.wiring.timing, [WITHDRAWN])
    shop.run()
    assert shop.bought(name) == {MS: 1, UL: 1}
    send(shop, name, lines=2, number=1, after=1)
    shop.run()
    (po,) = shop.purchase_orders(name)
    assert (po.cancel_requested, case(shop, name, f"{SK[:-1]}1").came_to) == (False, "ORDERED_TOO_LATE")


# --- after it is ordered ----------------------------------------------------------------------------------------------


def test_what_is_ordered_is_asked_back_only_where_all_of_it_was_withdrawn(shop: OrderShop) -> None:
    part, whole = buy(shop, (MS, 1), (UL, 1)), buy(shop, (MS, 1))
    withdraw(shop, part)
    withdraw(shop, whole)
    shop.run()
    whole_told = [alert for alert in shop.post.alerts if f" {whole}:" in alert]
    assert ["being asked to cancel" in alert for alert in whole_told] == [True, False]
    assert [shop.purchase_orders(name)[0].cancel_requested for name in (part, whole)] == [False, True]
    assert [case(shop, name).came_to for name in (part, whole)] == ["ORDERED_TOO_LATE"] * 2
    assert {shop.purchase_orders(name)[0].state for name in (part, whole)} == {PurchaseOrderState.PLACED}


def test_what_has_left_stays_and_only_the_case_is_open(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.supplier.ship(shop.paid_orders(name)[0].reference)
    shop.run()
    before = shop.record(name)
    withdraw(shop, name)
    shop.run()
    after = shop.record(name)
    assert (after.state, after.released, shop.purchase_orders(name)[0].cancel_requested) == (before.state, (), False)
    assert (case(shop, name).state, case(shop, name).came_to) == (RequestState.OPEN, "ORDERED_TOO_LATE")


# --- once, and told ---------------------------------------------------------------------------------------------------


def test_p5_a_message_that_comes_again_does_nothing_more(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    key = send(shop, name, KIND.RETURN)
    again = Message("customer.request_due", "again", "now", pk=key.pk, sk=key.sk).to_json()
    shop.run()
    shop.queues["ingest_order"].extend([again, again])
    shop.run()
    assert (receipts(shop), len(shop.order(name).requests)) == (["RETURN"], 1)
    assert shop.record(name).released == (), "a return stops nothing"
    assert sum("CUSTOMER_RETURNS" in alert for alert in shop.post.alerts) == 1
    assert sent(shop, key).taken_at == shop.clock.now()


def test_the_receipt_says_what_and_when_in_the_language_of_the_page(shop: OrderShop) -> None:
    name = buy(shop, (MS, 2), (UL, 1))
    send(shop, name)
    shop.run()
    mail = next(mail for mail in shop.post.mails if mail.about and mail.about.subject == SK)
    title = case(shop, name).lines[0].title
    assert (title in mail.text, "10:00 OEZ" in mail.text, "22. November 2026" in mail.text) == (True, True, True)
    assert "Wir haben" in mail.text
    assert "23," not in mail.text, "it has no prices"
    alert = next(alert for alert in shop.post.alerts if "CUSTOMER_WITHDREW" in alert)
    assert f"orderwright requests show '{name}'" in alert
    assert title not in alert


def test_without_a_mail_address_the_alert_says_that_there_was_no_receipt(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)], buyer=Buyer(email=None)).name
    shop.run()
    withdraw(shop, name)
    shop.run()
    assert (receipts(shop), "no receipt was sent" in shop.post.alerts[0]) == ([], True)


def test_of_an_erased_order_nothing_is_kept(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    key = send(shop, name)
    erase_order(
        shop.order(name).pk, "asked", storage=shop.wiring.storage, clock=shop.clock, files=shop.wiring.bill_files
    )
    shop.run()
    assert (shop.order(name).requests, receipts(shop)) == ({}, [])
    assert sent(shop, key).taken_at is not None


def test_a_question_is_counted_and_nobody_is_woken(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    told = len(shop.post.alerts)
    send(shop, name, KIND.QUESTION)
    shop.run()
    assert (shop.record(name).asked, shop.order(name).requests, len(shop.post.alerts)) == (1, {}, told)
    assert len(shop.wiring.storage.in_state(ORDERS, QUESTIONS, 10)) == 1


def test_the_role_of_intake_lets_it_act_on_what_was_sent(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrderShop, "whole_sdk", True)  # it is listened to
    shop = open_shop()
    names = [buy(shop, (MS, 1)), buy(shop, (PRO, 1))]
    asked: list[Need] = []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        asked.extend(needs_of("dynamodb", model.name, params))

    for name in names:
        send(shop, name)
        send(shop, name, KIND.QUESTION)
    shop.relay()
    shop.aws.client("dynamodb").meta.events.register("provide-client-params.dynamodb.*", note)
    shop.wiring = shop.new_worker()
    while shop.queues["ingest_order"]:
        shop.call("ingest_order", shop.queues["ingest_order"].popleft())
    rights = Roles().of("ingest_order")
    assert {"dynamodb:GetItem", "dynamodb:PutItem"} <= {need.action for need in asked}
    assert [need for need in asked if not allowed(rights, need)] == []
