"""An offer whose stock or cost nobody knows any more is not for sale (promises P3, P4)."""

from __future__ import annotations

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.order import Reason
from orderwright.domain.sources import connection_of

SOURCE_GONE = "SOURCE_GONE"


def source_gone(offer: Offer, config: Config) -> Reason | None:
    """Why nobody knows this offer's stock or cost any more, so that it is not for sale; None where somebody does."""
    sources, supplier = config.sources_of(offer.supplier), config.name_of(offer.supplier)
    if not sources.supplier:
        message = f"{supplier} is not in the configuration any more: nothing of its SKU {offer.sku} is for sale"
        fix = f"put {supplier} back into orderwright.yaml and apply it, or have another supplier offer the SKU"
        return Reason(code=SOURCE_GONE, message=message, fix=fix, field="connections")
    for what, source, told_by in (
        ("stock", offer.stock_from, sources.of_stock),
        ("cost", offer.cost_from, sources.of_cost),
    ):
        if not told_by.is_known(source):
            gone = "does not tell it any more" if source in sources.feeds else "was taken out"
            known_by = f"came from {config.name_of(connection_of(source))}, which {gone}"
            message = f"the {what} of SKU {offer.sku} at {supplier} {known_by}"
            fix = (f"wait for the next poll of {supplier}'s feeds; without one set poll_stock: true for {supplier}; a cost"
                   f" comes with `orderwright catalogue import {supplier}`")  # fmt: skip
            return Reason(code=SOURCE_GONE, message=message, fix=fix, field="connections")
    return None
