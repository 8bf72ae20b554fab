"""Answers that are about another order than the one that was asked about, or about an order with other contents.

"another_order" and "no_reference" change what is answered, after the effect. "other_lines" and "other_address" make the order
itself another one (createOrderV2), or change what is shown of it (getOrderDetail).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from local.sandbox.cj.orders import VENDOR, OrderBook
from local.sandbox.cj.views import created, detail, whole_of
from local.sandbox.wire import Request, Response, World

MIXUPS: Mapping[str, tuple[str, ...]] = {
    "createOrderV2": ("another_order", "no_reference", "other_lines", "other_address"),
    "addCart": ("another_order", "no_reference"),
    "addCartConfirm": ("another_order",),
    "saveGenerateParentOrder": ("another_order", "no_reference"),
    "payBalanceV2": ("another_order",),
    "getOrderDetail": ("another_order", "no_reference", "other_lines", "other_address"),
    "deleteOrder": ("another_order",),
}
"""Which of them each operation knows."""
_NAMES = ("orderNumber", "orderNum")
_ELSEWHERE = {"shippingCountryCode": "NO", "shippingCity": "Tromsø"}


class Mixups:
    """The account's other orders are kept in the book, where a call that is misled finds them."""

    def __init__(self, world: World, book: OrderBook) -> None:
        self._world = world
        self._book = book

    def forms(
        self, operation: str, request: Request, answer: Callable[[Request], Response]
    ) -> dict[str, Callable[[], Response]]:
        """How each of them answers this request. `answer` carries it out."""
        return {how: partial(self._mixed_up, how, operation, request, answer) for how in MIXUPS.get(operation, ())}

    def _mixed_up(self, how: str, operation: str, request: Request, answer: Callable[[Request], Response]) -> Response:
        itself = operation == "createOrderV2" and how in ("other_lines", "other_address")
        response = answer(_with_other_contents(request, how) if itself else request)
        envelope = json.loads(response.body)
        if not envelope.get("data"):
            return response  # refused: there is nothing to mix up
        ours = self._named(operation, envelope["data"])
        self._world.record(VENDOR, "mixed_up", ours, operation=operation, how=how)
        if not itself:
            envelope["data"] = self._changed(how, operation, envelope["data"], ours)
        return replace(response, body=json.dumps(envelope, ensure_ascii=False).encode())

    def _named(self, operation: str, data: Any) -> str:
        """The id of the order that the true answer is about."""
        if operation in ("addCartConfirm", "payBalanceV2"):
            return self._book.orders_of(data["shipmentsId"] if isinstance(data, dict) else data)[0].order_id
        if isinstance(data, str):
            return data
        listed = data.get("addSuccessOrders", data.get("successOrders", [data.get("orderId", "")]))
        return str(listed[0])

    def _changed(self, how: str, operation: str, data: Any, ours: str) -> Any:
        if how == "no_reference":
            empty: dict[str, Any] = {**dict.fromkeys(_NAMES), "addSuccessOrders": [], "successOrders": []}
            return {**data, **{name: value for name, value in empty.items() if name in data}}
        if how == "other_lines":
            more = [{**row, "quantity": row["quantity"] + 1} for row in data["productList"]]
            return {**data, "productList": more}
        if how == "other_address":
            return {**data, **_ELSEWHERE}
        order = self._book.find(ours) or self._book.find(whole_of(ours))
        assert order is not None
        other, shipment = self._book.stranger_of(order)
        if operation == "createOrderV2":
            return created(other, [])
        if operation == "getOrderDetail":
            return detail(other, self._book.zone)
        if operation == "addCart":
            return {**data, "addSuccessOrders": [other.order_id]}
        if operation == "addCartConfirm":
            return {**data, "shipmentsId": shipment}
        if operation == "saveGenerateParentOrder":
            return self._book.bill(shipment)
        return shipment if operation == "payBalanceV2" else other.order_id


def _with_other_contents(request: Request, how: str) -> Request:
    body = request.json()
    if how == "other_lines":
        body["products"] = [{**row, "quantity": row["quantity"] + 1} for row in body["products"]]
    else:
        body |= _ELSEWHERE
    return replace(request, body=json.dumps(body).encode())
