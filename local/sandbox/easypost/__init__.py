"""The stand-in for EasyPost (trackers and webhooks)."""

from local.sandbox.easypost.carrier import OPERATIONS, EasyPostCarrier, EasyPostConfig

__all__ = ["OPERATIONS", "EasyPostCarrier", "EasyPostConfig"]
