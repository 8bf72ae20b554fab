"""Amounts of one order in shop currency, and a list of what is wrong with them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from orderwright.connectors.reading import Node
from orderwright.domain.money import Money, minor_digits

ZERO = Decimal(0)


class Amounts:
    """Reads amounts in major units. What is missing is 0 and noted in `unclear`, so that nobody takes it for 0."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.unit = Decimal(1).scaleb(-minor_digits(currency))
        self.unclear: list[str] = []

    def note(self, sentence: str) -> None:
        """Something does not fit together: a sentence without personal data."""
        self.unclear.append(sentence)

    def bag(self, node: Node, key: str, where: str) -> Decimal:
        """`shopMoney` of a MoneyBag. Raises Rejected (UNREADABLE_ORDER) for anything but an amount or null."""
        found = self.maybe_bag(node, key, where)
        if found is None:
            self.note(f"{where}: the store gives no {key}")
        return found or ZERO

    def maybe_bag(self, node: Node, key: str, where: str) -> Decimal | None:
        """The same for a bag that the store leaves out where it does not apply: None."""
        outer = node.child(key)
        return self.plain(outer, "shopMoney", f"{where}: {key}") if outer else None

    def plain(self, node: Node, key: str, where: str) -> Decimal | None:
        """A MoneyV2, or None. One in another currency is noted and gives None."""
        money = node.child(key)
        if money is None:
            return None
        if money.currency("currencyCode") != self.currency:
            self.note(f"{where} is not in {self.currency}")
            return None
        return money.decimal("amount")

    def half_up(self, amount: Decimal) -> Decimal:
        """Rounded to the currency's smallest unit, halves away from zero: as taxes are."""
        return amount.quantize(self.unit, ROUND_HALF_UP)

    def money(self, amount: Decimal) -> Money:
        """As Money: half even where it has more digits than the currency."""
        return Money.of(amount, self.currency)
