"""A shop that sells to Finland with tax in the price, and rules of what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.sandbox.kit.money import TaxRule
from orderwright.domain.config import Config
from orderwright.records import sku_key
from orderwright.storage import Put
from tests.support.shop import STORE, Shop, test_config

FINLAND: dict[str, Any] = {
    "name": "Finland",
    "to": ["FI"],
    "valid_from": "2026-07-01",
    "confirmed_by": "the owner",
    "incoterm": "DDP",
    "duty_in": "carrier",
    "tax": {"rate": "25.5", "in_price": "included", "remitter": "merchant"},
    "duty": {"per_heading": "3.00 USD", "up_to": "150 USD"},
}
FEES: dict[str, Any] = {"shopify_payments": {"percent": "2.9", "fixed": "0.30 USD"}}


def finnish_config(finland: Mapping[str, Any] = FINLAND, **rules: Any) -> Config:
    """Rules for Finland alone, and whatever other rules a test wants."""
    config = test_config(**{"destinations": [finland], "fees": FEES, "ship_to_countries": ["FI"], **rules})
    return config.model_copy(
        update={
            "connections": {**config.connections, STORE: config.stores[STORE].model_copy(update={"sell_to": ("FI",)})}
        }
    )


def taxed(shop: Shop, *skus: str) -> None:
    """The store charges Finnish tax, and customs know what the goods are."""
    shop.store.config.taxes["FI"] = TaxRule(Decimal("25.5"))
    for sku in skus:
        held = shop.wiring.storage.load_sku(sku).record
        assert held is not None
        known = held.model.model_copy(update={"hs6": "851310", "origin": "CN", "mpn": f"M-{sku}"})
        shop.wiring.storage.commit([Put(sku_key(sku), known, held.version, state="SKU")])
