"""The next supplier is asked, and never while the present one may still ship (promises P1, P3, P10, P13; R12, R18).

The vendors' ledgers are the judges: what was ordered where, and who was written to.
"""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from orderwright.config_store import note_identity
from orderwright.domain.operations import KillSwitch, StoredConfig
from orderwright.domain.order import OrderState
from orderwright.domain.source_gone import SOURCE_GONE as GONE
from orderwright.errors import OutcomeUnknown
from orderwright.records import ALL_SUPPLIERS, CURRENT_CONFIG, kill_key, offer_key
from orderwright.storage import Delete, Put
from orderwright.usecases.answering import Said, take_answer
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from orderwright.usecases.rerouting import STAYS, refused_by
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import STORE, SUPPLIER, Boundary, Killed
from tests.unit.cli.cli_kit import operator_of
from tests.unit.usecases.desk_shop import (
    COB,
    HOUR,
    MS,
    WITHDRAWAL,
    OpenDesk,
    alerts,
    by_mail,
    ends,
    letters,
    open_desk,
    parcel,
    refusal,
    say,
)
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop

__all__ = ["open_desk", "scripted_suppliers"]

OFF, SHORT, SILENT, LATE = "SUPPLIER_SWITCHED_OFF", "SUPPLIER_OUT_OF_STOCK", "SUPPLIER_NOT_ANSWERING", "SUPPLIER_LATE"
MOVED = "MOVED_BY_OPERATOR"
MOVED_ON = [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", LATE)]
LATE_RULE = {"late_hours": 12}


def switch(shop: ScriptedShop, supplier: str, *, on: bool) -> None:
    storage, key = shop.wiring.storage, kill_key(supplier)
    held = storage.get(key, KillSwitch)
    new = KillSwitch(supplier=supplier, at=shop.clock.now(), by="tester")
    storage.commit([Put(key, new, 0) if on else Delete(key, held.version if held else 0)])


def reports(shop: ScriptedShop, supplier: str, sku: str, stock: int) -> None:
    """What a poll would write."""
    held = shop.wiring.storage.load_sku(sku).offers[supplier]
    left = stock - held.model.buffer - sum(held.model.open.values())
    offer = held.model.model_copy(update={"stock": stock, "sellable": left})
    shop.wiring.storage.commit([Put(offer_key(sku, supplier), offer, held.version)])


def waiting(shop: ScriptedShop, *lines: tuple[str, int], off: tuple[str, ...] = ()) -> str:
    """An order of which nothing is sent, since all spending is stopped for a while; these are switched off meanwhile."""
    switch(shop, ALL_SUPPLIERS, on=True)
    name = buy(shop, *lines)
    for supplier in off:
        if supplier != ALL_SUPPLIERS:
            switch(shop, supplier, on=True)
    if ALL_SUPPLIERS not in off:
        switch(shop, ALL_SUPPLIERS, on=False)
    return name


def next_supplier_has_it(shop: ScriptedShop, name: str, outcome: str) -> None:
    """Bought once, at the next one; spend, stock and margin are there, and the customer has heard nothing of it."""
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", outcome)]
    assert (len(shop.paid_orders(name)), shop.spent_at(PARTS), shop.record(name).state) == (1, 0, OrderState.PLACED)
    assert (shop.sellable_at(PARTS, MS), shop.sellable_at(SUPPLIER, MS)) == (40, 39)
    bought = next(po for po in shop.purchase_orders(name) if po.supplier == SUPPLIER)
    assert bought.reckoning is not None
    told = [mail.subject for mail in shop.post.mails if mail.to != shop.desk.address]
    assert (shop.record(name).margin, told) == (bought.reckoning.margin, [])


# --- nothing was sent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "also", "rule", "moves"),
    [
        ((PARTS,), (MS,), True, True),
        ((PARTS,), (), True, False),
        ((PARTS,), (MS,), False, False),
        ((PARTS, SUPPLIER), (MS,), True, False),
        ((ALL_SUPPLIERS,), (MS,), True, False),
        ((PARTS, ALL_SUPPLIERS), (MS,), True, False),
    ],
    ids=["off", "nobody else has it", "not by the rule", "the next is off too", "all are off", "all, and this one"],
)
def test_p1_what_was_never_sent_to_one_that_is_switched_off_goes_to_the_next(
    open_desk: OpenDesk, off: tuple[str, ...], also: tuple[str, ...], rule: bool, moves: bool
) -> None:
    shop = open_desk(*also, reroute={"switched_off": rule})
    name = waiting(shop, (MS, 1), off=off)
    shop.pass_time(10 * 60)
    if moves:
        next_supplier_has_it(shop, name, OFF)
        assert "kill switch" in shop.purchase_orders(name)[1].log[-1].why
    else:
        assert ends(shop, name) == [(PARTS, "NEW", "")]
    assert shop.desk.orders == []


