"""Competitors' prices as a file (CSV, TSV, XLSX, JSON). An absurd row is refused by name; the rest of the file is taken."""

from orderwright.connectors.signals import SECRETS, WAYS
from orderwright.declarations import Connector, Role

_HERE = "orderwright.connectors.signals.competitor_prices"

CONNECTOR = Connector(
    kind="competitor_prices",
    role=Role.SIGNAL,
    title="Competitors' prices",
    settings=f"{_HERE}.settings:PriceFileSettings",
    build=f"{_HERE}.prices:build",
    first=f"{_HERE}.settings:FIRST",
    ways=WAYS,
    secrets=SECRETS,
)
