"""Orders in a list: what waits longest stands first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orderwright.domain.order import FINAL_ORDER_STATES, OrderRecord, OrderState
from orderwright.records import ORDERS
from orderwright.storage import Storage

ATTENTION = (OrderState.NEEDS_ATTENTION, OrderState.AWAITING_APPROVAL)
OPEN = tuple(state for state in OrderState if state not in FINAL_ORDER_STATES)


class ListedOrder(NamedTuple):
    """One row."""

    pk: str
    record: OrderRecord


def list_orders(
    storage: Storage, states: Sequence[OrderState] = OPEN, connection: str = "", limit: int = 50
) -> list[ListedOrder]:
    """Orders in these states, oldest change first within a state. The index may lag by a second; the records do not."""
    found: list[ListedOrder] = []
    for state in states:
        # A connection is no part of the index: more keys are read than wanted, and thrown away unread.
        keys = storage.in_state(ORDERS, state.value, limit if not connection else 10_000)
        for key in keys:
            if len(found) >= limit:
                return found
            if key.sk != "ORDER" or (connection and not key.pk.startswith(f"{connection}#")):
                continue
            held = storage.get(key, OrderRecord)
            if held is not None and held.model.state in states:
                found.append(ListedOrder(key.pk, held.model))
    return found
