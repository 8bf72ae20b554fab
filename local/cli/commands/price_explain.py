"""orderwright price explain: how the price of a SKU is made in each store, and what one piece leaves at it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, ago, table
from local.cli.money_page import reckoning_table
from local.cli.shop import Shop
from orderwright.domain.rules import FileRate
from orderwright.domain.territories import destination_fault
from orderwright.usecases.operator.catalogue_view import one_sku
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.explaining import SaleExplained, explain_price
from orderwright.usecases.operator.pricing.explain import DemandSeen, Explained, explain_listing, rule_words
from orderwright.usecases.operator.views.explained import sale_data
from orderwright.usecases.operator.views.pricing import explained_data


@click.argument("sku")
@click.option("--to", default="", help="One destination, such as DE; else all that the store sells to.")
@click.option("--store", default="", help="Only this store.")
def explain(shop: Shop, sku: str, to: str, store: str) -> Answer:
    """How SKU's price is made, each input with its time; and what a piece leaves by destination, if rules tell tax and fees."""
    to = to.strip().upper()
    if to and destination_fault(to):
        raise Refused(
            "WRONG_DESTINATION",
            f"--to: {destination_fault(to)}",
            f"orderwright price explain {shlex.quote(sku)} --to DE",
        )
    file, now = one_sku(shop.storage, sku, shop.config.rules), shop.wiring.clock.now()
    stores = [shop.connection(store, "store")] if store else list(shop.config.stores)
    made = [explain_listing(file, file.listings[one].model, shop.config, now) for one in stores if one in file.listings]
    counted = bool(to) or shop.config.rules.know_true_cost
    sales = explain_price(file, shop.config, now, stores, to) if counted else []
    data = {
        "sku": sku,
        "stores": [explained_data(shop.office, one) for one in made],
        "goods_and_freight_only": not counted,
        "sales": [sale_data(shop.office, one) for one in sales],
    }
    shown = [part for one in made for part in _made(shop, sku, one, now)]
    shown += [part for one in sales for part in _sale(shop, one)]
    return Answer(data, shown or [f"{sku}: no supplier offers it, or the store sells nowhere"])


def _made(shop: Shop, sku: str, one: Explained, now: datetime) -> Iterator[RenderableType]:
    """In the order in which the price is made."""
    is_, wanted = one.now, one.wanted
    off = "" if wanted.on_sale else "; not on sale"
    yield (
        f"{sku} in {shop.name(is_.store)}: shown {is_.published_price or 'not yet'}, wanted"
        f" {wanted.desired_price or 'none'}{off}"
    )
    for reason in wanted.reasons:
        yield f"  waits: {reason.code}: {reason.message}; {reason.fix}"
    rows = [
        (cost.sku, shop.name(cost.offer.supplier), cost.offer.cost, cost.offer.freight, cost.offer.sellable,
         f"{cost.at:%Y-%m-%d %H:%M} by {shop.name(cost.who)}" if cost.at else shop.name(cost.who),
         "makes the price" if cost.counts else "")
        for cost in one.costs
    ]  # fmt: skip
    columns = ["SKU", "Supplier", ">Cost", ">Freight", ">Sellable", "Said (UTC)", "Note"]
    yield table("  1. What it costs", columns, rows)
    for rate in one.rates:
        origin = shop.name(rate.file) if isinstance(rate, FileRate) else "rules.fx"
        base = shop.config.rules.base_currency
        yield f"  exchange rate: 1 {rate.currency} = {rate.rate:f} {base}, of {rate.dated} ({origin})"
    yield f"  2. Rule: {one.rule.name!r}: {rule_words(one.rule)}" if one.rule else "  2. Rule: none fits"
    if one.competitors:
        seen = [(found.seller, found.listed, found.words or f"left out: {found.left_out}") for found in one.competitors]
        follows = one.rule is not None and one.rule.competitors is not None
        title = "  3. Competitors" if follows else "  3. Competitors (the rule does not follow them)"
        yield table(title, ["Competitor", ">Ours as dear at", "What its file says (UTC)"], seen)
    else:
        yield "  3. Competitors: no price of one is known"
    yield f"  4. Demand: {_demand(one.demand, now)}"
    yield "  5. How the price is made"
    for number, step in enumerate(one.steps, 1):
        yield f"     {number}. {step}"
    if one.problem is not None:
        yield f"     no price: {one.problem.code}: {one.problem.message}; {one.problem.fix}"
    bounds = [f"floor {wanted.floor or 'not known'} (margin and MAP)"]
    bounds += [
        f"{name} {text.money}" for name, text in (("MAP", one.bounds.map_price), ("MSRP", one.bounds.msrp)) if text
    ]
    bounds.append(f"more than {shop.config.rules.price_step_percent} % at once waits for approval")
    yield f"  6. Bounds: {'; '.join(bounds)}"
    if wanted.pending_price is not None:
        yield f"     {wanted.pending_price} waits for approval; {wanted.desired_price} stays until then"
    if wanted.compare_at_note:
        yield f"     struck through: {wanted.desired_compare_at or 'nothing'}, {wanted.compare_at_note}"
    for note in wanted.notes:
        yield f"  note: {note.code}: {note.message}; {note.fix}"
    yield f"  7. Next: {_next(wanted.review_at, now)}"
    yield ""


def _demand(one: DemandSeen | None, now: datetime) -> str:
    if one is None:
        return "not looked at"
    stock = f"{one.stock} in stock" + (f", for {one.lasts_days} days" if one.lasts_days is not None else "")
    since = f"; no sale since {one.unsold_since}" if one.unsold_since else ""
    if one.day is None:
        return f"no sale is counted; {stock}{since}"
    return f"{one.week} sold in the 7 days to {one.day}, {one.before} in the 28 days before; {stock}{since}"


def _next(at: Any, now: datetime) -> str:
    other = "whenever a cost, the stock, a competitor's price, a rate or a rule changes"
    return (
        f"looked at again on {at:%Y-%m-%d %H:%M} UTC ({ago(at, now)}), and {other}"
        if at
        else f"looked at again {other}"
    )


def _sale(shop: Shop, one: SaleExplained) -> list[RenderableType]:
    title = f"{shop.name(one.supplier)} to {one.destination}, sold in {shop.name(one.store)} at {one.price or 'no price yet'}"
    if one.problem is not None or one.reckoning is None:
        why = one.problem
        return [title, f"  not known: {why.code}: {why.message}; {why.fix}" if why else "  no price rule fits", ""]
    return [reckoning_table(f"{title}; floor {one.floor or 'none'}", one.reckoning), ""]
