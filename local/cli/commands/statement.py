"""orderwright statement: store, ledger and suppliers' bills of one day against each other."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.shop import Shop
from local.cli.statement_files import StatementFiles
from orderwright.domain.difference import FIXES
from orderwright.domain.statement import Statement
from orderwright.errors import Conflict
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.stating import read_day
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.stating.books import Books
from orderwright.usecases.write_statement import keep, written_of


@click.argument("day")
@click.option(
    "--csv", "folder", default="", help="Write CSV files for bookkeeping into this folder; reads everything again."
)
@click.option("--fresh", is_flag=True, help="Read store and suppliers now, even where a statement is written already.")
def statement(shop: Shop, day: str, folder: str, fresh: bool) -> Answer:
    """DAY (UTC, such as 2026-11-28) to the cent: sums, tax by country, and each figure that differs. Exit code 1 then."""
    wanted, today = _day(day), shop.wiring.clock.now().date()
    if wanted > today:
        raise Refused("WRONG_DAY", f"{wanted} has not begun yet (UTC)", "orderwright statement 2026-11-28")
    held = written_of(shop.storage, wanted)
    files: list[str] = []
    if held is not None and not fresh and not folder:
        found = held.model.statement
    else:
        rows = StatementFiles(shop.name)
        connectors, wait = shop.wiring.connectors, shop.wiring.sleep
        books = Books(wanted, shop.storage, shop.config, connectors.store, connectors.supplier)
        found = read_day(books, shop.wiring.clock, rows.add, lambda: wait(2), progress=_progress)
        if wanted < today:
            with suppress(
                Conflict
            ):  # the function has written it at this moment; nobody is alerted: somebody is looking
                keep(shop.storage, found, shop.desk.correlation, tell=False)
        if folder:
            try:
                files = [str(path) for path in rows.write(Path(folder), found)]
            except OSError as error:
                raise Refused("FILE", f"{folder}: {error.strerror}", "name a folder that you may write to") from None
    return Answer(_data(shop, found, files), _shown(shop, found, files, unfinished=wanted == today), not found.agrees)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("WRONG_DAY", f"{text!r} is no day", "orderwright statement 2026-11-28") from None


def _progress(number: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{number} of {of} orders", end="" if number < of else "\n", file=sys.stderr)


def _data(shop: Shop, found: Statement, files: list[str]) -> dict[str, Any]:
    return {
        "day": found.day.isoformat(),
        "at": found.at,
        "agrees": found.agrees,
        "orders": found.orders,
        "purchases": found.purchases,
        "totals": [
            {"what": one.what, "connection": shop.name(one.connection), **(money(one.money) or {})}
            for one in found.totals
        ],
        "tax": [
            {
                "country": one.country or None, "remitted_by": one.remitted_by, "sales": money(one.sales),
                "refunds": money(one.refunds),
            }
            for one in found.tax
        ],
        "count": found.count,
        "codes": list(found.codes),
        "differences": [
            {
                **one.model_dump(exclude={"ours", "theirs", "connection"}), "connection": shop.name(one.connection),
                "ours": money(one.ours), "theirs": money(one.theirs), "fix": one.fix,
            }
            for one in found.differences
        ],
        "missing": [{**one.model_dump(), "connection": shop.name(one.connection)} for one in found.missing],
        "files": files,
    }  # fmt: skip


def _of(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _shown(shop: Shop, found: Statement, files: list[str], *, unfinished: bool) -> list[RenderableType]:
    shown: list[RenderableType] = [
        f"{found.day} (UTC), as of {found.at:%Y-%m-%d %H:%M}: {_of(found.orders, 'order')}, {_of(found.purchases, 'purchase')}"
        + (", so far: the day is not over" if unfinished else "")
    ]
    sums = [(one.what, shop.name(one.connection), one.money) for one in found.totals]
    taxes = [(one.country or "unknown", one.remitted_by, one.sales, one.refunds) for one in found.tax]
    if sums:
        shown.append(table("Sums", ["What", "Connection", ">Amount"], sums))
    if taxes:
        shown.append(table("Tax", ["Country", "Remitted by", ">On sales", ">On refunds"], taxes))
    if found.differences:
        rows = [
            (one.code, shop.name(one.connection), one.order, one.reference, one.ours, one.theirs, one.message)
            for one in found.differences
        ]
        columns = ["Code", "Connection", "Order", "Reference", ">Ours", ">Theirs", "What"]
        shown.append(table("Differences", columns, rows))
        shown += [f"{code}: {FIXES[code]}" for code in found.codes if code in FIXES]
        if found.count > len(found.differences):
            shown.append(f"{found.count} in all; --csv has every one")
    shown += [
        f"incomplete: {shop.name(one.connection)} could not be asked: {one.code}: {one.message}"
        for one in found.missing
    ]
    if found.agrees:
        shown.append("nothing differs")
    return [*shown, *files]
