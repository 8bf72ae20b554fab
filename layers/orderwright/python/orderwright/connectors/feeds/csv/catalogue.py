"""Which columns of a stock file hold the goods themselves: title, texts, pictures, codes (the setting `catalogue`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from orderwright.domain.base import Model


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Column = Annotated[str, BeforeValidator(_number_as_text)]
"""A column by its heading, or by its number from 1 where the file has no header."""


def _one_or_several(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) else value


class CatalogueColumns(Model):
    """A column that is not named counts where the file has one of that name. What it costs is `cost_column`'s."""

    title: Column = "title"
    description: Column = "description"
    images: Annotated[tuple[Column, ...], BeforeValidator(_one_or_several)] = Field(
        default=("images",), description="one column or several; a cell may hold several addresses"
    )
    category: Column = "category"
    tags: Column = "tags"
    brand: Column = "brand"
    gtin: Column = "gtin"
    mpn: Column = "mpn"
    hs6: Column = "hs6"
    origin: Column = "origin"
    weight_grams: Column = "weight_grams"
    freight: Column = Field(
        default="freight", description="what sending one piece costs you, in the currency of its cost"
    )
    freight_per_piece: Decimal | None = Field(
        default=None, ge=0, decimal_places=6, description="the same where no column says it; 0: it is in the cost"
    )

    def columns(self) -> dict[str, tuple[str, bool]]:
        """What each is for -> its column, and whether a file without it is refused. The pictures' are images, images 2, ..."""
        found: dict[str, tuple[str, bool]] = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if name == "images":
                names = [name, *(f"{name} {number}" for number in range(2, len(value) + 1))]
                found |= {key: (column, value != field.default) for key, column in zip(names, value, strict=False)}
            elif name != "freight_per_piece":
                found[name] = value, name == "title" or value != field.default
        if self.freight_per_piece is None:
            found["freight"] = self.freight, True
        return found
