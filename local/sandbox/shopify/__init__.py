"""A Shopify store for the sandbox: Admin GraphQL 2026-10, client-credentials tokens, signed webhooks."""

from local.sandbox.shopify.config import API_VERSION, ShopifyConfig
from local.sandbox.shopify.people import Address, Buyer, CartLine
from local.sandbox.shopify.state import NotForSale, OutOfStock
from local.sandbox.shopify.store import ShopifyStore

__all__ = ["API_VERSION", "Address", "Buyer", "CartLine", "NotForSale", "OutOfStock", "ShopifyConfig", "ShopifyStore"]
