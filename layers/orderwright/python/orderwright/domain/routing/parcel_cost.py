"""What one source's parcel costs: its pieces, and what a parcel costs beside them. The one sum that search and words use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orderwright.domain.routing.question import Question, Share


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
    goods = freight = duty = duty_above = value = grams = 0
    headings: set[str] = set()
    for share in shares:
        option, need = question.option(share.need, source), question.need(share.need)
        goods += option.goods * share.quantity
        freight += option.freight * share.quantity
        duty += option.duty * share.quantity
        duty_above += option.duty_above * share.quantity
        value += need.value * share.quantity
        grams += need.grams * share.quantity
        headings.add(need.heading)
    beside = sender.beside
    if sender.limit is not None and value > sender.limit:
        if sender.above is None:
            return None
        beside, duty = sender.above, duty_above
    if sender.weight_steps:
        step = next((price for up_to, price in sender.weight_steps if grams <= up_to), None)
        if step is None:
            return None
        freight += step
    return ParcelCost(goods, freight, duty, beside.parcel + beside.heading * len(headings))
