"""The stand-in for CJdropshipping (API v2)."""

from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.supplier import CjSupplier

__all__ = ["CjConfig", "CjSupplier"]
