"""A bundle: one listing that is several goods of suppliers (R3). Its line of an order becomes one line a component."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from orderwright.domain.base import Model


class Bundle(Model):
    """What is sold as one. `of`: pieces of each SKU in it; none of these may be a bundle itself."""

    of: dict[str, Annotated[int, Field(ge=1, le=999)]] = Field(min_length=1)
    title: str = Field(min_length=1)
    description: str = ""
    images: tuple[str, ...] = ()
    category: str = ""
