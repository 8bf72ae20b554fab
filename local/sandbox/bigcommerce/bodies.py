"""What the stand-in accepts in requests: closed bodies, whose fields are only seen where they were given."""

from __future__ import annotations

from collections.abc import Mapping
from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import Field, RootModel, create_model

from local.sandbox.kit.api import Body


def _body(needed: Mapping[str, Any], **optional: Any) -> type[Body]:
    fields: dict[str, Any] = {name: (kind | None, None) for name, kind in optional.items()}
    fields |= {name: kind if isinstance(kind, tuple) else (kind, ...) for name, kind in needed.items()}
    made: type[Body] = create_model("Given", __base__=Body, **fields)
    return made


def _several(model: Any) -> tuple[Any, Any]:
    return GenericAlias(list, (model,)), Field(min_length=1)


def _text(most: int) -> Any:
    return Annotated[str, Field(max_length=most)]


_AMOUNT, _UNITS = Annotated[float, Field(ge=0)], Annotated[int, Field(ge=1)]
_URL = Annotated[str, Field(pattern="^https?://")]
_PROVIDER = Literal[
    "", "auspost", "canadapost", "endicia", "usps", "fedex", "ups", "upsready", "upsonline", "shipperhq", "royalmail"
]  # fmt: skip
_PARCEL = {
    "tracking_number": _text(50), "tracking_link": _text(500), "tracking_carrier": str, "shipping_provider": _PROVIDER,
    "shipping_method": str, "merchant_shipping_cost": str, "comments": _text(65535),
}  # fmt: skip
_PRICED = {
    **dict.fromkeys(("price", "sale_price", "retail_price", "cost_price", "weight"), _AMOUNT),
    **dict.fromkeys(("upc", "gtin", "mpn"), str), "inventory_level": int, "sku": _text(255),
}  # fmt: skip
_VARIANT = {**_PRICED, "purchasing_disabled": bool, "purchasing_disabled_message": str, "image_url": str}
_CHOICE = _body({}, id=int, option_id=int, option_display_name=str, label=str)
_NEW_VARIANT = {"sku": _text(255), "option_values": _several(_CHOICE)}
_IMAGE = _body({"image_url": _URL}, is_thumbnail=bool, sort_order=int, description=str)
_PRODUCT = {
    **_PRICED, "description": str, "brand_name": str, "categories": list[int], "is_visible": bool,
    "availability": Literal["available", "disabled", "preorder"], "images": _several(_IMAGE)[0],
    "inventory_tracking": Literal["none", "product", "variant"], "condition": Literal["New", "Used", "Refurbished"],
}  # fmt: skip
_KIND = Literal["physical", "digital"]
_REFUNDED = _body({"item_type": Literal["ORDER"], "item_id": int, "amount": _AMOUNT}, reason=str)
_PAYMENT = _body({"provider_id": str, "amount": _AMOUNT}, offline=bool)

ORDER = _body({}, status_id=Annotated[int, Field(ge=0, le=14)], staff_notes=_text(65535))
SHIPMENT = _body(
    {"order_address_id": int, "items": _several(_body({"order_product_id": int, "quantity": _UNITS}))}, **_PARCEL
)
SHIPMENT_PUT = _body({}, order_address_id=int, **_PARCEL)
QUOTE = _body({"items": _several(_REFUNDED)})
REFUND = _body({"items": _several(_REFUNDED), "payments": _several(_PAYMENT)})
PRODUCT_PUT = _body({}, name=_text(250), type=_KIND, **_PRODUCT)
VARIANT = _body(_NEW_VARIANT, **_VARIANT)
PRODUCT = _body(
    {"name": _text(250), "type": _KIND, "weight": _AMOUNT, "price": _AMOUNT}, variants=_several(VARIANT)[0], **_PRODUCT
)
VARIANTS: Any = RootModel[GenericAlias(list, (_body({"id": int}, **_VARIANT),))]  # type: ignore[misc]
VALUE = _body({"label": str}, sort_order=int, is_default=bool)
CHANNELS: Any = RootModel[GenericAlias(list, (_body({"product_id": int, "channel_id": int}),))]  # type: ignore[misc]
_ADJUSTED = _body({"location_id": int, "quantity": int}, sku=str, variant_id=int, product_id=int)
ADJUSTMENTS = _body({"items": _several(_ADJUSTED)}, reason=str)
HOOK = _body({"scope": str, "destination": _URL}, is_active=bool, headers=dict[str, str])
HOOK_PUT = _body({}, scope=str, destination=_URL, is_active=bool, headers=dict[str, str])
