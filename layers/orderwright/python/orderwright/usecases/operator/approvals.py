"""Orders and prices that wait for a yes: listed with what they would leave, approved, rejected."""

from __future__ import annotations

from typing import Any, NamedTuple

from orderwright.domain.catalogue import Listing
from orderwright.domain.order import OrderRecord, OrderState
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.catalogue_view import one_sku, parties, read_skus
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.explaining import Expected, SaleExplained, pending_sale
from orderwright.usecases.operator.listing import ListedOrder, list_orders
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.prices import approve_pending, pending_prices, reject_pending, waits_for_approval
from orderwright.usecases.operator.release import APPROVAL_CODES, Released, release_order
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.operator.views.explained import expected_data, expected_of_many
from orderwright.usecases.operator.views.order import reason_data
from orderwright.usecases.operator.views.reckoning import reckoning_data


class Waiting(NamedTuple):
    """What waits. `expected`: what an order would leave, by its key; `sales`: what a price would leave, by SKU and store."""

    orders: list[ListedOrder]
    prices: list[Listing]
    expected: dict[str, list[Expected]]
    sales: dict[tuple[str, str], SaleExplained | None]


def waiting(office: Office, limit: int) -> Waiting:
    """Up to `limit` orders and as many prices."""
    orders = list_orders(office.storage, (OrderState.AWAITING_APPROVAL,), limit=limit)
    prices = pending_prices(office.storage, limit)
    who, today = parties(office.storage), office.desk.now().date()
    expected = expected_of_many(office, [pk for pk, _ in orders], who)
    files = read_skus(office.storage, list(dict.fromkeys(price.sku for price in prices)), who, freights=True)
    sales = {(p.sku, p.store): pending_sale(files[p.sku], p, office.config, today) for p in prices}
    return Waiting(orders, prices, expected, sales)


def waiting_data(office: Office, found: Waiting) -> dict[str, Any]:
    """With stable keys."""
    return {
        "orders": [
            {
                "key": pk, "name": r.name, "total": money(r.total), "waits": [reason_data(why) for why in r.reasons],
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


def approve_prices(office: Office, sku: str, store: str = "") -> list[Listing]:
    """Let waiting prices of a SKU be published; gives what waited, nothing where `sku` is no SKU. Raises Refused."""
    found = _pending(office, sku, store)
    for entry in found:
        approve_pending(office.desk, entry, office.config, office.timing)
    return found


def reject_prices(office: Office, sku: str, store: str = "") -> list[Listing]:
    """Keep the prices as they are; gives what waited, nothing where `sku` is no SKU. Raises Refused."""
    found = _pending(office, sku, store)
    for entry in found:
        reject_pending(office.desk, entry, office.timing)
    return found


def approve_order(office: Office, order: str) -> Released:
    """Let an order go that only waits for a yes. Raises Refused."""
    pk = office.order(order)
    held = office.storage.load_order(pk).record
    codes = {why.code for why in held.model.approvals} & APPROVAL_CODES if held else set()
    if not codes:
        raise Refused("NOTHING_TO_APPROVE", f"{order} does not wait for approval", "orderwright approvals list")
    return release_order(office.desk, pk, office.timing, sorted(codes))


def reject_order(office: Office, order: str) -> OrderRecord:
    """Stop an order on our side. Raises Refused."""
    return stop_order(office.desk, office.order(order)).record


def _pending(office: Office, sku: str, store: str) -> list[Listing]:
    try:
        file = one_sku(office.storage, sku)
    except Refused:
        return []
    found = [held.model for held in file.listings.values()]
    waits = [entry for entry in found if waits_for_approval(entry) and store in ("", office.name(entry.store))]
    if not waits:
        raise Refused("NOTHING_TO_APPROVE", f"no price of {sku} waits for approval", "orderwright approvals list")
    return waits
