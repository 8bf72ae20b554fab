"""The operator's yes or no to a price step (promise P4), to exactly the price that was in front of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.records import listing_key
from orderwright.storage import Storage
from orderwright.usecases.operator.catalogue_view import parties, sku_names
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.recalculate_price import approve_price, reject_price


def pending_prices(storage: Storage, limit: int) -> list[Listing]:
    """Listings whose new price waits, among the first `limit` SKUs."""
    stores = parties(storage).stores
    keys = [listing_key(sku, store) for sku in sku_names(storage, limit) for store in stores]
    return [held.model for held in storage.get_many(keys, Listing).values() if held.model.waits_for_approval]


def approve_pending(desk: Desk, listing: Listing, config: Config, timing: Timing) -> Money:
    """Let the pending price of this listing be published. Raises Refused when another one is pending by now."""
    return _answered(desk, listing, partial(approve_price, config=config, timing=timing))


def reject_pending(desk: Desk, listing: Listing, timing: Timing) -> Money:
    """Keep the price that is shown. Raises Refused when another one is pending by now."""
    return _answered(desk, listing, partial(reject_price, timing=timing))


def _answered(desk: Desk, listing: Listing, answer: Callable[..., Money]) -> Money:
    who, price = f"{desk.who}: {desk.why}"[:200] if desk.why else desk.who, listing.pending_price
    try:
        return answer(listing.sku, listing.store, storage=desk.storage, clock=desk.clock, who=who, price=price)
    except (ValueError, Conflict) as error:
        raise Refused("PRICE_CHANGED", str(error), "orderwright approvals list") from None
