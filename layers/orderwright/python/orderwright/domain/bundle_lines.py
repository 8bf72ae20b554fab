"""A line of bundles as one line a component, and back (R3). Pure.

The store's line "7" of 2 bundles of 2 mugs and 1 plate is the lines "7+1" (4 mugs) and "7+2" (2 plates): components by SKU. Its
money is shared out by weight, in whole minor units that add up to it. What is known of an order keeps its recipe and weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from orderwright.domain.bundle import Bundle
from orderwright.domain.money import Money
from orderwright.domain.net_revenue import shared_out
from orderwright.domain.order import OrderLine, StoreOrder
from orderwright.domain.order_money import LineMoney


class Part(NamedTuple):
    """One component of a line of bundles. `weight`: its part of the line's money, beside those of the others."""

    line_id: str
    sku: str
    title: str
    bundle: str
    pieces: int
    weight: int


Recipes = Mapping[str, Sequence[Part]]
"""By the store's line."""


def recipe_of(line: OrderLine, bundle: Bundle, titles: Mapping[str, str], weights: Mapping[str, int]) -> list[Part]:
    """Of a line that is not known yet."""
    return [
        Part(f"{line.line_id}+{number}", sku, titles.get(sku) or sku, line.sku, pieces, weights[sku])
        for number, (sku, pieces) in enumerate(sorted(bundle.of.items()), 1)
    ]


def known_recipes(lines: Iterable[OrderLine]) -> dict[str, list[Part]]:
    """Those with which the lines of a known order were taken apart when it was first seen."""
    found: dict[str, list[Part]] = {}
    for line in lines:
        if line.of_line:
            part = Part(line.line_id, line.sku, line.title, line.bundle, line.per_bundle, line.weight)
            found.setdefault(line.of_line, []).append(part)
    return found


def take_apart(order: StoreOrder, recipes: Recipes) -> StoreOrder:
    """With one line a component in place of each line that has a recipe. Units and money add up to the store's."""
    if not any(line.line_id in recipes for line in order.lines):
        return order
    lines = tuple(part for line in order.lines for part in components(line, recipes.get(line.line_id)))
    if order.money is None:
        return order.taken_apart(lines, None)
    money = tuple(part for line in order.money.lines for part in _money(line, recipes.get(line.line_id)))
    return order.taken_apart(lines, order.money.taken_apart(money))


def components(line: OrderLine, recipe: Sequence[Part] | None) -> list[OrderLine]:
    """What it is taken apart into; itself where it has no recipe."""
    if recipe is None:
        return [line]
    shares = _shares(line.unit_price, recipe)
    return [
        line.component(
            part.line_id, part.sku, part.title,
            bundle=part.bundle, pieces=part.pieces, weight=part.weight, share=shares[part.line_id],
        )
        for part in recipe
    ]  # fmt: skip


def _money(line: LineMoney, recipe: Sequence[Part] | None) -> list[LineMoney]:
    if recipe is None:
        return [line]
    net, tax = _shares(line.net, recipe), _shares(line.tax, recipe)
    return [
        LineMoney(line_id=name, net=net[name], tax=tax[name], by_channel=line.by_channel)
        for name in (part.line_id for part in recipe)
    ]


def _shares(amount: Money, recipe: Sequence[Part]) -> dict[str, Money]:
    shares = shared_out(amount.minor, {part.line_id: part.weight for part in recipe})
    return {name: Money(minor=minor, currency=amount.currency) for name, minor in shares.items()}


def put_together(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """As the store has them, and the buyer bought them."""
    found: dict[str, OrderLine] = {}
    for line in lines:
        if line.of_line and line.of_line not in found:
            shares = [one.share for one in lines if one.of_line == line.of_line and one.share is not None]
            found[line.of_line] = line.put_together(sum(shares[1:], shares[0]) if shares else line.unit_price)
        elif not line.of_line:
            found[line.line_id] = line
    return list(found.values())
