"""orderwright stock: one view of the stock over all suppliers, warehouses and stores."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.usecases.operator.catalogue_view import one_sku, parties, read_skus, sku_files
from orderwright.usecases.operator.stock_view import SkuStock, low_skus, sold_a_day, stock_data, stock_of
from orderwright.usecases.stock.advice import shown

NO_END, MOST_LOOKED_AT = 10**9, 100_000
_SORTS: dict[str, Callable[[SkuStock], Any]] = {
    "days": lambda one: (NO_END if one.until.days is None else one.until.days, one.file.sku),
    "sellable": lambda one: (one.sellable, one.file.sku),
    "sold": lambda one: (-one.a_day, one.file.sku),
    "sku": lambda one: one.file.sku,
}

stock = WholeHelp("stock", help="How much there is, where, for how long, and why a store shows what it shows.")


@command(stock, "list")
@click.option("--below-days", type=click.IntRange(0, 3650), help="Only what lasts fewer days at its present sales.")
@click.option("--low", is_flag=True, help="Only what runs out before more could be there.")
@click.option("--sort", type=click.Choice(list(_SORTS)), default="days", show_default=True)
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 100_000), help="SKUs that are shown.")
def list_(shop: Shop, below_days: int | None, low: bool, sort: str, limit: int) -> Answer:
    """Every SKU but bundles: what can be sold at all suppliers together, how fast it sells, and how long it lasts."""
    sold = sold_a_day(shop.office)
    if low or below_days is not None:  # only what sells can run out
        chosen = low_skus(shop.storage, shop.config) if low else sorted({sku for one in sold.values() for sku in one})
        files = list(read_skus(shop.storage, chosen, parties(shop.storage)).values())
    else:
        files = [file for file in sku_files(shop.storage, MOST_LOOKED_AT) if file.sku not in shop.config.rules.bundles]
    found = sorted(stock_of(shop.office, files, sold), key=_SORTS[sort])
    if below_days is not None:
        found = [one for one in found if one.until.days is not None and one.until.days < below_days]
    more, found = len(found) - limit, found[:limit]
    rows = [
        (
            one.file.sku,
            ", ".join(f"{shop.name(part.offer.supplier)} {part.offer.sellable}" for part in one.offers if not part.note),
            one.sellable,
            shown(one.a_day),
            "" if one.until.days is None else one.until.days,
            ", ".join(f"{shop.name(name)} {_there(held.model.published_quantity)}" for name, held in one.file.listings.items()),
            "; ".join(warning.fix for warning in one.low),
        )
        for one in found
    ]  # fmt: skip
    columns = ["SKU", "Sellable by supplier", ">Sellable", ">Sold a day", ">Days left", "Shown in stores", "To do"]
    lines: list[RenderableType] = [table("Stock", columns, rows)] if rows else ["no SKU is like that"]
    lines += [f"  {more} more: --limit"] if more > 0 else []
    return Answer([stock_data(shop.office, one) for one in found], lines)


@command(stock, "show")
@click.argument("sku")
def show(shop: Shop, sku: str) -> Answer:
    """One SKU: stock by supplier and warehouse, its age, buffer, reserved, sellable, days left, and what stores show."""
    (one,) = stock_of(shop.office, [one_sku(shop.storage, sku, shop.config.rules)], sold_a_day(shop.office))
    data = stock_data(shop.office, one)
    days = "" if one.until.days is None else f", enough for about {one.until.days} days"
    sold = f"about {data['sold_per_day']} are sold a day{days}" if one.a_day else "none was sold in the last 28 days"
    sold = "a bundle: what its components sell is shown with them" if one.file.parts else sold
    lines = [f"{sku}  {data['title']}: {one.sellable} can be sold; {sold}"]
    lines += [f"  runs low since {warning.since:%Y-%m-%d}: {warning.message}; {warning.fix}" for warning in one.low]
    offers = [
        (part["supplier"], part["stock"], part["source"], part["age"],
         ", ".join(f"{name} {units}" for name, units in part["warehouses"].items()),
         f"{part['buffer']}{' (target)' if part['buffer_by_target'] == part['buffer'] > 0 else ''}",
         part["reserved"], part["sellable"], part["sold_per_day"],
         "" if part["days_left"] is None else part["days_left"], part["lead"], part["order_by"] or "", part["note"])
        for part in data["suppliers"]
    ]  # fmt: skip
    stores = [(one["store"], _there(one["shown"]), one["wanted"], one["why"]) for one in data["stores"]]
    return Answer(
        data,
        [
            *lines,
            table("Suppliers", ["Supplier", ">Stock", "Said by", ">Age", "Warehouses", ">Buffer", ">Reserved", ">Sellable",
                                ">Sold a day", ">Days left", "More takes", "Order by", "Note"], offers),
            table("Stores", ["Store", ">Shown", ">Wanted", "Why"], stores),
            shop.pasted(f"  more: orderwright catalogue show {shlex.quote(sku)}"),
        ],
    )  # fmt: skip


def _there(quantity: int | None) -> str:
    return "?" if quantity is None else str(quantity)
