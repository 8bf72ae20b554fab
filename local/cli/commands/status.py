"""orderwright status: all on one page."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.commands.price_reprice import headline as headline_of
from local.cli.commands.price_reprice import slowed, standing_data
from local.cli.shop import Shop
from orderwright.domain.order import OrderState
from orderwright.usecases.operator.needs_you import headline
from orderwright.usecases.operator.repricing import standing
from orderwright.usecases.operator.requests import asked_in_words
from orderwright.usecases.operator.takings import Takings
from orderwright.usecases.operator.views.status import amounts_in_words, not_counted, status_data, status_of
from orderwright.usecases.people.words import work

_NOTES = {
    "COMPETITOR_STALE": "competitors' prices are too old, ours stay",
    "COMPETITOR_ABSURD": "a competitor's price is absurd, and does not count",
    "PRICE_FAR_BELOW": "far below the lowest competitor",
    "NO_MARGIN_HERE": "no margin at the lowest competitor's price",
}


@click.option("--check", is_flag=True, help="Exit code 3 when something needs you.")
@click.option("--days", "with_days", is_flag=True, help="Yesterday and the last 7 days as well.")
def status(shop: Shop, check: bool, with_days: bool) -> Answer:
    """What needs you, with the command for it; orders by state, what days brought in and cost (UTC), what is overdue."""
    page = status_of(shop.office, shop.dead_letters.counts(), with_days=with_days, at=shop.at)
    found = page.found
    data = {"stack": shop.target.stack, **status_data(shop.office, page)}
    rows = [(state.value, found.orders.get(state.value, 0)) for state in OrderState if state.value in found.orders]
    shown: list[RenderableType] = [headline(page.needs)]
    if any(need.kind != "connections" for need in page.needs) or len(page.needs) > 1:
        shown += [f"  {need.line}" for need in page.needs]
    shown += ["", table(f"Orders in {shop.target.stack}", ["State", ">Orders"], rows or [("none yet", 0)]), ""]
    shown += _days(shop, page.days)
    if page.shelf.sold_out:
        shown.append(
            f"sold out: {', '.join(sorted(page.shelf.sold_out)[:5])}{' and others' * (len(page.shelf.sold_out) > 5)}"
        )
    if page.requests.questions_week:
        shown.append(asked_in_words(page.requests))
    repriced = standing(shop.storage, shop.wiring.clock.now())
    if repriced is not None and repriced.run.ended_at is None:
        data["repricing"] = standing_data(shop, repriced)
        shown += [headline_of(repriced), *slowed(shop, repriced)]
    for code, skus in page.shelf.notes.items():
        if code == "COMPETITOR_ABSENT":  # as it is for most SKUs
            continue
        some = f"{', '.join(skus[:3])}{', ...' if len(skus) > 3 else ''}"
        shown.append(
            shop.pasted(f"prices: {_NOTES.get(code, code)}: {some}; orderwright price explain {shlex.quote(skus[0])}")
        )
    shown += [f"overdue: {work(name)} ({count})" for name, count in sorted(found.overdue.items())]
    return Answer(data, shown, needs_you=check and bool(page.needs))


def _days(shop: Shop, days: Mapping[str, Takings]) -> list[RenderableType]:
    """A row a period; what is not counted below."""
    rows = [
        (
            name.replace("_", " "), one.orders, amounts_in_words(one.revenue), amounts_in_words(one.net),
            amounts_in_words(one.margin), ", ".join(f"{shop.name(who)} {amount}" for who, amount in one.spent),
        )
        for name, one in days.items()
    ]  # fmt: skip
    lacks = [
        f"  not counted {name}: {text}"
        for (name, *_), one in zip(rows, days.values(), strict=True)
        if (text := not_counted(one))
    ]
    return [table("Days (UTC)", ["Day", ">Orders", ">Revenue", ">Without tax", ">Margin", ">Spent"], rows), *lacks]
