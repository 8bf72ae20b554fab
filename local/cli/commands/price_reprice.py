"""orderwright price reprice: every SKU priced again, how far that has come, and when each store has everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.shop import Shop
from orderwright.domain.repricing.run import LINES, NOW
from orderwright.usecases.operator.applying import current_config, in_force
from orderwright.usecases.operator.repricing import Standing, expected, standing
from orderwright.usecases.operator.repricing import reprice as reprice_all

WORDS = {NOW: "sold out", "fewer": "lower stock", "rise": "higher price", "rest": "the rest"}


@click.option("--status", is_flag=True, help="Only say how far it is.")
def reprice(shop: Shop, status: bool) -> Answer:
    """Price every SKU again. Stores get what differs in order: sold out, lower stock, higher prices, the rest."""
    if not status:
        in_force(current_config(shop.storage))
        data, lines = reprice_now(shop)
        return Answer(data, lines)
    found = standing(shop.storage, shop.wiring.clock.now())
    if found is None:
        return Answer(
            {"repricing": None}, ["no repricing has begun yet; one that you just started begins within a minute"]
        )
    return Answer(
        {"repricing": standing_data(shop, found)}, [headline(found), _stores(shop, found), *slowed(shop, found)]
    )


def reprice_now(shop: Shop) -> tuple[dict[str, Any], list[str]]:
    """Begin it; what to answer: how many SKUs, and how long each store takes at most."""
    found = expected(shop.storage, shop.config)
    reprice_all(shop.desk, shop.reprice_later, shop.wiring.timing.config_cache)
    stores = {
        shop.name(store): {"listings": count, "a_minute": pace, "minutes": minutes}
        for store, (count, pace, minutes) in found.stores.items()
    }
    told = [
        f"  {name}: at most {row['listings']} listings, {row['a_minute']} a minute: {row['minutes']} min at most"
        for name, row in stores.items()
        if row["listings"]
    ]
    how = ["  how far it is: orderwright price reprice --status"] if told else []
    return {"repriced": found.skus, "stores": stores}, [f"{found.skus} SKUs are priced again", *told, *how]


def headline(found: Standing) -> str:
    """How far it is, in a line."""
    run = found.run
    begun = f"repricing ({run.why}), begun {_time(run.begun_at)}"
    if run.ended_at is not None:
        return f"{begun}: done {_time(run.ended_at)}, {run.priced} SKUs"
    if run.priced_at is None:
        expected = f", all by about {_time(found.priced_at)}" if found.priced_at else ""
        return f"{begun}: {run.priced} of {run.total} SKUs are priced{expected}"
    ends = [one.ready_at for one in found.stores.values() if one.ready_at]
    return f"{begun}: all {run.priced} SKUs are priced; the stores have everything by about {_time(max(ends, default=None))}"


def standing_data(shop: Shop, found: Standing) -> dict[str, Any]:
    """With stable keys."""
    run = found.run
    stores = {shop.name(store): one._asdict() for store, one in found.stores.items()}
    return {
        "why": run.why, "begun_at": run.begun_at, "skus": run.total, "priced": run.priced, "priced_at": found.priced_at,
        "ended_at": run.ended_at, "stores": stores,
    }  # fmt: skip


def _stores(shop: Shop, found: Standing) -> RenderableType:
    rows = [
        (shop.name(store), one.found.get(NOW, 0), *(f"{one.left[line]} of {one.found.get(line, 0)}" for line in LINES),
         one.pace, _time(one.ready_at))
        for store, one in found.stores.items()
    ]  # fmt: skip
    heads = [
        "Store",
        ">Sold out: sent",
        *(f">{WORDS[line].capitalize()}: left" for line in LINES),
        ">A minute",
        "Done by",
    ]
    return table("What the stores still get", heads, rows)


def slowed(shop: Shop, found: Standing) -> list[str]:
    """Why a store is slower than it could be."""
    return [f"{shop.name(store)} is slower: {one.slowed}" for store, one in found.stores.items() if one.slowed]


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "not known yet"
