"""orderwright bills: what suppliers ask for, against what was ordered (R48)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.domain.bill import Bill
from orderwright.usecases.bill_file import MOST_BYTES, Given, read_bills
from orderwright.usecases.bills import take_bill
from orderwright.usecases.operator.bills import bill_of, decide_bill, listed_bills
from orderwright.usecases.operator.views.amounts import money

_WHOSE = click.option("--supplier", default="", help="Whose bill it is, where several suppliers have this number.")

bills = WholeHelp(
    "bills", help="Suppliers' bills, line by line against what was ordered. A bill that differs waits for you."
)


@command(bills, "add", changes=True)
@click.argument("file", metavar="FILE.csv", type=click.Path(dir_okay=False))
@click.option("--supplier", required=True, help="Whose bill it is.")
@click.option("--number", default="", help="The bill's number, where the file has no such column.")
@click.option("--date", "dated", default="", help="Its date, such as 2026-11-30, where the file has no such column.")
@click.option("--currency", default="", help="Its currency, where the file has no such column.")
@click.option("--total", default="", help="Its total, where the file has no such column.")
@click.option("--decimal-sign", type=click.Choice([".", ","]), help="Where no amount in the file shows it.")
def add(
    shop: Shop, file: str, supplier: str, number: str, dated: str, currency: str, total: str, decimal_sign: str | None
) -> Answer:
    """Take in the bills of a CSV file: columns number, date, currency, reference, sku, units, price, freight, tax, total."""
    with Path(file).open("rb") as opened:
        data = opened.read(MOST_BYTES + 1)
    desk, name = shop.desk, shop.connection(supplier, "supplier")
    given = Given(number, dated, currency, total)
    read = read_bills(data, name, desk.now(), given, decimal_sign or "")
    taken = [take_bill(shop.storage, shop.config, one, desk.now(), desk.who, desk.correlation) for one in read]
    return _answer(shop, taken)


@command(bills, "list")
@click.option("--open", "only_open", is_flag=True, help="Only those that wait for you.")
def list_(shop: Shop, only_open: bool) -> Answer:
    """The bills that wait for you, and those of the last 90 days, newest first."""
    return _answer(shop, listed_bills(shop.storage, shop.desk.now(), only_open=only_open))


@command(bills, "show")
@click.argument("number")
@_WHOSE
def show(shop: Shop, number: str, supplier: str) -> Answer:
    """The bill NUMBER with its lines, and what differs."""
    return _whole(shop, _named(shop, number, supplier))


@command(bills, "accept", changes=True)
@click.argument("number")
@_WHOSE
def accept(shop: Shop, number: str, supplier: str) -> Answer:
    """You owe the bill NUMBER as it is: spend and margin of its purchase orders follow."""
    return _decided(shop, number, supplier, accepted=True)


@command(bills, "refuse", changes=True)
@click.argument("number")
@_WHOSE
def refuse(shop: Shop, number: str, supplier: str) -> Answer:
    """You do not owe the bill NUMBER. A corrected one may have the same number."""
    return _decided(shop, number, supplier, accepted=False)


def _decided(shop: Shop, number: str, supplier: str, *, accepted: bool) -> Answer:
    found = decide_bill(shop.desk, shop.config, _named(shop, number, supplier), accepted=accepted)
    return Answer(_data(shop, found), [f"bill {found.number}: {found.state.lower()}"])


def _named(shop: Shop, number: str, supplier: str) -> Bill:
    return bill_of(shop.desk, shop.config, number, shop.connection(supplier, "supplier") if supplier else "")


def _answer(shop: Shop, found: list[Bill]) -> Answer:
    data = [_data(shop, one) for one in found]
    if not found:
        return Answer(data, ["no bills"])
    rows = [
        (one.number, shop.name(one.supplier), one.dated, one.state.value, one.total, one.count or "", one.taken_at)
        for one in found
    ]
    columns = ["Number", "Supplier", "Date", "State", ">Total", ">Differences", "Came"]
    shown = [table("Bills", columns, rows)]
    waiting = [f"orderwright bills show {one.number}" for one in found if one.open]
    return Answer(data, [*shown, *waiting[:5]])


def _whole(shop: Shop, one: Bill) -> Answer:
    shown: list[Any] = [f"bill {one.number} of {shop.name(one.supplier)}, {one.dated}: {one.total}, {one.state.value}"]
    if one.file:
        shown.append(f"its file, until the buyer is erased: {_place(one)} in the stack's bucket of files")
    rows: list[tuple[object, ...]] = [
        (line.reference, line.sku, line.units, line.unit_price, line.amount) for line in one.lines
    ]
    rows += [(charge.reference, charge.name, "", "", charge.amount) for charge in one.charges]
    if rows:
        shown.append(table("Lines", ["Purchase order", "SKU or charge", ">Units", ">Price", ">Amount"], rows))
    if one.differences:
        differs = [(d.code, d.order, d.reference, d.ours, d.theirs, d.message) for d in one.differences]
        shown.append(table("Differences", ["Code", "Order", "Purchase order", ">Ours", ">Theirs", "What"], differs))
        shown += dict.fromkeys(f"{d.code}: {d.fix}" for d in one.differences)
    shown += [
        f"{entry.at:%Y-%m-%d %H:%M} {entry.who}: {entry.what}{f' ({entry.why})' if entry.why else ''}"
        for entry in one.log
    ]
    return Answer(_data(shop, one), shown)


def _place(one: Bill) -> str:
    return f"{one.supplier}/bills/{one.file}" if one.file else ""


def _data(shop: Shop, one: Bill) -> dict[str, Any]:
    hidden = {"supplier", "differences", "total", "lines", "charges", "about", "settled", "file"}
    return {
        **one.model_dump(mode="json", exclude=hidden),
        "supplier": shop.name(one.supplier),
        "total": money(one.total),
        "file": _place(one),
        "references": list(one.references),
        "lines": [{**line.model_dump(mode="json"), "amount": money(line.amount)} for line in one.lines],
        "charges": [{**charge.model_dump(exclude={"amount"}), "amount": money(charge.amount)} for charge in one.charges],
        "differences": [
            {
                **d.model_dump(exclude={"ours", "theirs", "connection"}), "ours": money(d.ours), "theirs": money(d.theirs),
                "fix": d.fix,
            }
            for d in one.differences
        ],
    }  # fmt: skip
