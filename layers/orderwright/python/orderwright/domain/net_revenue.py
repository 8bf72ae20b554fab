"""What one purchase order's lines bring in (promise P13): the store's own figures, less every refund, without tax.

What belongs to the whole order is shared out by the lines' net values: shipping and collected duty over the lines that are
shipped, a refund of money over all lines that are left. All shares of an order add up to it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

from orderwright.domain.money import Money
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderLine
from orderwright.domain.order_money import OrderMoney


class Revenue(NamedTuple):
    """In shop currency. `net` is what is left of it for the merchant; `tax` is what the buyer paid on top of, or inside, it.

    `share` is the part of the whole order's net value that these lines are, for what is paid once an order.
    """

    lines: Money
    shipping: Money
    duty: Money
    given_back: Money
    tax: Money
    share: Fraction

    @property
    def net(self) -> Money:
        """All of it together."""
        return self.lines + self.shipping + self.duty - self.given_back


def revenue_of(
    money: OrderMoney | None,
    lines: Sequence[OrderLine],
    units: Mapping[str, int],
    bought: Mapping[str, int] | None = None,
) -> Revenue:
    """Of `units` (line id -> pieces) among the order's `lines`. Raises NotKnown: TAX_SPLIT_UNCLEAR, REFUND_UNALLOCATED.

    `bought`: the units of all purchase orders. Where these are more than is sold by now, they share what is left.
    """
    if money is None or money.unclear:
        what = "; ".join(money.unclear) if money else "they have not been read"
        raise NotKnown(
            "TAX_SPLIT_UNCLEAR",
            f"what the store says of the order's money is not clear: {what}",
            "look at the order in the store; when its figures are right there, retry: they are read again",
            "money",
        )
    sold = [line for line in lines if line.quantity > 0]
    net = {line.line_id: _net_of(money, line) for line in sold}
    total = sum(net.values())
    left = total + money.shipping.minor
    if money.given_back.minor > left:
        raise NotKnown(
            "REFUND_UNALLOCATED",
            f"{money.given_back} was refunded as money, more than the {_money(left, money)} that is left of the order",
            "refund the lines in the store, or cancel the order there",
            "money.given_back",
        )
    shipped = {line.line_id: net[line.line_id] for line in sold if line.requires_shipping and not line.gift_card}
    pieces = {line.line_id: max(line.quantity, (bought or {}).get(line.line_id, 0)) for line in sold}
    shares = {name: Fraction(min(count, pieces.get(name, 0)), pieces.get(name, 1)) for name, count in units.items()}
    taxes = {line.line_id: line.tax.minor for line in money.lines}

    def part(of: Mapping[str, int], rounding: object = floor) -> Money:
        exact = sum((of.get(name, 0) * share for name, share in shares.items()), Fraction())
        return _money(ceil(exact) if rounding is ceil else floor(exact), money)

    return Revenue(
        lines=part(net),
        shipping=part(shared_out(money.shipping.minor, shipped)),
        duty=part(shared_out(money.duty.minor, shipped)),
        given_back=part(shared_out(money.given_back.minor, net), ceil),
        tax=part(taxes) + part(shared_out(money.shipping_tax.minor, shipped)),
        share=sum((net.get(name, 0) * share for name, share in shares.items()), Fraction()) / total
        if total
        else Fraction(1),
    )


def shared_out(minor: int, weights: Mapping[str, int]) -> dict[str, int]:
    """An amount over names by weight, in whole minor units that add up to it; equal parts where no weight is above zero."""
    known = dict(weights) if any(weight > 0 for weight in weights.values()) else dict.fromkeys(weights, 1)
    total, so_far, given = sum(known.values()), 0, 0
    found: dict[str, int] = {}
    for name, weight in known.items():
        so_far += weight
        until = minor * so_far // total
        found[name] = until - given
        given = until
    return found


def channel_remits(money: OrderMoney, line_ids: Iterable[str]) -> bool | None:
    """Does a marketplace remit the tax of these lines? None: the store does not say. Lines without tax do not matter."""
    words = {line.by_channel for name in line_ids if (line := money.line(name)) is not None and line.tax.minor}
    if words <= {False}:
        return False
    return True if words == {True} else None


def _net_of(money: OrderMoney, line: OrderLine) -> int:
    found = money.line(line.line_id)
    if found is None:
        raise NotKnown(
            "TAX_SPLIT_UNCLEAR",
            f"the store gave no figures for {line.title}",
            "look at the order in the store, then retry",
            "money.lines",
        )
    return found.net.minor


def _money(minor: int, money: OrderMoney) -> Money:
    return Money(minor=minor, currency=money.currency)
