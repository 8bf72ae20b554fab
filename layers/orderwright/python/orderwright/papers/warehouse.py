"""Papers of a warehouse of the merchant's own: what to take from the shelf, and what lies in a parcel. No prices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orderwright.domain.order import Address
from orderwright.papers.document import Bars, Block, Column, Facts, Part, Table, Text, pdf
from orderwright.papers.font import fits
from orderwright.papers.purchase_order import address_lines
from orderwright.papers.words import drawn_language, labels, words


class Piece(NamedTuple):
    """Units of one SKU for one purchase order."""

    sku: str
    title: str
    units: int
    reference: str
    order: str


def pick_list_pdf(pieces: Sequence[Piece], head: str, language: str) -> bytes:
    """What to pick, with the barcodes of SKU and purchase order. `head`: which warehouse, and when it was printed."""
    language = drawn_language(language)
    say, named = words(language)["warehouse"], labels(language)
    columns = [Column(say["units"], 1, right=True), Column(named["sku"], 4, bars=True), Column(named["title"], 3)]
    columns += [Column(named["reference"], 5, bars=True), Column(say["order"], 2)]
    rows = [[str(one.units), one.sku, one.title, one.reference, one.order] for one in pieces]
    parts: list[Part] = [Text(say["pick_list"], large=True), Text(head), Table(columns, rows)]
    return pdf(say["pick_list"], parts, instead=say["not_shown"], page=say["sheet"], foot=head)


def slip_pdf(pieces: Sequence[Piece], sender: Sequence[str], to: Address, language: str) -> bytes:
    """What lies in the parcel, of one purchase order. The buyer sees it: neither costs nor prices stand there."""
    language = drawn_language(language)
    say, named, (first, *_) = words(language)["warehouse"], labels(language), pieces
    columns = [Column(say["units"], 1, right=True), Column(named["sku"], 3), Column(named["title"], 6)]
    parts: list[Part] = [
        Text(say["slip"], large=True),
        Bars(first.reference),
        Facts([(say["order"], first.order)]),
        Block(say["sender"], sender),
        Block(named["ship_to"], address_lines(to.with_phone(""))),
        Table(columns, [[str(one.units), one.sku, one.title] for one in pieces]),
    ]
    return pdf(say["slip"], parts, instead=say["not_shown"], page=say["sheet"], foot=first.reference)


def not_shown(to: Address) -> list[str]:
    """Lines of an address that the font cannot show: a person writes them on the parcel."""
    return [line for line in address_lines(to.with_phone("")) if not fits(line)]
