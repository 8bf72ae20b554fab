"""Orders and prices that wait for your approval: listed with what they would leave, approved, rejected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from orderwright.domain.listing import Listing
from orderwright.domain.order import OrderRecord, OrderState
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.catalogue_view import one_sku, parties, read_skus
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.explaining import Expected, SaleExplained, pending_sale
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.order_list import ListedOrder, list_orders
from orderwright.usecases.operator.prices import approve_pending, pending_prices, reject_pending
from orderwright.usecases.operator.release import APPROVAL_CODES, Released, Shown, before_release, release_order
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.operator.views.explained import expected_data, expected_of_many
from orderwright.usecases.operator.views.reckoning import in_short, reckoning_data
from orderwright.usecases.operator.waits import Wait, waits_data, waits_in_list
from orderwright.usecases.people.fixes import command


class Waiting(NamedTuple):
    """What waits. By an order's key: `waits`, why, and `expected`, what it would leave; `sales`: what a price would leave,

    by SKU and store.
    """

    orders: list[ListedOrder]
    prices: list[Listing]
    waits: dict[str, tuple[Wait, ...]]
    expected: dict[str, list[Expected]]
    sales: dict[tuple[str, str], SaleExplained | None]


def waiting(office: Office, limit: int) -> Waiting:
    """Up to `limit` orders and as many prices."""
    orders = list_orders(office.storage, (OrderState.AWAITING_APPROVAL,), limit=limit)
    prices = pending_prices(office.storage, limit)
    who, now = parties(office.storage), office.desk.now()
    expected = expected_of_many(office, [pk for pk, _ in orders], who)
    files = read_skus(office.storage, list(dict.fromkeys(price.sku for price in prices)), who, freights=True)
    sales = {(p.sku, p.store): pending_sale(files[p.sku], p, office.config, now) for p in prices}
    return Waiting(orders, prices, waits_in_list(office.storage, orders), expected, sales)


def waiting_data(office: Office, found: Waiting) -> dict[str, Any]:
    """With stable keys."""
    return {
        "orders": [
            {
                "key": pk, "name": r.name, "total": money(r.total), "waits": waits_data(r.name, found.waits[pk], office.name),
                "expected": [expected_data(office, one) for one in found.expected[pk]],
            }
            for pk, r in found.orders
        ],
        "prices": [
            {
                "sku": p.sku, "store": office.name(p.store), "published_price": money(p.published_price),
                "pending_price": money(p.pending_price), "floor": money(p.floor), "ceiling": money(p.ceiling), "why": p.why,
                "reckoning": reckoning_data(sale.reckoning) if (sale := found.sales[p.sku, p.store]) else None,
            }
            for p in found.prices
        ],
    }  # fmt: skip


def price_costs(office: Office, found: Sequence[Listing]) -> list[str]:
    """What these prices change and leave, in words."""
    told, now = [], office.desk.now()
    for entry in found:
        sale = pending_sale(one_sku(office.storage, entry.sku, office.config.rules), entry, office.config, now)
        left = f": {in_short(sale.reckoning)}" if sale and sale.reckoning else ""
        was = f"instead of {entry.published_price}" if entry.published_price else "for the first time"
        told.append(f"{entry.sku} is sold in {office.name(entry.store)} for {entry.pending_price} {was}{left}")
    return told


def approve_prices(office: Office, found: Sequence[Listing]) -> None:
    """Let these prices be published, as they were shown. Raises Refused."""
    for entry in found:
        approve_pending(office.desk, entry, office.config, office.timing)


def reject_prices(office: Office, sku: str, store: str = "") -> list[Listing]:
    """Keep the prices as they are; gives what waited, nothing where `sku` is no SKU. Raises Refused."""
    found = prices_that_wait(office, sku, store)
    for entry in found:
        reject_pending(office.desk, entry, office.timing)
    return found


def before_approval(office: Office, order: str) -> tuple[str, Shown]:
    """The order that only waits for approval, and what an approval costs. Raises Refused."""
    pk = office.order(order)
    held = office.storage.load_order(pk).record
    codes = {why.code for why in held.model.approvals} & APPROVAL_CODES if held else set()
    if not codes:
        raise Refused("NOTHING_TO_APPROVE", f"{order} does not wait for approval", "orderwright approvals list")
    return pk, before_release(office.desk, pk, office.config, office.timing, sorted(codes))


def approve_order(office: Office, pk: str, shown: Shown) -> Released:
    """Let it go, as it was shown. Raises Refused."""
    return release_order(office.desk, pk, office.timing, shown.codes, shown)


def reject_order(office: Office, order: str) -> OrderRecord:
    """Stop an order that waits for approval on our side. Raises Refused, also where it waits for none."""
    pk = office.order(order)
    held = office.storage.load_order(pk).record
    if held is None or not held.model.approvals:
        what = f"{order} does not wait for approval; `orders cancel` stops it anyway"
        raise Refused("NOTHING_TO_APPROVE", what, command("orders", "cancel", order))
    return stop_order(office.desk, pk, office.name).record


def prices_that_wait(office: Office, sku: str, store: str = "") -> list[Listing]:
    """Prices of a SKU that wait for approval; nothing where `sku` is no SKU. Raises Refused where none waits."""
    try:
        file = one_sku(office.storage, sku, office.config.rules)
    except Refused:
        return []
    found = [held.model for held in file.listings.values()]
    waits = [entry for entry in found if entry.waits_for_approval and store in ("", office.name(entry.store))]
    if not waits:
        raise Refused("NOTHING_TO_APPROVE", f"no price of {sku} waits for approval", "orderwright approvals list")
    return waits
