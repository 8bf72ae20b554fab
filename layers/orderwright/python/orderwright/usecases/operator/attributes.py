"""What customs and carriers ask of a SKU (HS code, origin, manufacturer's number, battery), from the operator's own table.

What is imported wins over the supplier's catalogue and over the goods map, and stays through every later import.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from orderwright.domain.catalogue import BATTERY, NO, YES, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.config_values import heading_fault
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.order import Reason
from orderwright.domain.outside_texts import plain
from orderwright.domain.territories import EUROPEAN_UNION, country_of, destination_fault
from orderwright.records import SkuFile, sku_key
from orderwright.storage import Put, Storage
from orderwright.usecases.listing.records import SKU_STATE
from orderwright.usecases.operator.desk import Desk, decided
from orderwright.usecases.stock.offers import changed_fact

COLUMNS = ("hs6", "origin", "mpn", BATTERY)
CLEAR = "-"
_LONGEST = 255
_HEADER = "sku and any of hs6, origin, mpn, battery, separated by commas"


class Fault(NamedTuple):
    """What is wrong with the table. Line 1 is the header; `message` names the kind of value, never the value itself."""

    line: int
    field: str
    message: str
    fix: str


class Row(NamedTuple):
    """One line: for each attribute that it changes the new value, CLEAR to take the imported one away."""

    line: int
    sku: str
    values: dict[str, str]


class Changed(NamedTuple):
    """One SKU that was written: for each attribute that changed the value that counts, before and after."""

    sku: str
    changes: dict[str, tuple[str, str]]


def read_rows(text: str) -> tuple[list[Row], list[Fault]]:
    """A table as rows, and every fault of its own: of the header, or of each line."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[Row] = []
    faults: list[Fault] = []
    first: dict[str, int] = {}
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        wrong = _header_fault(header)
        if wrong:
            return [], [Fault(1, "header", wrong, f"write in the first line: {_HEADER}")]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            line = reader.line_num
            if len(cells) != len(header):
                what = f"has {len(cells)} cells, the header has {len(header)}"
                faults.append(Fault(line, "row", what, "give each column a cell; quote a value that holds a comma"))
                continue
            given = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
            if BATTERY in given:
                given[BATTERY] = given[BATTERY].lower()
            row = Row(line, given.pop("sku"), {name: value for name, value in given.items() if value})
            faults += _row_faults(row, first)
            first.setdefault(row.sku, line)
            rows.append(row)
    except csv.Error:
        return [], [
            Fault(max(1, reader.line_num), "row", "is not CSV", "close each quote, and save it as CSV in UTF-8")
        ]
    return rows, faults


def _header_fault(header: list[str]) -> str:
    if "sku" not in header:
        return "has no column sku"
    if len(set(header)) < len(header):
        return "names a column twice"
    unknown = sum(name not in ("sku", *COLUMNS) for name in header)
    return f"has {unknown} columns of other names" if unknown else ""


def _row_faults(row: Row, first: dict[str, int]) -> list[Fault]:
    found: list[Fault] = []
    if not row.sku:
        found.append(Fault(row.line, "sku", "is empty", "give your SKU, or take the line out"))
    elif row.sku in first:
        found.append(Fault(row.line, "sku", f"stands in line {first[row.sku]} already", "keep one of the lines"))
    given = {name: value for name, value in row.values.items() if value != CLEAR}
    if "hs6" in given and heading_fault(given["hs6"]):
        found.append(Fault(row.line, "hs6", heading_fault(given["hs6"]), "such as 851310; - takes the value away"))
    if "origin" in given:
        kind = f" (got text of {len(given['origin'])} characters)"
        wrong = destination_fault(given["origin"]) or ("is a territory" if len(given["origin"]) != 2 else "")
        if wrong:
            found.append(Fault(row.line, "origin", wrong + kind, "the country where it was made, such as CN"))
    if "mpn" in given and plain(given["mpn"], _LONGEST) != given["mpn"]:
        what = f"must be one line of at most {_LONGEST} plain characters (got text of {len(given['mpn'])} characters)"
        found.append(Fault(row.line, "mpn", what, "give the manufacturer's number as it stands on the article"))
    if given.get(BATTERY, YES) not in (YES, NO):
        kind = f"must be yes or no (got text of {len(given[BATTERY])} characters)"
        found.append(Fault(row.line, BATTERY, kind, "yes where there is a battery in it or with it"))
    return found


def unknown_skus(storage: Storage, rows: Sequence[Row]) -> list[Fault]:
    """The rows whose SKU has no record."""
    return [
        Fault(row.line, "sku", "is not in the catalogue", "orderwright catalogue list; catalogue import makes SKUs")
        for row in rows
        if row.sku and storage.get(sku_key(row.sku), SkuRecord) is None
    ]


def write_rows(desk: Desk, rows: Sequence[Row]) -> list[Changed]:
    """Write checked rows, one commit a SKU, prices following; gives those that changed something. Repeating it is harmless."""
    return [done for row in rows if (done := decided(partial(_write, desk, row))) is not None]


def _write(desk: Desk, row: Row) -> Changed | None:
    stored = desk.storage.get(sku_key(row.sku), SkuRecord)
    if stored is None:
        return None
    before = stored.model
    after = before.corrected({name: "" if value == CLEAR else value for name, value in row.values.items()})
    if after == before:
        return None
    old, new = attributes_of(before), attributes_of(after)
    changes = {name: (old[name], new[name]) for name in COLUMNS if old[name] != new[name]}
    words = ", ".join(f"{name} {was or '(none)'} -> {now or '(none)'}" for name, (was, now) in changes.items())
    after = after.noted(desk.entry(f"attributes imported: {words or 'the values stay the same'}"))
    facts = (changed_fact(row.sku),) if changes else ()
    put = Put(sku_key(row.sku), after, stored.version, facts=facts, state=SKU_STATE)
    desk.storage.commit([put], correlation=desk.correlation)
    return Changed(row.sku, changes)


def attributes_of(record: SkuRecord) -> dict[str, str]:
    """The values that count, by the columns of the table."""
    return {"hs6": record.heading, "origin": record.made_in, "mpn": record.maker_number, BATTERY: record.battery}


def identifier_warning(file: SkuFile, config: Config) -> Reason | None:
    """IDENTIFIER_MISSING: sold into the EU from outside it, and no manufacturer's number, which its customs ask for.

    Source: Delegated Regulation (EU) 2026/1022, in force since 2026-11-01. A warning here; the purchase decides.
    """
    if file.record is None or file.record.model.maker_number:
        return None
    outside = any(
        isinstance(supplier, SupplierSettings) and supplier.from_country not in EUROPEAN_UNION
        for name, held in file.offers.items()
        if not held.model.retired and (supplier := config.connections.get(name)) is not None
    )
    sold_there = any(
        country_of(code) in EUROPEAN_UNION
        for store in config.stores
        if store in file.listings
        for code in config.sell_to(config.stores[store])
    )
    if not outside or not sold_there:
        return None
    return Reason(
        code="IDENTIFIER_MISSING",
        field="mpn",
        message=f"SKU {file.sku} is sold into the EU from outside it, and has no manufacturer's number",
        fix="give it with `catalogue attributes import FILE` (columns sku, mpn), or as mpn in the goods of the supplier",
    )
