"""What orderwright.yaml says of a file of competitors' prices. A column may have several names: "price|amount"."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field

from orderwright.connectors.signals.settings import Column, SignalFile
from orderwright.declarations import First
from orderwright.domain.config_values import CurrencyCode
from orderwright.domain.connection_settings import ConfigFault

ID_COLUMNS = ("gtin", "mpn", "sku")


class PriceFileSettings(SignalFile):
    """A file of competitors' prices. Its rows are matched to your SKUs by GTIN, else by MPN, else by SKU."""

    TELLS: ClassVar[Literal["competitors", "rates"]] = "competitors"

    kind: Literal["competitor_prices"]
    max_missing_percent: int = Field(
        default=50, ge=0, le=100, description="breaker: share of prices that may be gone, or of rows refused, at once"
    )
    gtin_column: Column = "gtin|ean|upc|barcode"
    mpn_column: Column = "mpn"
    sku_column: Column = "sku"
    seller_column: Column = "seller|competitor|shop|merchant"
    seller: str = Field(default="", max_length=80, description="the competitor, where a row does not say it")
    price_column: Column = "price"
    currency_column: Column = "currency"
    currency: CurrencyCode | None = Field(default=None, description="where a row does not say it")
    shipping_column: Column = "shipping|shipping_cost|delivery_cost"
    condition_column: Column = "condition"
    pack_column: Column = Field(
        default="pack_size|pack", description="how many pieces the price is for; other than 1 is refused"
    )
    tax_column: Column = Field(
        default="tax_included|tax_in_price", description="whether tax is in the price: yes, no, included, excluded"
    )
    tax: Literal["included", "excluded", "as_ours"] = Field(
        default="as_ours", description="where a row does not say it; as_ours: as your own store's prices have it"
    )
    tax_percent_column: Column = "tax_percent|vat_percent"
    tax_percent: Decimal | None = Field(default=None, ge=0, le=50, description="where a row does not say it")
    seen_column: Column = Field(
        default="seen_at", description="when the price was seen: 2026-11-30T10:00:00Z, or a date; UTC without a zone"
    )

    @property
    def columns(self) -> dict[str, str]:
        """What each column is for -> its names."""
        return {
            name.removesuffix("_column"): getattr(self, name)
            for name in type(self).model_fields
            if name.endswith("_column")
        }

    @property
    def needed(self) -> frozenset[str]:
        """What a file must have a column for: what nothing else says, and what the settings name in their own words."""
        fields = type(self).model_fields
        own = {name for name, column in self.columns.items() if column and column != fields[f"{name}_column"].default}
        said = {"price": False, "seller": bool(self.seller), "currency": self.currency is not None}
        return frozenset(own | {name for name, elsewhere in said.items() if not elsewhere})

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        yield from super().faults()
        if not any(self.columns[name] for name in ID_COLUMNS):
            yield ConfigFault(("sku_column",), "is empty, and so are gtin_column and mpn_column", "name one of them")
        if not self.price_column:
            yield ConfigFault(("price_column",), "is empty", "name the column of the price")
        if self.tax == "excluded" and self.tax_percent is None and not self.columns["tax_percent"]:
            yield ConfigFault(("tax_percent",), "is missing beside tax: excluded", "write the rate, such as 19")


FIRST = First(
    "  competitors:\n    kind: competitor_prices\n    url: https://prices.example.com/today.csv\n    currency: {currency}\n"
)
