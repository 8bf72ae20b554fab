"""Which supplier may serve a store, and a country, by the settings of both."""

from __future__ import annotations

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings, SupplierSettings
from orderwright.domain.order import Reason
from orderwright.domain.routing_rules import allowed_suppliers
from orderwright.domain.source_gone import source_gone
from orderwright.domain.territories import lies_in


def not_for_sale(offer: Offer, store: str, config: Config) -> Reason | None:
    """Why nothing of this offer may be sold in a store, whatever its stock; None where it may."""
    sold_in, supplier = config.connections.get(store), config.connections.get(offer.supplier)
    retail = isinstance(supplier, SupplierSettings) and not supplier.wholesale
    if retail and isinstance(sold_in, StoreSettings) and sold_in.needs_wholesale:
        return Reason(
            code="RETAIL_SUPPLIER",
            message=f"{config.name_of(store)} needs wholesale, and {config.name_of(offer.supplier)} sells {offer.sku} at retail",
            fix="have a supplier with wholesale offer it, or correct needs_wholesale or wholesale in orderwright.yaml",
            field=f"connections.{offer.supplier}.wholesale",
        )
    only = allowed_suppliers(config.rules.routing, offer.sku)
    if only and offer.supplier not in only:
        return Reason(
            code="NOT_BY_RULE",
            message=f"by rules.routing.skus only other suppliers than {config.name_of(offer.supplier)} may ship {offer.sku}",
            fix=f"add it to rules.routing.skus.{offer.sku}.suppliers, or have one of those offer the SKU",
            field=f"rules.routing.skus.{offer.sku}.suppliers",
        )
    return source_gone(offer, config)


def sends_to(supplier: SupplierSettings, destination: str, *, battery: bool) -> bool:
    """Does it ship there, and goods with a battery where there is one in it?"""
    sends_batteries = not battery or supplier.batteries_to is None or lies_in(destination, supplier.batteries_to)
    return sends_batteries and (not supplier.ships_to or lies_in(destination, supplier.ships_to))
