"""A line of bundles taken apart adds up to the store's own line, whatever was edited in the store meanwhile (R3, P13)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orderwright.domain.bundle import Bundle
from orderwright.domain.bundle_lines import known_recipes, put_together, recipe_of, take_apart
from orderwright.domain.money import Money
from orderwright.domain.order import OrderDetails
from orderwright.domain.order_money import LineMoney, OrderMoney
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
