"""What the stand-in accepts in requests: closed, where the real one ignores names that it does not know."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional

from pydantic import Field, create_model

from local.sandbox.kit.api import Body


def _body(name: str, /, *needed: tuple[str, Any], **fields: Any) -> Any:
    """A closed model. A field that is not `needed` may be left out, and is then as its default says."""
    told: dict[str, Any] = {**{key: (kind, ...) for key, kind in needed}, **fields}
    return create_model(name, __base__=Body, **told)


def _rows(model: Any, default: Any = ()) -> Any:
    """A list of such bodies, which may be left out; in these words, since type checkers know no models made by a call."""
    return Optional.__getitem__(list.__class_getitem__(model)), default


_TEXT, _ANY, _NO, _YES = (str | None, None), (Any, None), (bool, False), (bool, True)
_SOME = Annotated[str, Field(min_length=1)]
_WHOLE = (int | Annotated[str, Field(pattern=r"^-?\d+$")] | None, None)
"""As text too. On the routes of one article; none is taken as 0."""
_AMOUNT, _ID = (float | str, 0), int | str
_META = _body("Meta", ("key", str), id=(int | None, None), value=_ANY)
_TAX = _body("RefundTax", ("id", _ID), ("refund_total", float | str))
_BACK = _body("RefundLine", ("id", _ID), quantity=(int, 0), refund_total=_AMOUNT, refund_tax=_rows(_TAX))
_IMAGE = _body("Image", ("src", str), name=_TEXT, alt=_TEXT)
_ATTRIBUTE = _body(
    "Attribute", ("name", str), id=(int, 0), position=(int, 0), visible=_NO, variation=_NO, options=(list[str], []), option=_TEXT
)  # fmt: skip

OrderChange = _body("OrderChange", status=_TEXT, customer_note=_TEXT, meta_data=_rows(_META))
Note = _body("Note", ("note", _SOME), customer_note=_NO, added_by_user=_NO)
NewRefund = _body(
    "NewRefund", amount=_TEXT, reason=(str, ""), line_items=_rows(_BACK), api_refund=_YES, api_restock=_YES
)
Fulfilling = _body("Fulfilling", ("meta_data", _rows(_META)[0]), status=_TEXT, is_fulfilled=_ANY, notify_customer=_NO)
NewTracking = _body(
    "NewTracking", ("tracking_number", _SOME), tracking_provider=_TEXT, custom_tracking_provider=_TEXT,
    custom_tracking_link=(str, ""), date_shipped=_TEXT,
)  # fmt: skip
_GOODS: dict[str, Any] = {
    "name": _TEXT, "description": _TEXT, "sku": _TEXT, "regular_price": _TEXT,
    "sale_price": _TEXT, "manage_stock": (bool | None, None), "stock_quantity": _WHOLE, "inventory_delta": _WHOLE,
    "virtual": (bool | None, None), "images": _rows(_IMAGE), "image": (Optional.__getitem__(_IMAGE), None),
    "meta_data": _rows(_META), "attributes": _rows(_ATTRIBUTE, None), "type": (Literal["simple", "variable"] | None, None),
    "status": (Literal["draft", "pending", "private", "publish"] | None, None),
    "backorders": (Literal["no"], "no"),
}  # fmt: skip
Goods = _body("Goods", **_GOODS)
_UNSEEN = dict.fromkeys(("regular_price", "sale_price", "stock_quantity", "inventory_delta"), _ANY)
_ENTRY = _body("Entry", id=(int | None, None), **_GOODS | _UNSEEN)
"""In a batch the kinds of values are not checked: a number passes as a price, and any text as a quantity."""
Batch = _body("Batch", create=_rows(_ENTRY), update=_rows(_ENTRY))
_STATUS = (Literal["active", "paused", "disabled"] | None, None)
_HOOK = {"name": _TEXT, "topic": _TEXT, "secret": _TEXT, "status": _STATUS}
Hook = _body("Hook", delivery_url=_TEXT, **_HOOK)
NewHook = _body("NewHook", ("delivery_url", str), **_HOOK)
