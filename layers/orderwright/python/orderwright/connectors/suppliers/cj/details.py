"""getOrderDetail: CJ's view of an order, by our number, by CJ's id, or by the code of a part of a split order."""

from __future__ import annotations

from typing import Any

from orderwright.connectors.suppliers.cj import envelope as env
from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.fields import count, rows, text
from orderwright.errors import NotFound, OutcomeUnknown, Rejected, Retryable

PAID_STATES = frozenset({"UNSHIPPED", "SHIPPED", "DELIVERED"})
_NOT_FOUND = frozenset({f"CJ_{env.PARAM_ERROR}", f"CJ_{env.ORDER_NOT_FOUND}"})
_IDS = ("orderId", "cjOrderId", "cjOrderCode")


def another_order(client: CjClient, operation: str) -> OutcomeUnknown:
    """An answer about an order that is not ours, or not said to be: nothing may follow from it (promise P15)."""
    what = f"{client.name} {operation}: the answer names another order than ours, or none"
    return OutcomeUnknown(what, code="ANOTHER_ORDER")


def only_ours(named: object, *ours: str) -> bool:
    """True where an answer names one order alone, by one of our ids. `named` is an id, or a list of them."""
    listed = named if isinstance(named, list) else [named]
    return len(listed) == 1 and bool(listed[0]) and listed[0] in ours


def read_own(client: CjClient, reference: str, own_id: str) -> dict[str, Any] | None:
    """Our order, or None when CJ knows none. It must carry our reference, and CJ's id of it where we know that.

    The id goes first: under our number there may be a second order, which hides the one that we work on.
    Raises OutcomeUnknown for another order, Retryable or Misconfigured when it cannot be asked.
    """
    detail = read_detail(client, own_id or reference)
    if detail is None:
        return None
    ids = [text(detail, name) for name in _IDS]
    if not only_ours(text(detail, "orderNum", "orderNumber"), reference) or (own_id and not only_ours(own_id, *ids)):
        raise another_order(client, "getOrderDetail")
    return detail


def lines_of(listed: object, id_field: str) -> tuple[tuple[str, int], ...] | None:
    """(variant id, units) of a list of goods; None where it shows none, or one that cannot be read or is a bundle."""
    found = []
    for row in rows(listed):
        vid, units = text(row, id_field), count(row.get("quantity"))
        if not vid or not units or row.get("isGroup") is True or row.get("subOrderProducts"):
            return None
        found.append((vid, units))
    return tuple(found) or None


def read_detail(client: CjClient, order_id: str) -> dict[str, Any] | None:
    """The order, or None when CJ knows none. CJ says "param error" (1600300) of an order that it cannot find.

    Raises Retryable or Misconfigured when it cannot be asked.
    """
    try:
        data = client.read("getOrderDetail", "shopping/order/getOrderDetail", [("orderId", order_id)])
    except (NotFound, Rejected) as error:
        if error.code in _NOT_FOUND:
            return None
        raise
    if not isinstance(data, dict) or not text(data, "orderStatus"):
        raise Retryable(f"{client.name} getOrderDetail: the answer has no order", code="UNREADABLE")
    return data


def is_paid(detail: dict[str, Any]) -> bool:
    """Paid, by the state or by the date of payment; the date's zone is not documented, so only its presence counts."""
    return detail.get("orderStatus") in PAID_STATES or bool(detail.get("paymentDate"))
