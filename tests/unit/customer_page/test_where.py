"""One sentence for every state, in every language, and none that says more than is known (R31, R34)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest

from orderwright.customer_page.where import Said, kind_of, order_said, parcel_said
from orderwright.customer_page.words import LANGUAGES, Reader
from orderwright.domain.customer_request import RequestState
from orderwright.domain.forecast import Basis, Forecast
from orderwright.domain.order import OrderState
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import Page
from tests.support.tracked import BOOK, FACE, LAMP, MEASURED, NOW, SHADE, ago, asked, order, page, parcel

ENGLISH = Reader("en", "FI", "Europe/Helsinki")
RULES = FACE.rules
S, O = ShipmentState, OrderState  # noqa: E741 - short names for tables

PARCELS = {
    S.PENDING: "Your parcel is on its way.",
    S.PICKED_UP: "Your parcel is on its way.",
    S.IN_TRANSIT: "Your parcel is on its way.",
    S.IN_CUSTOMS: "Your parcel is at customs.",
    S.OUT_FOR_DELIVERY: "Your parcel is out for delivery.",
    S.READY_FOR_PICKUP: "Your parcel is ready for pickup.",
    S.DELIVERED: "Your parcel was delivered on 1 December 2026.",
    S.DELIVERY_FAILED: "Your parcel could not be delivered.",
    S.DELIVERY_DELAYED: "Your parcel is late. We are sorry.",
    S.ON_HOLD: "The carrier is holding your parcel.",
    S.RETURN_TO_SENDER: "Your parcel is on its way back to us.",
    S.CANCELLED: "Your order is being prepared for shipping.",
    S.UNKNOWN: "Your parcel is on its way.",
}
ORDERS = {
    O.RESERVING: "We are checking your order.",
    O.AWAITING_PAYMENT: "We are waiting for your payment.",
    O.ON_HOLD: "We are checking your order.",
    O.AWAITING_APPROVAL: "We are checking your order.",
    O.NEEDS_ATTENTION: "We are checking your order.",
    O.PLACING: "Your order is confirmed. We are getting it ready.",
    O.PLACED: "Your order is being prepared for shipping.",
    O.SHIPPED: "Your parcel is on its way.",
    O.DELIVERED: "Your order has arrived.",
    O.CANCELLED: "Your order was cancelled.",
    O.NOTHING_TO_ORDER: "Your order is confirmed. We are getting it ready.",
    O.IGNORED: "We are checking your order.",
}
COMING = "It arrives between 2 December and 5 December."


def said(shown: Page, now: datetime = NOW, reader: Reader = ENGLISH) -> Said:
    """What the page says of all of it, with ordinary spaces."""
    found = order_said(shown, now, RULES, reader)
    text, basis = (one.replace("\u00a0", " ") for one in found.when[:2])
    return found._replace(when=found.when._replace(text=text, basis=basis))


@pytest.mark.parametrize("state", S)
def test_every_state_of_a_parcel_has_its_sentence(state: ShipmentState) -> None:
    alone = parcel(state, forecast=None)
    shown = page(order(O.PLACED), alone)
    assert said(shown).sentence == PARCELS[state]
    if state is not S.CANCELLED:
        assert parcel_said(alone, NOW, RULES, ENGLISH).sentence == PARCELS[state]


@pytest.mark.parametrize("state", O)
def test_every_state_of_an_order_has_its_sentence(state: OrderState) -> None:
    assert said(page(order(state))).sentence == ORDERS[state]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_said_in_every_language_with_nothing_left_open(language: str) -> None:
    reader, known = Reader(language, "", "Europe/Riga"), set()
    for shown in [*(page(None, parcel(state)) for state in S), *(page(order(state)) for state in O)]:
        for now in (NOW, NOW + timedelta(days=9)):
            found = order_said(shown, now, RULES, reader)
            text = " ".join((found.sentence, *found.when[:2], found.advice, found.silent))
            assert found.sentence
            assert not re.search(r"[{}]|\.\.|None", text), text
            known.add(found.sentence)
    assert len(known) > 12


@pytest.mark.parametrize(
    ("state", "days", "kind"),
    [
        (S.PENDING, 4, "on_its_way"),
        (S.PENDING, 5, "quiet"),
        (S.IN_TRANSIT, 5, "quiet"),
        (S.OUT_FOR_DELIVERY, 5, "quiet"),
        (S.DELIVERY_DELAYED, 5, "quiet"),
        (S.IN_CUSTOMS, 9, "customs"),
        (S.READY_FOR_PICKUP, 9, "pickup"),
        (S.DELIVERED, 99, "delivered"),
        (S.RETURN_TO_SENDER, 9, "returned"),
    ],
)
def test_silence_counts_before_anybody_has_written_it_down(state: ShipmentState, days: int, kind: str) -> None:
    at = None if state is S.PENDING else ago(days)
    silent = parcel(
        state, shipped_at=ago(days), state_at=at, passed={} if at is None else {state.value: at}, forecast=None
    )
    assert kind_of(silent, NOW, RULES) == kind
    told = said(page(None, silent))
    assert ("no news of your parcel since" in f"{told.sentence}{told.silent}") == (kind in ("quiet", "customs"))


def test_a_new_number_begins_the_count_anew_and_what_was_written_down_counts_at_once() -> None:
    assert kind_of(parcel(S.PENDING, shipped_at=ago(9), renumbered_at=ago(1)), NOW, RULES) == "on_its_way"
    written = parcel(quiet_since=ago(1))
    told = said(page(None, written))
    assert told.sentence == "There has been no news of your parcel since 30 November 2026."
    assert "are asking" in told.advice
    unwritten = said(page(None, parcel(S.PENDING, shipped_at=ago(9))))
    assert unwritten.advice == "You need not do anything.", "nobody has been told yet"


LATE = Forecast(basis=Basis.AGREED, first=date(2026, 11, 25), last=date(2026, 11, 30))
PASSED = "It should have been with you by 30 November. We are sorry that it is late."


@pytest.mark.parametrize(
    ("shown", "when", "basis", "tone"),
    [
        (page(None, parcel()), COMING, "Of the last 62 parcels on this way, 57 arrived within this time.", "calm"),
        (page(None, parcel(forecast=LATE)), PASSED, "", "bad"),
        (page(None, parcel(S.DELIVERY_DELAYED, forecast=LATE)), PASSED, "", "bad"),
        (page(None, parcel(forecast=LATE, expected_at=NOW + timedelta(days=2))),
         "It arrives on 3 December.", "This is what the carrier expects.", "calm"),
        (page(None, parcel(forecast=None, expected_at=datetime.fromisoformat("2027-01-02T00:00Z"))),
         "It arrives on 2 January 2027.", "This is what the carrier expects.", "calm"),
        (page(order(O.PLACED, expected=MEASURED)), COMING,
         "Of the last 62 parcels on this way, 57 arrived within this time.", "calm"),
        (page(order(O.ON_HOLD, expected=MEASURED)), "", "", "calm"),
        (page(None, parcel(S.OUT_FOR_DELIVERY)), "", "", "calm"),
        (page(None, parcel(S.DELIVERED)), "", "", "good"),
        (page(None, parcel(S.RETURN_TO_SENDER)), "", "", "bad"),
    ],
)  # fmt: skip
def test_when_it_comes_says_how_that_is_known_and_a_day_that_passed_is_told(
    shown: Page, when: str, basis: str, tone: str
) -> None:
    found = said(shown)
    assert (found.when.text, found.when.basis, found.tone) == (when, basis, tone)
    assert f"{found.sentence} {found.when.text}".count("sorry") <= 1


def test_a_promise_is_for_a_day_where_the_buyer_is() -> None:
    last = parcel(forecast=Forecast(basis=Basis.AGREED, first=date(2026, 12, 1), last=date(2026, 12, 1)))
    evening = datetime.fromisoformat("2026-12-01T23:30Z")
    assert said(page(None, last), evening, ENGLISH).when.late
    assert not said(page(None, last), evening, Reader("en", "US", "America/New_York")).when.late


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (page(order(O.DELIVERED, lines=(BOOK,))), "We have sent you what you ordered by e-mail."),
        (page(order(O.PLACED, cancelled=True)), "Your order was cancelled."),
        (page(order(O.NOTHING_TO_ORDER, lines=(LAMP.model_copy(update={"sold": 0}),))), "Your order was cancelled."),
        (page(order(O.NOTHING_TO_ORDER, lines=(LAMP.model_copy(update={"elsewhere": True}),))), "Your parcel is on its way."),
        (page(order(O.ON_HOLD), requests=(asked(stopped=True),)), "You have withdrawn. Nothing of your order is sent."),
        (page(order(O.ON_HOLD), requests=(asked(pieces=1, stopped=True),)), "We are checking your order."),
        (page(order(O.PLACED), requests=(asked(stopped=True, state=RequestState.CLOSED),)),
         "Your order is being prepared for shipping."),
        (page(order(O.PLACED), requests=(asked(),)), "Your order is being prepared for shipping."),
        (page(order(O.CANCELLED), requests=(asked(stopped=True),)), "Your order was cancelled."),
        (page(order(lines=(LAMP, SHADE)), parcel(S.DELIVERED), parcel(units={"2": 1})), "1 of 2 parcels has arrived."),
        (page(order(lines=(LAMP, SHADE)), parcel(units={"1": 2}), parcel(units={"2": 1})), "2 parcels are on their way to you."),
        (page(order(lines=(LAMP, SHADE)), parcel(units={"1": 2}), parcel(S.ON_HOLD, units={"2": 1})),
         "0 of 2 parcels have arrived."),
        (page(order(lines=(LAMP, SHADE)), parcel(S.DELIVERED), parcel(S.DELIVERED, units={"2": 1})), "Your order has arrived."),
        (page(order(lines=(LAMP, SHADE)), parcel(S.DELIVERED, units={"1": 1}), parcel(S.DELIVERED, units={"1": 1})),
         "2 of 2 parcels have arrived."),
        (page(None, parcel(S.DELIVERED, state_at=None, passed={})), "Your order has arrived."),
        (page(order(lines=(LAMP, SHADE)), parcel(S.DELIVERED, state_at=ago(3), passed={"IN_TRANSIT": ago(3)})),
         "1 of 1 parcels has arrived."),
    ],
)  # fmt: skip
def test_the_sentence_speaks_of_all_of_the_order(shown: Page, sentence: str) -> None:
    assert said(shown).sentence == sentence
