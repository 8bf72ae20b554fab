"""Which of the supplier's orders belong to an order of the sandbox's store: our references show no order number."""

from __future__ import annotations

from functools import cache

from orderwright.connectors.suppliers.cj.client import fingerprint
from orderwright.records import purchase_reference

MOST_PURCHASE_ORDERS = 12


@cache
def account_of(open_id: int) -> str:
    """The supplier's account as Orderwright knows it."""
    return fingerprint(str(open_id))


def references_of(shop_number: int, order_number: int | str, open_id: int) -> tuple[str, ...]:
    """The references that purchase orders of a store's order can have, in their order."""
    return references_at(f"gid://shopify/Shop/{shop_number}", order_number, account_of(open_id))


def references_at(shop: str, order_number: int | str, account: str) -> tuple[str, ...]:
    """The same in any shop and at any supplier's account, both by the vendor's own id."""
    numbers = range(1, MOST_PURCHASE_ORDERS + 1)
    return tuple(purchase_reference(shop, str(order_number), account, number) for number in numbers)
