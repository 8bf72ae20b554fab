"""What the stand-in accepts in requests."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, RootModel

from local.sandbox.kit.api import Body

Amount = Annotated[float, Field(ge=0)]
Sku = Annotated[str, Field(max_length=255)]
Provider = Literal[
    "", "auspost", "canadapost", "endicia", "usps", "fedex", "ups", "upsready", "upsonline", "shipperhq", "royalmail"
]  # fmt: skip


class OrderPut(Body):
    status_id: int | None = Field(None, ge=0, le=14)
    staff_notes: str | None = Field(None, max_length=65535)


class ShipmentPut(Body):
    order_address_id: int | None = None
    tracking_number: str = Field("", max_length=50)
    tracking_link: str = Field("", max_length=500)
    tracking_carrier: str = ""
    shipping_provider: Provider = ""
    shipping_method: str = ""
    merchant_shipping_cost: str = "0.0000"
    comments: str = Field("", max_length=65535)


class Units(Body):
    order_product_id: int
    quantity: int = Field(ge=1)


class Shipment(ShipmentPut):
    order_address_id: int
    items: list[Units] = Field(min_length=1)


class RefundItem(Body):
    item_type: Literal["PRODUCT", "SHIPPING", "ORDER"]
    item_id: int
    quantity: int = Field(0, ge=0)
    amount: Amount = 0
    reason: str = Field("", max_length=1000)


class Quote(Body):
    items: list[RefundItem] = Field(min_length=1)


class Payment(Body):
    provider_id: str
    amount: Amount
    offline: bool = False


class Refund(Quote):
    payments: list[Payment] = Field(min_length=1)


class Priced(Body):
    """What a product and a variant have in common; a field that is not given stays as it is."""

    price: Amount | None = None
    sale_price: Amount | None = None
    retail_price: Amount | None = None
    cost_price: Amount | None = None
    weight: Amount | None = None
    inventory_level: int | None = None
    upc: str | None = None
    gtin: str | None = None
    mpn: str | None = None


class OptionValue(Body):
    id: int | None = None
    option_id: int | None = None
    option_display_name: str = ""
    label: str = ""


class VariantPut(Priced):
    sku: Sku = ""
    purchasing_disabled: bool = False
    purchasing_disabled_message: str = ""
    image_url: str = ""


class VariantPost(VariantPut):
    sku: Sku = Field(min_length=1)
    option_values: list[OptionValue] = Field(min_length=1)


class VariantRow(VariantPut):
    id: int


class VariantRows(RootModel[list[VariantRow]]):
    pass


class Image(Body):
    image_url: str = Field(pattern="^https?://")
    is_thumbnail: bool = False
    sort_order: int = 0
    description: str = ""


class ProductPut(Priced):
    name: str = Field("", min_length=1, max_length=250)
    type: Literal["physical", "digital"] = "physical"
    sku: Sku = ""
    description: str = ""
    brand_name: str = ""
    categories: list[int] = []
    is_visible: bool = False
    availability: Literal["available", "disabled", "preorder"] = "available"
    inventory_tracking: Literal["none", "product", "variant"] = "none"
    condition: Literal["New", "Used", "Refurbished"] = "New"
    images: list[Image] = []


class ProductPost(ProductPut):
    name: str = Field(min_length=1, max_length=250)
    type: Literal["physical", "digital"]
    weight: Amount
    price: Amount
    variants: list[VariantPost] = []


class Value(Body):
    label: str = Field(min_length=1)
    sort_order: int = 0
    is_default: bool = False


class OptionPost(Body):
    display_name: str = Field(min_length=1)
    type: Literal["dropdown", "radio_buttons", "rectangles"]
    sort_order: int = 0
    option_values: list[Value] = []


class Adjustment(Body):
    location_id: int
    quantity: int
    sku: str | None = None
    variant_id: int | None = None
    product_id: int | None = None


class Adjustments(Body):
    items: list[Adjustment] = Field(min_length=1)
    reason: str = ""


class HookPut(Body):
    scope: str = ""
    destination: str = Field("", pattern="^https?://")
    is_active: bool = True
    headers: dict[str, str] | None = None


class HookPost(HookPut):
    scope: str
    destination: str = Field(pattern="^https?://")


def given(body: Any) -> dict[str, Any]:
    """The fields that a request names, and no others."""
    found: dict[str, Any] = body.model_dump(exclude_unset=True)
    return found
