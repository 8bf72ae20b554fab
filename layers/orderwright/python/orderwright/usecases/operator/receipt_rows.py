"""What a person types or has in a file about goods of their own: SKU, units, cost. Every fault by line and field."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from orderwright.domain.outside_texts import plain
from orderwright.domain.unit_cost import UnitCost

NEEDED, COLUMNS = {"sku", "units", "cost"}, {"sku", "units", "cost", "title"}
MOST_LINES, MOST_UNITS = 500, 1_000_000


class RowFault(NamedTuple):
    """What is wrong with a line; `message` names the kind of value, never the value itself."""

    line: int
    field: str
    message: str
    fix: str


class Incoming(NamedTuple):
    """One SKU: how many, what one piece cost where that is asked for, and its title where it is to be made."""

    line: int
    sku: str
    units: int
    cost: UnitCost | None
    title: str = ""


Cells = tuple[int, dict[str, str]]
"""A line's number, and its cells by the names of COLUMNS."""


def from_table(text: str) -> list[Cells] | RowFault:
    """The lines of a CSV file with a header."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    found: list[Cells] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        if not NEEDED <= {*header} <= COLUMNS or len({*header}) < len(header):
            fix = "write in the first line: sku, units, cost, and title where a SKU is new"
            return RowFault(1, "header", "lacks a column, or has one twice or of another name", fix)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    what = f"has {len(cells)} cells, the header has {len(header)}"
                    return RowFault(reader.line_num, "row", what, "give each column a cell, and quote a comma")
                found.append((reader.line_num, dict(zip(header, map(str.strip, cells), strict=True))))
    except csv.Error:
        fix = "close each quote, and save it as CSV in UTF-8"
        return RowFault(max(1, reader.line_num), "row", "is not CSV", fix)
    return found


def from_words(words: Sequence[str], title: str = "") -> list[Cells]:
    """SKU=UNITS@COST, or SKU=UNITS. A SKU may hold an = of its own: the last one counts."""
    found: list[Cells] = []
    for place, word in enumerate(words, 1):
        (sku, _, rest) = word.rpartition("=")
        units, _, cost = rest.partition("@")
        found.append((place, {"sku": sku.strip(), "units": units.strip(), "cost": cost.strip(), "title": title}))
    return found


def read(
    lines: Iterable[Cells], currency: str, *, costs: bool, zero: bool = False
) -> tuple[list[Incoming], list[RowFault]]:
    """The lines as values, and every fault. `costs`: each needs one. `zero`: no piece at all may be meant (a count)."""
    rows, faults, first = list[Incoming](), list[RowFault](), dict[str, int]()
    for line, cells in lines:
        sku, title = cells["sku"], cells.get("title", "")
        cost = _cost(cells["cost"], currency) if costs else None
        found = [RowFault(line, *fault) for fault in _faults(cells, title, zero=zero)]
        if costs and cost is None:
            kind = f"must be an amount above zero in {currency} (got text of {len(cells['cost'])} characters)"
            found.append(RowFault(line, "cost", kind, f"what one piece cost, such as 3.275 or 3.275 {currency}"))
        if first.setdefault(sku, line) != line:
            found.append(RowFault(line, "sku", f"stands in line {first[sku]} already", "keep one of them"))
        if not found:
            rows.append(Incoming(line, sku, int(cells["units"]), cost, title))
        faults += found
    if len(rows) > MOST_LINES:
        faults.append(RowFault(0, "", f"has {len(rows)} lines; at most {MOST_LINES} at once", "split it"))
    return rows, faults


def _faults(cells: dict[str, str], title: str, *, zero: bool) -> Iterator[tuple[str, str, str]]:
    sku, units = cells["sku"], cells["units"]
    if not sku or plain(sku, 255) != sku:
        yield "sku", "is empty, or no plain line of text", "write SKU=UNITS, such as HL-UL-300=24"
    whole = units.isascii() and units.isdigit() and len(units) < 9
    if not whole or int(units) > MOST_UNITS or (int(units) == 0 and not zero):
        kind = f"must be a whole number of pieces (got text of {len(units)} characters)"
        yield "units", kind, f"{0 if zero else 1} to {MOST_UNITS}"
    if plain(title, 255) != title:
        yield "title", "must be one line of at most 255 plain characters", "shorten it"


def _cost(text: str, currency: str) -> UnitCost | None:
    try:
        cost = UnitCost.parse(text.upper().removesuffix(currency).strip(), currency)
    except ValueError:
        return None
    return cost if cost.is_positive else None
