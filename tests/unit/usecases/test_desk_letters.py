"""Letters to a supplier's people, each once at most; and cancellations that go by letter (promises P1, P5, P6, P11)."""

from __future__ import annotations

from contextlib import suppress

import pytest

from orderwright.domain.order import OrderState
from orderwright.domain.supplier_answers import LetterKind, LetterState
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable
from orderwright.usecases.answering import Heard, Said
from orderwright.usecases.intake.erasure import erase_order
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import Boundary, Killed
from tests.unit.usecases.desk_shop import (
    DAY,
    HOUR,
    MS,
    REMINDER,
    WITHDRAWAL,
    OpenDesk,
    alerts,
    by_mail,
    due,
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


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [Retryable("mail is away"), Misconfigured("no sender", code="NO_SENDER")])
def test_a_letter_that_was_certainly_not_sent_comes_later_and_once(open_desk: OpenDesk, error: Exception) -> None:
    shop = open_desk()
    name = buy(shop, (MS, 1))
    shop.pass_time(DAY - HOUR, step=DAY)
    shop.post.next.extend([error] * 3)
    shop.pass_time(3 * HOUR, step=HOUR / 4)
    reminder = by_mail(shop, name).answers.letters[REMINDER]
    assert (letters(shop, REMINDER), reminder.state, reminder.tries) == (1, LetterState.SENT, 3)


def test_a_letter_that_never_goes_is_given_up_and_told(open_desk: OpenDesk) -> None:
    shop = open_desk(unconfirmed_is_refused=True)
    name = buy(shop, (MS, 1))
    shop.post.next.extend([Retryable("mail is away")] * 21)
    shop.pass_time(DAY - HOUR, step=DAY)
    shop.pass_time(7 * HOUR, step=HOUR / 4)
    assert by_mail(shop, name).answers.letters[REMINDER].state is LetterState.FAILED
    assert alerts(shop, "LETTER_FAILED") == 1
    shop.pass_time(DAY, step=HOUR * 6)
    assert (shop.codes(name), letters(shop, WITHDRAWAL)) == (["UNCONFIRMED"], 0)  # nobody was reminded: not as agreed


@pytest.mark.parametrize("kind", [REMINDER, WITHDRAWAL])
def test_p5_a_worker_that_dies_over_a_letter_never_sends_it_twice(open_desk: OpenDesk, kind: LetterKind) -> None:
    shop = open_desk(MS, unconfirmed_is_refused=True)
    boundary = Boundary()
    for number in range(1, 40):
        name, before = buy(shop, (MS, 1)), letters(shop, kind)
        shop.clock.advance(DAY + 60)
        if kind is WITHDRAWAL:
            shop.call("place_purchase_order", due(shop, name))
            shop.clock.advance(DAY + 60)
        boundary = Boundary((number, "after"))
        with suppress(Killed):
            shop.call("place_purchase_order", due(shop, name), boundary)
        shop.wiring = shop.new_worker()
        shop.pass_time(600, step=300)
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
    erase_order(
        shop.order(name).pk, "asked", storage=shop.wiring.storage, clock=shop.clock, files=shop.wiring.bill_files
    )
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


@pytest.mark.parametrize("how", ["they say so", "they enter its parcel"])
def test_p6_a_cancellation_that_comes_too_late_is_told_also_where_it_was_seen(open_desk: OpenDesk, how: str) -> None:
    shop = open_desk()
    name = cancelled(shop)
    shop.release(name)
    shop.run()
    assert shop.record(name).state is OrderState.CANCELLED
    say(shop, name, Said(withdrawn=False) if how == "they say so" else parcel(shop))
    shop.pass_time(120, step=60)
    record = shop.record(name)
    assert (record.state, record.cancel_outcome) == (OrderState.NEEDS_ATTENTION, "ORDERED_TOO_LATE")


def test_p6_a_cancellation_while_a_withdrawal_is_in_doubt_is_not_called_nothing_ordered(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, unconfirmed_is_refused=True)
    name = buy(shop, (MS, 1))
    shop.pass_time(DAY + 120, step=HOUR)
    shop.post.next.append(OutcomeUnknown("no answer"))

    def cancelled_meanwhile() -> None:
        shop.store.cancel(name)
        shop.run()

    shop.before_supplier("mail", cancelled_meanwhile)
    shop.pass_time(DAY + 600, step=HOUR)
    shop.pass_time(120, step=60)
    assert (ends(shop, name), shop.record(name).cancel_outcome) == (
        [(PARTS, "PLACED", "ORDERED_TOO_LATE")],
        "ORDERED_TOO_LATE",
    )
    say(shop, name, Said(withdrawn=True))
    shop.pass_time(120, step=60)
    assert (ends(shop, name), shop.spent_at(PARTS)) == ([(PARTS, "CANCELLED", "NOTHING_ORDERED")], 0)


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
