"""Costs of one piece: all digits kept, rounded up where they are paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from orderwright.domain.money import CurrencyMismatch, Money
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.unit_cost import UnitCost
from tests.unit.domain.order_kit import offer, purchase_order, unit_usd, usd


def test_a_cost_keeps_its_digits_and_is_rounded_up_after_multiplying() -> None:
    cost = unit_usd("3.275")
    assert (cost.exact, cost.rounded, cost.times(3)) == (Decimal("3.275"), usd("3.28"), usd("9.83"))
    assert UnitCost.parse("1.5", "JPY").times(3) == Money(minor=5, currency="JPY")
    assert unit_usd("-0.001").rounded == usd("-0.01")
    assert unit_usd("0.000001").is_positive
    assert not unit_usd("0").is_positive


def test_equal_values_are_one_cost_with_one_text() -> None:
    assert unit_usd("3.2") == unit_usd("3.20") == unit_usd("3.2000000")
    assert len({unit_usd("3.2"), unit_usd("3.200")}) == 1
    assert [str(unit_usd(text)) for text in ("3.2", "9.30", "3.2750", "1E+1")] == [
        "3.20 USD", "9.30 USD", "3.275 USD", "10.00 USD",
    ]  # fmt: skip
    assert str(UnitCost.parse("150", "JPY")) == "150 JPY"


def test_costs_of_one_currency_add_up_exactly() -> None:
    assert unit_usd("3.275") + unit_usd("0.005") == unit_usd("3.28")
    with pytest.raises(CurrencyMismatch):
        unit_usd("1") + UnitCost.parse("1", "EUR")


@pytest.mark.parametrize(
    ("amount", "kind"),
    [
        ("3.2750001", "more than 6 digits"),
        ("three", "text of 5 characters"),
        ("NaN", "finite"),
        ("1e12", "finite"),
        (3.275, "got float"),
        (True, "got bool"),
    ],
)
def test_what_is_no_exact_cost_is_refused_with_its_kind(amount: Any, kind: str) -> None:
    with pytest.raises(ValueError, match=kind):
        UnitCost.parse(amount, "USD")
    with pytest.raises(ValueError, match=kind):
        UnitCost.model_validate({"amount": amount, "currency": "USD"})


def test_the_stored_form_and_the_one_of_older_versions_are_read() -> None:
    cost = unit_usd("3.275")
    assert cost.model_dump(mode="json") == {"amount": "3.275", "currency": "USD"}
    assert UnitCost.model_validate_json(cost.model_dump_json()) == cost
    assert UnitCost.model_validate({"minor": 327, "currency": "USD"}) == unit_usd("3.27")
    assert UnitCost.model_validate_json('{"minor": 327, "currency": "JPY"}') == UnitCost.parse("327", "JPY")


def test_records_of_older_versions_load_with_their_costs() -> None:
    before = {"minor": 640, "currency": "USD"}
    held, po = offer(), purchase_order(PurchaseOrderState.NEW)
    body = held.model_dump(mode="json") | {"cost": before, "freight": {"minor": 290, "currency": "USD"}}
    assert type(held).model_validate(body) == held
    body = po.model_dump(mode="json")
    for line in body["lines"]:
        line["unit_cost"] = before
    assert type(po).model_validate(body) == po


def test_the_expected_cost_counts_each_line_rounded_up() -> None:
    po = purchase_order(PurchaseOrderState.NEW)
    (line,) = po.lines
    line = line.model_copy(update={"unit_cost": unit_usd("3.275"), "quantity": 3})
    assert po.model_copy(update={"lines": (line, line), "freight": usd("1.00")}).expected_cost == usd("20.66")
