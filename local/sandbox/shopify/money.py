"""Amounts of money as Shopify writes them: decimal text, in the shop's currency and in the buyer's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from local.sandbox.goods import CURRENCY
from local.sandbox.kit.money import rate_of, rounded, text


@dataclass(frozen=True)
class Currencies:
    """The buyer's currency and its rate, fixed for one order."""

    presentment: str
    rate: Decimal

    def bag(self, amount: Decimal) -> dict[str, dict[str, str]]:
        """A MoneyBag of the Admin API, from an amount in the shop's currency."""
        return {
            "shopMoney": {"amount": graphql_text(amount), "currencyCode": CURRENCY},
            "presentmentMoney": {
                "amount": graphql_text(rounded(amount * self.rate, self.presentment)),
                "currencyCode": self.presentment,
            },
        }

    def rest_set(self, amount: Decimal) -> dict[str, dict[str, str]]:
        """The same two amounts in the shape of a webhook body."""
        theirs = text(amount * self.rate, self.presentment)
        return {
            "shop_money": {"amount": text(amount), "currency_code": CURRENCY},
            "presentment_money": {"amount": theirs, "currency_code": self.presentment},
        }


def currencies_for(presentment: str) -> Currencies:
    """The sandbox's rate for this currency; raises ValueError for one that the shop does not sell in."""
    return Currencies(presentment, rate_of(presentment))


def graphql_text(amount: Decimal) -> str:
    """Shopify's GraphQL amounts drop trailing zeros but keep one decimal: 22.99, 10.0, 1500.0."""
    shown = f"{amount.normalize():f}"
    return shown if "." in shown else f"{shown}.0"
