"""A Shopify store for the sandbox: Admin GraphQL 2026-10, client-credentials tokens, signed webhooks."""

from local.sandbox.kit.desk import NotForSale, OutOfStock
from local.sandbox.kit.money import TaxRule
from local.sandbox.kit.people import GERMAN_ADDRESS, GERMAN_BUYER, Address, Buyer, CartLine
from local.sandbox.shopify.admin_api import ROOT_FIELDS
from local.sandbox.shopify.config import API_VERSION, ShopifyConfig
from local.sandbox.shopify.orders_state import Terms
from local.sandbox.shopify.store import ShopifyStore
from local.sandbox.shopify.tokens import GRANT

OPERATIONS: tuple[str, ...] = (*ROOT_FIELDS, GRANT)
"""Every operation that a fault can be scripted for."""

__all__ = [
    "API_VERSION",
    "GERMAN_ADDRESS",
    "GERMAN_BUYER",
    "OPERATIONS",
    "Address",
    "Buyer",
    "CartLine",
    "NotForSale",
    "OutOfStock",
    "ShopifyConfig",
    "ShopifyStore",
    "TaxRule",
    "Terms",
]
