"""orderwright warehouse: goods of your own, from their receipt to the parcel."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from local.cli.answer import Answer, table
from local.cli.command import Problem, WholeHelp, command
from local.cli.shop import Shop
from orderwright.domain.base import from_iso
from orderwright.domain.goods_receipt import GoodsReceipt
from orderwright.papers.warehouse import not_shown, pick_list_pdf, slip_pdf
from orderwright.usecases.operator import counting, goods_in, picking
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.receipt_rows import Cells, Incoming, RowFault, from_table, from_words, read

_OF = click.option("--of", "name", default="", help="Which warehouse, where you have several.")
_TO = click.option("--to", "file", default="", type=click.Path(dir_okay=False), help="Write a PDF here.")

warehouse = WholeHelp("warehouse", help="Goods of your own: receipts, counts, picking, parcels.")


@command(warehouse, "receive", changes=True)
@click.argument("supplier")
@click.argument("goods", nargs=-1, required=True)
@click.option("--title", default="", help="Makes the SKU, where it is not in the catalogue yet.")
def receive(shop: Shop, supplier: str, goods: tuple[str, ...], title: str) -> Answer:
    """Open a receipt at the warehouse SUPPLIER: a CSV file (sku, units, cost, title), or words SKU=UNITS@COST.

    It is what was counted; nothing is for sale before `inspect` and `confirm`.
    """
    place = counting.the_warehouse(shop.config, supplier)
    rows = _values(
        shop, place, from_table(_text(goods[0])) if _is_file(goods) else from_words(goods, title), costs=True
    )
    if unknown := goods_in.unknown_skus(shop.storage, rows):
        raise _problem(unknown)
    made = goods_in.receive(shop.desk, place, rows)
    said = f"receipt {made.number} is open: {sum(line.counted for line in made.lines)} pieces of {len(made.lines)} SKUs"
    return Answer(_receipt_data(made), [f"{said}; orderwright warehouse inspect {made.number}"])


@command(warehouse, "inspect", changes=True)
@click.argument("receipt")
@click.option("--damaged", multiple=True, metavar="SKU=UNITS", help="Pieces that are not for sale; with --why.")
@_OF
def inspect(shop: Shop, receipt: str, damaged: tuple[str, ...], name: str) -> Answer:
    """Say that you looked at a receipt; what is not named as damaged is good."""
    place = counting.the_warehouse(shop.config, name)
    rows = _values(shop, place, from_words(damaged))
    made = goods_in.inspect(shop.desk, place, receipt, {row.sku: row.units for row in rows})
    good = sum(line.accepted for line in made.lines)
    told = f"{good} pieces are good, {sum(row.units for row in rows)} are damaged"
    return Answer(_receipt_data(made), [f"{told}; orderwright warehouse confirm {receipt}"])


@command(warehouse, "confirm", changes=True)
@click.argument("receipt")
@_OF
def confirm(shop: Shop, receipt: str, name: str) -> Answer:
    """Put the good pieces of a receipt on the shelf, once; their cost becomes the moving average."""
    place = counting.the_warehouse(shop.config, name)
    made = goods_in.confirm(shop.desk, shop.config.suppliers[place], place, receipt)
    pieces = sum(line.accepted for line in made.lines)
    return Answer(_receipt_data(made), [f"receipt {receipt} is booked: {pieces} pieces; prices and quantities follow"])


@command(warehouse, "receipts")
@click.argument("receipt", default="")
@_OF
def receipts(shop: Shop, receipt: str, name: str) -> Answer:
    """All receipts, the newest first; or one with its lines."""
    place = counting.the_warehouse(shop.config, name)
    if receipt:
        made = goods_in.one_receipt(shop.storage, place, receipt).model
        rows = [(line.sku, line.counted, line.damaged, line.accepted, line.cost, line.booked) for line in made.lines]
        columns = ["SKU", ">Counted", ">Damaged", ">Accepted", ">Cost", "Booked"]
        log = table("Time line", ["When (UTC)", "Who", "What", "Why"], [(e.at, e.who, e.what, e.why) for e in made.log])
        return Answer(
            _receipt_data(made), [f"receipt {receipt}: {made.state.value}", table("Lines", columns, rows), log]
        )
    found = goods_in.receipts(shop.storage, place)
    cells = [
        (
            one.number,
            one.state.value,
            one.came_at,
            len(one.lines),
            sum(line.counted for line in one.lines),
            one.why_damaged,
        )
        for one in found
    ]
    columns = ["Receipt", "State", "Came (UTC)", ">SKUs", ">Pieces", "Damaged"]
    return Answer(
        [_receipt_data(one) for one in found], [table("Receipts", columns, cells) if cells else "no receipts yet"]
    )


@command(warehouse, "count", changes=True)
@click.argument("counts", nargs=-1, required=True, metavar="SKU=UNITS...")
@click.option("--as-of", default="", help="When you counted, such as 2026-11-30T09:00Z; without it now.")
@_OF
def count(shop: Shop, counts: tuple[str, ...], as_of: str, name: str) -> Answer:
    """Set what lies on the shelf. Count packed pieces too, until the number of their parcel is entered.

    What was entered as received or sent after the time of the count is added by itself.
    """
    place = counting.the_warehouse(shop.config, name)
    rows = _values(shop, place, from_words(counts), zero=True)
    at = _instant(as_of) if as_of else None
    done = counting.count(shop.desk, shop.config, place, {row.sku: row.units for row in rows}, at)
    cells = [(one.sku, one.before, one.after) for one in done]
    return Answer([one._asdict() for one in done], [table("On the shelf now", ["SKU", ">Before", ">After"], cells)])


@command(warehouse, "stock")
@_OF
def stock(shop: Shop, name: str) -> Answer:
    """What lies on the shelf, what of it is sold already, and what one piece cost."""
    place = counting.the_warehouse(shop.config, name)
    found = counting.shelves(shop.storage, place)
    cells = [
        (one.sku, one.stock, sum(one.open.values()), one.buffer, one.sellable, one.cost,
         one.shelf.counted_at if one.shelf else None,
         "more has left than was there: count it" if one.shelf and one.shelf.pieces < 0 else "")
        for one in found
    ]  # fmt: skip
    data = [one.model_dump(mode="json", exclude={"log", "open"}) for one in found]
    columns = ["SKU", ">Stock", ">Reserved", ">Buffer", ">Sellable", ">Cost", "Counted (UTC)", "Note"]
    return Answer(data, [table("Stock", columns, cells) if cells else "nothing has come to this warehouse yet"])


@command(warehouse, "pick-list")
@_TO
@_OF
def pick_list(shop: Shop, file: str, name: str) -> Answer:
    """What was sold and has not left, by SKU; with --to as a PDF with barcodes. Printing it again changes nothing."""
    place = counting.the_warehouse(shop.config, name)
    found = picking.to_pick(shop.storage, place)
    if file:
        head = f"{shop.name(place)}, {shop.wiring.clock.now():%Y-%m-%d %H:%M} UTC"
        Path(file).write_bytes(pick_list_pdf(found, head, shop.config.suppliers[place].papers_language))
    columns = [">Units", "SKU", "Article", "Purchase order", "Order"]
    cells = [(one.units, one.sku, one.title, one.reference, one.order) for one in found]
    shown = [table("Pick list", columns, cells) if cells else "nothing is to be picked"]
    return Answer([one._asdict() for one in found], [*shown, *([f"written to {file}"] if file else [])])


@command(warehouse, "slip")
@click.argument("reference")
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False), help="Write the PDF here.")
def slip(shop: Shop, reference: str, file: str) -> Answer:
    """The packing slip of a purchase order as a PDF: who sends, who gets it, what is inside, and no price."""
    found = picking.slip_of(shop.storage, reference)
    settings, to = shop.config.suppliers[found.supplier], found.details.destination
    assert to is not None
    name, *below = settings.slip_head
    sender = (name or shop.config.merchant.name, *below)
    Path(file).write_bytes(slip_pdf(found.lines, sender, to, settings.papers_language))
    lacks = not_shown(to)
    warning = (
        ["the PDF's font lacks letters of these lines; write them on the parcel by hand:", *lacks] if lacks else []
    )
    return Answer({"reference": found.reference, "file": file, "not_shown": lacks}, [f"written to {file}", *warning])


@command(warehouse, "ship", changes=True)
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--carrier", default="", help="Who carries them, where a number does not tell it.")
def ship(shop: Shop, file: str, carrier: str) -> Answer:
    """Enter parcels from FILE ("-": a scanner at the terminal), a line each: REFERENCE, a tab, the number.

    For a part of the order add SKU=UNITS behind more tabs. The same number again is the same parcel.
    """
    found = picking.ship(shop.desk, _text(file).splitlines(), carrier)
    cells = [(one.line, one.reference, one.number, one.result, one.message, one.fix) for one in found]
    columns = [">Line", "Purchase order", "Number", "Result", "What", "Fix"]
    failed = any(one.message for one in found)
    shown = [table("Parcels", columns, cells) if cells else "no line was read"]
    return Answer([one._asdict() for one in found], shown, failed=failed)


def _is_file(goods: Sequence[str]) -> bool:
    return len(goods) == 1 and ("=" not in goods[0] or goods[0] == "-" or Path(goods[0]).is_file())


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _problem([RowFault(line, "file", "holds bytes that are no UTF-8 text", "save it in UTF-8")]) from None


def _values(
    shop: Shop, place: str, lines: list[Cells] | RowFault, *, costs: bool = False, zero: bool = False
) -> list[Incoming]:
    if isinstance(lines, RowFault):
        raise _problem([lines])
    rows, faults = read(lines, shop.config.suppliers[place].currency, costs=costs, zero=zero)
    if faults:
        raise _problem(faults)
    return rows


def _problem(faults: Sequence[RowFault]) -> Problem:
    listed = [fault._asdict() for fault in sorted(faults)]
    return Problem("GOODS_INVALID", "nothing was written", listed, "correct it and run this again")


def _instant(text: str) -> datetime:
    try:
        return from_iso(text)
    except ValueError:
        raise Refused("WRONG_TIME", "--as-of needs a time with its zone", "such as 2026-11-30T09:00Z") from None


def _receipt_data(made: GoodsReceipt) -> dict[str, object]:
    return made.model_dump(mode="json", exclude={"log"})
