"""Notes on orders of a WooCommerce shop, for its people only."""

from __future__ import annotations

import re

from orderwright.connectors.stores.woocommerce.client import OrderPart
from orderwright.connectors.stores.woocommerce.nodes import WooNode


class WooNotes(OrderPart):
    """OrderNotes of one shop."""

    def add_note(self, order_id: str, text: str) -> None:
        """See OrderNotes."""
        self.read_order(order_id)
        if _bare(text) not in [_bare(row.words("note")) for row in self.internal_notes(order_id)]:
            self.write_note(order_id, text)

    def internal_notes(self, order_id: str) -> list[WooNode]:
        """Those that no buyer sees; the shop gives all of them at once."""
        reply = self._client.call("listNotes", "GET", f"orders/{order_id}/notes")
        return [row for row in self._client.listed("listNotes", reply) if not row.is_true("customer_note")]

    def write_note(self, order_id: str, text: str) -> str:
        """Write it, whatever is there; gives its id."""
        body = {"note": text, "customer_note": False}
        made = self._client.node("createNote", "POST", f"orders/{order_id}/notes", body, has_effect=True)
        return self.sure(made.ident("id"), "createNote")


def _bare(text: str) -> str:
    """What stays of a note that the shop cleans: no tags, blanks as they come."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())
