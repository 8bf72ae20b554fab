"""Which shipping methods CJ offers for a parcel, and which one to take (logistic/freightCalculate, 10 points)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.fields import rows, text, unit_usd
from orderwright.domain.unit_cost import UnitCost


class Quote(NamedTuple):
    """One method and what it costs, all surcharges included, USD."""

    method: str
    price: UnitCost


def quotes(client: CjClient, country: str, goods: Sequence[tuple[str, int]]) -> list[Quote]:
    """All methods for these (vid, quantity) from the connection's warehouse to a country (ISO code)."""
    body = {
        "startCountryCode": client.settings.from_country,
        "endCountryCode": country,
        "products": [{"vid": vid, "quantity": quantity} for vid, quantity in goods],
    }
    data = client.read("freightCalculate", "logistic/freightCalculate", body=body)
    found = []
    for row in rows(data):
        price = unit_usd(row.get("totalPostageFee")) or unit_usd(row.get("logisticPrice"))
        name = text(row, "logisticName")
        if name and price is not None:
            found.append(Quote(name, price))
    return found


def choose(offered: Sequence[Quote], preferred: str) -> Quote | None:
    """The preferred method where it is offered (goods with cells need another one), else the cheapest; None: no way."""
    for quote in offered:
        if quote.method == preferred:
            return quote
    return min(offered, key=lambda quote: (quote.price.exact, quote.method), default=None)
