"""A file of exchange rates (CSV, TSV, XLSX, JSON) by HTTPS, SFTP or the stack's bucket. No bad cell is taken for a rate."""

from orderwright.connectors.signals import SECRETS, WAYS
from orderwright.declarations import Connector, Role

_HERE = "orderwright.connectors.signals.exchange_rates"

CONNECTOR = Connector(
    kind="exchange_rates",
    role=Role.SIGNAL,
    title="Exchange rates",
    settings=f"{_HERE}.settings:ExchangeRatesSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    ways=WAYS,
    secrets=SECRETS,
)
