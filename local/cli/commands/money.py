"""orderwright price, margin: why a price is what it is, and what an order leaves."""

from __future__ import annotations

import shlex

import click
from rich.console import RenderableType

from local.cli.answer import Answer
from local.cli.command import WholeHelp, command
from local.cli.money_page import reckoning_table
from local.cli.shop import Shop
from orderwright.domain.territories import destination_fault
from orderwright.usecases.operator.catalogue_view import one_sku
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.explaining import SaleExplained, explain_margin, explain_price
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.operator.views.explained import (
    expected_data,
    expected_of,
    expected_words,
    purchase_data,
    sale_data,
)
from orderwright.usecases.operator.views.reckoning import in_short

price = WholeHelp("price", help="What one piece leaves at its price.")
margin = WholeHelp("margin", help="What an order leaves.")


@command(price, "explain")
@click.argument("sku")
@click.option("--to", default="", help="One destination, such as DE; else all that the store sells to.")
@click.option("--store", default="", help="Only this store.")
def explain_a_price(shop: Shop, sku: str, to: str, store: str) -> Answer:
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


@command(margin, "explain")
@click.argument("order")
def explain_an_order(shop: Shop, order: str) -> Answer:
    """ORDER's purchase orders: what each leaves, as calculated when it was bought or stopped, and with the figures of now."""
    file = shop.storage.load_order(shop.order(order))
    assert file.record is not None
    found = explain_margin(file, shop.config, shop.wiring.clock.now().date())
    expected = expected_of(shop.office, file)
    data = {
        "order": file.record.model.name,
        "margin": money(file.record.model.margin),
        "purchase_orders": [purchase_data(shop.office, one) for one in found],
        "expected": [expected_data(shop.office, one) for one in expected],
    }
    kept = file.record.model.margin
    none = "no margin is kept yet; what it would leave:" if found or expected else "no margin: nothing was bought"
    shown: list[RenderableType] = [f"{file.record.model.name}: {f'margin {kept}' if kept else none}"]
    for one in found:
        po = one.purchase_order
        title = f"{po.reference} at {shop.name(po.supplier)}, {po.state.value}"
        best = one.then or one.now
        shown += [reckoning_table(title, best)] if best else [f"{title}: not calculated"]
        if one.problem is not None:
            shown.append(f"  now: {one.problem.code}: {one.problem.message}; {one.problem.fix}")
        elif one.then is not None and one.now is not None and one.now.margin != one.then.margin:
            shown.append(f"  now: {in_short(one.now)}")
    for still in expected:
        title = f"still to be bought from {shop.name(still.supplier)}, with the freight as planned"
        shown += [reckoning_table(title, still.reckoning)] if still.reckoning else [f"{title}: {expected_words(still)}"]
    return Answer(data, shown)
