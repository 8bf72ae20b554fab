"""R48: what an order adds to a day's statement, held against figures worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from orderwright.domain.difference import Difference
from orderwright.domain.order import Address, OrderDetails, OrderRecord, OrderState, PaymentState, SeenRefund
from orderwright.domain.order_money import OrderMoney
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.reckoning import Reckoning
from orderwright.domain.statement import (
    MOST_LISTED,
    Missing,
    OrderFacts,
    Part,
    Statement,
    SupplierSide,
    concerns,
    part_of,
    spend_part,
)
from orderwright.domain.unit_cost import UnitCost
from tests.unit.domain.true_money_kit import destination, money, order_lines, parcel, reckoned, rules, sold, tax

DAY = date(2026, 11, 29)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
EARLIER = datetime(2026, 11, 20, 12, tzinfo=UTC)
CARD = {"percent": "2.9", "fixed": {"amount": "0.30", "currency": "EUR"}}
GERMAN = rules(destination("DE", tax=tax("19")), fee=CARD)


def german_sale(**more: Any) -> OrderMoney:
    """29.99 with 19 % in it: 25.20 net and 4.79 tax."""
    return sold("25.20 EUR", "4.79", **more)


def reckoning() -> Reckoning:
    """Bought for 15.00: net 25.20, fee 2.9 % of 29.99 and 0.30, up: 1.17; margin 9.03."""
    return reckoned(parcel("DE", "11.00 EUR", "4.00 EUR"), german_sale(), GERMAN)


def record(**more: Any) -> OrderRecord:
    facts: dict[str, Any] = {
        "connection": "shop", "order_id": "1", "name": "#1001", "state": OrderState.PLACED, "payment": PaymentState.PAID,
        "total": money("29.99 EUR"), "refunded": money("0 EUR"), "created_at": NOON, "store_updated_at": NOON,
        "seen_at": NOON, "margin": money("9.03 EUR"),
    }  # fmt: skip
    return OrderRecord.model_validate({**facts, **more})


def bought(**more: Any) -> PurchaseOrder:
    line = PurchaseOrderLine(
        line_id="1",
        sku="S",
        supplier_sku="S",
        title="a",
        quantity=1,
        unit_cost=UnitCost(amount=Decimal(11), currency="EUR"),
    )
    facts: dict[str, Any] = {
        "supplier": "cj", "number": 1, "reference": "OW1", "lines": (line,), "freight": money("4.00 EUR"),
        "state": PurchaseOrderState.PLACED, "payable": money("15.00 EUR"), "reserved_spend": money("15.00 EUR"),
        "spend_day": "2026-11-29", "created_at": NOON, "placed_at": NOON, "reckoning": reckoning(),
    }  # fmt: skip
    return PurchaseOrder.model_validate({**facts, **more})


def details(held: OrderMoney | None, country: str = "DE") -> OrderDetails:
    return OrderDetails(lines=order_lines(1), money=held, address=Address(country_code=country) if country else None)


def added(facts: OrderFacts) -> Statement:
    return Statement(day=DAY, at=NOON).plus(part_of(DAY, facts))


def sums(statement: Statement) -> dict[str, str]:
    return {one.what: str(one.money) for one in statement.totals}


def test_a_german_sale_adds_its_charge_tax_purchase_and_fee_to_the_cent() -> None:
    side = SupplierSide(amount=money("15.00 EUR"))
    found = added(OrderFacts(record(), details(german_sale()), (bought(),), None, suppliers={"OW1": side}))
    assert sums(found) == {
        "sold": "29.99 EUR", "tax": "4.79 EUR", "bought": "15.00 EUR", "spend": "15.00 EUR", "fees": "1.17 EUR",
    }  # fmt: skip
    (row,) = found.tax
    assert (row.country, row.remitted_by, str(row.sales), str(row.refunds)) == (
        "DE",
        "merchant",
        "4.79 EUR",
        "0.00 EUR",
    )
    assert found.agrees


def test_fees_that_the_provider_says_count_on_the_day_of_the_order_and_no_rule_beside_them() -> None:
    held = german_sale(fees=money("1.13 EUR"))
    (fee,) = part_of(DAY, OrderFacts(record(), details(held), (bought(),))).fees
    assert (str(fee.fee), fee.source) == ("1.13 EUR", "as the payment provider says")
    assert part_of(DAY, OrderFacts(record(created_at=EARLIER), details(held), (bought(),))).fees == ()


@pytest.mark.parametrize(
    ("by_channel", "kept", "word"),
    [(True, False, "marketplace"), (None, False, "unknown"), (False, True, "supplier"), (False, False, "merchant")],
)
def test_tax_stands_with_who_remits_it(by_channel: bool | None, kept: bool, word: str) -> None:
    billed = reckoning().model_copy(update={"tax_kept": money("4.79 EUR")}) if kept else reckoning()
    facts = OrderFacts(record(), details(german_sale(by_channel=by_channel)), (bought(reckoning=billed),))
    assert [one.remitted_by for one in added(facts).tax] == [word]


def test_a_later_refund_stands_on_its_own_day_with_its_tax_and_the_sale_does_not() -> None:
    refund = SeenRefund(at=NOON, amount=money("5.00 EUR"), tax=money("0.80 EUR"))
    earlier = SeenRefund(at=EARLIER, amount=money("1.00 EUR"), tax=money("0.16 EUR"))
    facts = OrderFacts(record(created_at=EARLIER, refunds=(earlier, refund)), details(german_sale()), ())
    found = added(facts)
    assert sums(found) == {"refunded": "5.00 EUR"}
    assert [(str(one.sales), str(one.refunds)) for one in found.tax] == [("0.00 EUR", "0.80 EUR")]


def test_an_erased_or_missing_address_leaves_the_country_unknown_and_the_tax_counted() -> None:
    (row,) = added(OrderFacts(record(erased_at=NOON), details(german_sale(), ""), ())).tax
    assert (row.country, str(row.sales)) == ("", "4.79 EUR")


def test_currencies_are_never_added_up() -> None:
    euros = part_of(DAY, OrderFacts(record(), details(german_sale()), ()))
    dollars = part_of(DAY, OrderFacts(record(total=money("10 USD")), details(sold("10 USD", "0")), ()))
    found = Statement(day=DAY, at=NOON).plus(euros).plus(dollars).plus(euros)
    assert [str(one.money) for one in found.totals if one.what == "sold"] == ["59.98 EUR", "10.00 USD"]
    assert [(str(one.sales)) for one in found.tax] == ["9.58 EUR", "0.00 USD"]


@pytest.mark.parametrize(
    ("side", "code"),
    [
        (SupplierSide(amount=money("15.01 EUR")), "BILL_DIFFERS"),
        (SupplierSide(amount=money("15.00 USD")), "BILL_DIFFERS"),
        (SupplierSide(committed=False, amount=money("15.00 EUR")), "NOT_PAID_THERE"),
        (SupplierSide(found=False), "NOT_PAID_THERE"),
        (SupplierSide(cancelled=True), "CANCELLED_BY_SUPPLIER"),
        (SupplierSide(), "PAID_UNKNOWN"),
        (SupplierSide(unclear="another order"), "PAID_UNKNOWN"),
    ],
)
def test_each_way_in_which_a_supplier_disagrees_has_its_name(side: SupplierSide, code: str) -> None:
    found = added(OrderFacts(record(), details(german_sale()), (bought(),), suppliers={"OW1": side}))
    assert (found.codes, str(found.differences[0].ours)) == ((code,), "15.00 EUR")
    assert found.differences[0].fix


def test_an_order_without_clear_figures_is_named_instead_of_counted_without_tax() -> None:
    assert added(OrderFacts(record(), details(None), ())).codes == ("TAX_SPLIT_UNCLEAR",)
    assert added(OrderFacts(record(), details(german_sale(unclear=("no sum",))), ())).codes == ("TAX_SPLIT_UNCLEAR",)
    assert added(OrderFacts(record(payment=PaymentState.PENDING), details(None), ())).totals == ()


def test_a_margin_that_does_not_follow_from_the_figures_of_now_is_named() -> None:
    refunded = german_sale(given_back="5.00")
    (net,) = added(OrderFacts(record(), details(refunded), (bought(),))).differences
    assert (net.code, str(net.ours), str(net.theirs)) == ("MARGIN_STALE", "25.20 EUR", "20.20 EUR")
    (total,) = added(OrderFacts(record(margin=money("9.04 EUR")), details(german_sale()), (bought(),))).differences
    assert (total.code, str(total.ours), str(total.theirs)) == ("MARGIN_STALE", "9.04 EUR", "9.03 EUR")
    stale = bought(reckoning=reckoning().model_copy(update={"stale": "RATE_STALE"}))
    (why,) = added(OrderFacts(record(), details(german_sale()), (stale,))).differences
    assert "RATE_STALE" in why.message


def test_spend_counts_by_the_day_it_was_reserved_for_also_of_what_was_not_bought() -> None:
    parked = bought(state=PurchaseOrderState.PARKED, placed_at=None, reckoning=None)
    found = added(OrderFacts(record(created_at=EARLIER), details(german_sale()), (parked,)))
    assert sums(found) == {"spend": "15.00 EUR"}
    assert spend_part(found, {"cj": money("15.00 EUR")}).differences == ()
    for theirs in (money("14.99 EUR"), money("15.00 USD"), None):
        assert [one.code for one in spend_part(found, {"cj": theirs}).differences] == ["SPEND_DIFFERS"]
    assert spend_part(Statement(day=DAY, at=NOON), {"cj": None}).differences == ()
    assert spend_part(Statement(day=DAY, at=NOON), {"cj": money("0 USD")}).differences == ()


def test_test_orders_and_other_days_are_no_concern() -> None:
    assert concerns(DAY, record(), ())
    assert not concerns(DAY, record(test=True), ())
    assert not concerns(DAY, record(created_at=EARLIER), (bought(placed_at=EARLIER, spend_day="2026-11-20"),))
    assert concerns(DAY, record(created_at=EARLIER), (bought(),))


def test_a_day_of_many_differences_stays_small_and_counts_them_all() -> None:
    many = Part(differences=tuple(Difference(code="BILL_DIFFERS", message="x") for _ in range(MOST_LISTED + 50)))
    found = Statement(day=DAY, at=NOON).plus(many)
    assert (len(found.differences), found.count) == (MOST_LISTED, MOST_LISTED + 50)


def test_a_missing_side_is_never_agreement() -> None:
    found = Statement(day=DAY, at=NOON).without(Missing(connection="shop", code="UNAVAILABLE", message="down"))
    assert (found.agrees, found.codes) == (False, ("STATEMENT_INCOMPLETE",))
