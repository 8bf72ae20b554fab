"""Taxes by the buyer's country, and what else a checkout settles about the money of an order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from local.sandbox.shopify.money import SHOP_CURRENCY, ZERO, rounded


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
        return rounded(price * self.rate / base, SHOP_CURRENCY)


@dataclass(frozen=True)
class Terms:
    """How an order came in and is paid. Amounts are USD.

    `incoterm` is DDP, DAP or None, `company` the name of a business that buys, `merchant_of_record` an app that sells
    in its own name, `source` Shopify's source name.
    """

    gateway: str = "shopify_payments"
    incoterm: str | None = None
    merchant_of_record: str | None = None
    source: str = "web"
    company: str | None = None
    tax_exempt: bool = False
    estimated_taxes: bool = False
    tip: Decimal = ZERO


USUAL_TERMS = Terms()
