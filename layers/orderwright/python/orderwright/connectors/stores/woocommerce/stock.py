"""Stock of a WooCommerce shop, and batches.

The shop has no compare-and-set. An absolute write brings back what was sold since it was read; so stock is read right before,
compared with what our decision was made on, and changed by the difference (`inventory_delta`): a sale in between stays sold.
The difference is not applied atomically either, so the answer is read: another number than ours is read again and decided
again. A lost answer is never repeated: whoever comes next reads what is there. Entries of a batch are not checked by the shop.

What has no stock of its own, or may be sold beyond it, gets its own with the first number that we set, and no backorders (P3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orderwright.connectors.stores.woocommerce.client import AT_ONCE, WooPart
from orderwright.connectors.stores.woocommerce.goods import FIELDS, is_counted, name_of, number_of, parts_of
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.errors import OutcomeUnknown, VendorError
from orderwright.ports.store import PushProblem, QuantityChange

MOST_PIECES = 10**9
NOT_COUNTED = "NOT_COUNTED", "the shop does not count its stock: switch stock management on under Products, Inventory"


class WooStock(WooPart):
    """The stock of one shop."""

    quantity_batch = AT_ONCE
    price_batch: int | None = AT_ONCE

    def read_variants(self, variant_ids: Sequence[str]) -> dict[str, tuple[WooNode, WooNode | None]]:
        """Variants by id, each with its product where it is a variation: one call for products, one for variations."""
        pairs = [pair for pair in map(parts_of, dict.fromkeys(variant_ids)) if pair]
        products = {
            row.text("id"): row for row in self._client.by_ids("products", {product for product, _ in pairs}, FIELDS)
        }
        variations = {
            name_of(row): row for row in self._client.by_ids("variations", {one for _, one in pairs if one}, FIELDS)
        }
        found: dict[str, tuple[WooNode, WooNode | None]] = {}
        for product, variation in pairs:
            parent, name = products.get(product), f"{product}:{variation}"
            if variation and name in variations:
                found[name] = variations[name], parent
            elif not variation and parent is not None:
                found[product] = parent, None
        return found

    def push_quantities(self, changes: Sequence[QuantityChange], key: str) -> list[PushProblem]:
        """See StoreCatalogue. `key` is not needed: a repeat finds another stock than it was decided on."""
        for one in changes:
            if not 0 <= one.quantity <= MOST_PIECES:
                raise ValueError(f"a stock of {one.quantity} cannot be set")
        wanted = {one.stock_id: one for one in changes}
        there = self.read_variants(list(wanted))
        problems: list[PushProblem] = []
        bodies: dict[str, dict[str, Any]] = {}
        for name, change in wanted.items():
            if name not in there:
                problems.append(PushProblem(name, "VARIANT_GONE", "the shop has no such variant", False))
                continue
            node = there[name][0]
            counted = is_counted(node)
            now = int(number_of(node, "stock_quantity")) if counted else 0
            if now != change.change_from:
                problems.append(PushProblem(name, "STOCK_MOVED", "the stock is not what it was when it was read", True))
            elif not counted:
                bodies[name] = {"manage_stock": True, "backorders": "no", "stock_quantity": change.quantity}
            elif now != change.quantity:
                bodies[name] = {"inventory_delta": change.quantity - now}
        for name, answer in self.batch(bodies).items():
            if isinstance(answer, PushProblem):
                problems.append(answer)
            elif not is_counted(answer):
                problems.append(PushProblem(name, *NOT_COUNTED, False))
            elif number_of(answer, "stock_quantity") // 1 != wanted[name].quantity:
                problems.append(PushProblem(name, "STOCK_MOVED", "something was sold while the stock was set", True))
        return problems

    def batch(self, bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, WooNode | PushProblem]:
        """Set fields of variants by id: one call for all products, one for the variations of each product.

        A refused entry stands inside an answer with status 200, and is given as its problem. Where a later call fails, an
        earlier one was carried out: OutcomeUnknown, so that nobody believes the old numbers.
        """
        routes: dict[str, dict[str, Mapping[str, Any]]] = {}
        for name, body in bodies.items():
            product, variation = parts_of(name) or (name, "")
            route = f"products/{product}/variations/batch" if variation else "products/batch"
            routes.setdefault(route, {})[name] = {"id": int(variation or product), **body}
        found: dict[str, WooNode | PushProblem] = {}
        for route, entries in routes.items():
            names = list(entries)
            for start in range(0, len(names), AT_ONCE):
                part = names[start : start + AT_ONCE]
                body = {"update": [entries[name] for name in part]}
                try:
                    answer = self._client.node("updateBatch", "POST", route, body, has_effect=True)
                except VendorError as error:
                    if not found:
                        raise
                    raise OutcomeUnknown(error.message, after=error.after, code=error.code) from None
                rows = {row.text("id"): row for row in answer.children("update")}
                for name in part:
                    found[name] = _outcome(name, rows.get(str(entries[name]["id"])))
        return found


def _outcome(name: str, row: WooNode | None) -> WooNode | PushProblem:
    if row is None:
        return PushProblem(name, "NOT_SET", "the shop's answer does not name it", True)
    refused = row.child("error")
    if refused is not None:
        code = refused.text("code").upper() or "REFUSED"
        return PushProblem(name, code, "the shop refused it", False)
    return row
