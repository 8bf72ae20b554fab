"""A file of exchange rates, opened and read: a table with a row for each rate, or JSON with them by currency."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from orderwright.connectors.context import Context
from orderwright.connectors.signals.exchange_rates.settings import ExchangeRatesSettings
from orderwright.connectors.signals.shared import BadCell, FeedBroken, is_json, peeked, place_at, told_answer
from orderwright.connectors.signals.tables import Wanted, read_table
from orderwright.domain.repricing.rates import RateRow, RateTable
from orderwright.ports.connection import Account
from orderwright.ports.feed import FeedAnswer
from orderwright.ports.rates import RateFile

MOST_JSON = 4 * 1024 * 1024
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?!\d)")
_POINTS = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_NO_DATE = "has no date like 2026-12-01 or 1.12.2026"


class ExchangeRates(Account, RateFile):
    """One file."""

    def __init__(self, context: Context[ExchangeRatesSettings]) -> None:
        self._context = context
        self._settings = context.settings

    def account(self) -> str:
        """See usecases/identity.py: a file names none."""
        return ""

    def probe(self) -> str:
        """See ports.Account."""
        return told_answer(self.open_feed(""), self._settings)

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        """See RateFile. Raises Retryable, Misconfigured and NotFound as any exchange, and Rejected; also while it is read."""
        return place_at(self._context, self._settings.url).open(etag, seen)

    def read_rates(self, answer: FeedAnswer, signs: Mapping[str, str]) -> RateTable:
        """See RateFile."""
        settings = self._settings
        modified = answer.modified_at if settings.dated == "modified" else None
        head, pieces = peeked(answer.lines or ())
        rows: Iterable[RateRow]
        shown: Mapping[str, str] = {}
        if is_json(head) and b'"rates"' in head:
            rows = list(_of_object(_parsed(pieces), settings.base, modified))
        else:
            rows, shown = self._of_table(pieces, head, signs, modified)
        wanted = [row for row in rows if not row.currency or settings.may_rate(row.currency)]
        return RateTable(settings.base, settings.quoted == "units_per_base", wanted, shown)

    def _of_table(
        self, pieces: Iterable[bytes], head: bytes, signs: Mapping[str, str], modified: datetime | None
    ) -> tuple[list[RateRow], Mapping[str, str]]:
        settings = self._settings
        columns = {"currency": settings.currency_column, "rate": settings.rate_column, "dated": settings.date_column}
        wanted = Wanted(columns, frozenset({"currency", "rate"}), numbers=frozenset({"rate"}))
        table = read_table(pieces, settings, wanted, signs)
        of_all = _day(modified) if modified else None
        if of_all is None and "dated" not in table.has and table.form is not None:
            of_all = _day_above(head, table.form.header_line)
        rows = [RateRow(bad.line, "", None, None, bad.why) for bad in table.bad]
        for row in table:
            why, rate = "", None
            try:
                rate = table.number(row, "rate")
                why = "" if rate is not None else "has no rate"
            except BadCell as error:
                why = str(error)
            day = _day_in(row.cells.get("dated", "")) or of_all
            why = why or ("" if day else _NO_DATE)
            rows.append(RateRow(row.line, row.cells["currency"].upper(), rate, day, why))
        return rows, table.signs


def _parsed(pieces: Iterable[bytes]) -> Any:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > MOST_JSON:
            raise FeedBroken("FEED_TOO_LARGE", f"JSON with rates by currency above {MOST_JSON // 1024 // 1024} MiB")
    try:
        return json.loads(bytes(data), parse_float=Decimal, parse_int=Decimal, parse_constant=str)
    except (ValueError, RecursionError):
        raise FeedBroken("FEED_TRUNCATED", "the JSON is damaged or cut") from None


def _of_object(whole: Any, base: str, modified: datetime | None) -> Iterator[RateRow]:
    """{"base": "EUR", "date": "2026-12-01", "rates": {"USD": 1.08}}, or with "timestamp" in seconds in place of the date."""
    rates = whole.get("rates") if isinstance(whole, dict) else None
    if not isinstance(rates, dict):
        raise FeedBroken("FEED_UNREADABLE", 'the JSON has no object "rates" with currencies and numbers')
    told = whole.get("base", base)
    if not isinstance(told, str) or told.upper() != base:
        raise FeedBroken("FEED_RATES", f"the file says base {str(told)[:20]}, and the setting base is {base}")
    day = _day(modified) if modified else _day_in(str(whole.get("date", "")))
    stamp = whole.get("timestamp")
    if day is None and isinstance(stamp, Decimal) and 0 < stamp < 100_000_000_000:
        day = datetime.fromtimestamp(int(stamp), UTC).date()
    for line, (currency, value) in enumerate(rates.items(), start=1):
        rate = _decimal(value)
        why = "is no number" if rate is None else "" if day else _NO_DATE
        yield RateRow(line, currency.upper(), rate, day, why)


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str | Decimal) else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and -20 < number.adjusted() < 20 else None


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _day_in(text: str) -> date | None:
    """The day that a cell begins with; of a time with its zone the day in UTC."""
    if iso := _ISO.match(text):
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return _made(iso[1], iso[2], iso[3])
        return _day(at) if at.tzinfo else at.date()
    found = _POINTS.match(text)
    return _made(found[3], found[2], found[1]) if found else None


def _day_above(head: bytes, lines: int) -> date | None:
    """The one date in the header and the lines above it; None where there is none, or several."""
    text = "\n".join(head.replace(b"\0", b"").decode("latin-1").splitlines()[: max(lines, 1)])
    days = {_made(*one) for one in _ISO.findall(text)} | {_made(y, m, d) for d, m, y in _POINTS.findall(text)}
    return days.pop() if len(days) == 1 else None


def _made(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def build(context: Context[ExchangeRatesSettings]) -> ExchangeRates:
    """The connector of one file."""
    return ExchangeRates(context)
