"""When a parcel of ours arrives: as its supplier's parcels of the same carrier and country did, else as it was agreed (R32).

The carrier's own date stands between both; it is in the parcel beside the forecast, and changes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from orderwright.domain.forecast import Forecast, agreed, measured
from orderwright.domain.order import Address, OrderDetails
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Shipment

if TYPE_CHECKING:
    from orderwright.domain.scoring.scorecard import Scorecard

Scores = Callable[[Sequence[str]], Mapping[str, "Scorecard"]]


def forecast_of(
    parcel: Shipment, po: PurchaseOrder, details: OrderDetails | None, shop_zone: str, scores: Scores
) -> Forecast | None:
    """None where nothing is known."""
    to = (details.destination if details else None) or Address()
    card = scores([po.supplier]).get(po.supplier) if to.country_code and parcel.carrier else None
    spread = card.lanes.get(f"{to.country_code} {parcel.carrier}", {}) if card else {}
    if not spread and not po.agreed_days:
        return None
    zone = _zone(to, shop_zone)
    found = measured(spread, parcel.created_at, zone)
    return found or (agreed(po.placed_at or po.created_at, po.agreed_days, zone) if po.agreed_days else None)


def _zone(to: Address, shop_zone: str) -> tzinfo:
    from orderwright.mails.zones import zone_of  # it loads Babel, for the few that have a forecast

    return ZoneInfo(zone_of(to.country_code, to.province_code, shop_zone))
