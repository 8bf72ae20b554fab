"""What the use cases ask a supplier about the price of a parcel, before they order it and for prices."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from orderwright.domain.unit_cost import UnitCost


class FreightRequest(NamedTuple):
    """A parcel to be priced: where to (ISO country), (supplier_ref, units) of what, and a method to prefer; "" is the setting."""

    country_code: str
    lines: tuple[tuple[str, int], ...]
    preferred: str = ""


class FreightQuote(NamedTuple):
    """A way for a parcel, with all digits of its price. `carries_duty`: tax or duty is inside the price; None: not said."""

    method: str
    price: UnitCost
    carries_duty: bool | None = None


class SupplierFreight(Protocol):
    """What a parcel costs. A counted call that changes nothing."""

    points_per_quote: int

    def quote_freight(self, request: FreightRequest) -> FreightQuote:
        """The preferred method where it is offered, else the cheapest.

        Raises Rejected (NO_SHIPPING_METHOD) where there is no way, Retryable (POINTS_USED_UP) where the day's calls are used up.
        """
