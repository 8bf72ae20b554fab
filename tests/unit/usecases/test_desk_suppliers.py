"""Suppliers whose people take the orders: what they say is carried out, and they are written to (P1, P3, P5, P6, P10, P13).

The desk's ledger is the judge: its orders, and the letters that reached it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from local.sandbox.goods import good_of
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.supplier_answers import EnteredParcel, LetterKind, LetterState
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable
from orderwright.messages import Message
from orderwright.records import offer_key
from orderwright.storage import Put
from orderwright.usecases.answering import Heard, Said, faults_of, take_answer
from orderwright.usecases.intake.erasure import erase_order
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import SUPPLIER, Boundary, Killed, test_config
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop

__all__ = ["scripted_suppliers"]

MS, COB = "HL-MS-400", "HL-COB-350"
HOUR, DAY = 3600, 86_400
REMINDER, WITHDRAWAL = LetterKind.REMINDER, LetterKind.WITHDRAWAL
NUMBER = "00340434161094015902"
OpenDesk = Callable[..., ScriptedShop]


@pytest.fixture
def open_desk(scripted_suppliers: None) -> Iterator[OpenDesk]:
    """PARTS, by mail, comes before SUPPLIER; `also` are SKUs that both offer."""
    opened: list[ScriptedShop] = []

    def open_one(*also: str, **settings: object) -> ScriptedShop:
        config = test_config()
        rules = config.rules.model_copy(update={"supplier_priority": (PARTS, SUPPLIER)})
        shop = ScriptedShop("desk", config.model_copy(update={"rules": rules}), **settings)
        opened.append(shop)
        for sku in also:
            storage, good = shop.wiring.storage, good_of(sku)
            theirs = {
                "supplier": SUPPLIER,
                "supplier_sku": good.supplier.supplier_sku,
                "supplier_ref": good.supplier.vid,
            }
            offer = storage.load_sku(sku).offers[PARTS].model.model_copy(update=theirs)
            storage.commit([Put(offer_key(sku, SUPPLIER), offer, 0)])
        return shop

    yield open_one
    for shop in opened:
        shop.close()
        assert (shop.failed, shop.world.ledger.of_kind("scripted-mail", "contract_violation")) == ([], [])


def say(shop: ScriptedShop, name: str, said: Said, place: int = 0) -> Heard:
    """Somebody at the supplier answers; then everything happens that happens at once."""
    pk, sk = shop.order(name).pk, sorted(shop.order(name).purchase_orders)[place]
    po = shop.order(name).purchase_orders[sk].model
    assert faults_of(po, said) == []
    heard, _ = take_answer(shop.wiring.storage, pk, sk, said, "supplier", shop.clock.now())
    shop.run()
    return heard


def refusal(shop: ScriptedShop, name: str, *skus: str, sure: bool = False) -> Said:
    po = by_mail(shop, name)
    lines = {line.line_id: "sold out" for line in po.lines if line.sku in skus or not skus}
    return Said(refused=lines, sure=sure)


def by_mail(shop: ScriptedShop, name: str) -> PurchaseOrder:
    return next(po for po in shop.purchase_orders(name) if po.supplier == PARTS)


def letters(shop: ScriptedShop, kind: LetterKind) -> int:
    """How many of a kind reached the desk."""
    return len(shop.world.ledger.of_kind("scripted-mail", kind.value))


def ends(shop: ScriptedShop, name: str) -> list[tuple[str, str, str]]:
    return [(po.supplier, po.state.value, po.cancel_outcome) for po in shop.purchase_orders(name)]


def parcel(shop: ScriptedShop, number: str = NUMBER, units: dict[str, int] | None = None) -> Said:
    return Said(
        parcels=(
            EnteredParcel(
                tracking_number=number, carrier="DHL", units=units or {}, who="supplier", at=shop.clock.now()
            ),
        )
    )


def alerts(shop: ScriptedShop, code: str) -> int:
    return sum(f"Code: {code}" in alert for alert in shop.post.alerts)


# --- parcels ----------------------------------------------------------------------------------------------------------


def test_an_entered_number_reaches_the_store_the_tracker_and_the_buyer_once(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 2))
    assert say(shop, name, parcel(shop)) is Heard.TAKEN
    assert say(shop, name, parcel(shop)) is Heard.UNCHANGED
    shop.pass_time(DAY, step=DAY / 4)
    (sent,) = shop.shipments(name)
    made = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    assert (sent.tracking_number, sent.carrier_name, len(made)) == (NUMBER, "DHL Express", 1)
    assert [tracker.tracking_code for tracker in shop.carrier.trackers] == [NUMBER]
    assert sum(NUMBER in mail.text for mail in shop.post.mails) == 1
    assert (shop.record(name).state, letters(shop, REMINDER)) == (OrderState.SHIPPED, 0)


def test_units_of_each_parcel_are_those_that_were_entered(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 3))
    (line,) = by_mail(shop, name).lines
    say(shop, name, parcel(shop, units={line.line_id: 2}))
    assert shop.record(name).state is OrderState.PLACED
    say(shop, name, parcel(shop, "00340434161094015919"))
    assert sorted(sent.lines[0].quantity for sent in shop.shipments(name)) == [1, 2]
    (fault,) = faults_of(by_mail(shop, name), parcel(shop, "00340434161094015926"))
    assert (fault.field, fault.code) == ("units", "UNITS_TAKEN")
    assert shop.record(name).state is OrderState.SHIPPED


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_refused_order_goes_to_the_next_supplier_and_costs_once(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    margin = shop.record(name).margin
    assert say(shop, name, refusal(shop, name)) is Heard.TAKEN
    shop.pass_time(600, step=60)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", "REFUSED")]
    assert (shop.spent_at(PARTS), shop.sellable_at(PARTS, MS), shop.sellable_at(SUPPLIER, MS)) == (0, 40, 39)
    assert (len(shop.paid_orders(name)), shop.record(name).state) == (1, OrderState.PLACED)
    bought = next(po for po in shop.purchase_orders(name) if po.supplier == SUPPLIER)
    assert bought.reckoning is not None
    assert (shop.record(name).margin == bought.reckoning.margin, margin is not None) == (True, True)
    assert (
        say(shop, name, Said(confirmed=True), place=1) is Heard.ENDED
    )  # whatever they say now: nothing is to be shipped


def test_without_another_supplier_a_refusal_waits_and_a_retry_asks_again(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    say(shop, name, refusal(shop, name))
    assert (ends(shop, name), shop.codes(name)) == ([(PARTS, "REJECTED", "")], ["REFUSED_BY_SUPPLIER"])
    assert (shop.spent_at(PARTS), alerts(shop, "ORDER_NEEDS_ATTENTION")) == (0, 1)
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    shop.pass_time(120, step=60)
    assert ends(shop, name) == [(PARTS, "CANCELLED", "REPLACED"), (PARTS, "PLACED", "")]
    assert (shop.codes(name), shop.sellable_at(PARTS, MS)) == ([], 39)


def test_a_line_that_is_refused_leaves_and_the_rest_stays(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1), (COB, 2))
    before = by_mail(shop, name)
    assert say(shop, name, refusal(shop, name, MS)) is Heard.TAKEN
    shop.pass_time(600, step=60)
    left = by_mail(shop, name)
    assert ([line.sku for line in left.lines], left.state, left.reference) == ([COB], "PLACED", before.reference)
    assert left.reserved_spend is not None
    assert (left.reserved_spend, shop.spent_at(PARTS)) == (left.expected_cost, left.expected_cost.minor)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "PLACED", "")]
    assert (shop.sellable_at(PARTS, MS), shop.sellable_at(PARTS, COB), shop.bought(name)) == (40, 38, {MS: 1})
    kept = [po.reckoning.margin for po in shop.purchase_orders(name) if po.reckoning]
    assert shop.record(name).margin == kept[0] + kept[1]


def test_a_refused_line_that_nobody_else_sells_waits_and_a_retry_asks_again(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1), (COB, 1))
    say(shop, name, refusal(shop, name, COB))
    assert (shop.codes(name), ends(shop, name)) == (["REFUSED_BY_SUPPLIER"], [(PARTS, "PLACED", "")])
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    shop.pass_time(120, step=60)
    assert (shop.codes(name), ends(shop, name)) == ([], [(PARTS, "PLACED", ""), (PARTS, "PLACED", "")])


def test_every_supplier_refused_it_and_then_it_waits(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    shop.supplier.faults.script("createOrderV2", "refuse")
    name = buy(shop, (MS, 1))
    say(shop, name, refusal(shop, name))
    shop.pass_time(120, step=60)
    assert [end[1:] for end in ends(shop, name)] == [("REJECTED", ""), ("CANCELLED", "REFUSED")]
    assert (shop.record(name).state, len(shop.purchase_orders(name))) == (OrderState.NEEDS_ATTENTION, 2)


def test_a_refusal_after_a_confirmation_is_shown_and_the_operator_says_which_counts(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    say(shop, name, Said(confirmed=True))
    assert say(shop, name, refusal(shop, name)) is Heard.CONTRADICTS
    assert (shop.codes(name), ends(shop, name)) == (["SUPPLIER_CONTRADICTS"], [(PARTS, "PLACED", "")])
    assert say(shop, name, refusal(shop, name, sure=True)) is Heard.TAKEN
    shop.pass_time(120, step=60)
    assert (shop.codes(name), ends(shop, name)[1]) == ([], (PARTS, "CANCELLED", "REFUSED"))


def test_p1_a_refusal_ends_an_order_whose_hand_over_was_unclear(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    shop.post.lost = [OutcomeUnknown("SES: no answer")]
    name = buy(shop, (MS, 1))
    shop.pass_time(1300, step=650)
    assert shop.codes(name) == ["OUTCOME_UNCLEAR"]
    say(shop, name, refusal(shop, name))
    shop.pass_time(120, step=60)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", "REFUSED")]


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_worker_that_dies_over_a_refusal_changes_nothing_of_its_end(open_desk: OpenDesk, side: str) -> None:
    shop = open_desk(MS)
    for number in range(1, 40):
        name = buy(shop, (MS, 1), (COB, 1))
        pk, sk = shop.order(name).pk, next(iter(shop.order(name).purchase_orders))
        said = refusal(shop, name, *([MS] if number % 2 else [MS, COB]))
        take_answer(shop.wiring.storage, pk, sk, said, "supplier", shop.clock.now())
        boundary = Boundary((number, side))
        with suppress(Killed):
            shop.call("place_purchase_order", due(shop, name), boundary)
        shop.wiring = shop.new_worker()
        shop.run()
        shop.pass_time(180, step=60)
        units = [sum(one.quantity for po in shop.purchase_orders(name) for one in po.lines if po.state == "PLACED")]
        expected = 2 if number % 2 else 0
        assert units == [expected], number
        if not boundary.dead:
            break
    assert not boundary.dead


def due(shop: ScriptedShop, name: str) -> str:
    pk, sk = shop.order(name).pk, next(sk for sk in shop.order(name).purchase_orders if PARTS in sk)
    return Message("purchase_order.due", "due", "now", PARTS, pk=pk, sk=sk).to_json()


# --- confirmations ----------------------------------------------------------------------------------------------------


def test_a_confirmation_in_time_needs_no_reminder(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    po = by_mail(shop, name)
    assert po.placed_at is not None
    assert po.answers.confirm_by == po.placed_at + timedelta(hours=24)
    say(shop, name, Said(confirmed=True))
    shop.pass_time(3 * DAY, step=DAY / 2)
    assert letters(shop, REMINDER) == 0


def test_who_does_not_confirm_is_reminded_once_and_then_a_person_is_told(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    shop.pass_time(DAY + 120, step=HOUR)
    assert (letters(shop, REMINDER), shop.codes(name)) == (1, [])
    shop.pass_time(DAY + 120, step=HOUR)
    assert (letters(shop, REMINDER), shop.codes(name), shop.record(name).state) == (
        1,
        ["UNCONFIRMED"],
        "NEEDS_ATTENTION",
    )
    assert (ends(shop, name), alerts(shop, "ORDER_NEEDS_ATTENTION")) == ([(PARTS, "PLACED", "")], 1)
    shop.pass_time(2 * DAY, step=HOUR * 6)
    say(shop, name, Said(confirmed=True))
    assert (shop.codes(name), shop.record(name).state, letters(shop, WITHDRAWAL)) == ([], OrderState.PLACED, 0)


def test_what_is_not_confirmed_is_withdrawn_first_where_that_was_agreed(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, unconfirmed_is_refused=True)
    name = buy(shop, (MS, 1))
    shop.pass_time(2 * DAY + 2 * HOUR, step=HOUR / 2)
    assert (letters(shop, REMINDER), letters(shop, WITHDRAWAL)) == (1, 1)
    assert ends(shop, name) == [(SUPPLIER, "PLACED", ""), (PARTS, "CANCELLED", "REFUSED")]
    kinds = [entry.kind for entry in shop.world.ledger.entries if entry.vendor in ("scripted-mail", "cj")]
    assert kinds.index(WITHDRAWAL.value) < kinds.index("order_paid")  # "do not ship" comes first
    assert say(shop, name, Said(confirmed=True), place=1) is Heard.ENDED
    assert say(shop, name, parcel(shop), place=1) is Heard.ENDED
    assert shop.codes(name) == ["SUPPLIER_CONTRADICTS"]
    assert say(shop, name, Said(confirmed=True, sure=True), place=1) is Heard.ENDED
    assert shop.codes(name) == []


@pytest.mark.parametrize("trouble", [OutcomeUnknown("no answer"), Rejected("no such mailbox")])
def test_nobody_else_is_asked_where_do_not_ship_was_not_certainly_sent(open_desk: OpenDesk, trouble: Exception) -> None:
    shop = open_desk(MS, unconfirmed_is_refused=True)
    name = buy(shop, (MS, 1))
    shop.pass_time(DAY + 120, step=HOUR)
    shop.post.next.append(trouble)
    shop.pass_time(DAY + 600, step=HOUR)
    assert (ends(shop, name), shop.codes(name)) == ([(PARTS, "REJECTED", "")], ["UNCONFIRMED"])
    code = "LETTER_UNCLEAR" if isinstance(trouble, OutcomeUnknown) else "LETTER_FAILED"
    assert alerts(shop, code) == 1


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [Retryable("mail is away"), Misconfigured("no sender", code="NO_SENDER")])
def test_a_letter_that_was_certainly_not_sent_comes_later_and_once(open_desk: OpenDesk, error: Exception) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    shop.post.next.extend([error] * 3)
    shop.pass_time(DAY + 2 * HOUR, step=60 * 15)
    reminder = by_mail(shop, name).answers.letters[REMINDER]
    assert (letters(shop, REMINDER), reminder.state, reminder.tries) == (1, LetterState.SENT, 3)


def test_a_letter_that_never_goes_is_given_up_and_told(open_desk: OpenDesk) -> None:
    shop = open_desk(unconfirmed_is_refused=True)
    name = buy(shop, (MS, 1))
    shop.post.next.extend([Retryable("mail is away")] * 21)
    shop.pass_time(DAY + 6 * HOUR, step=60 * 15)
    assert by_mail(shop, name).answers.letters[REMINDER].state is LetterState.FAILED
    assert alerts(shop, "LETTER_FAILED") == 1
    shop.pass_time(DAY, step=HOUR)
    assert (shop.codes(name), letters(shop, WITHDRAWAL)) == (
        ["UNCONFIRMED"],
        0,
    )  # nobody was reminded: nothing was agreed


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("kind", [REMINDER, WITHDRAWAL])
def test_p5_a_worker_that_dies_over_a_letter_never_sends_it_twice(
    open_desk: OpenDesk, kind: LetterKind, side: str
) -> None:
    shop = open_desk(MS, unconfirmed_is_refused=True)
    boundary = Boundary()
    for number in range(1, 40):
        name, before = buy(shop, (MS, 1)), letters(shop, kind)
        shop.clock.advance(DAY + 60)
        if kind is WITHDRAWAL:
            shop.call("place_purchase_order", due(shop, name))
            shop.clock.advance(DAY + 60)
        boundary = Boundary((number, side))
        with suppress(Killed):
            shop.call("place_purchase_order", due(shop, name), boundary)
        shop.wiring = shop.new_worker()
        shop.pass_time(600, step=60)
        letter = by_mail(shop, name).answers.letters[kind]
        assert letters(shop, kind) - before <= 1, number
        assert letter.state in (LetterState.SENT, LetterState.UNCLEAR), number
        assert (letter.state is LetterState.UNCLEAR) == (alerts(shop, "LETTER_UNCLEAR") > 0) or number > 1
        if not boundary.dead:
            break
        say(
            shop, name, Said(confirmed=True), place=next(i for i, end in enumerate(ends(shop, name)) if end[0] == PARTS)
        )
    assert not boundary.dead


def test_two_workers_at_once_write_one_letter(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    shop.clock.advance(DAY + 60)
    shop.before_supplier("mail", lambda: shop.call("place_purchase_order", due(shop, name)))
    shop.call("place_purchase_order", due(shop, name))
    assert (letters(shop, REMINDER), by_mail(shop, name).answers.letters[REMINDER].state) == (1, LetterState.SENT)


def test_a_confirmation_while_the_reminder_is_on_its_way_is_kept(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    shop.clock.advance(DAY + 60)
    shop.before_supplier("mail", lambda: say(shop, name, Said(confirmed=True, their_number="A-77")))
    shop.call("place_purchase_order", due(shop, name))
    shop.pass_time(3 * DAY, step=HOUR * 6)
    answers = by_mail(shop, name).answers
    assert (answers.their_number, answers.letters[REMINDER].state, shop.codes(name)) == ("A-77", LetterState.SENT, [])


def test_a_letter_about_an_erased_person_has_no_address(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    erase_order(shop.order(name).pk, "asked", storage=shop.wiring.storage, clock=shop.clock)
    shop.pass_time(DAY + 120, step=HOUR)
    (sent,) = shop.world.ledger.of_kind("scripted-mail", REMINDER.value)
    assert sent.data["text"].endswith("To  , \n")


# --- cancelling -------------------------------------------------------------------------------------------------------


def cancelled(shop: ScriptedShop, *lines: tuple[str, int]) -> str:
    name = buy(shop, *(lines or [(MS, 1)]))
    shop.store.cancel(name)
    shop.run()
    shop.pass_time(120, step=60)
    return name


def test_p6_a_cancellation_asks_by_letter_and_they_agree(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = cancelled(shop)
    assert (letters(shop, WITHDRAWAL), shop.record(name).cancel_outcome) == (1, "CANCELLATION_REQUESTED")
    assert say(shop, name, Said(withdrawn=True)) is Heard.TAKEN
    assert (shop.record(name).state, shop.record(name).cancel_outcome) == (OrderState.CANCELLED, "NOTHING_ORDERED")
    assert (shop.spent_at(PARTS), shop.sellable_at(PARTS, MS), len(shop.purchase_orders(name))) == (0, 40, 1)
    shop.pass_time(3 * DAY, step=HOUR * 6)
    assert (letters(shop, WITHDRAWAL), letters(shop, REMINDER)) == (1, 0)


def test_p6_a_cancellation_that_comes_too_late_is_told_also_where_it_was_seen(open_desk: OpenDesk) -> None:
    shop = open_desk()
    name = cancelled(shop)
    shop.release(name)
    shop.run()
    assert shop.record(name).state is OrderState.CANCELLED
    say(shop, name, Said(withdrawn=False))
    record = shop.record(name)
    assert (record.state, record.cancel_outcome) == (OrderState.NEEDS_ATTENTION, "ORDERED_TOO_LATE")


@pytest.mark.parametrize("error", [OutcomeUnknown("no answer"), Rejected("refused")])
def test_p6_where_nobody_knows_that_they_were_told_it_is_too_late(open_desk: OpenDesk, error: Exception) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    shop.store.cancel(name)
    shop.post.next.append(error)
    shop.run()
    assert (shop.record(name).cancel_outcome, shop.record(name).state) == (
        "ORDERED_TOO_LATE",
        OrderState.NEEDS_ATTENTION,
    )
    say(shop, name, Said(withdrawn=True))  # they have read the page
    assert shop.record(name).cancel_outcome == "NOTHING_ORDERED"


def test_p6_a_refusal_beats_a_cancellation_that_competes_with_it(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    name = buy(shop, (MS, 1))
    shop.before_supplier("mail", lambda: say(shop, name, refusal(shop, name)))
    shop.store.cancel(name)
    shop.run()
    shop.pass_time(600, step=60)
    assert (ends(shop, name), shop.record(name).cancel_outcome) == (
        [(PARTS, "CANCELLED", "NOTHING_ORDERED")],
        "NOTHING_ORDERED",
    )
    assert (shop.sellable_at(PARTS, MS), shop.spent_at(PARTS), shop.codes(name)) == (40, 0, [])
