"""orderwright price explain: how the price of a SKU is made in each store, and what one piece leaves at it."""

from __future__ import annotations

import shlex

import click
from rich.console import RenderableType

from local.cli.answer import Answer
from local.cli.money_page import reckoning_table
from local.cli.shop import Shop
from orderwright.domain.territories import destination_fault
from orderwright.usecases.operator.catalogue_view import one_sku
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.explaining import SaleExplained, explain_price
from orderwright.usecases.operator.views.explained import sale_data


@click.argument("sku")
@click.option("--to", default="", help="One destination, such as DE; else all that the store sells to.")
@click.option("--store", default="", help="Only this store.")
def explain(shop: Shop, sku: str, to: str, store: str) -> Answer:
    """SKU sold once, at the price that is shown: net, tax, duty, fees, landed cost, margin and floor by destination."""
    to = to.strip().upper()
    if to and destination_fault(to):
        raise Refused(
            "WRONG_DESTINATION",
            f"--to: {destination_fault(to)}",
            f"orderwright price explain {shlex.quote(sku)} --to DE",
        )
    file = one_sku(shop.storage, sku, shop.config.rules)
    stores = [shop.connection(store, "store")] if store else list(shop.config.stores)
    found = explain_price(file, shop.config, shop.wiring.clock.now().date(), stores, to)
    data = {"sku": sku, "sales": [sale_data(shop.office, one) for one in found]}
    shown: list[RenderableType] = []
    for one in found:
        shown += _sale(shop, one)
    return Answer(data, shown or [f"{sku}: no supplier offers it, or the store sells nowhere"])


def _sale(shop: Shop, one: SaleExplained) -> list[RenderableType]:
    title = f"{shop.name(one.supplier)} to {one.destination}, sold in {shop.name(one.store)} at {one.price or 'no price yet'}"
    if one.problem is not None or one.reckoning is None:
        why = one.problem
        return [title, f"  not known: {why.code}: {why.message}; {why.fix}" if why else "  no price rule fits", ""]
    return [reckoning_table(f"{title}; floor {one.floor or 'none'}", one.reckoning), ""]
