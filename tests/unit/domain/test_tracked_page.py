"""When a link ends, and what an order's part says (R31)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderwright.domain.order import Address, OrderDetails, OrderLine, OrderRecord, OrderState, PaymentState
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import Page, TrackedOrder, ends_at
from orderwright.domain.tracking_rules import TrackingRules
from tests.support.fakes import START, unit_usd, usd
from tests.support.tracked import BOOK, LAMP, SET, SHADE, ago, order, page, parcel

S, TWO = ShipmentState, (LAMP, SHADE)
HOME = parcel(S.DELIVERED)
BEFORE = parcel(S.DELIVERED, passed={"DELIVERED": ago(9)}, state_at=ago(9))
REST = parcel(S.DELIVERED, units={"2": 1}, passed={"DELIVERED": ago(3)}, state_at=ago(3))


@pytest.mark.parametrize(
    ("shown", "last"),
    [
        (page(None, HOME), ago(0, 1)),
        (page(order(lines=TWO), BEFORE, REST), ago(3)),
        (page(order(lines=TWO), REST, BEFORE), ago(3)),
        (page(order(lines=TWO), BEFORE), None),
        (page(order(lines=TWO), BEFORE, parcel(units={"2": 1})), None),
        (page(order(lines=TWO), BEFORE, parcel(S.RETURN_TO_SENDER, units={"2": 1})), None),
        (page(order(lines=TWO), BEFORE, parcel(S.CANCELLED, units={"2": 1})), None),
        (page(order(lines=(LAMP, BOOK)), HOME), ago(0, 1)),
        (page(order(lines=(SET,)), parcel(S.DELIVERED, units={"7+1": 4, "7+2": 1})), None),
        (page(order(lines=(SET,)), parcel(S.DELIVERED, units={"7+1": 4, "7+2": 2})), ago(0, 1)),
        (page(order(lines=(LAMP.model_copy(update={"sold": 1}),)), HOME), ago(0, 1)),
        (page(None, parcel(S.DELIVERED, passed={"IN_TRANSIT": ago(4)}, state_at=ago(4))), None),
        (page(order()), None),
        (page(order(cancelled=True, closed_at=ago(2))), ago(2)),
        (page(order(cancelled=True, closed_at=ago(2)), parcel()), None),
        (page(order(cancelled=True, closed_at=ago(2), lines=TWO), HOME), ago(0, 1)),
        (page(order(lines=(BOOK,), closed_at=ago(2))), ago(2)),
        (page(order(lines=(LAMP, SHADE.model_copy(update={"elsewhere": True}))), HOME), None),
    ],
)
def test_a_link_ends_some_days_after_the_last_parcel_and_never_before(shown: Page, last: Any) -> None:
    assert ends_at(shown, TrackingRules()) == (last and last + timedelta(days=30))


@pytest.mark.parametrize(
    ("rules", "country", "days"),
    [
        (TrackingRules(link_days=14), "FI", 18),
        (TrackingRules(link_days=14), "US", 14),
        (TrackingRules(link_days=14, withdrawal_days=60), "FI", 64),
        (TrackingRules(link_days=14, return_days=30), "US", 34),
        (TrackingRules(link_days=90), "FI", 90),
    ],
)
def test_a_link_lasts_as_long_as_its_buyer_may_withdraw(rules: TrackingRules, country: str, days: int) -> None:
    assert ends_at(page(order(country_code=country), BEFORE), rules) == ago(9) + timedelta(days=days)


def line(line_id: str = "1", **more: Any) -> OrderLine:
    """A lamp."""
    known = {
        "line_id": line_id,
        "sku": "S",
        "title": "Lamp",
        "quantity": 1,
        "unfulfilled": 1,
        "unit_price": usd("9.00"),
    }
    return OrderLine.model_validate({**known, **more})


def part_of(
    *lines: OrderLine, ours: str = "", name: str = "Anna Example", city: str = "Turku", **more: Any
) -> TrackedOrder:
    """The order's part; `ours`: a line that a supplier has."""
    known = {
        "connection": "shop", "order_id": "1", "name": "#1", "created_at": START, "store_updated_at": START, "seen_at": START,
        "payment": PaymentState.PAID, "state": OrderState.PLACED, "total": usd("9.00"), "refunded": usd("0.00"),
    }  # fmt: skip
    details = OrderDetails(lines=lines, address=Address(name=name, line1="1 St", city=city, country_code="FI"))
    bought = PurchaseOrderLine(
        line_id=ours, sku="S", supplier_sku="S", title="", quantity=1, reservation=ours, unit_cost=unit_usd("1")
    )
    po = PurchaseOrder(
        supplier="cj", number=1, reference="R", lines=(bought,) if ours else (), freight=usd("0.00"), created_at=START
    )
    return TrackedOrder.of("shop#1", OrderRecord.model_validate({**known, **more}), details, [po])


