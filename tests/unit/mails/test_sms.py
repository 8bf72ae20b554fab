"""Text messages: one segment, the facts that fit, nothing about the buyer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from orderwright.domain.config import Merchant
from orderwright.domain.shipment import Milestone, ShipmentState
from orderwright.mails import MailContext, MailLine, render_sms
from orderwright.mails.sms import fits_one_segment, to_gsm
from orderwright.mails.translation import LANGUAGES

LINK = "https://t.example.com/XX00012345"
REASONS = (None, *ShipmentState)


def context(**changes: Any) -> MailContext:
    values: dict[str, Any] = {
        "merchant": Merchant(name="Northlight Outdoor", support_email="help@example.com"),
        "order_name": "#1042",
        "ordered_at": datetime(2026, 11, 20, tzinfo=UTC),
        "lines": (MailLine(title="Head torch", sku="HL-MS-400", quantity=1),),
        "first_name": "Aino",
        "display_name": "Aino Virtanen",
        "tracking_number": "XX00012345",
        "carrier_name": "Posti",
        "tracking_url": LINK,
        "expected_at": datetime(2026, 11, 27, tzinfo=UTC),
        **changes,
    }
    return MailContext(**values)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("milestone", list(Milestone))
def test_every_text_message_fits_one_segment_and_names_no_buyer(milestone: Milestone, language: str) -> None:
    for reason in REASONS:
        text = render_sms(milestone, context(reason=reason), language)
        assert fits_one_segment(text)
        assert text.startswith("Northlight")
        assert "#1042" in text
        assert "Aino" not in text
        assert "{" not in text
        if milestone not in (Milestone.CONFIRMED, Milestone.DIGITAL) and language != "uk":  # 70 units hold no link
            assert LINK in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("milestone", list(Milestone))
def test_the_longest_names_still_fit(milestone: Milestone, language: str) -> None:
    long = context(
        merchant=Merchant(name="N" * 90, support_email="help@example.com"),
        order_name="#" + "1" * 60,
        carrier_name="C" * 60,
        tracking_number="T" * 60,
        tracking_url="https://example.com/" + "p" * 200,
    )
    for reason in REASONS:
        assert fits_one_segment(render_sms(milestone, long.model_copy(update={"reason": reason}), language))


def test_an_ordinary_message_reads_like_this() -> None:
    assert render_sms(Milestone.SHIPPED, context(), "fi") == (
        f"Northlight Outdoor: tilauksenne #1042 on matkalla. Posti XX00012345 {LINK}"
    )
    assert "Neuer Termin: 27.11.2026." in render_sms(Milestone.DELAYED, context(), "de")


@pytest.mark.parametrize(
    ("merchant", "order", "said"),
    [
        ("M" * 12, "#10423", "MMMMMMMMMMMM: затримка замовлення #10423. Нова дата: 27 вер. 2026 р."),
        ("M" * 30, "#10423", "MMMMMMMMMMM...: затримка замовлення #10423. Нова дата: 27 вер. 2026 р."),
        ("M" * 12, "#" * 18, "MMMMMMMMMMMM: затримка замовлення ##################."),
    ],
)
def test_a_text_of_70_units_shortens_the_shops_name_first_and_then_leaves_out_the_date(
    merchant: str, order: str, said: str
) -> None:
    shop = Merchant(name=merchant, support_email="help@example.com")
    late = {
        "expected_at": datetime(2026, 9, 27, tzinfo=UTC),
        "carrier_name": "",
        "tracking_number": "",
        "tracking_url": "",
    }
    assert render_sms(Milestone.DELAYED, context(merchant=shop, order_name=order, **late), "uk") == said


def test_the_link_goes_before_the_carriers_name_when_there_is_no_room() -> None:
    url = "https://example.com/" + "p" * 85
    text = render_sms(Milestone.SHIPPED, context(tracking_url=url, carrier_name="C" * 24), "en")
    assert text.endswith(url)
    assert "CCC" not in text


DEPLOYED = f"https://abcdefghij.execute-api.eu-north-1.amazonaws.com/track/{'k2' * 16}"
OWN_DOMAIN = f"https://parcels.example.com/track/{'k2' * 16}"
LOCAL = f"http://127.0.0.1:8123/track/{'k2' * 16}"


@pytest.mark.parametrize(
    ("page", "milestone", "ends"),
    [
        (DEPLOYED, Milestone.SHIPPED, f"#1042 is on its way. XX00012345 {DEPLOYED}"),
        (OWN_DOMAIN, Milestone.SHIPPED, f"#1042 is on its way. Posti XX00012345 {OWN_DOMAIN}"),
        (LOCAL, Milestone.SHIPPED, f"#1042 is on its way. Posti XX00012345 {LOCAL}"),
        (DEPLOYED, Milestone.OUT_FOR_DELIVERY, f"#1042 is out for delivery. {DEPLOYED}"),
    ],
)
def test_the_page_takes_the_place_of_the_carriers_link_where_it_fits(
    page: str, milestone: Milestone, ends: str
) -> None:
    text = render_sms(milestone, context(page_url=page), "en")
    assert text.endswith(ends)
    assert fits_one_segment(text)
    assert LINK not in text


@pytest.mark.parametrize(
    ("shop", "page"),
    [
        ("Northlight Outdoor", f"https://{'parcels.' * 9}example.com/track/{'k2' * 16}"),
        # Another alphabet has 70 characters.
        ("Північ", DEPLOYED),
    ],
)
def test_without_room_for_the_page_all_is_as_it_was(shop: str, page: str) -> None:
    said = context(merchant=Merchant(name=shop, support_email="help@example.com"))
    for milestone in Milestone:
        text = render_sms(milestone, said.model_copy(update={"page_url": page}), "en")
        assert text == render_sms(milestone, said, "en")


def test_letters_outside_gsm_are_reduced_and_foreign_scripts_kept() -> None:
    assert to_gsm("Škoda’s “Café” – ç…") == 'Skoda\'s "Café" - c...'
    assert to_gsm("äöüßÅ€") == "äöüßÅ€"
    assert to_gsm("Þórður; cœur; ățș; ēļģ") == "Thordur; coeur; ats; elg"
    assert to_gsm("灯") == "灯"
    assert to_gsm("Київ, новий") == "Київ, новий"  # of another alphabet, so no letter is reduced
    assert to_gsm("Mulțumim, saņēmām") == "Multumim, sanemam"


@pytest.mark.parametrize(
    ("text", "fits"),
    [("a" * 160, True), ("a" * 161, False), ("€" * 80, True), ("€" * 81, False), ("灯" * 70, True), ("灯" * 71, False)],
)
def test_segments_are_counted_as_the_standard_counts(text: str, fits: bool) -> None:
    assert fits_one_segment(text) is fits


def test_a_line_break_in_a_name_stays_on_one_line() -> None:
    assert "\n" not in render_sms(Milestone.SHIPPED, context(order_name="#1\nX", carrier_name="A\r\nB"), "en")
