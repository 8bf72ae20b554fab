"""The kit's order desk: the money of an order, as each store has it that is made of the kit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.kit.money import TaxRule
from local.sandbox.kit.orders import Order
from local.sandbox.kit.people import CartLine
from local.sandbox.kit.shop import Store
from local.sandbox.wire import World
from tests.contracts.sandbox_kit import Clock

SKU = "HL-MS-400"


class Corner(Store):
    """A store that only listens to itself: what it would send, one list for each action."""

    def __init__(self) -> None:
        super().__init__(World(clock=Clock()), "corner")
        self.told: list[list[str]] = [[]]

    def changed(self, event: str, order: Order, part: Any = None) -> None:
        self.told[-1].append(event)

    def ended(self, order: Order) -> None:
        self.told.append([])


def test_an_action_says_all_that_it_caused_before_it_ends() -> None:
    corner = Corner()
    order = corner.buy([(SKU, 2)])
    corner.edit(order.number, {SKU: 1})
    corner.cancel(order.name)
    assert corner.told == [["created", "paid"], ["edited"], ["cancelled", "refunded"], []]
    assert [row.kind for row in order.transactions] == ["SALE", "REFUND"]


@pytest.mark.parametrize(
    ("included", "total", "tax", "back"),
    [(True, "56.00", "7.35", "22.00"), (False, "64.74", "8.74", "26.18")],
)
def test_a_tax_rule_of_the_country_is_in_or_on_lines_shipping_and_refunds(
    included: bool, total: str, tax: str, back: str
) -> None:
    corner = Corner()
    corner.taxes["FI"] = TaxRule(Decimal(19), included)
    lines = [
        CartLine(None, 2, "Engraving", Decimal("22.00")),
        CartLine(None, 1, "Gift card", Decimal("10.00"), gift_card=True),
    ]
    order = corner.buy(lines, shipping_price=Decimal("2.00"))
    assert (str(order.total), str(order.tax_now), str(order.received)) == (total, tax, total)
    corner.refund(order.number, [(order.lines[0].number, 1)])
    assert (str(order.refunded), order.financial_status) == (back, "PARTIALLY_REFUNDED")
    corner.refund_money(order.number, Decimal("5.00"), Decimal("0.80"))
    (booked,) = order.refunds[-1].adjustments
    assert (booked.amount, booked.tax, order.refund_discrepancy) == (Decimal(-5), Decimal("-0.80"), Decimal(-5))
    with pytest.raises(ValueError, match="more than was received"):
        corner.refund_money(order.number, Decimal(100))


def test_an_authorised_order_is_captured_and_a_pending_one_paid_once() -> None:
    corner = Corner()
    authorised, pending = corner.buy([(SKU, 1)], pay="authorized"), corner.buy([(SKU, 1)], pay="pending")
    assert (authorised.financial_status, pending.financial_status) == ("AUTHORIZED", "PENDING")
    for order in (authorised, pending):
        corner.capture(order.number)
        with pytest.raises(ValueError, match="nothing to pay"):
            corner.capture(order.number)
    assert [row.kind for row in authorised.transactions] == ["AUTHORIZATION", "CAPTURE"]
    assert [row.kind for row in pending.transactions] == ["SALE"]


def test_an_erased_buyer_is_nowhere_on_the_order() -> None:
    corner = Corner()
    order = corner.redact(corner.buy([(SKU, 1)], note="ring twice").name)
    assert (order.buyer, order.address, order.note) == (None, None, None)
