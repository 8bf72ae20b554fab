"""What a person types or has in a file about goods of their own: SKU, units, cost. Every fault by line and field."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from orderwright.domain.outside_texts import plain
from orderwright.domain.unit_cost import UnitCost

COLUMNS = ("sku", "units", "cost", "title")
MOST_LINES = 500
MOST_UNITS = 1_000_000
_HEADER = "write in the first line: sku, units, cost, and title where a SKU is new"


class RowFault(NamedTuple):
    """What is wrong with a line; `message` names the kind of value, never the value itself."""

    line: int
    field: str
    message: str
    fix: str


class Incoming(NamedTuple):
    """One SKU that came: how many, what one piece cost, and its title where it is to be made."""

    line: int
    sku: str
    units: int
    cost: UnitCost | None
    title: str = ""


class Typed(NamedTuple):
    """The cells of one line, as they were given."""

    line: int
    sku: str
    units: str
    cost: str
    title: str = ""


def from_table(text: str) -> tuple[list[Typed], list[RowFault]]:
    """The lines of a CSV file with a header."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    typed: list[Typed] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        lacks = {"sku", "units", "cost"} - {*header}
        if lacks or {*header} - {*COLUMNS} or len({*header}) < len(header):
            what = f"has no column {', '.join(sorted(lacks))}" if lacks else "has a column twice, or of another name"
            return [], [RowFault(1, "header", what, _HEADER)]
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    what = f"has {len(cells)} cells, the header has {len(header)}"
                    return [], [RowFault(reader.line_num, "row", what, "give each column a cell, and quote a comma")]
                given = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
                typed.append(Typed(reader.line_num, **given))
    except csv.Error:
        what = "is not CSV"
        return [], [RowFault(max(1, reader.line_num), "row", what, "close each quote, and save it as CSV in UTF-8")]
    return typed, []


def from_words(words: Sequence[str], title: str = "") -> tuple[list[Typed], list[RowFault]]:
    """SKU=UNITS@COST, or SKU=UNITS. A SKU may hold an = of its own: the last one counts."""
    typed, faults = list[Typed](), list[RowFault]()
    for place, word in enumerate(words, 1):
        sku, sign, rest = word.rpartition("=")
        units, _, cost = rest.partition("@")
        if not sign:
            faults.append(RowFault(place, "word", "has no =", "write SKU=UNITS, such as HL-UL-300=24"))
        else:
            typed.append(Typed(place, sku.strip(), units.strip(), cost.strip(), title))
    return typed, faults


def read(
    typed: Iterable[Typed], currency: str, *, costs: bool, zero: bool = False
) -> tuple[list[Incoming], list[RowFault]]:
    """The lines as values, and every fault. `costs`: each needs one. `zero`: no piece at all may be meant (a count)."""
    rows, faults, first = list[Incoming](), list[RowFault](), dict[str, int]()
    for one in typed:
        found = list(_faults(one, currency, costs=costs, zero=zero))
        if one.sku in first:
            found.append(RowFault(one.line, "sku", f"stands in line {first[one.sku]} already", "keep one of them"))
        first.setdefault(one.sku, one.line)
        if not found:
            cost = _cost(one.cost, currency) if costs else None
            rows.append(Incoming(one.line, one.sku, int(one.units), cost, one.title))
        faults += found
    if len(rows) > MOST_LINES:
        faults.append(RowFault(0, "", f"has {len(rows)} lines; at most {MOST_LINES} at once", "split it"))
    return rows, faults


def _faults(one: Typed, currency: str, *, costs: bool, zero: bool) -> Iterator[RowFault]:
    if not one.sku or plain(one.sku, 255) != one.sku:
        yield RowFault(one.line, "sku", "is empty, or no plain line of text", "give your SKU")
    whole = one.units.isascii() and one.units.isdigit() and len(one.units) < 9
    if not whole or int(one.units) > MOST_UNITS or (int(one.units) == 0 and not zero):
        kind = f"must be a whole number of pieces (got text of {len(one.units)} characters)"
        yield RowFault(one.line, "units", kind, f"{0 if zero else 1} to {MOST_UNITS}")
    if costs and _cost(one.cost, currency) is None:
        kind = f"must be an amount above zero in {currency} (got text of {len(one.cost)} characters)"
        yield RowFault(one.line, "cost", kind, f"what one piece cost, such as 3.275 or 3.275 {currency}")
    if plain(one.title, 255) != one.title:
        yield RowFault(one.line, "title", "must be one line of at most 255 plain characters", "shorten it")


def _cost(text: str, currency: str) -> UnitCost | None:
    try:
        cost = UnitCost.parse(text.upper().removesuffix(currency).strip(), currency)
    except ValueError:
        return None
    return cost if cost.is_positive else None
