"""What one source's parcel costs: its pieces, and what a parcel costs beside them. The one sum that search and words use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orderwright.domain.routing.question import MICRO, Beside, Need, Question, Share


class ParcelCost(NamedTuple):
    """In millionths of the base currency. `total` is their sum."""

    goods: int
    freight: int
    duty: int
    beside: int

    @property
    def total(self) -> int:
        """What is paid."""
        return self.goods + self.freight + self.duty + self.beside


def parcel_cost(question: Question, source: str, shares: Iterable[Share]) -> ParcelCost | None:
    """Of all `shares` that this source ships together; None where such a parcel is not sent (too dear, too heavy)."""
    sender = question.source(source)
    goods = freight = duty = value = grams = low = high = 0
    headings: set[str] = set()
    for share in shares:
        option, need = question.option(share.need, source), question.need(share.need)
        goods += option.goods * share.quantity
        freight += option.freight * share.quantity
        duty += option.duty * share.quantity
        value += need.value * share.quantity
        low += by_value(sender.beside, need) * share.quantity
        high += by_value(sender.above or sender.beside, need) * share.quantity
        grams += need.grams * share.quantity
        headings.add(need.heading)
    beside, share_of_value = sender.beside, low
    if sender.limit is not None and value > sender.limit:
        if sender.above is None:
            return None
        beside, share_of_value = sender.above, high
    if sender.weight_steps:
        step = next((price for up_to, price in sender.weight_steps if grams <= up_to), None)
        if step is None:
            return None
        freight += step
    return ParcelCost(goods, freight, duty, beside.parcel + beside.heading * len(headings) + share_of_value)


def by_value(beside: Beside, need: Need) -> int:
    """What a piece of this need costs by its value, rounded up to a millionth, so that pieces add up exactly."""
    return -(-beside.value_ppm * need.value // MICRO)
