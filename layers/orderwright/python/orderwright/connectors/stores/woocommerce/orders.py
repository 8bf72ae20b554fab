"""Reading orders of a WooCommerce shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from orderwright.connectors.stores.woocommerce.client import AT_ONCE, OrderPart, WooClient
from orderwright.connectors.stores.woocommerce.fulfilling import units_gone
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.order_mapping import (
    PAID,
    TRASH,
    Goods,
    choices_of,
    parse_order,
    variant_id,
)
from orderwright.domain.base import from_iso, iso
from orderwright.domain.order import StoreOrder
from orderwright.ports.store import ChangedOrder

SECOND = timedelta(seconds=1)
MOST_EARLIER = 10
MOST_KNOWN = 5000
"""Products that one worker remembers."""


class WooOrders(OrderPart):
    """Orders of one shop. Ids are WooCommerce's numbers as text."""

    def __init__(self, client: WooClient) -> None:
        super().__init__(client)
        self._known: dict[str, Goods] = {}

    def fetch_order(self, order_id: str) -> StoreOrder:
        """See StoreOrders. One in the trash, and a cart that nobody ordered yet, are not found.

        `unfulfilled` counts the shop's own fulfillments only: with the plugin or with notes it stays at what was sold until
        the order is completed. `read_fulfillment` knows them.
        """
        order = self.read_order(order_id)
        goods, gone, client = self._goods(order), self._gone(order), self._client
        return parse_order(order, self.read_refunds(order), goods, gone, client.id, client.settings)

    def _gone(self, order: WooNode) -> dict[str, int] | None:
        """Units that left, by line; None for all. The order says whether there is something to ask for."""
        told = order.meta("_fulfillment_status")
        if order.text("status") == "completed" or told == "fulfilled":
            return None
        return units_gone(self._client, order.text("id")) if told == "partially_fulfilled" else {}

    def _goods(self, order: WooNode) -> dict[str, Goods]:
        """What lines do not say of their products, asked once for each product by each worker."""
        known = self._known
        if len(known) > MOST_KNOWN:
            known.clear()
        pairs = {(line.ident("product_id"), line.ident("variation_id")) for line in order.children("line_items")}
        wanted = {pair for pair in pairs if pair[0] and variant_id(*pair) not in known}
        for path, ids in (
            ("products", {product: product for product, variation in wanted if not variation}),
            ("variations", {variation: variant_id(product, variation) for product, variation in wanted if variation}),
        ):
            for row in self._client.by_ids(path, set(ids), "id,virtual,attributes"):
                known[ids[row.text("id")]] = Goods(row.is_true("virtual"), choices_of(row.children("attributes")))
        return known

    def earlier_orders(self, order: StoreOrder) -> int | None:
        """See StoreOrders. Paid orders of the same account; those of guests belong to nobody."""
        if not order.customer_id:
            return None
        told = self._client.settings.statuses
        paid = sorted(PAID | {status for status, meaning in told.items() if meaning == "PAID"})
        query = {
            "customer": order.customer_id, "status": ",".join(paid), "before": _gmt(order.created_at), "dates_are_gmt": "true",
            "per_page": MOST_EARLIER, "_fields": "id,customer_id",
        }  # fmt: skip
        rows = self._client.listed("listOrders", self._client.call("listOrders", "GET", "orders", query=query))
        # Where a plugin drops the filter, these would be anybody's.
        return sum(row.ident("customer_id") == order.customer_id for row in rows)

    def list_changed_orders(self, since: datetime, cursor: str) -> tuple[list[ChangedOrder], str]:
        """See StoreOrders; the trash too, since a lost deletion is told by nothing else.

        Only first pages are read, each from the last second seen (the cursor): what changes meanwhile moves to the end, so
        nothing is lost. Where more than one page changed within one second, all pages of that second are read.
        """
        begin = from_iso(cursor) if cursor else since.astimezone(UTC).replace(microsecond=0)
        found: dict[str, ChangedOrder] = {}
        reached: list[datetime] = []
        for status in ("any", TRASH):
            # The filter is strict. With dates_are_gmt a zone in the text would be applied twice: rows were lost.
            query = {**_window(begin - SECOND, status), "orderby": "modified", "order": "asc"}
            reply = self._client.call("listOrders", "GET", "orders", query=query)
            rows = self._client.listed("listOrders", reply)
            found |= _changed(rows)
            if not reply.is_last(1, len(rows)):
                reached.append(rows[-1].gmt("date_modified") if rows else begin)
        end = min(reached, default=None)
        if end == begin:
            found, after = self._one_second(begin), begin + SECOND
        elif end is None:
            return _in_order(list(found.values())), ""
        else:
            after = end
        return _in_order([row for row in found.values() if row.updated_at <= after]), iso(after)

    def _one_second(self, second: datetime) -> dict[str, ChangedOrder]:
        found: dict[str, ChangedOrder] = {}
        for status in ("any", TRASH):
            query = {**_window(second - SECOND, status), "modified_before": _gmt(second + SECOND)}
            found |= _changed(self._client.rows("listOrders", "orders", query))
        return found


def _changed(rows: Sequence[WooNode]) -> dict[str, ChangedOrder]:
    return {row.text("id"): ChangedOrder(row.text("id"), row.gmt("date_modified")) for row in rows}


def _window(after: datetime, status: str) -> dict[str, Any]:
    return {
        "modified_after": _gmt(after), "dates_are_gmt": "true", "status": status, "per_page": AT_ONCE,
        "_fields": "id,date_modified_gmt",
    }  # fmt: skip


def _gmt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _in_order(rows: list[ChangedOrder]) -> list[ChangedOrder]:
    return sorted(rows, key=lambda row: (row.updated_at, int(row.order_id)))
