"""orderwright catalogue attributes: what customs and carriers ask of a SKU, from a table of yours."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from local.cli.answer import Answer, table
from local.cli.command import Problem, WholeHelp, command
from local.cli.shop import Shop
from orderwright.usecases.operator.attributes import (
    COLUMNS,
    Fault,
    identifier_warning,
    read_rows,
    unknown_skus,
    write_rows,
)
from orderwright.usecases.operator.desk import Refused

attributes = WholeHelp("attributes", help="HS codes, origins, manufacturers' numbers and batteries of SKUs.")


@command(attributes, "import", changes=True)
@click.argument("file", type=click.Path(dir_okay=False))
def import_(shop: Shop, file: str) -> Answer:
    """Read FILE ("-": standard input): CSV in UTF-8 with the header sku and any of hs6, origin, mpn, battery.

    An empty cell leaves the value as it is, "-" takes the imported one away. One bad line, and nothing is written.
    """
    rows, faults = read_rows(_text(file))
    if faults := sorted([*faults, *unknown_skus(shop.storage, rows)]):
        raise _problem(file, faults)
    config = shop.config
    changed = write_rows(shop.desk, rows)
    warnings = [why for row in rows if (why := identifier_warning(shop.storage.load_sku(row.sku), config)) is not None]
    data = {
        "rows": len(rows),
        "changed": [
            {"sku": one.sku, **{name: {"from": was, "to": now} for name, (was, now) in one.changes.items()}}
            for one in changed
        ],
        "warnings": [why.model_dump() for why in warnings],
    }
    cells = [
        (one.sku, *(" -> ".join(v or "(none)" for v in one.changes[n]) if n in one.changes else "" for n in COLUMNS))
        for one in changed
    ]
    shown = (
        [table("Changed", ["SKU", "HS code", "Origin", "Manufacturer's number", "Battery"], cells)] if changed else []
    )
    return Answer(
        data,
        [
            *shown,
            f"{len(changed)} of {len(rows)} SKUs changed; their prices follow",
            *(f"warning: {why.code}: {why.message}; {why.fix}" for why in warnings),
        ],
    )


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        fault = Fault(line, "file", "holds bytes that are no UTF-8 text", "save it as CSV in UTF-8")
        raise _problem(file, [fault]) from None
    except OSError as error:
        raise Refused("FILE", f"{file} cannot be read: {error.strerror}", "check the path") from None


def _problem(file: str, faults: list[Fault]) -> Problem:
    listed = [fault._asdict() for fault in faults]
    return Problem(
        "ATTRIBUTES_INVALID", f"{file} is not valid; nothing was written", listed, "fix it and run this again"
    )
