"""A WooCommerce shop on a WordPress site, which answers as a recorded WooCommerce 11.0.1 does."""

from local.sandbox.woocommerce.site import WooConfig
from local.sandbox.woocommerce.store import WooStore

__all__ = ["WooConfig", "WooStore"]
