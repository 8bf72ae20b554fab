"""Routing over all stocks: every forwarded line ends once, and no supplier is asked for more than it can sell."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from orderwright.domain.catalogue import Offer
from orderwright.domain.order import OrderLine
from orderwright.domain.routing.case import Case
from orderwright.domain.routing.choosing import route
from orderwright.domain.routing.lines import is_forwarded
from orderwright.domain.rules import Rules
from tests.unit.domain.order_kit import line, offer

# No deadline: a busy machine is no failure.
FAST = settings(max_examples=100, deadline=None)
TODAY = date(2026, 11, 20)
skus = st.sampled_from(("A", "B", "C", ""))
lines = st.lists(st.tuples(skus, st.integers(0, 4), st.booleans()), max_size=6).map(
    lambda rows: [
        line(f"l{n}", sku, quantity, requires_shipping=ships) for n, (sku, quantity, ships) in enumerate(rows)
    ]
)
stocks = st.dictionaries(
    st.sampled_from(("A", "B")),
    st.dictionaries(st.sampled_from(("one", "two", "three")), st.integers(-2, 8), max_size=3),
)


@FAST
@given(lines, stocks, st.permutations(("one", "two")))
def test_each_line_is_routed_once_or_explained(
    order_lines: list[OrderLine], stock: dict[str, dict[str, int]], priority: list[str]
) -> None:
    offers: dict[str, list[Offer]] = {
        sku: [offer(supplier, sku, left) for supplier, left in per.items()] for sku, per in stock.items()
    }
    routing = route(order_lines, offers, Case(Rules(supplier_priority=tuple(priority)), TODAY))
    routed = [found for group in routing.by_supplier.values() for found in group]
    ends = Counter([found.line.line_id for found in routed])
    ends.update(reason.line_id for reason in routing.problems)
    ends.update(routing.not_routed)
    assert ends == Counter(each.line_id for each in order_lines)
    asked: Counter[tuple[str, str]] = Counter()
    for found in routed:
        assert is_forwarded(found.line)
        assert found.why
        asked[found.offer.supplier, found.offer.sku] += found.quantity
    for (supplier, sku), quantity in asked.items():
        assert quantity <= stock[sku][supplier]
