"""orderwright approvals: orders and prices that wait for your approval."""

from __future__ import annotations

from typing import Any

import click

from local.cli.answer import Answer, table
from local.cli.asking import YES, agreed
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.usecases.operator.approvals import (
    approve_order,
    approve_prices,
    before_approval,
    price_costs,
    prices_that_wait,
    reject_order,
    reject_prices,
    waiting,
    waiting_data,
)
from orderwright.usecases.operator.views.explained import expected_words
from orderwright.usecases.operator.views.order import releases_data
from orderwright.usecases.operator.views.reckoning import in_short
from orderwright.usecases.people.fixes import command as command_line

_LIMIT = click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
_WHAT = click.argument("what")
_STORE = click.option("--store", default="", help="For a price: only in this store.")

approvals = WholeHelp(
    "approvals",
    help="Orders and prices that wait for your approval. WHAT is an order (name, id or reference) or a SKU whose price waits.",
)


@command(approvals, "list")
@_LIMIT
def list_(shop: Shop, limit: int) -> Answer:
    """Everything that waits for your approval."""
    found = waiting(shop.office, limit)
    orders, prices, waits, expected, sales = found
    data = waiting_data(shop.office, found)
    shown: list[Any] = []
    if orders:
        rows = [
            (r.name, r.total, "; ".join(wait.reason.message for wait in waits[pk]), r.store_updated_at)
            for pk, r in orders
        ]
        shown.append(table("Orders", ["Order", ">Total", "Why", "Changed (UTC)"], rows))
        shown += [f"  {r.name}: {expected_words(one)}" for pk, r in orders for one in expected[pk]]
    if prices:
        cells = [
            (p.sku, shop.name(p.store), p.published_price, p.pending_price, p.floor, p.ceiling, p.why) for p in prices
        ]
        columns = ["SKU", "Store", ">Price now", ">Waits", ">Floor", ">Ceiling", "Why"]
        shown.append(table("Prices", columns, cells))
        shown += [f"  {sku} to {one.destination}: {in_short(one.reckoning)}" for (sku, _), one in sales.items() if one]
    return Answer(data, shown or ["nothing waits for approval"])


@command(approvals, "approve", changes=True)
@_WHAT
@_STORE
@YES
def approve(shop: Shop, what: str, store: str, yes: bool) -> Answer:
    """Buy the order, or publish the price. What that costs is said, and you are asked."""
    listings = prices_that_wait(shop.office, what, store)
    again = command_line("approvals", "approve", what, *(("--store", store) if store else ()), "--yes")
    if listings:
        agreed(shop, price_costs(shop.office, listings), yes=yes, again=again)
        approve_prices(shop.office, listings)
        lines = [f"{what} in {shop.name(entry.store)}: {entry.pending_price} is approved" for entry in listings]
        return Answer({"sku": what, "stores": [shop.name(entry.store) for entry in listings], "approved": True}, lines)
    pk, before = before_approval(shop.office, what)
    agreed(shop, before.costs, yes=yes, again=again)
    done = approve_order(shop.office, pk, before)
    releases = releases_data(done.releases, shop.name)
    data = {"order": done.record.name, "approved": True, "codes": list(done.codes), "state": done.record.state.value,
            "releases": releases}  # fmt: skip
    lines = [f"  {release['code']} {release['holds_for']}" for release in releases if release["holds_for"]]
    return Answer(data, [f"{done.record.name}: approved ({', '.join(done.codes)})", *lines])


@command(approvals, "reject", changes=True)
@_WHAT
@_STORE
def reject(shop: Shop, what: str, store: str) -> Answer:
    """Keep the price as it is, or stop the order on our side."""
    listings = reject_prices(shop.office, what, store)
    if listings:
        lines = [
            f"{what} in {shop.name(entry.store)}: {entry.pending_price} is rejected; "
            + (f"{entry.published_price} stays" if entry.published_price else "it has no price yet")
            + ("" if entry.on_sale else ", and nothing is sold at it")
            for entry in listings
        ]
        return Answer({"sku": what, "stores": [shop.name(entry.store) for entry in listings], "approved": False}, lines)
    record = reject_order(shop.office, what)
    data = {"order": record.name, "approved": False, "state": record.state.value}
    return Answer(data, [f"{record.name}: stopped; cancel and refund it in the store"])
