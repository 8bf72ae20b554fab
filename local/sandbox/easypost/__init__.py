"""The stand-in for EasyPost (trackers and webhooks)."""

from local.sandbox.easypost.carrier import EasyPostCarrier, EasyPostConfig

__all__ = ["EasyPostCarrier", "EasyPostConfig"]
