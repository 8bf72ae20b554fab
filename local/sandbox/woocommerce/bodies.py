"""What the stand-in accepts in requests: closed, where the real one ignores names that it does not know."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from local.sandbox.kit.api import Body

Number = int | str | None
"""A whole number; as text too, as WordPress reads it. None is taken as 0."""


class Meta(Body):
    id: int | None = None
    key: str
    value: Any = None


class OrderChange(Body):
    status: str | None = None
    customer_note: str | None = None
    meta_data: list[Meta] = []


class Note(Body):
    note: str = Field(min_length=1)
    customer_note: bool = False
    added_by_user: bool = False


class RefundTax(Body):
    id: int | str
    refund_total: float | str


class RefundLine(Body):
    id: int | str
    quantity: int = 0
    refund_total: float | str = 0
    refund_tax: list[RefundTax] = []


class NewRefund(Body):
    amount: str | None = None
    reason: str = ""
    line_items: list[RefundLine] = []
    api_refund: bool = True
    api_restock: bool = True


class Fulfilling(Body):
    status: str | None = None
    is_fulfilled: bool | None = None
    notify_customer: bool = False
    meta_data: list[Meta]


class NewTracking(Body):
    tracking_number: str = Field(min_length=1)
    tracking_provider: str = ""
    custom_tracking_provider: str = ""
    custom_tracking_link: str = ""
    date_shipped: str = ""


class Image(Body):
    src: str
    name: str = ""
    alt: str = ""


class Attribute(Body):
    """Of a product it has options; of a variation the one option that it is."""

    name: str
    position: int = 0
    visible: bool = False
    variation: bool = False
    options: list[str] = []
    option: str = ""


class Goods(Body):
    """A product or a variation. `inventory_delta` is in no schema, and is heard."""

    name: str | None = None
    slug: str | None = None
    type: Literal["simple", "variable"] | None = None
    status: Literal["draft", "pending", "private", "publish"] | None = None
    catalog_visibility: Literal["visible", "catalog", "search", "hidden"] | None = None
    description: str | None = None
    short_description: str | None = None
    sku: str | None = None
    regular_price: str | None = None
    sale_price: str | None = None
    manage_stock: bool | None = None
    stock_quantity: Number = None
    inventory_delta: Number = None
    backorders: Literal["no", "notify", "yes"] | None = None
    virtual: bool | None = None
    images: list[Image] = []
    image: Image | None = None
    attributes: list[Attribute] | None = None
    meta_data: list[Meta] = []


class Entry(Goods):
    """In a batch the kinds of values are not checked: a number passes as a price, and any text as a quantity."""

    id: int | None = None
    regular_price: Any = None
    sale_price: Any = None
    stock_quantity: Any = None
    inventory_delta: Any = None


class Batch(Body):
    create: list[Entry] = []
    update: list[Entry] = []
    delete: list[int] = []


class Hook(Body):
    name: str | None = None
    status: Literal["active", "paused", "disabled"] | None = None
    topic: str | None = None
    delivery_url: str | None = None
    secret: str | None = None


class NewHook(Hook):
    delivery_url: str
