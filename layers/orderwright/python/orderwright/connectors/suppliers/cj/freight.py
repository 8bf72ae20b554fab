"""Which shipping methods CJ offers for a parcel, and which one to take (logistic/freightCalculate, 10 points)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.fields import CURRENCY, rows, text, unit_usd
from orderwright.domain.unit_cost import UnitCost
from orderwright.ports.freight import FreightQuote

POINTS = 10


def quotes(client: CjClient, country: str, goods: Sequence[tuple[str, int]]) -> list[FreightQuote]:
    """All methods for these (vid, quantity) from the connection's warehouse to a country (ISO code)."""
    body = {
        "startCountryCode": client.settings.from_country,
        "endCountryCode": country,
        "products": [{"vid": vid, "quantity": quantity} for vid, quantity in goods],
    }
    data = client.read("freightCalculate", "logistic/freightCalculate", body=body)
    found = []
    for row in rows(data):
        price, name = _price(row), text(row, "logisticName")
        if name and price is not None:
            taxes = _exact(row.get("taxesFee"))
            found.append(FreightQuote(name, price, None if taxes is None else taxes > 0))
    return found


def _price(row: Mapping[str, Any]) -> UnitCost | None:
    """`totalPostageFee` is the sum of the others; without it, of those that are there. None where neither can be read.

    Unconfirmed: that a total of 0 beside a price is a placeholder (seen in public code), so that the parts count then.
    """
    total, price = _exact(row.get("totalPostageFee")), _exact(row.get("logisticPrice"))
    if price is not None and not total:
        extra = (_exact(row.get(name)) for name in ("taxesFee", "clearanceOperationFee"))
        total = price + sum((fee for fee in extra if fee is not None), Decimal(0))
    return None if total is None else UnitCost.parse(total, CURRENCY)


def _exact(value: object) -> Decimal | None:
    """An amount with all its digits; None for what cannot be read."""
    found = unit_usd(value)
    return None if found is None else found.exact


def choose(offered: Sequence[FreightQuote], preferred: str) -> FreightQuote | None:
    """The preferred method where it is offered (goods with cells need another one), else the cheapest; None: no way."""
    for quote in offered:
        if quote.method == preferred:
            return quote
    return min(offered, key=lambda quote: (quote.price.exact, quote.method), default=None)
