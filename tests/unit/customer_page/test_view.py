"""What stands on the page: steps, parcels with what is in them, what is still to come; in whose time (R31)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from orderwright.customer_page import order_page, plain_page
from orderwright.customer_page.steps import steps_of
from orderwright.customer_page.view import pieces_of
from orderwright.customer_page.words import LANGUAGES, Reader
from orderwright.domain.contrast import contrast
from orderwright.domain.order import OrderState
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import Page
from tests.support.tracked import BOOK, FACE, LAMP, MEASURED, NOW, SET, SHADE, ago, order, page, parcel

ENGLISH = Reader("en", "FI", "Europe/Helsinki")
S = ShipmentState


def text_of(shown: Page, language: str = "en", now: datetime = NOW) -> str:
    """What a person reads of a page."""
    body = re.sub(r"<style>.*?</style>", "", order_page(shown, FACE, now, language), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize(
    ("state", "passed", "steps"),
    [
        (S.PENDING, {}, "confirmed+ shipped. transit- out- delivered-"),
        (S.IN_TRANSIT, {"PICKED_UP": 3, "IN_TRANSIT": 2}, "confirmed+ shipped+ transit. out- delivered-"),
        (S.IN_CUSTOMS, {"IN_TRANSIT": 3, "IN_CUSTOMS": 2}, "confirmed+ shipped+ transit+ customs. out- delivered-"),
        (S.IN_TRANSIT, {"IN_TRANSIT": 3, "IN_CUSTOMS": 2}, "confirmed+ shipped+ customs+ transit. out- delivered-"),
        (S.OUT_FOR_DELIVERY, {"IN_TRANSIT": 3, "OUT_FOR_DELIVERY": 1}, "confirmed+ shipped+ transit+ out. delivered-"),
        (S.DELIVERY_FAILED, {"IN_TRANSIT": 3, "OUT_FOR_DELIVERY": 2}, "confirmed+ shipped+ transit+ out. delivered-"),
        (S.READY_FOR_PICKUP, {"READY_FOR_PICKUP": 1}, "confirmed+ shipped+ pickup. delivered-"),
        (S.DELIVERED, {"IN_TRANSIT": 3, "DELIVERED": 1}, "confirmed+ shipped+ transit+ delivered+"),
        (S.DELIVERED, {}, "confirmed+ shipped+ delivered+"),
        (S.RETURN_TO_SENDER, {"IN_TRANSIT": 3}, "confirmed+ shipped+ transit+"),
        (S.ON_HOLD, {"ON_HOLD": 1}, "confirmed+ shipped. transit- out- delivered-"),
    ],
)
def test_steps_are_those_that_were_passed_where_it_is_and_what_comes(
    state: ShipmentState, passed: dict[str, int], steps: str
) -> None:
    times = {name: ago(days) for name, days in passed.items()}
    one = parcel(state, passed=times, state_at=ago(1))
    signs = {"done": "+", "now": ".", "open": "-"}
    found = steps_of(order(), one, NOW, ENGLISH)
    names = {
        ENGLISH.word(f"st_{name}"): name
        for name in ["confirmed", "shipped", "transit", "customs", "out", "pickup", "delivered"]
    }
    assert " ".join(f"{names[step.label]}{signs[step.how]}" for step in found) == steps


def test_an_order_of_which_nothing_has_left_shows_what_comes() -> None:
    assert [step.how for step in steps_of(order(OrderState.PLACED), None, NOW, ENGLISH)] == ["now", "open", "open"]
    assert steps_of(order(OrderState.ON_HOLD), None, NOW, ENGLISH) == []
    assert steps_of(order(OrderState.PLACED, lines=(BOOK,)), None, NOW, ENGLISH) == []


def test_times_are_those_where_the_buyer_is_and_the_zone_is_named() -> None:
    here = page(None, parcel())
    there = page(order(country_code="US", province_code="NY"), parcel())
    assert "29 November, 11:30" in text_of(here)
    assert "Times are those of Helsinki." in text_of(here)
    assert re.search("November 29, 4:30 AM", text_of(there))
    assert "Times are those of New York." in text_of(there)


@pytest.mark.parametrize(
    ("language", "zone", "city"),
    [
        ("uk", "Europe/Kyiv", "Київ"),
        ("uk", "Europe/Kiev", "Київ"),
        ("lv", "Europe/Riga", "Rīga"),
        ("ro", "America/Argentina/Buenos_Aires", "Buenos Aires"),
        ("de", "America/New_York", "New York"),
        ("fi", "Etc/GMT", "UTC"),
    ],
)
def test_a_zone_is_named_by_its_city_in_the_readers_language(language: str, zone: str, city: str) -> None:
    assert Reader(language, "", zone).zone_name == city


def test_bundles_are_shown_whole_where_they_are_whole_and_by_their_parts_where_not() -> None:
    lines = (LAMP, SET)
    assert pieces_of(lines, {"1": 1, "7+1": 4, "7+2": 2}) == [(1, "Mushroom table lamp, Sage"), (2, "Tea set")]
    assert pieces_of(lines, {"7+1": 3, "7+2": 1}) == [(1, "Tea set"), (1, "Stoneware mug, Tea set")]
    assert pieces_of(lines, {"7+1": 1}) == [(1, "Stoneware mug, Tea set")]


def test_several_parcels_show_what_is_in_each_and_what_is_still_to_come() -> None:
    shown = page(
        order(OrderState.PLACED, lines=(LAMP, SHADE, SET, BOOK), expected=MEASURED),
        parcel(S.DELIVERED, units={"1": 2}),
        parcel(S.OUT_FOR_DELIVERY, units={"7+1": 4, "7+2": 1}, number="N2", carrier_name=""),
    )
    text = text_of(shown)
    _, first, second = text.split("In this parcel")
    second, _, rest = second.partition("Not sent yet")
    assert first.startswith(" 2 × Mushroom table lamp, Sage Tracking number")
    assert second.startswith(" 1 × Tea set 2 × Stoneware mug, Tea set Tracking number N2")
    assert re.match(" It arrives between .* 1 × Linen shade 1 × Oak tray, Tea set Digital articles 1 × Light and", rest)
    assert "Follow it at Posti" in text
    assert "Follow it at the carrier" in text


def test_a_replaced_number_is_explained() -> None:
    one = parcel(former_numbers=("LP1", "JJFI60010000000001"), renumbered_at=ago(3))
    told = "On 28 November 2026 this parcel got a new number. Before, it was LP1. It is the same parcel."
    assert told in text_of(page(None, one))
    assert "new number" not in text_of(page(None, parcel()))


def test_a_cancelled_order_promises_nothing() -> None:
    shown = page(order(OrderState.CANCELLED, cancelled=True, expected=MEASURED))
    text = text_of(shown)
    assert "Your order was cancelled." in text
    assert not re.search("arrives|Not sent|Shipped", text)
    with_parcel = page(order(OrderState.CANCELLED, cancelled=True, lines=(LAMP, SHADE)), parcel())
    assert "Your parcel is on its way." in text_of(with_parcel)
    assert "Your order was cancelled." in text_of(with_parcel)
    assert "Linen shade" not in text_of(with_parcel).partition("Contact")[0].partition("Which")[0]


def test_of_the_person_only_first_name_and_town_are_shown_and_no_name_that_is_a_link() -> None:
    assert "For Anna in Helsinki" in text_of(page())
    assert "To Helsinki" in text_of(page(order(first_name="http://evil.example")))
    assert "For" not in text_of(page(order(town=""))).split("Contact")[0].split("Where")[0].split("We are")[0]


def test_what_others_wrote_is_text_and_a_bad_link_is_no_link() -> None:
    evil = "<script>alert(1)</script>\u202e"
    shown = page(
        order(name=evil, town=evil, lines=(LAMP.model_copy(update={"title": evil}),)),
        parcel(
            number=evil,
            carrier_name=evil,
            tracking_url="javascript:alert(1)",
            former_numbers=(evil,),
            renumbered_at=ago(1),
        ),
    )
    html = order_page(shown, FACE.model_copy(update={"logo_url": "http://x/y", "terms_url": "javascript:1"}), NOW, "en")
    assert not re.search(r"<script|javascript:|\u202e|<img", html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_largest_order_stays_under_forty_kilobytes(language: str) -> None:
    title = "Pöytävalaisin, messinki ja savulasi, 40 cm"
    lines = tuple(
        LAMP.model_copy(
            update={"line_id": f"1420000000{number}", "title": f"{title} {number}", "variant_title": "Musta"}
        )
        for number in range(40)
    )
    states = (
        S.IN_CUSTOMS,
        S.OUT_FOR_DELIVERY,
        S.DELIVERED,
        S.DELIVERY_DELAYED,
        S.IN_TRANSIT,
        S.ON_HOLD,
        S.PENDING,
        S.DELIVERED,
    )
    parcels = [
        parcel(state, units={line.line_id: 2 for line in lines[eighth::8]}, former_numbers=("LP00123456789CN",) * (eighth % 2),
               renumbered_at=ago(1), passed={"IN_TRANSIT": ago(3), "IN_CUSTOMS": ago(2), "OUT_FOR_DELIVERY": ago(1)})
        for eighth, state in enumerate(states)
    ]  # fmt: skip
    html = order_page(page(order(lines=lines), *parcels), FACE, NOW + timedelta(days=3), language)
    assert len(html.encode()) < 40_000


def test_nobody_learns_from_the_plain_page_whose_link_it_was() -> None:
    told = plain_page("lost")
    assert all(f'lang="{language}"' in told for language in LANGUAGES)
    assert FACE.name not in told


@pytest.mark.parametrize("colour", ["", "#ff5a5f", "#ffd400", "#ffffff", "#000000", "#808080", "#00a0ff"])
def test_any_colour_of_a_shop_can_be_read_by_day_and_by_night(colour: str) -> None:
    html = order_page(page(), FACE.model_copy(update={"colour": colour}), NOW, "en")
    own = dict(re.findall(r"--(brand|onbrand|byday|bynight):(#[0-9a-fA-F]{6})", html))
    grounds = re.findall(r"--desk:(#[0-9a-f]+);--card:(#[0-9a-f]+)", html)[:2]  # by day, by night
    assert contrast(own["brand"], own["onbrand"]) >= 4.5
    for accent, ground in zip((own["byday"], own["bynight"]), grounds, strict=True):
        for one in ground:
            assert contrast(accent, one if len(one) == 7 else "#ffffff") >= 4.5, (colour, accent, one)
