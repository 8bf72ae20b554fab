"""orderwright price simulate: other rules tried on the inputs and sales of the past days."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.config_file import read_rules_text
from local.cli.reading import read_text
from local.cli.shop import Shop
from local.cli.statement_files import cell
from orderwright.domain.money import Money
from orderwright.usecases.operator.applying import current_config, in_force
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.pricing.replay import Replay, Replayed
from orderwright.usecases.operator.pricing.tally import StoreTally
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.repricing.kept import DAYS_KEPT

PAST = "pieces sold are those of the past, at the prices of the past: what customers would have bought is not foretold"
_HEADER = "day store sku sold price price_other currency left left_other on_sale on_sale_other waits waits_other"
_SIDES = ("in_force", "other")


@click.argument("rules", type=click.Path(dir_okay=False))
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, DAYS_KEPT), help="Before today, in UTC.")
@click.option("--sku", "skus", multiple=True, help="Only this SKU; may be given several times.")
@click.option("--store", "stores", multiple=True, help="Only this store; may be given several times.")
@click.option(
    "--csv", "file", default="", type=click.Path(dir_okay=False), help="Each price of each day as a CSV file."
)
def simulate(shop: Shop, rules: str, days: int, skus: tuple[str, ...], stores: tuple[str, ...], file: str) -> Answer:
    """RULES (a whole orderwright.yaml, or rules alone) tried on past days, against the rules in force: prices and margin."""
    found, now = current_config(shop.storage), shop.wiring.clock.now()
    identities = found.stored.identities if found.stored else ()
    named = in_force(found)
    other = read_rules_text(read_text(rules), rules, named, shop.target.profile, now.date())
    wanted = [now.date() - timedelta(days=back) for back in range(days, 0, -1)]
    only = [shop.connection(one, "store") for one in stores]
    replay = Replay(
        shop.wiring.kept_inputs, named.by_ids(identities), other.by_ids(identities), wanted, set(skus), set(only)
    )
    tallies: dict[str, StoreTally] = {}
    with _rows(file) as rows:
        for one in replay.run():
            store = shop.config.stores[one.store]
            tallies.setdefault(one.store, StoreTally(one.store, store.currency)).add(one)
            rows(_row(shop, one))
    if not replay.seen:
        raise Refused(
            "NOTHING_KEPT",
            f"no inputs are kept of these {days} days",
            "they are kept each night, once the day's sales are counted: try again tomorrow",
        )
    missing = [day for day in wanted if day not in replay.seen]
    data = {
        "days": days,
        "first": wanted[0],
        "last": wanted[-1],
        "missing": missing,
        "note": PAST,
        "stores": [_data(shop, one) for one in tallies.values()],
    }
    return Answer(
        data, _shown(shop, wanted[0].isoformat(), wanted[-1].isoformat(), list(tallies.values()), missing, file)
    )


def _shown(
    shop: Shop, first: str, last: str, tallies: list[StoreTally], missing: list[Any], file: str
) -> list[RenderableType]:
    shown: list[RenderableType] = [f"{first} to {last}: rules in force -> these rules"]
    if not tallies:
        return [*shown, "no such SKU was in a store then"]
    rows = []
    for one in tallies:
        rows.append(
            (
                shop.name(one.store), f"{len(one.differing)} of {len(one.skus)}", one.at_stake, one.sold,
                _pair(one.average_price(0), one.average_price(1)), _pair(one.average_left(0), one.average_left(1)),
                _pair(one.total_left(0), one.total_left(1)),
                _pair(*map(len, one.waits)), _pair(*map(len, one.off_sale)),
            )
        )  # fmt: skip
    columns = ["Store", ">SKUs that differ", ">At stake", ">Sold", ">Price of a piece", ">It left", ">All left",
               ">Wait for approval", ">Off sale"]  # fmt: skip
    shown.append(table("", columns, rows))
    for one in tallies:
        if one.biggest is not None:
            big = one.biggest
            shown.append(
                f"  {shop.name(one.store)}: the biggest difference: {big.sku} on {big.day},"
                f" {_pair(big.now.price, big.other.price)}"
            )
        if one.lost:
            shown.append(
                f"  {shop.name(one.store)}: {one.lost} pieces were sold of what these rules would not have sold"
            )
        if one.compared > one.left_of:
            shown.append(f"  {shop.name(one.store)}: what {one.compared - one.left_of} of the pieces left is not known")
    if missing:
        shown.append(f"no inputs are kept of {len(missing)} days, left out: {', '.join(map(str, missing))}")
    shown += [PAST, "prices are averages over the pieces sold; at stake: sold on days on which the price would differ"]
    return [*shown, f"each price of each day is in {file}"] if file else shown


def _pair(now: object, other: object) -> str:
    return f"{now}" if now == other else f"{_or_none(now)} -> {_or_none(other)}"


def _or_none(what: object) -> object:
    return "none" if what is None else what


def _data(shop: Shop, one: StoreTally) -> dict[str, Any]:
    big = one.biggest
    sides = {
        side: {
            "average_price": money(one.average_price(number)),
            "average_left": money(one.average_left(number)),
            "total_left": money(one.total_left(number)),
            "wait_for_approval": sorted(one.waits[number]),
            "off_sale": sorted(one.off_sale[number]),
        }
        for number, side in enumerate(_SIDES)
    }
    biggest = None
    if big is not None:
        biggest = {
            "sku": big.sku, "day": big.day, "in_force": money(big.now.price), "other": money(big.other.price)
        }  # fmt: skip
    return {
        "store": shop.name(one.store),
        "skus": len(one.skus),
        "differing": sorted(one.differing),
        "biggest": biggest,
        "sold": one.sold,
        "at_stake": one.at_stake,
        "sold_of_what_would_be_off_sale": one.lost,
        "compared": one.compared,
        "margin_known_of": one.left_of,
        **sides,
    }


def _row(shop: Shop, one: Replayed) -> list[object]:
    both = (one.now, one.other)
    currency = next((side.price.currency for side in both if side.price), "")
    amounts: list[Money | None] = [side.price for side in both]
    return [
        one.day, shop.name(one.store), one.sku, one.sold, *amounts, currency, *(side.left for side in both),
        *("yes" if side.on_sale else "no" for side in both), *(side.waits for side in both),
    ]  # fmt: skip


@contextmanager
def _rows(file: str) -> Iterator[Any]:
    """Takes rows; they are written as they come."""
    if not file:
        yield lambda _: None
        return
    with Path(file).open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(_HEADER.split())
        yield lambda row: writer.writerow(map(cell, row))
