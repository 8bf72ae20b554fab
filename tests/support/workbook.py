"""A workbook (XLSX) as spreadsheets write it, from rows of cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DATE, ERROR, NO_VALUE, TRUE = "<date>", "<error>", "<formula without a value>", "<true>"
Cell = str | int | float | None


def workbook(
    sheets: Mapping[str, Sequence[Sequence[Cell]]],
    *,
    hidden: Sequence[str] = (),
    extra: Mapping[str, bytes] | None = None,
) -> bytes:
    """Sheets by name. A number is a number there; `extra` are more files, or others in place of ours."""
    names = list(sheets)
    state = {name: " state='hidden'" * (name in hidden) for name in names}
    listed = "".join(
        f"<sheet name={quoteattr(name)} sheetId='{number}' r:id='r{number}'{state[name]}/>"
        for number, name in enumerate(names, 1)
    )
    links = [
        f"<Relationship Id='r{number}' Type='{_OFFICE}/worksheet' Target='worksheets/s{number}.xml'/>"
        for number in range(1, len(names) + 1)
    ]
    links.append(f"<Relationship Id='style' Type='{_OFFICE}/styles' Target='styles.xml'/>")
    types = f"{_PACKAGE}/content-types"
    book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": f"<Types xmlns='{types}'><Override PartName='/xl/workbook.xml' ContentType='{book}'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{_PACKAGE}/relationships'><Relationship Id='r1' Type='{_OFFICE}/officeDocument'"
        " Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{_MAIN}' xmlns:r='{_OFFICE}'><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{_PACKAGE}/relationships'>{''.join(links)}</Relationships>",
        "xl/styles.xml": f"<styleSheet xmlns='{_MAIN}'><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>",
    }
    for number, rows in enumerate(sheets.values(), 1):
        lines = "".join(f"<row r='{line}'>{_row(line, row)}</row>" for line, row in enumerate(rows, 1))
        files[f"xl/worksheets/s{number}.xml"] = f"<worksheet xmlns='{_MAIN}'><sheetData>{lines}</sheetData></worksheet>"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (files | dict(extra or {})).items():
            archive.writestr(name, text)
    return made.getvalue()


def _row(line: int, row: Sequence[Cell]) -> str:
    return "".join(_cell(f"r='{chr(65 + place)}{line}'", cell) for place, cell in enumerate(row) if cell is not None)


def _cell(at: str, cell: Cell) -> str:
    if isinstance(cell, (int, float)):
        return f"<c {at}><v>{cell!r}</v></c>"
    special = {
        DATE: f"<c {at} s='1'><v>45000</v></c>", ERROR: f"<c {at} t='e'><v>#N/A</v></c>",
        NO_VALUE: f"<c {at}><f>A1</f></c>", TRUE: f"<c {at} t='b'><v>1</v></c>",
    }  # fmt: skip
    if cell in special:
        return special[str(cell)]
    return f"<c {at} t='inlineStr'><is><t xml:space='preserve'>{escape(str(cell))}</t></is></c>"
