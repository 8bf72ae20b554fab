"""Amounts of money as Shopify writes them: decimal text, in the shop's currency and in the buyer's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SHOP_CURRENCY = "USD"
DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}
# Fixed rates of the sandbox: one USD in the buyer's currency.
RATES = {
    "USD": Decimal(1),
    "EUR": Decimal("0.92"),
    "GBP": Decimal("0.79"),
    "SEK": Decimal("10.50"),
    "JPY": Decimal(150),
    "KWD": Decimal("0.307"),
}
ZERO = Decimal(0)


def digits_of(currency: str) -> int:
    """How many decimals this currency has."""
    return DIGITS.get(currency, 2)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount with exactly the currency's decimals, halves upwards."""
    return amount.quantize(Decimal(1).scaleb(-digits_of(currency)), ROUND_HALF_UP)


@dataclass(frozen=True)
class Currencies:
    """The buyer's currency and its rate, fixed for one order."""

    presentment: str
    rate: Decimal

    def bag(self, amount: Decimal) -> dict[str, dict[str, str]]:
        """A MoneyBag of the Admin API, from an amount in the shop's currency."""
        return {
            "shopMoney": {"amount": graphql_text(amount), "currencyCode": SHOP_CURRENCY},
            "presentmentMoney": {
                "amount": graphql_text(rounded(amount * self.rate, self.presentment)),
                "currencyCode": self.presentment,
            },
        }

    def rest_set(self, amount: Decimal) -> dict[str, dict[str, str]]:
        """The same two amounts in the shape of a webhook body."""
        return {
            "shop_money": {"amount": rest_text(amount, SHOP_CURRENCY), "currency_code": SHOP_CURRENCY},
            "presentment_money": {
                "amount": rest_text(amount * self.rate, self.presentment),
                "currency_code": self.presentment,
            },
        }


def currencies_for(presentment: str) -> Currencies:
    """The sandbox's rate for this currency; raises ValueError for one that the shop does not sell in."""
    if presentment not in RATES:
        raise ValueError(f"currency {presentment!r} is not sold in here; use one of {', '.join(sorted(RATES))}")
    return Currencies(presentment, RATES[presentment])


def graphql_text(amount: Decimal) -> str:
    """Shopify's GraphQL amounts drop trailing zeros but keep one decimal: 22.99, 10.0, 1500.0."""
    text = f"{amount.normalize():f}"
    return text if "." in text else f"{text}.0"


def price_text(amount: Decimal) -> str:
    """A variant's price: the shop's currency, always two decimals."""
    return rest_text(amount, SHOP_CURRENCY)


def rest_text(amount: Decimal, currency: str) -> str:
    """Webhook bodies keep the currency's own number of decimals."""
    return f"{rounded(amount, currency):f}"
