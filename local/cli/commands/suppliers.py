"""orderwright suppliers: how each supplier does, by what really happened, and which agreed terms it broke (R19, R50)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.domain.scoring.scorecard import DAYS, WEIGHTS, Scorecard, scorecard_of
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.views.scorecards import (
    FIGURES,
    MADE_OF,
    TIMES,
    breach_data,
    breach_rows,
    card_data,
    facts_shown,
    headline,
    money_figures,
    skus_of,
)
from orderwright.usecases.scoring.read import days_of, scorecards

MOST_SKUS = 20

suppliers = WholeHelp("suppliers", help="How suppliers do, counted each night from what really happened.")


@command(suppliers, "list")
def list_(shop: Shop) -> Answer:
    """Each supplier's score, with its evidence."""
    cards = scorecards(shop.storage, shop.config.suppliers)
    rows = [_row(shop, name, cards.get(name)) for name in shop.config.suppliers]
    data = [
        card_data(shop.name(name), cards[name])
        if name in cards
        else {"supplier": shop.name(name), "score": None, "events": 0}
        for name in shop.config.suppliers
    ]
    columns = ["Supplier", ">Score", ">Evidence", ">Accepted", ">In stock", ">On time", ">Lost", ">Sent back", "Up to"]
    shown: list[RenderableType] = [table(f"Suppliers, {DAYS} days", columns, rows)]
    evidence = shop.config.rules.routing.evidence
    if any(one.score is None for one in cards.values()) or len(cards) < len(rows):
        shown.append(f"a score needs {evidence} purchase orders with an outcome (rules.routing.evidence)")
    return Answer(data, shown)


def _row(shop: Shop, supplier: str, card: Scorecard | None) -> tuple[object, ...]:
    if card is None:
        return (shop.name(supplier), "-", 0, "-", "-", "-", "-", "-", "not counted yet")
    shares = [card.shares[name].percent if name in card.shares else "-" for name in ("accepted", "in_stock", "on_time")]
    score = "-" if card.score is None else card.score
    return (
        shop.name(supplier), score, card.events, *shares, card.counts.get("lost", 0), card.counts.get("returned", 0), card.day,
    )  # fmt: skip


@command(suppliers, "show")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 400), default=DAYS, show_default=True, help="So many days back.")
@click.option("--sku", default="", help="Only this SKU's pieces.")
def show(shop: Shop, name: str, days: int, sku: str) -> Answer:
    """NAME's figures with their evidence and how they are made, its SKUs worst first, and what is agreed and known."""
    supplier, now = shop.connection(name, "supplier"), shop.desk.now()
    settings, rules = shop.config.suppliers[supplier], shop.config.rules.routing
    last = now.date() - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    found = days_of(shop.storage, supplier, first, last)
    card = scorecard_of(supplier, found, last, rules.evidence, now)
    skus = {one: held for one, held in skus_of(found).items() if sku in ("", one)}
    if sku and not skus:
        raise Refused("NOT_FOUND", f"nothing happened with SKU {sku} at {name}", f"orderwright suppliers show {name}")
    facts, breaches = facts_shown(settings, now.date()), breach_rows(supplier, found, settings)
    data = {
        **card_data(name, card), "from": first.isoformat(), "skus": {one: held.model_dump() for one, held in skus.items()},
        "known": settings.known.model_dump(mode="json"), "terms": settings.terms.model_dump(mode="json"),
        "broken": len(breaches), "warnings": [*settings.known.warnings(now.date())],
    }  # fmt: skip
    shown: list[RenderableType] = [headline(name, card, rules.evidence, (first, last))]
    if not sku:
        shown += _figures(card)
    rows = [
        (one, held.sold, held.accepted, held.refused, held.out_of_stock, held.shipped, held.returned)
        for one, held in list(skus.items())[:MOST_SKUS]
    ]
    if rows:
        columns = ["SKU", ">Sold", ">Accepted", ">Refused", ">For stock", ">Shipped", ">Sent back"]
        shown.append(table("Pieces, worst first", columns, rows))
    if len(skus) > MOST_SKUS:
        shown.append(f"{len(skus)} SKUs; --json has every one")
    if facts and not sku:
        shown.append(table("Agreed and known", ["What", ""], facts))
    if breaches and not sku:
        shown.append(f"agreed terms broken: {len(breaches)}; orderwright suppliers breaches {name} --since {first}")
    return Answer(data, shown)


def _figures(card: Scorecard) -> list[RenderableType]:
    shares = [
        (key.replace("_", " "), one.percent, f"{one.part} of {one.of}", WEIGHTS[key], MADE_OF[key])
        for key, one in card.shares.items()
    ]
    times = [
        (
            TIMES.get(key, f"from there to the door, {key.removeprefix('to_deliver ')}"),
            f"{one.hours} h",
            f"{one.days} day{'s' * (one.days != 1)}",
            one.events,
        )
        for key, one in card.medians.items()
    ]
    rest: list[tuple[str, Any]] = [(text, card.counts[key]) for key, text in FIGURES.items() if card.counts.get(key)]
    rest += money_figures(card.counts)
    shown: list[RenderableType] = []
    if shares:
        shown.append(table("Shares", ["What", ">Share", ">Evidence", ">Weight", "How it is made"], shares))
    if times:
        shown.append(table("Times (medians)", ["What", ">Half within", "", ">Events"], times))
    return [*shown, *([table("Counted", ["What", ">"], rest)] if rest else [])]


@command(suppliers, "breaches")
@click.argument("name", default="")
@click.option("--since", default="", help="From this day (UTC) on, such as 2026-11-01; else 30 days.")
def breaches(shop: Shop, name: str, since: str) -> Answer:
    """Agreed terms that were broken, of NAME or of all: when, by which purchase order, how late, and what was agreed then."""
    last = shop.desk.now().date()
    try:
        first = date.fromisoformat(since) if since else last - timedelta(days=30)
    except ValueError:
        raise Refused(
            "WRONG_DAY", f"--since: {since!r} is no day", "orderwright suppliers breaches --since 2026-11-01"
        ) from None
    chosen = [shop.connection(name, "supplier")] if name else list(shop.config.suppliers)
    found = [
        row
        for supplier in chosen
        for row in breach_rows(supplier, days_of(shop.storage, supplier, first, last), shop.config.suppliers[supplier])
    ]
    found.sort(key=lambda row: row.day, reverse=True)
    rows = [(one.day, shop.name(one.supplier), one.reference, one.term, one.late, one.penalty) for one in found]
    columns = ["Day (UTC)", "Supplier", "Purchase order", "Term", ">Late by", "Penalty"]
    nothing = f"no agreed term was broken since {first}"
    return Answer(
        [breach_data(one, shop.name(one.supplier)) for one in found],
        [table(f"Broken terms since {first}", columns, rows)] if rows else [nothing],
    )
