"""What one sandbox store is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from local.sandbox.kit.money import TaxRule
from local.sandbox.wire import Faults

API_VERSION = "2026-10"
TOKEN_SECONDS = 86_399
SCOPES = (
    "read_customers",
    "read_fulfillments",
    "read_inventory",
    "read_locations",
    "read_merchant_managed_fulfillment_orders",
    "read_orders",
    "read_products",
    "read_publications",
    "write_fulfillments",
    "write_inventory",
    "write_merchant_managed_fulfillment_orders",
    "write_orders",
    "write_products",
    "write_publications",
)


@dataclass
class ShopifyConfig:
    """`privacy_url` receives the app's own topics (uninstalled, privacy); None means that nobody listens.

    `webhook_path_prefix` restricts the paths of subscribed addresses (a store of a test refuses any other), bucket
    sizes are cost points, restore is points per second. `taxes` goes by the buyer's country code; without a rule nothing
    is taxed. `card_fee` is (percent, fixed USD) that Shopify Payments takes. `gross_refunds` says whether the subtotals of
    refunds contain the tax where prices do: Shopify's documents do not say, so an app must cope with both.
    """

    shop_domain: str = "nordlight.myshopify.com"
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"
    webhook_path_prefix: str = "/"
    privacy_url: str | None = None
    bucket_points: int = 2000
    restore_points: int = 100
    max_query_points: int = 1000
    scopes: tuple[str, ...] = SCOPES
    faults: Faults = field(default_factory=Faults)
    taxes: dict[str, TaxRule] = field(default_factory=dict)
    card_fee: tuple[Decimal, Decimal] | None = None
    gross_refunds: bool = True
