"""The money of a store's orders: the shop's currency and the buyer's, and taxes by country."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from local.sandbox.goods import CURRENCY

ZERO = Decimal(0)
_DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3}
# Fixed rates of the sandbox: one USD in the buyer's currency.
RATES = {
    "USD": Decimal(1),
    "EUR": Decimal("0.92"),
    "GBP": Decimal("0.79"),
    "SEK": Decimal("10.50"),
    "JPY": Decimal(150),
    "KWD": Decimal("0.307"),
}


def rounded(amount: Decimal, currency: str = CURRENCY) -> Decimal:
    """The amount with exactly the currency's decimals, halves upwards."""
    return amount.quantize(Decimal(1).scaleb(-_DIGITS.get(currency, 2)), ROUND_HALF_UP)


def text(amount: Decimal, currency: str = CURRENCY) -> str:
    """The amount with the currency's own number of decimals, as most vendors write it: 22.90, 1500 (JPY)."""
    return f"{rounded(amount, currency):f}"


def rate_of(currency: str) -> Decimal:
    """One USD in this currency; raises ValueError for one that the sandbox's shops do not sell in."""
    if currency not in RATES:
        raise ValueError(f"currency {currency!r} is not sold in here; use one of {', '.join(sorted(RATES))}")
    return RATES[currency]


@dataclass(frozen=True)
class TaxRule:
    """What the store charges in one country. `rate` is in percent; `included` says that prices contain it.

    `channel_liable` says who remits: False the merchant, True the channel, None nobody said.
    """

    rate: Decimal
    included: bool = True
    channel_liable: bool | None = False
    on_shipping: bool = True
    title: str = "VAT"

    def of(self, price: Decimal) -> Decimal:
        """The tax in this price (included) or on it, halves upwards."""
        base = 100 + self.rate if self.included else Decimal(100)
        return rounded(price * self.rate / base)
