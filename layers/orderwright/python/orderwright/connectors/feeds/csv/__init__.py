"""A supplier's stock file (CSV, TSV, XLSX) by HTTPS, SFTP or the stack's bucket. No bad cell is ever taken for a value."""

from orderwright.declarations import Connector, Role, Secret, Way

_HERE = "orderwright.connectors.feeds.csv"

CONNECTOR = Connector(
    kind="csv",
    role=Role.FEED,
    title="Stock file",
    settings=f"{_HERE}.settings:CsvSettings",
    build=f"{_HERE}.feed:build",
    first=f"{_HERE}.settings:FIRST",
    ways=frozenset({Way.HTTP, Way.FILES, Way.SFTP}),
    secrets=(
        Secret("username", required=False, together="password", when="where a web address asks for them"),
        Secret("password", required=False, when="where a web address asks for them, or for an SFTP server"),
        Secret("private_key", required=False, when="for an SFTP server, instead of a password"),
    ),
)
