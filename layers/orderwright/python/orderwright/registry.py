"""One line per kind of connection. Adding a kind is its package, and its line here."""

from __future__ import annotations

from importlib import import_module

from orderwright.declarations import Connector, Role

CONNECTORS = {
    "shopify": "orderwright.connectors.stores.shopify",
    "woocommerce": "orderwright.connectors.stores.woocommerce",
    "bigcommerce": "orderwright.connectors.stores.bigcommerce",
    "cj": "orderwright.connectors.suppliers.cj",
    "email": "orderwright.connectors.suppliers.email",
    "file": "orderwright.connectors.suppliers.file",
    "in_house": "orderwright.connectors.suppliers.in_house",
    "csv": "orderwright.connectors.feeds.csv",
    "easypost": "orderwright.connectors.carriers.easypost",
    "competitor_prices": "orderwright.connectors.signals.competitor_prices",
    "exchange_rates": "orderwright.connectors.signals.exchange_rates",
}
"""Kind -> the package whose `CONNECTOR` declares it."""


def declaration(kind: str) -> Connector:
    """What a kind says of itself, imported when it is asked for. Raises KeyError for a kind that there is not."""
    found: Connector = import_module(CONNECTORS[kind]).CONNECTOR
    return found


def declarations(role: Role | None = None) -> tuple[Connector, ...]:
    """All kinds, or those of one role, in the order of the table."""
    found = tuple(map(declaration, CONNECTORS))
    return tuple(one for one in found if role is None or one.role == role)


def kinds_of(role: str) -> tuple[str, ...]:
    """The kinds of connection that there are for a role."""
    return tuple(one.kind for one in declarations(Role(role)))
