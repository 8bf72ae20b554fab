"""Rows of a file to competitors' prices. What is absurd, or of another pack size, is refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from orderwright.connectors.context import Context
from orderwright.connectors.signals.competitor_prices.settings import ID_COLUMNS, PriceFileSettings
from orderwright.connectors.signals.shared import BadCell, currency_of, place_at, sku_of, told_answer, unspoilt
from orderwright.connectors.signals.tables import Table, TableRow, Wanted, read_table
from orderwright.domain.check_digits import is_gtin
from orderwright.domain.money import CURRENCIES, Money, minor_digits
from orderwright.domain.repricing.signals import CompetitorQuote
from orderwright.ports.connection import Account
from orderwright.ports.feed import BadRow, FeedAnswer, FileForm
from orderwright.ports.signals import CompetitorFile, PriceRow

LOWEST = Decimal("0.05")
"""Nobody sells a piece for less: such a price is a placeholder."""
_AHEAD = timedelta(minutes=10)
_MOST_TEXT = 80
_MOST_KEPT = 50_000
_YES, _NO = ("yes", "true", "1", "included", "incl", "gross"), ("no", "false", "0", "excluded", "excl", "net")
_TAX = {"included": True, "excluded": False, "as_ours": None}


class CompetitorPricesFile(Account, CompetitorFile):
    """One file."""

    def __init__(self, context: Context[PriceFileSettings]) -> None:
        self._context = context
        self._settings = context.settings

    def account(self) -> str:
        """See usecases/identity.py: a file names none."""
        return ""

    def probe(self) -> str:
        """See ports.Account."""
        return told_answer(self.open_feed(""), self._settings)

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        """See SignalSource."""
        return place_at(self._context, self._settings.url).open(etag, seen)

    def read_prices(
        self, pieces: Iterable[bytes], signs: Mapping[str, str], tell: Callable[[FileForm], None] | None = None
    ) -> Iterator[PriceRow | BadRow]:
        """See CompetitorFile."""
        settings = self._settings
        numbers = frozenset({"price", "shipping", "pack", "tax_percent"})
        table = read_table(pieces, settings, Wanted(settings.columns, settings.needed, ID_COLUMNS, numbers), signs)
        if tell and table.form:
            tell(table.form)
        yield from table.bad
        reader = _Rows(table, settings, self._context.clock.now())
        for row in table:
            yield reader.read(row)


class _Rows:
    def __init__(self, table: Table, settings: PriceFileSettings, now: datetime) -> None:
        self._table, self._settings, self._now = table, settings, now
        self._field = ""
        self._plain: dict[str, str] = {}
        self._amounts: dict[tuple[Decimal, str], Money] = {}

    def read(self, row: TableRow) -> PriceRow | BadRow:
        sku = ""
        try:
            sku = self._sku(row)
            return PriceRow(row.line, self._gtin(row), self._text(row, "mpn"), sku, self._quote(row))
        except BadCell as error:
            return BadRow(row.line, self._field, str(error), sku)

    def _sku(self, row: TableRow) -> str:
        self._field = "row"
        if not any(row.cells.get(name) for name in ID_COLUMNS):
            raise BadCell("has neither a GTIN nor an MPN nor a SKU")
        text = self._text(row, "sku")
        # One that a spreadsheet rounded matches nothing; a GTIN or an MPN beside it may.
        return sku_of(text, may_look_scientific=True) if text else ""

    def _gtin(self, row: TableRow) -> str:
        gtin = self._text(row, "gtin").replace(" ", "").replace("-", "")
        if gtin and not is_gtin(gtin):
            raise BadCell("is no GTIN: 8, 12, 13 or 14 digits, the last of which checks the others")
        return gtin.zfill(14) if gtin else ""

    def _quote(self, row: TableRow) -> CompetitorQuote:
        settings = self._settings
        seller = self._text(row, "seller") or settings.seller
        if not seller:
            raise BadCell("is empty, and the settings name no seller")
        self._field = "currency"
        text = row.cells.get("currency", "")
        currency = currency_of(text) if text else settings.currency or ""
        if not currency:
            raise BadCell("is empty, and the settings name no currency")
        if currency not in CURRENCIES:
            raise BadCell("is no currency that is known")
        price = self._money(row, "price", currency)
        if price is None:
            raise BadCell("is empty")
        if price.decimal <= 0:
            raise BadCell("is zero or below, and nobody sells for nothing")
        if price.decimal < LOWEST:
            raise BadCell(f"is below {LOWEST}, which is no price of a piece")
        shipping = self._money(row, "shipping", currency)
        if shipping is not None and shipping.minor < 0:
            raise BadCell("is negative")
        pack = self._number(row, "pack")
        if pack is not None and pack != 1:
            raise BadCell(f"is {pack.normalize():f}, and a price of one piece is needed")
        condition = self._text(row, "condition").rsplit("/", 1)[-1].lower().removesuffix("condition").strip()
        return CompetitorQuote(
            seller=seller,
            price=price,
            shipping=shipping,
            condition=condition or "new",
            tax_in_price=self._tax(row),
            tax_percent=self._tax_percent(row),
            seen_at=self._seen_at(row),
        )

    def _text(self, row: TableRow, name: str) -> str:
        self._field = name
        text = row.cells.get(name, "")
        if text in self._plain:
            return self._plain[text]
        raw = text
        if text and not unspoilt(text):
            raise BadCell("is a date, or a number of more than 15 digits, in the workbook: format the column as text")
        text = " ".join(text.split())
        if len(text) > _MOST_TEXT or not text.isprintable():
            raise BadCell(f"has control characters or more than {_MOST_TEXT} characters")
        if len(self._plain) < _MOST_KEPT:
            self._plain[raw] = text
        return text

    def _number(self, row: TableRow, name: str) -> Decimal | None:
        self._field = name
        return self._table.number(row, name)

    def _money(self, row: TableRow, name: str, currency: str) -> Money | None:
        amount = self._number(row, name)
        if amount is None:
            return None
        if not minor_digits(currency) and amount != amount.to_integral_value():
            raise BadCell(f"has decimals, which {currency} does not have: set decimal_sign")
        money = self._amounts.get((amount, currency))
        if money is None:
            money = Money.of(amount, currency)
            if len(self._amounts) < _MOST_KEPT:
                self._amounts[amount, currency] = money
        return money

    def _tax(self, row: TableRow) -> bool | None:
        text = self._text(row, "tax").lower().rstrip(".")
        if text and text not in (*_YES, *_NO):
            raise BadCell("is neither yes nor no, included nor excluded")
        return text in _YES if text else _TAX[self._settings.tax]

    def _tax_percent(self, row: TableRow) -> Decimal | None:
        percent = self._number(row, "tax_percent")
        if percent is not None and not 0 <= percent <= 50:
            raise BadCell("is no rate from 0 to 50")
        return self._settings.tax_percent if percent is None else percent

    def _seen_at(self, row: TableRow) -> datetime | None:
        text = self._text(row, "seen")
        if not text:
            return None
        try:
            seen = datetime.fromisoformat(text)
            seen = seen.replace(tzinfo=UTC) if seen.tzinfo is None else seen.astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadCell("is no time such as 2026-11-30T10:00:00Z") from None
        if seen > self._now + _AHEAD:
            raise BadCell("is in the future")
        return seen


def build(context: Context[PriceFileSettings]) -> CompetitorPricesFile:
    """The connector of one file."""
    return CompetitorPricesFile(context)
