"""What Market's stand-in accepts in requests."""

from __future__ import annotations

from pydantic import Field

from local.sandbox.kit.api import Body

PAGE = 50
"""Entries in one request or answer."""


class Parcel(Body):
    number: str = Field(min_length=1)
    carrier: str | None = None
    url: str | None = None


class Units(Body):
    line_id: int
    quantity: int = Field(ge=1)


class Parcels(Body):
    parcels: list[Parcel]
    notify_customer: bool


class NewFulfillment(Parcels):
    lines: list[Units] = Field(min_length=1)


class Skus(Body):
    skus: list[str] = Field(min_length=1, max_length=PAGE)


class Change(Body):
    variant_id: int
    stock: int = Field(ge=0)
    expected: int


class Changes(Body):
    changes: list[Change] = Field(min_length=1, max_length=PAGE)


class Product(Body):
    title: str = Field(min_length=1)
    description: str
    brand: str
    images: list[str]
    needs_parcel: bool
    visible: bool
    price: str
    compare_at: str | None = None
    article: str | None = None
    options: dict[str, str] = {}


class NewPrice(Body):
    id: int
    price: str
    compare_at: str | None = None


class Patch(Body):
    hide: list[int] = []
    variants: list[NewPrice] = []


class Hook(Body):
    url: str = Field(pattern="^https?://")
    topics: list[str] = Field(min_length=1)
    secret: str = Field(min_length=1)
