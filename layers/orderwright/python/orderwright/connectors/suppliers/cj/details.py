"""getOrderDetail: CJ's view of an order, by our number, by CJ's id, or by the code of a part of a split order."""

from __future__ import annotations

from typing import Any

from orderwright.connectors.suppliers.cj import envelope as env
from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.fields import text
from orderwright.errors import NotFound, Rejected, Retryable

PAID_STATES = frozenset({"UNSHIPPED", "SHIPPED", "DELIVERED"})
_NOT_FOUND = frozenset({f"CJ_{env.PARAM_ERROR}", f"CJ_{env.ORDER_NOT_FOUND}"})


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
