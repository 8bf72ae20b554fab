"""The judge on what purchases leave: promise P13."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.shopify import TaxRule
from orderwright.domain.operations import StoredConfig
from orderwright.domain.order import OrderState, Release
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.records import Key
from tests.simulation.judge.reckoned import Customs
from tests.simulation.judge.small_shop import SKU, SmallShop, Story, bought
from tests.simulation.modes.true_money import know, rules_of

PLACED = PurchaseOrderState.PLACED


def such_a_shop(*, hs6: str = "851310", **rules: Any) -> Story:
    """A Finn has bought two for 30.00 with 25.5 % of tax: 23.90 net, 3.26 of duty, a fee of 1.17. They cost 10.00."""
    shop = SmallShop()
    shop.store.config.taxes = {"FI": TaxRule(Decimal("25.5"))}
    shop.memory["customs"] = {SKU: Customs(hs6, "M-1")}
    shop.config = know(shop.config, {**rules_of(), **rules}, 20)
    shop.judge.after_event()
    return bought(shop)


def paid(story: Story, amount: str = "10.00") -> list[str]:
    """What the judge says when the supplier takes so much."""
    story.purchase_order(PurchaseOrderState.INTENT, "pay")
    story.pay(amount)
    return [said for said in story.shop.judge.violations if said.startswith("P13")]


def released(story: Story, code: str, measure: int, seen: str = "") -> None:
    """The operator let this pass."""
    one = Release(
        code=code, measure=measure, unit="USD", seen=seen or f"{story.line}x2", at=story.shop.now(), by="operator"
    )
    story.record(OrderState.PLACING, releases=(one,))


def test_a_purchase_that_leaves_too_little_is_accused_to_the_cent() -> None:
    # 23.90 - 3.26 - 1.17 = 19.47 before the bill, and 20 % of 23.90 are 4.78.
    assert paid(such_a_shop(), "14.69") == []
    assert paid(such_a_shop(), "14.70") == [
        f"P13: {such_a_shop().reference} leaves 4.77 of 23.90 net, which is too little"
    ]


@pytest.mark.parametrize(("tax", "left"), [("0.00", "-0.53"), ("2.03", "1.50")])
def test_money_that_went_back_counts_less_the_tax_that_is_told(tax: str, left: str) -> None:
    story = such_a_shop()
    story.shop.store.refund_money(story.sold.name, Decimal(10), Decimal(tax))
    story.shop.judge.after_event()
    assert f"leaves {left} of" in paid(story)[0]


def test_a_release_holds_for_these_lines_and_nothing_worse() -> None:
    for measure, seen, accused in ((2053, "", False), (2052, "", True), (2053, "other-linex2", True)):
        story = such_a_shop()
        released(story, "MARGIN_TOO_LOW", measure, seen)
        assert bool(paid(story, "40.00")) is accused, (measure, seen)


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"destinations": rules_of()["destinations"][1:]}, "DESTINATION_WITHOUT_RULE"),
        ({"destinations": [{**rules_of()["destinations"][0], "valid_until": "2026-11-21"}]}, "RULE_NOT_VALID"),
        ({"destinations": [{**rules_of()["destinations"][0], "confirmed_by": "confirm"}]}, "RULE_UNCONFIRMED"),
        ({"fees": {"paypal": {"percent": "3"}}}, "FEE_MISSING"),
    ],
)
def test_what_nobody_knows_is_accused_unless_it_was_released_for_this_much(rules: dict[str, Any], code: str) -> None:
    assert f"was paid for 10.00 although {code}" in paid(such_a_shop(**rules))[0]
    for measure, left, accused in ((1000, "23.90", False), (999, "23.90", True), (1000, "23.91", True)):
        story = such_a_shop(**rules)
        released(story, code, measure, f"{story.line}x2 to FI, net {left} USD")
        assert bool(paid(story)) is accused, (measure, left)


def test_an_article_without_a_heading_is_accused() -> None:
    assert "although HEADING_MISSING" in paid(such_a_shop(hs6=""))[0]


def test_a_rule_that_was_changed_a_moment_ago_may_still_be_used() -> None:
    story = such_a_shop()
    document = know(story.shop.config, rules_of(), 90).model_dump_json(by_alias=True)
    stored = StoredConfig(number=2, document=document, applied_at=story.shop.now(), applied_by="test")
    story.shop.write(Key("control", "CONFIG", "CURRENT"), stored)
    assert paid(story) == []


@pytest.mark.parametrize(("margin", "accused"), [(947, False), (948, True), (None, True)])
def test_the_margin_that_is_written_down_is_the_ledgers(margin: int | None, accused: bool) -> None:
    story = such_a_shop()
    paid(story)
    story.purchase_order(PLACED, placed_at=story.shop.now())
    money = None if margin is None else {"minor": margin, "currency": "USD"}
    story.record(OrderState.PLACED, margin=money)
    assert ("P13: #1001 left 9.47, our side says" in story.violations()) is accused
