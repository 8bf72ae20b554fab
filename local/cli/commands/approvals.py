"""orderwright approvals: orders and prices that wait for a yes."""

from __future__ import annotations

from typing import Any

import click

from local.cli.answer import Answer, money, table
from local.cli.command import command
from local.cli.commands.money import expected_data, expected_of, expected_words
from local.cli.money_page import in_short, reckoning_data
from local.cli.order_view import reason_data, releases_data
from local.cli.shop import Shop
from orderwright.domain.catalogue import Listing
from orderwright.domain.order import OrderState
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.catalogue_view import one_sku
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.explaining import pending_sale
from orderwright.usecases.operator.listing import list_orders
from orderwright.usecases.operator.prices import approve_pending, pending_prices, reject_pending, waits_for_approval
from orderwright.usecases.operator.release import APPROVAL_CODES, release_order

_LIMIT = click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
_WHAT = click.argument("what")
_STORE = click.option("--store", default="", help="For a price: only in this store.")


def register(main: click.Group) -> None:
    """Add the commands."""

    @main.group("approvals")
    def approvals() -> None:
        """WHAT is an order (its name, id or reference) or a SKU whose price waits."""

    command(approvals, "list")(list_)
    command(approvals, "approve", changes=True)(approve)
    command(approvals, "reject", changes=True)(reject)


@_LIMIT
def list_(shop: Shop, limit: int) -> Answer:
    """Everything that waits for a yes."""
    orders = list_orders(shop.storage, (OrderState.AWAITING_APPROVAL,), limit=limit)
    prices = pending_prices(shop.storage, limit)
    expected = {pk: expected_of(shop, shop.storage.load_order(pk)) for pk, _ in orders}
    today = shop.wiring.clock.now().date()
    sales = {(p.sku, p.store): pending_sale(one_sku(shop.storage, p.sku), p, shop.config, today) for p in prices}
    data = {
        "orders": [
            {"key": pk, "name": r.name, "total": money(r.total), "waits": [reason_data(why) for why in r.reasons],
             "expected": [expected_data(shop, one) for one in expected[pk]]}
            for pk, r in orders
        ],
        "prices": [
            {
                "sku": p.sku, "store": shop.name(p.store), "published_price": money(p.published_price),
                "pending_price": money(p.pending_price), "floor": money(p.floor), "ceiling": money(p.ceiling), "why": p.why,
                "reckoning": reckoning_data(sale.reckoning) if (sale := sales[p.sku, p.store]) else None,
            }
            for p in prices
        ],
    }  # fmt: skip
    shown: list[Any] = []
    if orders:
        rows = [(r.name, r.total, "; ".join(why.message for why in r.reasons), r.store_updated_at) for _, r in orders]
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


@_WHAT
@_STORE
def approve(shop: Shop, what: str, store: str) -> Answer:
    """Let the order go, or the price be published."""
    listings = _pending(shop, what, store)
    if listings:
        for entry in listings:
            approve_pending(shop.desk, entry, shop.config, shop.wiring.timing)
        lines = [f"{what} in {shop.name(entry.store)}: {entry.pending_price} is approved" for entry in listings]
        return Answer({"sku": what, "stores": [shop.name(entry.store) for entry in listings], "approved": True}, lines)
    pk = shop.order(what)
    held = shop.storage.load_order(pk).record
    codes = {why.code for why in held.model.approvals} & APPROVAL_CODES if held else set()
    if not codes:
        raise Refused("NOTHING_TO_APPROVE", f"{what} does not wait for approval", "orderwright approvals list")
    done = release_order(shop.desk, pk, shop.wiring.timing, sorted(codes))
    releases = releases_data(done.releases, shop.name)
    data = {"order": done.record.name, "approved": True, "codes": list(done.codes), "state": done.record.state.value,
            "releases": releases}  # fmt: skip
    lines = [f"  {release['code']} {release['holds_for']}" for release in releases if release["holds_for"]]
    return Answer(data, [f"{done.record.name}: approved ({', '.join(done.codes)})", *lines])


@_WHAT
@_STORE
def reject(shop: Shop, what: str, store: str) -> Answer:
    """Keep the price as it is, or stop the order on our side."""
    listings = _pending(shop, what, store)
    if listings:
        for entry in listings:
            reject_pending(shop.desk, entry, shop.wiring.timing)
        lines = [f"{what} in {shop.name(entry.store)}: {entry.pending_price} is rejected" for entry in listings]
        return Answer({"sku": what, "stores": [shop.name(entry.store) for entry in listings], "approved": False}, lines)
    done = stop_order(shop.desk, shop.order(what))
    data = {"order": done.record.name, "approved": False, "state": done.record.state.value}
    return Answer(data, [f"{done.record.name}: stopped; cancel and refund it in the store"])


def _pending(shop: Shop, what: str, store: str) -> list[Listing]:
    try:
        file = one_sku(shop.storage, what)
    except Refused:
        return []
    found = [held.model for held in file.listings.values()]
    waiting = [entry for entry in found if waits_for_approval(entry) and store in ("", shop.name(entry.store))]
    if not waiting:
        raise Refused("NOTHING_TO_APPROVE", f"no price of {what} waits for approval", "orderwright approvals list")
    return waiting
