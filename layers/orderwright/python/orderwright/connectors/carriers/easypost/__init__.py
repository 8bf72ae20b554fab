"""EasyPost: trackers of parcels of many carriers, and their webhooks."""

from orderwright.connectors.carriers.easypost.trackers import EasyPostConnector, build

__all__ = ["EasyPostConnector", "build"]
