"""One line per connector, imported only when a connection of its kind is used."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

CONNECTORS = {
    "shopify": "orderwright.connectors.stores.shopify",
    "cj": "orderwright.connectors.suppliers.cj",
    "csv": "orderwright.connectors.suppliers.csv_feed",
    "easypost": "orderwright.connectors.carriers.easypost",
}
"""Connection kind -> package with `build(connection_id, settings, credentials, transport, clock, timeout)`."""


def builder(kind: str) -> Callable[..., Any]:
    """The `build` of a kind; raises KeyError for an unknown one."""
    build: Callable[..., Any] = import_module(CONNECTORS[kind]).build
    return build
