"""Why an order waits: all reasons, its own and those of its purchase orders, parcels and messages to the customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from orderwright.domain.order import FINAL_ORDER_STATES, OrderRecord, OrderState, Reason
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import FulfillmentState
from orderwright.records import ORDERS, PO_WAITS, OrderFile
from orderwright.storage import Storage
from orderwright.usecases.people.fixes import About, Fix, belongs, command, fix_of, fixes_of, reasons_data

ORDER = "ORDER"
MOST_WAITING = 10_000
_SENT = FINAL_ORDER_STATES | {OrderState.SHIPPED}
_AUTOMATIC = frozenset({PurchaseOrderState.NEW, PurchaseOrderState.INTENT, PurchaseOrderState.PLACED})
_OPEN = frozenset({PurchaseOrderState.NEW, PurchaseOrderState.INTENT, PurchaseOrderState.PARKED})


class Wait(NamedTuple):
    """One reason, and the part of the order that waits for it: ORDER, PO#..., SHIP#..., FULFILLMENT#..., NOTICE#...

    `po`: the purchase order that it is of, where that is known.
    """

    part: str
    reason: Reason
    po: PurchaseOrder | None = None


def waits_of(file: OrderFile) -> tuple[Wait, ...]:
    """All of them, the order's own first; one that the order has from a part of it stands once, as the order's."""
    if file.record is None:
        return ()
    orders = [held.model for _, held in sorted(file.purchase_orders.items())]
    found = [Wait(ORDER, reason, _of(reason, orders)) for reason in file.record.model.reasons]
    found += _purchase_orders(file, file.record.model.state)
    for sk, parcel in sorted(file.shipments.items()):
        if parcel.model.fulfillment is not FulfillmentState.DONE:
            found += [Wait(sk, reason) for reason in parcel.model.reasons]
    for sk, record in sorted(file.fulfillments.items()):
        if record.model.state is not FulfillmentState.DONE:
            found += [Wait(sk, reason) for reason in record.model.reasons]
    for sk, held in sorted(file.notices.items()):
        if held.model.trouble is not None:
            milestone = held.model.milestone.value.lower().replace("_", " ")
            what = f"{held.model.channel} {milestone}: {held.model.trouble.value.lower()}"
            found.append(Wait(sk, Reason(code=held.model.cause, message=f"a message to the customer, {what}")))
    return _once(found)


def _purchase_orders(file: OrderFile, state: OrderState) -> Iterable[Wait]:
    for sk, held in sorted(file.purchase_orders.items()):
        po = held.model
        # A version before left the reason of a late parcel where it was when the parcel came.
        if po.state in _OPEN or (po.state is PurchaseOrderState.PLACED and state not in _SENT):
            yield from (Wait(sk, reason, po) for reason in po.reasons)
        if po.store_problem is not None:
            yield Wait(sk, po.store_problem, po)


def waits_in_list(storage: Storage, rows: Iterable[tuple[str, OrderRecord]]) -> dict[str, tuple[Wait, ...]]:
    """The same for the rows of a list, by their keys; messages to customers have a list of their own.

    The index names the purchase orders that wait, and they are read a hundred a call; it may lag by a second.
    """
    found = {pk: [Wait(ORDER, reason) for reason in record.reasons] for pk, record in rows}
    keys = [key for key in storage.in_state(ORDERS, PO_WAITS, MOST_WAITING) if key.pk in found]
    for key, held in storage.get_many(keys, PurchaseOrder).items():
        found[key.pk] += [Wait(key.sk, reason, held.model) for reason in held.model.reasons]
    return {pk: _once(waits) for pk, waits in found.items()}


def _once(waits: Iterable[Wait]) -> tuple[Wait, ...]:
    once: dict[tuple[str, str, str], Wait] = {}
    for wait in waits:
        once.setdefault((wait.reason.code, wait.reason.message, wait.reason.line_id), wait)
    return tuple(once.values())


def _of(reason: Reason, orders: Iterable[PurchaseOrder]) -> PurchaseOrder | None:
    return next((po for po in orders if belongs(reason, po)), None)


def fixes_of_waits(
    name: str, waits: Sequence[Wait], name_of: Callable[[str], str] = str, at: tuple[str, ...] = ()
) -> list[Fix]:
    """One for each wait of the order `name`. What continues automatically is not to be retried."""
    reasons = [wait.reason for wait in waits]
    fixes = fixes_of(name, reasons, [wait.po for wait in waits if wait.po is not None], name_of, at)
    for place, wait in enumerate(waits):
        if wait.part.startswith("NOTICE#"):
            retry = command("notices", "retry", name, at=at)
            fixes[place] = Fix(
                "It is sent automatically when the cause is gone; send again yourself what came back or failed.",
                (retry,),
            )
        elif wait.po is not None and wait.po.state in _AUTOMATIC:
            about = About(name, wait.po.reference, name_of(wait.po.supplier), at, paid=wait.po.paid)
            fixes[place] = fix_of(wait.reason, about, waiting=True)
    return fixes


def waits_data(
    name: str, waits: Sequence[Wait], name_of: Callable[[str], str] = str, at: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """With stable keys: those of a reason, `fix` in words, `commands`, and `part`: the order, or which of its parts."""
    told = reasons_data([wait.reason for wait in waits], fixes_of_waits(name, waits, name_of, at))
    return [{**one, "part": wait.part} for one, wait in zip(told, waits, strict=True)]


def codes_of(waits: Iterable[Wait]) -> list[str]:
    """Their codes, each once."""
    return list(dict.fromkeys(wait.reason.code for wait in waits))
