"""A workbook (XLSX) to lines of text, which go the same way as those of a CSV file.

A sheet's row is a line, its cells are apart by tabs, so line numbers are those of the sheet. Of a formula the cached value
counts. A cell without one, or with an error, is empty. What is no text and no number that can be trusted is marked (cells.py).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any, TypeVar

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.cells import SPOILT_DATE, SPOILT_NUMBER
from orderwright.connectors.feeds.csv.settings import TableForm
from orderwright.connectors.feeds.csv.workbook_size import refuse_bombs

F = TypeVar("F", bound=TableForm)
XLSX = "xlsx"
"""Stands for the encoding of a workbook."""
MOST_PACKED = 64 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_BATCH = 500
_ODD = re.compile('[\n\r"\x1a]')
_MOST_WHOLE = 10**15
"""From here on a spreadsheet rounds whole numbers: it keeps 15 digits."""


def as_text(pieces: Iterable[bytes], settings: F) -> tuple[Iterable[bytes], F, bool]:
    """The pieces of a text, the settings to read it with, and whether it was a workbook. Raises FeedBroken."""
    waiting = iter(pieces)
    first = next(waiting, b"")
    if not first.startswith(_ZIP):
        return chain([first], waiting), settings, False
    data = bytearray()
    for piece in chain([first], waiting):
        data += piece
        if len(data) > MOST_PACKED:
            raise FeedBroken("FEED_TOO_LARGE", f"a workbook above {MOST_PACKED // 1024 // 1024} MiB")
    as_tabs = settings.with_tabs()
    return _lines(bytes(data), settings), as_tabs, True


def _lines(data: bytes, settings: TableForm) -> Iterator[bytes]:
    from python_calamine import CalamineError, CalamineWorkbook

    refuse_bombs(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            del data
            sheet = book.get_sheet_by_name(_name_of(book, settings.sheet))
            before = [""] * (sheet.start or (0, 0))[1]
            texts, sign, waiting = dict[Any, str](), settings.decimal_sign or ".", list[str]()
            for row in sheet.iter_rows():
                cells = [cell if type(cell) is str else _text(cell, sign, texts) for cell in row]
                line = "\t".join([*before, *cells])
                if line.count("\t") != len(before) + len(cells) - 1 or _ODD.search(line):
                    line = "\t".join([*before, *map(_clean, row, cells)])
                waiting.append(line)
                if len(waiting) == _BATCH:
                    yield ("\n".join(waiting) + "\n").encode(errors="replace")
                    waiting.clear()
            yield ("\n".join([*waiting, ""])).encode(errors="replace")
    except BaseException as error:
        # A panic of the reader's Rust comes as a BaseException that nobody can import.
        if not isinstance(error, CalamineError) and type(error).__name__ != "PanicException":
            raise
        raise FeedBroken("FEED_UNREADABLE", "the workbook cannot be read: save it again as xlsx") from None


def _clean(raw: object, cell: str) -> str:
    """A text that stays one cell in one line; a mark of ours that stands in the file is none."""
    if not isinstance(raw, str):
        return cell
    text = re.sub("[\t\n\r]", " ", cell).replace("\x1a", "\ufffd")
    return '"' + text.replace('"', '""') + '"' if text.lstrip(" ").startswith('"') else text


def _text(cell: object, sign: str, texts: dict[Any, str]) -> str:
    """What a cell that is no text says. Prices repeat, so numbers are kept."""
    if type(cell) is float and cell in texts:
        return texts[cell]
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (date, time, timedelta)):
        return SPOILT_DATE
    number = Decimal(format(cell, ".15g"))  # a spreadsheet shows 15 digits: 0.1 + 0.2 is 0.3 there
    if number == number.to_integral_value():
        text = SPOILT_NUMBER if abs(number) >= _MOST_WHOLE else str(int(number))
    else:
        text = format(number, "f")
        # 1.234 could be a thousand and more in a text, 1.2340 could not.
        text = (text + "0" if len(text.partition(".")[2]) == 3 else text).replace(".", sign)
    if len(texts) < 50_000:
        texts[cell] = text
    return text


def _name_of(book: Any, wanted: str | int) -> str:
    """The sheet's name: the wanted one, or the first that people see."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    names = [one.name for one in sheets]
    if wanted == "":
        found = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
    elif isinstance(wanted, int):
        found = names[wanted - 1 : wanted] if wanted > 0 else []
    else:
        found = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if not found:
        shown = ", ".join(name[:30] for name in names[:8] if name.isprintable()) or "none"
        what = f"no sheet {wanted!r}" if wanted != "" else "no sheet that can be seen"
        raise FeedBroken("FEED_SHEET", f"the workbook has {what} (it has: {shown}): set sheet to its name or number")
    return str(found[0])
