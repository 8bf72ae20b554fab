"""A PDF of a few parts, one under the other: A4, page numbers, the same input gives the same bytes.

What the font cannot show is left out, and `instead` stands there. So a paper has never a wrong sign.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from orderwright.domain.outside_texts import one_line
from orderwright.papers.barcodes import bars
from orderwright.papers.font import NAME, composed, fits, loaded

_LONGEST = 500
_SIZE, _SMALL, _LARGE = 9, 7, 16
_MARGIN = 51
"""Points: 18 mm."""
_PADDING = 6
"""What reportlab keeps free inside the margins."""


class Bars(NamedTuple):
    """A barcode with its text under it."""

    value: str


class Text(NamedTuple):
    """A paragraph. `large`: as a heading."""

    text: str
    large: bool = False


class Block(NamedTuple):
    """A label, and lines under it, such as an address."""

    label: str
    lines: Sequence[str]


class Facts(NamedTuple):
    """Labels and what stands behind them. Those that are empty are left out."""

    rows: Sequence[tuple[str, str]]


class Column(NamedTuple):
    """A column. `share`: its part of the page's width. `bars`: its cells have a barcode above the text."""

    title: str
    share: int
    right: bool = False
    bars: bool = False


class Table(NamedTuple):
    """Rows under headings, which are there again on each page."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


Part = Bars | Text | Block | Facts | Table


def pdf(title: str, parts: Sequence[Part], *, instead: str, page: str = "{page} / {pages}", foot: str = "") -> bytes:
    """The file. `title` is what a reader's window shows; `page` has {page} and {pages}; `foot` stands beside it."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    loaded()
    out = io.BytesIO()
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN)
    document = SimpleDocTemplate(
        out, pagesize=A4, invariant=1, title=_shown(title, instead), author="", creator="Orderwright", **margins
    )
    flow = _Flow(document.width - 2 * _PADDING, instead)
    story = [one for part in parts for one in flow.of(part)]
    document.build(story, canvasmaker=_numbered(page, _shown(foot, instead)))
    return out.getvalue()


def _shown(text: str, instead: str) -> str:
    line = composed(one_line(text, _LONGEST))
    return line if fits(line) else instead


class _Flow:
    """Parts as what reportlab lays out."""

    def __init__(self, page_width: Any, instead: str) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self._width, self._instead = page_width, instead
        # 120 per cent of the size; `splitLongWords` keeps a long SKU inside its column.
        self._plain = ParagraphStyle("plain", fontName=NAME, fontSize=_SIZE, leading=12, splitLongWords=1)
        self._right = ParagraphStyle("right", parent=self._plain, alignment=2)
        self._small = ParagraphStyle("small", parent=self._plain, fontSize=_SMALL, leading=9, textColor="#555555")
        self._small_right = ParagraphStyle("small right", parent=self._small, alignment=2)
        self._large = ParagraphStyle("large", parent=self._plain, fontSize=_LARGE, leading=20)

    def of(self, part: Part) -> list[Any]:
        """What a part is laid out as, with the gap under it."""
        from reportlab.platypus import KeepTogether, Spacer

        if isinstance(part, Text):
            laid = [self._paragraph(part.text, self._large if part.large else self._plain)]
        elif isinstance(part, Bars):
            laid = self._barred(part.value, self._width)
        elif isinstance(part, Block):
            lines = [self._paragraph(line, self._plain) for line in part.lines if line.strip()]
            laid = [KeepTogether([self._paragraph(part.label, self._small), *lines])]
        elif isinstance(part, Facts):
            rows = [
                [self._paragraph(label, self._small), self._paragraph(value, self._plain)]
                for label, value in part.rows
                if value.strip()
            ]
            laid = [self._table(rows, (1, 3), [])] if rows else []
        else:
            laid = [self._lines(part)]
        return [*laid, Spacer(1, 9)]

    def _lines(self, part: Table) -> Any:
        heads = [self._paragraph(one.title, self._small_right if one.right else self._small) for one in part.columns]
        whole = sum(one.share for one in part.columns)
        rows: list[list[Any]] = [heads]
        for row in part.rows:
            rows.append(
                [
                    self._barred(cell, self._width * one.share / whole - 12)
                    if one.bars
                    else self._paragraph(cell, self._right if one.right else self._plain)
                    for one, cell in zip(part.columns, row, strict=True)
                ]
            )
        rule = [("LINEBELOW", (0, 0), (-1, -1), 0.25, "#999999")]
        return self._table(rows, [one.share for one in part.columns], rule, heads=1)

    def _table(self, rows: list[list[Any]], shares: Sequence[int], style: list[Any], heads: int = 0) -> Any:
        from reportlab.platypus import Table as Laid

        widths = [self._width * share / sum(shares) for share in shares]
        every: list[Any] = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (0, -1), 0)]
        return Laid(rows, colWidths=widths, repeatRows=heads, hAlign="LEFT", style=[*every, *style])

    def _barred(self, value: str, most: Any) -> list[Any]:
        drawn = bars(value, most)
        text = self._paragraph(value, self._plain)
        return [text] if drawn is None else [drawn, text]

    def _paragraph(self, text: str, style: Any) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(escape(_shown(text, self._instead)), style)


def _numbered(page: str, foot: str) -> type[Any]:
    """A canvas that writes at the end, when the number of pages is known, the foot of each page."""
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._states: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._states.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, state in enumerate(self._states, 1):
                self.__dict__.update(state)
                self.setFont(NAME, _SMALL)
                self.drawString(_MARGIN + _PADDING, _MARGIN / 2, foot)
                words = page.format(page=number, pages=len(self._states))
                self.drawRightString(self._pagesize[0] - _MARGIN - _PADDING, _MARGIN / 2, words)
                super().showPage()
            super().save()

    return Numbered
