"""A file of exchange rates (CSV, TSV, XLSX, JSON) by HTTPS, SFTP or the stack's bucket. No bad cell is taken for a rate."""

from orderwright.declarations import Connector, Role, Secret, Way

_HERE = "orderwright.connectors.signals.exchange_rates"

CONNECTOR = Connector(
    kind="exchange_rates",
    role=Role.SIGNAL,
    title="Exchange rates",
    settings=f"{_HERE}.settings:ExchangeRatesSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    ways=frozenset({Way.HTTP, Way.FILES, Way.SFTP}),
    secrets=(
        Secret("username", required=False, together="password", when="where a web address asks for them"),
        Secret("password", required=False, when="where a web address asks for them, or for an SFTP server"),
        Secret("private_key", required=False, when="for an SFTP server, instead of a password"),
    ),
)
