"""What a price is made from: what suppliers ask, and the store that it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orderwright.domain.unit_cost import UnitCost


class Offered(NamedTuple):
    """What one supplier asks for a SKU. `freight` is the reference freight, `freight_to` what is known by destination.

    Of a bundle only its `parts` count.
    """

    cost: UnitCost | None
    freight: UnitCost | None
    ships_from: str = ""
    freight_to: Mapping[str, UnitCost] = {}
    hs6: str = ""
    origin: str = ""
    parts: tuple[OfferedPart, ...] = ()
    announced: str = ""
    """Says that the cost is one which was announced, and not reported yet."""


class OfferedPart(NamedTuple):
    """A component of a bundle: so many pieces of it, and its weight when the bundle's money is shared out."""

    sku: str
    pieces: int
    offered: Offered
    weight: int = 1


class Shop(NamedTuple):
    """The store that a price is for, and where it sells: the first destination is the one that prices aim at."""

    store: str
    currency: str
    sell_to: Sequence[str] = ()
