"""A purchase order as PDF and CSV, for the people of a supplier. Both hold personal data; their names hold the reference only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from orderwright.domain.order import Address
from orderwright.domain.outside_texts import one_line
from orderwright.papers.document import Bars, Block, Column, Facts, Part, Table, Text, pdf
from orderwright.papers.words import drawn_language, labels, words
from orderwright.ports.supplier import PurchaseLine, PurchaseRequest

_LONGEST = 500
_ACTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula for a spreadsheet."""
ADDRESS = ("name", "company", "line1", "line2", "city", "province", "postcode")


class Sort(StrEnum):
    """Which paper it is. COPY is the same order once more, and WITHDRAWN says that it is not to be shipped."""

    ORDER = "ORDER"
    COPY = "COPY"
    WITHDRAWN = "WITHDRAWN"


def file_name(sort: Sort, reference: str) -> str:
    """A paper's file without its end. Nothing of a person stands in it."""
    return reference + {Sort.COPY: "-reminder", Sort.WITHDRAWN: "-withdrawn"}.get(sort, "")


class OrderPaper(NamedTuple):
    """All that stands on it. `costs`: what a piece costs is shown. `by`: until when the supplier confirms."""

    sort: Sort
    merchant: str
    request: PurchaseRequest
    method: str
    code: str
    link: str
    language: str
    by: datetime
    costs: bool = False

    @property
    def name(self) -> str:
        """The file's name without its end."""
        return file_name(self.sort, self.request.reference)

    @property
    def until(self) -> str:
        """`by`, as it reads the same in every country."""
        return self.by.strftime("%Y-%m-%d %H:%M UTC")

    @property
    def destination(self) -> Address:
        """Where it goes; a withdrawn order goes nowhere."""
        return Address() if self.sort is Sort.WITHDRAWN else self.request.destination

    @property
    def subject(self) -> str:
        """One line that says what it is."""
        text: str = words(self.language)["letters"][self.sort]["subject"]
        return text.format(reference=self.request.reference, merchant=self.merchant)


def address_lines(to: Address) -> list[str]:
    """An address as lines, with the phone number."""
    place = " ".join(part for part in (to.postcode, to.city) if part)
    region = to.province if to.province != to.city else ""
    lines = (to.name, to.company, to.line1, to.line2, place, region, to.country_code, to.phone)
    return [text for text in (one_line(line, _LONGEST) for line in lines) if text]


def cost_text(line: PurchaseLine) -> str:
    """What a piece costs, exactly, with its currency."""
    return f"{line.unit_cost.amount:f} {line.unit_cost.currency}" if line.unit_cost else ""


def order_pdf(paper: OrderPaper) -> bytes:
    """The paper as a PDF. What the font cannot show says "see the mail"."""
    language, request = drawn_language(paper.language), paper.request
    say, heads = labels(language), words(language)["letters"][paper.sort]
    names = {"reference": request.reference, "merchant": paper.merchant, "by": paper.until}
    columns = [Column(say["supplier_sku"], 4, bars=True), Column(say["sku"], 3), Column(say["title"], 5)]
    columns += [Column(say["quantity"], 2, right=True)] + [Column(say["unit_cost"], 2, right=True)] * paper.costs
    rows = [
        [line.supplier_sku, line.sku, line.title, str(line.quantity)] + [cost_text(line)] * paper.costs
        for line in request.lines
    ]
    facts = [(say["from"], paper.merchant), (say["method"], paper.method), (say["code"], paper.code)]
    facts += [(say["confirm_by"], paper.until)] * (paper.sort is not Sort.WITHDRAWN)
    address = address_lines(paper.destination)
    parts: list[Part] = [Text(heads["subject"].format(**names), large=True), Bars(request.reference)]
    parts += [Text(heads["intro"].format(**names)), Facts(facts)]
    parts += [Block(say["ship_to"], address)] * bool(address)
    parts += [Table(columns, rows), Block(heads["answer"].format(**names), [paper.link])]
    foot = f"{say['reference']} {request.reference}"
    return pdf(foot, parts, instead=say["see_mail"], page=say["page"], foot=foot)


def order_csv(paper: OrderPaper) -> bytes:
    """The paper as CSV that spreadsheets open: UTF-8 with its mark, CRLF, all quoted. Each line is a row with the address."""
    say = labels(paper.language)
    rows = [{say[name]: text for name, text in row.items()} for row in _rows(paper)]
    lines = [list(rows[0])] + [list(row.values()) for row in rows]
    text = "".join(",".join(_cell(one) for one in line) + "\r\n" for line in lines)
    return ("\ufeff" + text).encode()


def _rows(paper: OrderPaper) -> Iterator[dict[str, str]]:
    to, request = paper.destination, paper.request
    for line in request.lines:
        yield {
            "kind": paper.sort.value,
            "reference": request.reference,
            "code": paper.code,
            "link": paper.link,
            "supplier_sku": line.supplier_sku,
            "sku": line.sku,
            "title": line.title,
            "quantity": str(line.quantity),
            **({"unit_cost": cost_text(line)} if paper.costs else {}),
            **{name: str(getattr(to, name)) for name in ADDRESS},
            "country": to.country_code,
            "phone": to.phone,
            "method": paper.method,
            "confirm_by": "" if paper.sort is Sort.WITHDRAWN else paper.until,
        }


def _cell(text: str) -> str:
    shown = one_line(text, _LONGEST)
    guarded = f"'{shown}" if shown.startswith(_ACTS) or text.startswith(_ACTS) else shown
    return '"' + guarded.replace('"', '""') + '"'
