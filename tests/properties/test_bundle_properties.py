"""A line of bundles taken apart adds up to the store's own line, whatever was edited in the store meanwhile (R3, P13)."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orderwright.domain.bundle import Bundle
from orderwright.domain.bundle_lines import Part, known_recipes, put_together, recipe_of, take_apart
from orderwright.domain.landed_cost import Bought, BoughtLine
from orderwright.domain.money import Money
from orderwright.domain.net_revenue import revenue_of
from orderwright.domain.order import OrderDetails
from orderwright.domain.order_money import LineMoney, OrderMoney
from orderwright.domain.pricing import Offered, OfferedPart, Shop, price_for
from orderwright.domain.reckoning import margin_fault, reckon
from orderwright.domain.rules import Limits
from orderwright.domain.unit_cost import UnitCost
from tests.unit.domain import true_money_kit as true
from tests.unit.domain.order_kit import line, order, usd

RECIPES = st.dictionaries(st.sampled_from("ABCDE"), st.tuples(st.integers(1, 9), st.integers(0, 10**7)), min_size=1)
EDITS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 10**5), st.integers(0, 10**4)), min_size=1
)
ZERO = usd("0")


def money(minor: int) -> Money:
    return Money(minor=minor, currency="USD")


@given(RECIPES, EDITS)
def test_components_add_up_to_the_stores_line_through_all_edits(
    recipe: dict[str, tuple[int, int]], edits: list[tuple[int, int, int, int]]
) -> None:
    bundle = Bundle(of={sku: pieces for sku, (pieces, _) in recipe.items()}, title="Set")
    weights = {sku: weight for sku, (_, weight) in recipe.items()}
    held = OrderDetails(lines=())
    for quantity, shipped, price, tax in edits:
        sold = line("7", "SET", quantity, title="Set", unfulfilled=max(0, quantity - shipped), unit_price=money(price))
        other = line("8", "LAMP")
        of_line = LineMoney(line_id="7", net=money(price * quantity), tax=money(tax))
        rest = LineMoney(line_id="8", net=usd("22.99"), tax=ZERO)
        whole = OrderMoney(lines=(of_line, rest), shipping=ZERO, shipping_tax=ZERO, duty=ZERO, given_back=ZERO,
                           charged=ZERO, charged_tax=ZERO)  # fmt: skip
        read = order(sold, other, money=whole)
        found = take_apart(read, known_recipes(held.lines) or {"7": recipe_of(sold, bundle, {}, weights)})
        assert found.money is not None
        assert (found.money.net, found.money.tax) == (whole.net, whole.tax)
        assert put_together(found.lines) == [sold, other]
        parts = found.lines[:-1]
        assert {part.sku: part.quantity for part in parts} == {sku: quantity * n for sku, n in bundle.of.items()}
        assert [part.line_id for part in parts] == [f"7+{n}" for n in range(1, len(parts) + 1)]
        assert sum(part.share.minor for part in parts if part.share) == price
        held = OrderDetails.of(found)
        weights = dict.fromkeys(weights, 5)  # what is known keeps its shares
        assert known_recipes(held.lines) == known_recipes(found.lines)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(50, 4000), st.integers(0, 1500)), min_size=1, max_size=4),
    st.sampled_from(("included", "excluded")),
    st.integers(0, 30),
    st.booleans(),
)
def test_p13_at_its_floor_each_component_bought_alone_passes_the_gate(
    goods: list[tuple[int, int, int]], in_price: str, margin: int, duty: bool
) -> None:
    """Each component from a supplier of its own, with its part of an order of one bundle as the store charges it."""
    terms = {"percent": "4", "value": "cost", "per_heading": "1.00 USD"} if duty else "none"
    by = true.rules(
        true.destination("DE", tax=true.tax("19", in_price), duty=terms),
        fee={"percent": "2.9", "fixed": "0.30 USD", "valid_from": "2026-01-01", "confirmed_by": "the owner"},
        prices=[{"name": "all", "markup": "1", "minimum_margin_percent": str(margin), "ending": ""}],
    )
    parts = tuple(
        OfferedPart(
            f"P{n}", pieces, Offered(unit(cost), unit(freight), "CN", {"DE": unit(freight)}, "610910", "CN"),
            pieces * (cost + freight),
        )
        for n, (pieces, cost, freight) in enumerate(goods)
    )  # fmt: skip
    shop = Shop(true.STORE, "USD", ("DE",))
    limits = Limits(minimum_order_margin_percent=Decimal(margin))
    decision = price_for(Offered(None, None, parts=parts), by, limits, shop, sku="SET", category="", today=true.DAY)
    assert decision.price is not None
    net = decision.price.decimal / Decimal("1.19") if in_price == "included" else decision.price.decimal
    net_paid = Money.of(net.quantize(Decimal("0.01")), "USD")
    paid = Money.of((net_paid.decimal * Decimal("0.19")).quantize(Decimal("0.01")), "USD")
    charged = decision.price if in_price == "included" else net_paid + paid
    one = LineMoney(line_id="7", net=net_paid, tax=charged - net_paid)
    whole = OrderMoney(lines=(one,), shipping=ZERO, shipping_tax=ZERO, duty=ZERO, given_back=ZERO, charged=charged,
                       charged_tax=one.tax, gateways=("card",))  # fmt: skip
    sold = line("7", "SET", 1, unit_price=decision.price)
    recipe = [Part(f"7+{n}", part.sku, part.sku, "SET", part.pieces, part.weight) for n, part in enumerate(parts)]
    taken = take_apart(order(sold, money=whole), {"7": recipe})
    for bought, part in zip(taken.lines, parts, strict=True):
        assert part.offered.cost is not None
        assert part.offered.freight is not None
        goods_line = BoughtLine(
            bought.line_id, part.sku, part.pieces, part.offered.cost.times(part.pieces), "610910", "CN"
        )
        parcel = Bought(
            true.STORE,
            "DE",
            "CN",
            true.DAY,
            (goods_line,),
            part.offered.freight.times(part.pieces),
            duty_in_freight=True,
        )
        revenue = revenue_of(taken.money, taken.lines, {bought.line_id: bought.quantity})
        assert taken.money is not None
        found = reckon(parcel, revenue, taken.money, by)
        assert not margin_fault(found, Decimal(margin), None)


def unit(minor: int) -> UnitCost:
    return UnitCost.parse(Decimal(minor) / 100, "USD")
