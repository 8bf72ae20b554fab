"""Orders in a list, page by page: what waits longest stands first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orderwright.domain.order import FINAL_ORDER_STATES, OrderRecord, OrderState
from orderwright.records import ORDERS
from orderwright.storage import Storage
from orderwright.usecases.operator.desk import Refused

ATTENTION = (OrderState.NEEDS_ATTENTION, OrderState.AWAITING_APPROVAL)
ALL = (*ATTENTION, *(state for state in OrderState if state not in ATTENTION))
"""Every state; those that wait for a person stand first."""
OPEN = tuple(state for state in ALL if state not in FINAL_ORDER_STATES)
KEYS_READ = 5000
"""Keys that are read at once where a connection's are picked out: at most 200 bytes each, so that 1 MB holds them."""


class ListedOrder(NamedTuple):
    """One row."""

    pk: str
    record: OrderRecord


class OrderPage(NamedTuple):
    """Some rows. `more` is handed in as `page` for the next ones; "" when these were all. A text of ids without a quote."""

    orders: list[ListedOrder]
    more: str = ""


def list_orders(
    storage: Storage, states: Sequence[OrderState] = OPEN, connection: str = "", limit: int = 50
) -> list[ListedOrder]:
    """Orders in these states, oldest change first within a state. The index may lag by a second; the records do not."""
    return page_of_orders(storage, states, connection, limit).orders


def page_of_orders(
    storage: Storage, states: Sequence[OrderState] = OPEN, connection: str = "", limit: int = 50, page: str = ""
) -> OrderPage:
    """The same behind the page whose `more` is `page`. An order that changes meanwhile may come again, or be passed by.

    Costs one call for each state and each hundred orders. Raises Refused for a page of other states, or none at all.
    """
    first, behind = _opened(page, states) if page else (states[0], "")
    found: dict[str, ListedOrder] = {}
    for state in states[states.index(first) :]:
        while len(found) < limit:
            room = limit - len(found)
            # A connection is no part of the index: more keys are read than wanted, and thrown away unread.
            wanted = KEYS_READ if connection else room
            places = storage.state_page(ORDERS, state.value, wanted, behind)
            mine = [one for one in places if not connection or one[0].pk.startswith(f"{connection}#")]
            for key, held in storage.get_many([key for key, _ in mine[:room]], OrderRecord).items():
                if held.model.state in states:
                    found[key.pk] = ListedOrder(key.pk, held.model)
            if len(mine) <= room and len(places) < wanted:
                break  # the last of this state
            behind = mine[room - 1][1] if len(mine) > room else places[-1][1]
        else:
            return OrderPage(list(found.values()), f"{state.value} {behind}".strip())
        behind = ""
    return OrderPage(list(found.values()))


def _opened(page: str, states: Sequence[OrderState]) -> tuple[OrderState, str]:
    """The state and the place in it."""
    state, _, behind = page.partition(" ")
    known = {one.value: one for one in states}
    if state not in known or (behind and len(behind.split(" ")) != 3):
        raise Refused(
            "INPUT",
            f"a list of these states never ended with --page {page!r}",
            "repeat the command that showed it, with the same states; or leave --page out",
        )
    return known[state], behind


def open_orders(storage: Storage, most: int = 10_000) -> int:
    """How many orders are not finished."""
    return sum(storage.count_in_state(ORDERS, state.value, most) for state in OPEN)
