"""What orderwright.yaml says of a supplier's stock file as CSV: where it is, and how it is written.

All about its form is optional: what is not declared is found in the file. What is declared wins over what is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from orderwright.connectors.feeds.csv.catalogue import CatalogueColumns, Column
from orderwright.connectors.feeds.csv.place import FilePlace, FileUrl
from orderwright.declarations import First
from orderwright.domain.connection_settings import ConfigFault, FeedSettings

DecimalSign = Literal[".", ","]


class TableForm(FilePlace):
    """How a file with a table is written. What is not declared is found in it."""

    lines_above_header: int | None = Field(
        default=None,
        ge=0,
        le=1000,
        description="lines to skip before the header; without it, the header is looked for",
    )
    separator: Literal[",", ";", "\t", "|"] | None = None
    encoding: Literal["utf-8", "cp1252", "utf-16", "utf-16-le", "utf-16-be"] | None = None
    decimal_sign: DecimalSign | None = Field(
        default=None, description="what stands before the decimals of its numbers; the other sign groups thousands"
    )

    def with_tabs(self) -> Self:
        """The same for a table that was written by our own code: its cells apart by tabs."""
        return type(self).model_validate({**self.model_dump(), "separator": "\t", "encoding": "utf-8"})


class CsvSettings(TableForm, FeedSettings):
    """A supplier's stock file."""

    LIMITS: ClassVar[frozenset[str]] = FeedSettings.LIMITS | {"catalogue"}

    kind: Literal["csv"]
    incremental_url: FileUrl | None = Field(
        default=None,
        description="a second file with what has changed since that full one; what is not in it is as the full one says",
    )
    sku_column: Column = "sku"
    stock_column: Column = Field(default="qty", description='"": this file tells no stock, another feed does')
    cost_column: Column = Field(default="cost", description='"": this file tells no cost')
    currency_column: Column = "currency"
    header: bool = Field(default=True, description="false: no line with headings; the columns are numbers from 1")
    stock_words: dict[str, Annotated[int, Field(ge=0, le=999_999_999)]] = Field(
        default_factory=dict,
        description='stock cells that are no number, and how many they count for: {"in stock": 10, ">50": 50, "10+": 10}',
    )
    sku_may_look_scientific: bool = Field(
        default=False, description="true: 4.00642E+12 is a SKU and no sign of a file that a spreadsheet damaged"
    )
    warehouse_column: Column = Field(
        default="", description="a SKU has a row for each warehouse: their stocks are added up"
    )
    warehouses: tuple[str, ...] = Field(default=(), description="only the stock of these counts; empty: of all")
    warehouse_columns: tuple[Column, ...] = Field(
        default=(),
        description="the column of each warehouse that counts, in place of stock_column: their stocks are added up",
    )

    catalogue: CatalogueColumns | None = Field(
        default=None, description="the file holds the goods too, in these columns; {} where they have the usual names"
    )

    @property
    def address(self) -> str:
        """See FeedSettings."""
        return self.url if self.incremental_url is None else f"{self.url}\n{self.incremental_url}"

    @property
    def urls(self) -> dict[str, str]:
        """See FilePlace."""
        return {"url": self.url, "incremental_url": self.incremental_url or ""}

    @property
    def stock_columns(self) -> tuple[str, ...]:
        """The columns whose numbers make the stock; none where the file does not tell it."""
        return self.warehouse_columns or ((self.stock_column,) if self.stock_column else ())

    @property
    def tells_stock(self) -> bool:
        """See FeedSettings."""
        return bool(self.stock_columns)

    @property
    def tells_cost(self) -> bool:
        """See FeedSettings."""
        return bool(self.cost_column)

    @property
    def tells_goods(self) -> bool:
        """See FeedSettings."""
        return self.catalogue is not None

    @model_validator(mode="after")
    def _columns_have_numbers(self) -> Self:
        """Without a header a column is known by its number; the standing name "currency" means: there is none."""
        names = ("sku_column", "cost_column", "currency_column", "warehouse_column")
        columns = [(name, getattr(self, name)) for name in names]
        columns += [
            ("warehouse_columns" if self.warehouse_columns else "stock_column", one) for one in self.stock_columns
        ]
        if self.catalogue:
            columns += [
                (f"catalogue.{name}", one) for name, (one, needed) in self.catalogue.columns().items() if needed
            ]
        for name, text in () if self.header else columns:
            if (
                text
                and (name, text) != ("currency_column", "currency")
                and not (text.isdecimal() and 0 < int(text) <= 1000)
            ):
                raise ValueError(f"{name}: with header: false a column is a number from 1 to 1000, such as 3")
        if self.warehouses and not self.warehouse_column:
            raise ValueError("warehouses: needs warehouse_column, the column that names them")
        if self.warehouse_columns and self.warehouse_column:
            raise ValueError("warehouse_columns: warehouses are columns or rows: take warehouse_column out")
        if self.warehouse_column and not self.stock_column:
            raise ValueError("warehouse_column: needs stock_column, the stock of each of them")
        return self

    def faults(self) -> Iterator[ConfigFault]:
        """See ConnectionSettings."""
        yield from super().faults()
        columns: dict[str, str] = {}
        names = (
            "sku_column",
            *(() if self.warehouse_columns else ("stock_column",)),
            "cost_column",
            "warehouse_column",
        )
        places = [((name,), getattr(self, name)) for name in names]
        for path, column in (*places, *((("warehouse_columns", one), one) for one in self.warehouse_columns)):
            if column and columns.setdefault(column, path[0]) != path[0]:
                yield ConfigFault(path, f"is the same column as {columns[column]}", "name another column")
        if not self.tells_stock and not self.tells_cost:
            yield ConfigFault(("stock_column",), "is empty, and so is cost_column: nothing is left to read", "name one")


FIRST = First("  stock-file:\n    kind: csv\n    url: {feed_url}\n    offers_of: {supplier}\n")
