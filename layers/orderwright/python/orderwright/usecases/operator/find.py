"""From what an operator types (a name, an id, a reference, a tracking number) to the one order that is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from orderwright.domain.order import FINAL_ORDER_STATES, OrderRecord, OrderState
from orderwright.records import ORDERS, order_key, order_pk, reference_ref, tracking_ref
from orderwright.storage import Storage
from orderwright.usecases.operator.desk import Refused

MOST_NAMES_READ = 2000


def find_order(storage: Storage, text: str, stores: Collection[str]) -> str:
    """The partition of the order that `text` means. Raises Refused when there is none, or more than one.

    Tried in turn: our own key, the store's id, our reference, a tracking number, the store's name of the order (of several
    stores: with the id).
    """
    wanted = text.strip()
    found = _by_id(storage, wanted, stores) or _by_index(storage, wanted)
    if not found or (len(stores) > 1 and wanted.lstrip("#").isdigit()):
        # What is one store's id may be the name of another one's order.
        found = sorted({*found, *_by_name(storage, wanted)})
    if not found:
        raise Refused(
            "NOT_FOUND",
            f"no order has the name, id, reference or tracking number {wanted!r}",
            "orderwright orders list --all",
        )
    if len(found) > 1:
        raise Refused("AMBIGUOUS", f"{wanted!r} means several orders: {', '.join(found)}", "give one of these instead")
    return found[0]


def _by_id(storage: Storage, text: str, stores: Iterable[str]) -> list[str]:
    if not text:
        return []
    guesses = [text] if "#" in text.strip("#") else [order_pk(store, text.lstrip("#")) for store in stores]
    return [pk for pk in guesses if storage.get_raw(order_key(pk)) is not None]


def _by_index(storage: Storage, text: str) -> list[str]:
    keys = [*storage.find(ORDERS, reference_ref(text)), *storage.find(ORDERS, tracking_ref(text))]
    return sorted({key.pk for key in keys})


def _by_name(storage: Storage, text: str) -> list[str]:
    """Names have no index: the open orders are read first, then the finished ones, so many and no more."""
    wanted = text.lstrip("#").casefold()
    found = [pk for pk, record in _records(storage) if record.name.lstrip("#").casefold() == wanted]
    return sorted(set(found))


def _records(storage: Storage) -> Iterator[tuple[str, OrderRecord]]:
    left = MOST_NAMES_READ
    for state in sorted(OrderState, key=lambda state: state in FINAL_ORDER_STATES):
        keys = storage.in_state(ORDERS, state.value, left)
        left -= len(keys)
        yield from ((key.pk, held.model) for key, held in storage.get_many(keys, OrderRecord).items())
        if left <= 0:
            return
