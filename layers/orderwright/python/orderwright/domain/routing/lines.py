"""What routing makes of an order: which supplier ships which line, and why (R12, R17)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.fx import RateUnknown, exact_amount
from orderwright.domain.order import OrderLine, Reason
from orderwright.domain.routing.question import Answer, Question
from orderwright.domain.rules import Rules


class RoutedLine(NamedTuple):
    """Pieces of one order line and the offer that won, with the explanation for the time line.

    `reservation`: the name under which they are held already; "" where nothing is held yet.
    """

    line: OrderLine
    offer: Offer
    quantity: int
    why: str
    reservation: str = ""


class Routing(NamedTuple):
    """One purchase order per key of `by_supplier`. `not_routed` are lines that never go to a supplier.

    `question` and `answer` are what it comes from; None where there was nothing to choose.
    """

    by_supplier: dict[str, tuple[RoutedLine, ...]]
    problems: tuple[Reason, ...]
    not_routed: tuple[str, ...]
    question: Question | None = None
    answer: Answer | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Why each line goes where it goes, as the purchase orders say it."""
        return tuple(f"{one.offer.sku}: {one.why}" for routed in self.by_supplier.values() for one in routed)


def is_forwarded(line: OrderLine) -> bool:
    """Physical and still to be shipped. Digital lines and gift cards never go to a supplier (R9)."""
    return line.requires_shipping and not line.gift_card and line.unfulfilled > 0


def comparable_cost(offer: Offer, rules: Rules, today: date) -> Decimal | None:
    """What goods and freight cost, in the base currency; None when a rate is missing: such an offer comes last."""
    try:
        return exact_amount(offer.cost, rules.base_currency, rules, today) + exact_amount(
            offer.freight, rules.base_currency, rules, today
        )
    except RateUnknown:
        return None
