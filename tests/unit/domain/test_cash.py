"""When money comes and goes, and what is left, by sums made by hand (R22)."""

from __future__ import annotations

from datetime import date

import pytest

from orderwright.domain.cash import Flow, forecast, paid_out, payout_day, payout_rule
from orderwright.domain.cash_rules import PayoutRule
from tests.unit.domain.true_money_kit import money

MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("rule", "paid", "due"),
    [
        ({"days": 0}, 30, date(2026, 11, 30)),
        ({"days": 2}, 30, date(2026, 12, 2)),
        ({"days": 2, "on": ["mon", "thu"]}, 30, date(2026, 12, 3)),
        ({"days": 3, "on": ["thu"]}, 30, date(2026, 12, 3)),
        ({"days": 4, "on": ["thu"]}, 30, date(2026, 12, 10)),
        ({"days": 14, "on": ["fri"]}, 27, date(2026, 12, 11)),
    ],
)
def test_a_payout_comes_some_days_later_on_the_next_of_its_weekdays(
    rule: dict[str, object], paid: int, due: date
) -> None:
    assert payout_day(date(2026, 11, paid), PayoutRule.model_validate(rule)) == due


def test_a_reserve_is_kept_back_and_rounded_up_and_a_gateway_is_found_in_any_letter_case() -> None:
    rule = PayoutRule.model_validate({"days": 1, "keeps_percent": "10"})
    assert paid_out(money("10.01 EUR"), rule) == money("9.00 EUR")
    assert paid_out(money("10.01 EUR"), PayoutRule(days=1)) == money("10.01 EUR")
    assert payout_rule("Shopify_Payments ", {"shopify_payments": rule}) is rule
    assert payout_rule("paypal", {"shopify_payments": rule}) is None


def test_the_balance_runs_day_by_day_and_says_when_and_by_how_much_it_is_short() -> None:
    """100 - 60 = 40; - 70 + 20 = -10; 45.50 USD are 40 EUR: 30; - 35 = -5; what is due after four days is not in it."""

    def flow(day: int, amount: str, counted: str = "") -> Flow:
        when = date(2026, 11, 29) if not day else date(2026, 12, day)
        return Flow(when, money(amount), money(counted or amount), "what", "who")

    flows = [flow(0, "-60.00 EUR"), flow(1, "20.00 EUR"), flow(1, "-70.00 EUR"), flow(2, "45.50 USD", "40.00 EUR"),
             flow(3, "-35.00 EUR"), flow(4, "-500.00 EUR")]  # fmt: skip
    found = forecast(flows, money("100.00 EUR"), MONDAY, 4)
    assert [day.balance for day in found.days] == [
        money(f"{left} EUR") for left in ("40.00", "-10.00", "30.00", "-5.00")
    ]
    assert (found.below, found.lacking) == (date(2026, 12, 1), money("10.00 EUR"))
    assert (found.days[1].goes, found.days[1].comes) == ((money("-70.00 EUR"),), (money("20.00 EUR"),))
    assert found.days[2].comes == (money("45.50 USD"),)
    assert forecast([], money("1.00 EUR"), MONDAY, 4)[1:] == (None, money("0.00 EUR"))
