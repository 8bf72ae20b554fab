"""What a customer may ask for on the page, until when, for how many pieces (R49)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orderwright.domain.customer_request import RequestKind, RequestReason, RequestState
from orderwright.domain.request_window import Window, last_day, received_on, window_of
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import Page, TrackedLine, TrackedOrder, TrackedParcel, TrackedRequest
from orderwright.domain.tracking_rules import TrackingRules

HELSINKI, SANTIAGO = ZoneInfo("Europe/Helsinki"), ZoneInfo("America/Santiago")
AT = datetime(2026, 12, 1, 10, tzinfo=UTC)
RULES, RETURNS = TrackingRules(), TrackingRules(return_days=30)
LAMP = TrackedLine(line_id="1", title="Lamp", variant_title="Red", sold=3)
SET = TrackedLine(line_id="2", title="Set", sold=2, parts={"2+1": 2, "2+2": 1})


def parcel(state: str = "DELIVERED", at: datetime = AT, **units: int) -> TrackedParcel:
    """`l1=3`: three pieces of line 1."""
    passed = {state: at}
    lines = {name[1:].replace("_", "+"): pieces for name, pieces in units.items()}
    return TrackedParcel(number="X1", state=ShipmentState(state), shipped_at=AT, passed=passed, units=lines)


def page(
    *parcels: TrackedParcel, lines: Iterable[TrackedLine] = (LAMP,), asked: Iterable[TrackedRequest] = (), **order: Any
) -> Page:
    known = TrackedOrder(order="s#1", store="s", **{"country_code": "FI", **order}, lines=tuple(lines))
    sent = {f"REQUEST#{one.kind}#{one.number}": one for one in asked}
    return Page(mark="m", order=known, parcels={f"SHIP#{n}": one for n, one in enumerate(parcels)}, requests=sent)


def offered(shown: Page, rules: TrackingRules = RULES, zone: tzinfo = UTC) -> Window:
    """What must be offered on this page."""
    window = window_of(shown, rules, zone)
    assert window is not None
    return window


def asked(before: Page, pieces: int, kind: str = "WITHDRAWAL", rules: TrackingRules = RULES) -> TrackedRequest:
    """A request for the first line of a page."""
    return TrackedRequest(
        kind=RequestKind(kind), number=len(before.requests), lines=(offered(before, rules).lines[0].asked(pieces),), outcome="",
        reason=RequestReason.NOT_SAID, asked_at=AT, stopped=False, state=RequestState.OPEN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("order", "rules", "kind"),
    [
        ({}, RULES, "WITHDRAWAL"),
        ({}, RETURNS, "WITHDRAWAL"),
        ({"country_code": "GB"}, RULES, None),
        ({"country_code": "GB"}, TrackingRules(withdrawal_countries=("GB",)), "WITHDRAWAL"),
        ({"country_code": "IS"}, RULES, "WITHDRAWAL"),  # the European Economic Area
        ({"country_code": "RE"}, RULES, "WITHDRAWAL"),  # a part of France with a code of its own
        ({"country_code": "US"}, RETURNS, "RETURN"),
        ({"country_code": ""}, RULES, None),
        ({"cancelled": True}, RULES, None),
    ],
)
def test_what_is_offered_follows_from_the_country_and_the_rules(
    order: dict[str, Any], rules: TrackingRules, kind: str | None
) -> None:
    window = window_of(page(**order), rules, UTC)
    assert (window and window.kind) == kind


@pytest.mark.parametrize(
    "parcels",
    [
        (),
        (parcel(l1=2),),
        (parcel(l1=2), parcel("IN_TRANSIT", l1=1)),
        (parcel(l1=3), parcel("UNKNOWN", l1=1)),
        (parcel("RETURN_TO_SENDER", l1=3),),
    ],
)
def test_while_goods_are_to_come_the_window_has_no_end(parcels: tuple[TrackedParcel, ...]) -> None:
    window = offered(page(*parcels))
    assert (window.last_day, window.until) == (None, None)
    assert window.offers(AT + timedelta(days=3000))


@pytest.mark.parametrize(
    ("zone", "delivered", "last", "until"),
    [
        # 22:30 UTC is the next day in Helsinki; summer time ends on the last day there.
        (HELSINKI, "2026-12-01T10:00Z", "2026-12-15", "2026-12-15T22:00Z"),
        (HELSINKI, "2026-12-01T22:30Z", "2026-12-16", "2026-12-16T22:00Z"),
        (HELSINKI, "2027-03-15T08:00Z", "2027-03-29", "2027-03-29T21:00Z"),
        (HELSINKI, "2027-03-14T08:00Z", "2027-03-29", "2027-03-29T21:00Z"),
        # A Saturday and a Sunday run on to Monday.
        (HELSINKI, "2026-12-05T10:00Z", "2026-12-21", "2026-12-21T22:00Z"),
        (HELSINKI, "2026-12-06T10:00Z", "2026-12-21", "2026-12-21T22:00Z"),
        # In Santiago there is no midnight when summer time begins: the day of before ends when the clock jumps.
        (SANTIAGO, "2026-08-20T15:00Z", "2026-09-03", "2026-09-04T04:00Z"),
        (UTC, "2026-12-01T23:59:59Z", "2026-12-15", "2026-12-16T00:00Z"),
    ],
)
def test_it_ends_with_the_last_day_where_the_buyer_is(zone: Any, delivered: str, last: str, until: str) -> None:
    end = datetime.fromisoformat(until)
    window = offered(page(parcel(at=datetime.fromisoformat(delivered), l1=3)), zone=zone)
    assert (window.last_day, window.until) == (date.fromisoformat(last), end)
    assert [window.is_open(at) for at in (end - timedelta(microseconds=1), end)] == [True, False]


def test_the_last_parcel_counts_and_one_that_went_back_does_not() -> None:
    later = parcel(at=AT + timedelta(days=4), l1=1)
    assert received_on(page(parcel(l1=2), later), UTC) == date(2026, 12, 5)
    assert received_on(page(parcel(l1=3), parcel("RETURN_TO_SENDER", AT + timedelta(days=9), l1=3)), UTC) == AT.date()
    assert {last_day(date(2026, 12, 1) + timedelta(days=n), 14).weekday() for n in range(7)} == set(range(5))


def test_what_is_personalised_or_digital_is_excluded_and_bundles_are_whole() -> None:
    lines = (
        LAMP.model_copy(update={"personalised": True}),
        TrackedLine(line_id="3", title="File", sold=1, shipped=False),
        SET,
        TrackedLine(line_id="4", title="Gone", sold=0),
    )
    shown = [(one.line.line_id, one.most, one.excluded) for one in offered(page(lines=lines)).lines]
    assert shown == [("1", 0, True), ("3", 0, True), ("2", 2, False)]
    window = offered(page(parcel(l2_1=3, l2_2=2), lines=(SET,), country_code="US"), RETURNS)
    assert ([one.most for one in window.lines], window.until) == ([1], None)


def test_pieces_are_asked_for_once_also_when_the_store_took_them_out_of_the_order() -> None:
    first = page()
    one = asked(first, 1)
    for sold, left in ((3, 2), (2, 2), (1, 1), (0, 0)):
        window = offered(page(lines=(LAMP.model_copy(update={"sold": sold}),), asked=(one,)))
        assert sum(line.most for line in window.lines) == left, sold
    two = asked(page(asked=(one,)), 2)
    assert not offered(page(asked=(one, two))).offers(AT)
    assert (one.lines[0].title, two.lines[0].left) == ("Lamp, Red", 0)


def test_a_return_is_for_what_arrived() -> None:
    there: dict[str, Any] = {"country_code": "US"}
    part = page(parcel(l1=1), **there)
    one = asked(part, 1, "RETURN", RETURNS)
    for parcels, most in (((), 0), ((parcel(l1=1),), 0), ((parcel(l1=3),), 2)):
        assert offered(page(*parcels, asked=(one,), **there), RETURNS).lines[0].most == most
