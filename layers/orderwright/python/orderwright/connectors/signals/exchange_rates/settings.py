"""What orderwright.yaml says of a file of exchange rates: where it lies, its columns, and what its numbers mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from orderwright.connectors.signals.settings import Column, SignalFile
from orderwright.declarations import First
from orderwright.domain.config_values import CurrencyCode
from orderwright.domain.connection_settings import ConfigFault


class ExchangeRatesSettings(SignalFile):
    """A file of exchange rates."""

    TELLS: ClassVar[Literal["competitors", "rates"]] = "rates"

    kind: Literal["exchange_rates"]
    base: CurrencyCode = Field(
        description="the currency of the file itself: one unit of it costs so much of each other one, or is their price"
    )
    quoted: Literal["units_per_base", "base_per_unit"] = Field(
        description="units_per_base: with base EUR, USD 1.08 means 1 EUR = 1.08 USD; base_per_unit: 1 USD = 1.08 EUR"
    )
    currency_column: Column = "currency"
    rate_column: Column = "rate"
    date_column: Column = Field(
        default="dated|date", description="without such a column: the one date in the header and in the lines above it"
    )
    dated: Literal["file", "modified"] = Field(
        default="file", description="modified: a file without dates is of the day on which it was last changed"
    )
    currencies: tuple[CurrencyCode, ...] = Field(default=(), description="only these; empty: all that the file has")
    max_change_percent: int = Field(
        default=5, ge=1, description="breaker: a file in which one rate moved by more waits for you"
    )

    def may_rate(self, currency: str) -> bool:
        """See SignalSettings."""
        return not self.currencies or currency in (self.base, *self.currencies)

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        yield from super().faults()
        if len({self.currency_column, self.rate_column, self.date_column}) < 3:
            yield ConfigFault(("rate_column",), "is the same column as another one", "name another column")


FIRST = First(
    "  rates:\n    kind: exchange_rates\n    url: https://rates.example.com/daily.csv\n"
    "    base: EUR\n    quoted: units_per_base\n"
)
