"""The stand-in for CJdropshipping (API v2)."""

from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.mixups import MIXUPS
from local.sandbox.cj.routes import OPERATIONS
from local.sandbox.cj.supplier import CjSupplier

__all__ = ["MIXUPS", "OPERATIONS", "CjConfig", "CjSupplier"]