@pytest.mark.parametrize(
    ("also", "end", "codes"),
    [((MS,), [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", OFF)], []), ((), [(PARTS, "CANCELLED", OFF)], [GONE])],
)
def test_p11_a_supplier_that_is_taken_out_of_the_file_holds_up_no_order(
    open_desk: OpenDesk, also: tuple[str, ...], end: list[tuple[str, str, str]], codes: list[str]
) -> None:
    shop = open_desk(*also, reroute={"switched_off": False})
    name, storage = waiting(shop, (MS, 1)), shop.wiring.storage
    held = storage.get(CURRENT_CONFIG, StoredConfig)
    assert held is not None
    document = json.loads(held.model.document)
    del document["connections"][PARTS]
    document["rules"]["supplier_priority"] = [SUPPLIER]
    new = held.model.model_copy(update={"document": json.dumps(document), "number": 2})
    storage.commit([Put(CURRENT_CONFIG, new, held.version)])
    shop.wiring = shop.new_worker()
    shop.pass_time(600)
    assert (ends(shop, name), shop.codes(name)) == (end, codes)


def test_a_supplier_that_was_left_is_the_last_resort_and_is_left_once(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    shop.supplier.faults.script("createOrderV2", "refuse")
    name = waiting(shop, (MS, 1), off=(PARTS,))
    shop.pass_time(10 * 60)
    assert ends(shop, name) == [(SUPPLIER, "REJECTED", ""), (PARTS, "CANCELLED", OFF)], "the first is off still"
    switch(shop, PARTS, on=False)
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert ends(shop, name)[1:] == [(PARTS, "CANCELLED", "REPLACED"), (PARTS, "PLACED", "")]


def test_where_the_next_one_refuses_the_one_that_was_off_is_asked_again_and_then_stays(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    shop.supplier.faults.script("createOrderV2", "rate_limited", "refuse")
    name = waiting(shop, (MS, 1), off=(PARTS,))
    shop.pass_time(5 * 60)
    switch(shop, PARTS, on=False)
    shop.pass_time(20 * 60)
    assert ends(shop, name) == [(SUPPLIER, "CANCELLED", "REFUSED"), (PARTS, "CANCELLED", OFF), (PARTS, "PLACED", "")]
    assert len(shop.desk.orders) == 1


def test_p3_a_line_that_ran_out_moves_and_the_others_keep_their_stock(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = waiting(shop, (MS, 2), (COB, 1))
    reports(shop, PARTS, MS, 1)
    shop.pass_time(15 * 60)
    first, second, third = shop.purchase_orders(name)
    assert (first.supplier, second.cancel_outcome, third.state) == (SUPPLIER, SHORT, "PLACED")
    assert ([line.sku for line in first.lines], [line.sku for line in third.lines]) == ([MS], [COB])
    assert (shop.sellable_at(PARTS, MS), shop.sellable_at(SUPPLIER, MS), shop.sellable_at(PARTS, COB)) == (1, 38, 39)


def test_what_ran_out_everywhere_stays_where_it_is(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = waiting(shop, (MS, 2))
    reports(shop, PARTS, MS, 1)
    reports(shop, SUPPLIER, MS, 1)
    shop.pass_time(15 * 60)
    assert ends(shop, name) == [(PARTS, "PLACED", "")]


@pytest.mark.parametrize("shape", ["one", "two"])
def test_p1_one_that_does_not_answer_for_hours_is_left_where_nothing_was_sent(open_desk: OpenDesk, shape: str) -> None:
    shop = open_desk(MS, shape=shape)
    step = "place" if shape == "one" else "create"
    shop.vendor.faults.script(step, *["rate_limited"] * 60)
    name = buy(shop, (MS, 1))
    shop.pass_time(5 * HOUR, step=900)
    assert ends(shop, name) == [(PARTS, "INTENT", "")]
    shop.pass_time(2 * HOUR, step=900)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", SILENT)]
    assert (shop.commitments(name), shop.spent_at(PARTS), len(shop.paid_orders(name))) == (0, 0, 1)


def test_p1_one_whose_answer_was_lost_once_is_never_left_for_its_silence(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, shape="one")
    shop.vendor.faults.script("place", "accept_then_timeout")
    shop.vendor.faults.script("look_up", *["unavailable"] * 40)
    name = buy(shop, (MS, 1))
    shop.pass_time(8 * HOUR, step=900)
    assert [end[0] for end in ends(shop, name)] == [PARTS]
    shop.pass_time(8 * HOUR, step=900)
    assert (ends(shop, name), shop.commitments(name), shop.bought(name)) == ([(PARTS, "PLACED", "")], 1, {})


# --- it was placed, and is late ---------------------------------------------------------------------------------------


def test_p1_a_late_order_at_the_desk_moves_only_with_their_word(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, reroute=LATE_RULE)
    name = buy(shop, (MS, 1))
    say(shop, name, Said(confirmed=True))
    shop.pass_time(11 * HOUR, step=HOUR)
    assert letters(shop, WITHDRAWAL) == 0
    shop.pass_time(20 * HOUR, step=HOUR)
    assert (letters(shop, WITHDRAWAL), ends(shop, name), shop.bought(name)) == (1, [(PARTS, "PLACED", "")], {})
    say(shop, name, Said(withdrawn=True))
    next_supplier_has_it(shop, name, LATE)


@pytest.mark.parametrize("said", ["left", "a parcel", "nothing"])
def test_p1_a_late_order_that_they_ship_stays_and_is_told_once(open_desk: OpenDesk, said: str) -> None:
    shop = open_desk(MS, reroute=LATE_RULE)
    name = buy(shop, (MS, 1))
    say(shop, name, Said(confirmed=True))
    shop.pass_time(24 * HOUR, step=HOUR)
    assert letters(shop, WITHDRAWAL) == 1
    if said != "nothing":
        say(shop, name, parcel(shop) if said == "a parcel" else Said(withdrawn=False))
    shop.pass_time(30 * HOUR, step=HOUR)
    assert (ends(shop, name), shop.bought(name), letters(shop, WITHDRAWAL)) == ([(PARTS, "PLACED", "")], {}, 1)
    assert alerts(shop, STAYS) == 1
    if said == "nothing":
        say(shop, name, Said(withdrawn=True))
        next_supplier_has_it(shop, name, LATE)


@pytest.mark.parametrize(
    ("charges", "takes", "cancels", "end", "told"),
    [
        ("ON_ACCOUNT", True, True, "moves", 0),
        ("ON_ACCOUNT", True, False, "stays", 1),
        ("ON_ACCOUNT", False, False, "stays", 1),
        ("NOW", True, True, "waits", 0),
    ],
)
def test_p1_a_late_order_at_an_api_moves_only_once_it_is_shown_as_cancelled(
    open_desk: OpenDesk, charges: str, takes: bool, cancels: bool, end: str, told: int
) -> None:
    shop = open_desk(MS, shape="one", charges=charges, reroute=LATE_RULE)
    shop.vendor.takes_cancellations = takes
    name = buy(shop, (MS, 1))
    (po,) = shop.purchase_orders(name)
    shop.pass_time(20 * HOUR, step=HOUR)
    assert (len(shop.world.ledger.of_kind("scripted", "cancellation_asked")), shop.bought(name)) == (1, {})
    if cancels:
        shop.vendor.cancel(po.reference)
    shop.pass_time(40 * HOUR, step=HOUR)
    assert alerts(shop, STAYS) == told
    if end == "moves":
        next_supplier_has_it(shop, name, LATE)
    else:
        state = "PLACED" if end == "stays" else "REJECTED"
        assert (ends(shop, name), shop.bought(name)) == ([(PARTS, state, "")], {})
    if end == "waits":
        assert (shop.codes(name), "money back" in shop.record(name).reasons[0].message) == ([LATE], True)


def test_what_was_paid_and_is_asked_back_is_not_forgotten_when_the_buyer_cancels(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, shape="one", charges="NOW", reroute=LATE_RULE)
    shop.vendor.takes_cancellations = True
    name = buy(shop, (MS, 1))
    shop.pass_time(20 * HOUR, step=HOUR)
    shop.store.cancel(name)
    shop.run()
    (po,) = shop.purchase_orders(name)
    shop.vendor.cancel(po.reference)
    shop.pass_time(20 * HOUR, step=HOUR)
    assert ends(shop, name) == [(PARTS, "REJECTED", "CANCELLATION_REQUESTED")]
    assert (shop.bought(name), "money back" in shop.record(name).reasons[0].message) == ({}, True)


def test_p1_what_is_shown_as_cancelled_with_a_parcel_waits_for_a_person(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, COB, shape="one", charges="ON_ACCOUNT", reroute=LATE_RULE)
    shop.vendor.takes_cancellations = True
    name = buy(shop, (MS, 1), (COB, 1))
    shop.pass_time(20 * HOUR, step=HOUR)
    (po,) = shop.purchase_orders(name)
    shop.vendor.ship(po.reference, units={MS: 1})
    shop.vendor.cancel(po.reference)
    shop.pass_time(10 * HOUR, step=HOUR)
    assert (ends(shop, name), shop.bought(name)) == ([(PARTS, "REJECTED", "")], {})
    assert shop.codes(name) == ["CANCELLED_BY_SUPPLIER"]


# --- killed in between ------------------------------------------------------------------------------------------------


def _late(shop: ScriptedShop) -> str:
    name = buy(shop, (MS, 1))
    say(shop, name, Said(confirmed=True))
    shop.pass_time(24 * HOUR, step=6 * HOUR)
    return name


@pytest.mark.parametrize("function", ["place_purchase_order", "ingest_order"])
def test_p1_a_worker_that_dies_between_the_old_and_the_new_one_leaves_one_purchase(
    open_desk: OpenDesk, function: str
) -> None:
    """Killed at every third call, before and after it: of the visit that ends the old one, and of the one that plans."""
    for number in range(1, 60, 3):
        shop, side = open_desk(MS, reroute=LATE_RULE), "before" if number % 2 else "after"
        name = _late(shop)
        (sk,) = shop.order(name).purchase_orders
        take_answer(shop.wiring.storage, shop.order(name).pk, sk, Said(withdrawn=True), "supplier", shop.clock.now())
        shop.relay()
        if function == "ingest_order":
            shop.call("place_purchase_order", shop.queues["place_purchase_order"].popleft())
            shop.relay()
        message, boundary = shop.queues[function].popleft(), Boundary((number, side))
        with suppress(Killed):
            shop.call(function, message, boundary)
        if boundary.dead:
            shop.queues[function].append(message)
        shop.wiring = shop.new_worker()
        shop.pass_time(10 * 60)
        next_supplier_has_it(shop, name, LATE)
        if not boundary.dead:
            break
    else:
        raise AssertionError(f"{function} never came to its end")


def test_whatever_they_say_after_it_was_taken_back_is_over(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, reroute=LATE_RULE)
    name = _late(shop)
    say(shop, name, Said(withdrawn=True))
    shop.pass_time(600)
    assert say(shop, name, parcel(shop), place=1) == "ENDED"
    assert (alerts(shop, "SUPPLIER_CONTRADICTS"), by_mail(shop, name).state) == (1, "CANCELLED")


def test_what_left_in_part_is_forgotten_by_a_retry_as_well(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, COB)
    name = buy(shop, (MS, 1), (COB, 1))
    assert _moves(shop, name).startswith("goes to cj once")
    ids = {line.sku: line.line_id for line in by_mail(shop, name).lines}
    say(shop, name, parcel(shop, units={ids[MS]: 1}))
    shop.supplier.faults.script("createOrderV2", "refuse")
    say(shop, name, Said(withdrawn=True, sure=True))  # the rest, as they told the operator
    assert ends(shop, name) == [(SUPPLIER, "REJECTED", ""), (PARTS, "PLACED", "")]
    assert refused_by(shop.purchase_orders(name)).chosen == {ids[COB]: SUPPLIER}
    reports(shop, SUPPLIER, COB, 0)
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert ends(shop, name)[1:] == [(PARTS, "PLACED", ""), (PARTS, "PLACED", "")]


def test_a_refusal_that_comes_together_with_a_retry_is_carried_out(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    shop.supplier.faults.script("createOrderV2", "refuse")
    name = buy(shop, (MS, 1), (COB, 1))
    say(shop, name, refusal(shop, name, MS))
    (sk,) = (sk for sk in shop.order(name).purchase_orders if PARTS in sk)
    said, pk = refusal(shop, name, COB, sure=True), shop.order(name).pk
    take_answer(shop.wiring.storage, pk, sk, said, "tester", shop.clock.now())
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), pk, shop.wiring.timing)
    shop.run()
    assert (by_mail(shop, name).state, by_mail(shop, name).answers.open_refusals) == ("REJECTED", ())


# --- by hand ----------------------------------------------------------------------------------------------------------


def _moves(shop: ScriptedShop, name: str, to: str = SUPPLIER) -> str:
    """The operator moves it; gives what happens first, or the code of the refusal. Then everything happens."""
    (po,) = (po for po in shop.purchase_orders(name) if po.state != "CANCELLED")
    told = operator_of(shop)("purchase-orders", "move", po.reference, "--to", to, "--why", "a better price", "--json")
    said: str = told.json["told"] if told.code == 0 else told.json["error"]["code"]
    shop.run()
    shop.pass_time(120)
    return said


def test_an_operator_moves_what_was_never_sent_at_once_and_back_again(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, reroute={"switched_off": False})
    name = waiting(shop, (MS, 1), off=(PARTS,))
    assert _moves(shop, name).startswith("moved to ")
    next_supplier_has_it(shop, name, MOVED)
    assert _moves(shop, name, PARTS) == "NOT_SOLD_THERE", "it is switched off"
    switch(shop, PARTS, on=False)
    assert _moves(shop, name, PARTS).startswith("goes to parts once its supplier gives it back")
    assert (alerts(shop, STAYS), ends(shop, name)[0][1]) == (1, "PLACED"), "this API cancels nothing"


def test_what_an_operator_moved_goes_there_and_nowhere_else(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, reroute={"switched_off": False})
    name = waiting(shop, (MS, 2), off=(PARTS,))
    reports(shop, SUPPLIER, MS, 1)
    assert _moves(shop, name) == "NOT_SOLD_THERE"
    reports(shop, SUPPLIER, MS, 2)
    shop.supplier.faults.script("createOrderV2", "refuse")
    assert _moves(shop, name).startswith("moved to ")
    assert ends(shop, name) == [(SUPPLIER, "REJECTED", ""), (PARTS, "CANCELLED", MOVED)]
    assert shop.desk.orders == []


def test_p1_what_they_have_moves_with_their_word_only(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    assert _moves(shop, name).startswith("goes to cj once its supplier gives it back")
    assert "is asked to give " in operator_of(shop)("orders", "show", name).out.replace("\n", " ")
    assert (_moves(shop, name), letters(shop, WITHDRAWAL), shop.bought(name)) == ("ALREADY_ASKED", 1, {})
    say(shop, name, Said(withdrawn=True))
    next_supplier_has_it(shop, name, MOVED)


def test_p1_what_may_still_succeed_or_has_left_is_not_moved(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    shop.post.lost.append(OutcomeUnknown("no answer"))
    unclear, sent = buy(shop, (MS, 1)), buy(shop, (MS, 1))
    say(shop, sent, parcel(shop))
    assert (_moves(shop, unclear), _moves(shop, sent), _moves(shop, sent, PARTS)) == (
        "STEP_OPEN", "TOO_LATE", "SAME_SUPPLIER",
    )  # fmt: skip
    assert (shop.bought(unclear), shop.bought(sent)) == ({}, {})


def test_p1_what_another_stack_may_have_sent_is_not_moved(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    note_identity(shop.wiring.storage, STORE, "shopify", lambda one: one.model_copy(update={"second_stack": True}))
    shop.wiring = shop.new_worker()
    name = buy(shop, (MS, 1))
    assert (shop.codes(name), _moves(shop, name), shop.bought(name)) == (["OTHER_STACK_UNSEEN"], "STEP_OPEN", {})


def test_p1_what_an_api_has_unpaid_is_taken_back_there_before_it_moves(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, shape="two", first=SUPPLIER)
    shop.supplier.faults.script("payBalanceV2", "refuse")
    name = buy(shop, (MS, 1))
    assert [po.state for po in shop.purchase_orders(name)] == ["PARKED"]
    assert _moves(shop, name, PARTS).endswith("once it is taken back at its supplier, which happens now")
    assert (ends(shop, name), shop.commitments(name), shop.bought(name)) == (
        [(SUPPLIER, "CANCELLED", MOVED), (PARTS, "PLACED", "")], 1, {},
    )  # fmt: skip