def test_of_the_person_only_first_name_town_and_country_are_copied() -> None:
    told = part_of(line()).model_dump_json()
    assert '"Anna"' in told
    assert '"Turku"' in told
    assert "Example" not in told
    assert "1 St" not in told


@pytest.mark.parametrize(
    ("name", "city", "copied"),
    [
        ("http://evil.example Tom", "Turku", ("", "Turku")),
        ("tom@mail.example", "tom@mail.example", ("", "")),
        ("+358 401 999 888", "www.evil.example", ("", "")),
        ("040-1999888", "Win at evil.example", ("", "")),
        ("Example, Anna", "20100 Turku", ("Anna", "Turku")),
        ("  Anna\u202e Maria", "HTTPS:evil", ("Anna", "")),
        ("Anna\u00a0Example", "London SW1A 1AA", ("Anna", "London SW1A 1AA")),
        ("", "Frankfurt/Main", ("", "Frankfurt/Main")),
        ("Jean-Paul D'Arc", "St.Gallen", ("Jean-Paul", "St.Gallen")),
        ("x" * 10_000, "y" * 10_000, ("x" * 39 + "…", "y" * 79 + "…")),
        ("\x00", "\n\x07", ("", "")),
    ],
)
def test_p8_a_name_or_a_town_that_says_more_is_not_copied(name: str, city: str, copied: tuple[str, str]) -> None:
    told = part_of(line(), name=name, city=city)
    assert (told.first_name, told.town) == copied


def test_what_the_store_sent_itself_is_not_still_to_come() -> None:
    sent, mine = line("1", unfulfilled=0), line("2", unfulfilled=0)
    shown = part_of(sent, mine, line("3"), line("4", gift_card=True), ours="2")
    assert page(shown).not_sent() == {"2": 1, "3": 1}


def test_a_bundle_keeps_the_names_of_its_parts() -> None:
    parts = [
        line(
            f"7+{number}",
            title=title,
            of_line="7",
            bundle="SET",
            variant_title="Tea set",
            share=usd("4.00"),
            per_bundle=number,
        )
        for number, title in enumerate(("Mug", "Tray"), 1)
    ]
    (bundle,) = part_of(*parts).lines
    assert (bundle.parts, bundle.part_titles) == ({"7+1": 1, "7+2": 2}, {"7+1": "Mug", "7+2": "Tray"})


@pytest.mark.parametrize(
    ("lines", "state", "cancelled", "closed"),
    [
        ((line(),), OrderState.PLACED, True, True),
        ((line(),), OrderState.CANCELLED, False, True),
        ((line(),), OrderState.DELIVERED, False, False),
        ((line(requires_shipping=False),), OrderState.DELIVERED, False, True),
        ((line(requires_shipping=False),), OrderState.PLACED, False, False),
        ((line(),), OrderState.NOTHING_TO_ORDER, False, False),
    ],
)
def test_an_order_of_which_nothing_is_sent_closes_with_the_stores_last_change(
    lines: tuple[OrderLine, ...], state: OrderState, cancelled: bool, closed: bool
) -> None:
    assert (part_of(*lines, state=state, cancelled=cancelled).closed_at is not None) == closed
