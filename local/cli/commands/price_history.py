"""orderwright price history: what the prices of a SKU were, and why they changed."""

from __future__ import annotations

from datetime import timedelta

import click

from local.cli.answer import Answer, table
from local.cli.shop import Shop
from orderwright.usecases.operator.catalogue_view import one_sku
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.repricing.history import price_changes


@click.argument("sku")
@click.option("--store", default="", help="Only this store.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3650), help="Back from now.")
def history(shop: Shop, sku: str, store: str, days: int) -> Answer:
    """Each change of SKU's prices in these days: when, from what to what, and why."""
    one_sku(shop.storage, sku, shop.config.rules)
    only = shop.connection(store, "store") if store else ""
    since = shop.wiring.clock.now() - timedelta(days=days)
    found = [one for one in price_changes(shop.storage, sku) if one.at >= since and only in ("", one.store)]
    data = [
        {
            "at": one.at, "store": shop.name(one.store), "before": money(one.before), "after": money(one.after),
            "pending": money(one.pending), "floor": money(one.floor), "rule": one.rule, "why": one.why,
        }
        for one in found
    ]  # fmt: skip
    rows = [
        (one.at, shop.name(one.store), one.before, one.after, one.pending, one.floor, one.rule, one.why)
        for one in found
    ]
    columns = ["When (UTC)", "Store", ">Before", ">After", ">Waits", ">Floor", "Rule", "Why"]
    none = f"no price of {sku} changed in these {days} days"
    return Answer(data, [table(f"Prices of {sku}", columns, rows) if rows else none])
