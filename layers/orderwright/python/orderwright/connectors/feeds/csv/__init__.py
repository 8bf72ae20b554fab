"""A supplier's stock file as CSV over HTTPS: the download, and a reader that never takes a bad cell for a value."""

from orderwright.declarations import Connector, Role, Secret

_HERE = "orderwright.connectors.feeds.csv"

CONNECTOR = Connector(
    kind="csv",
    role=Role.FEED,
    title="CSV",
    settings=f"{_HERE}.settings:CsvSettings",
    build=f"{_HERE}.feed:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(
        Secret("username", required=False, together="password", when="where the feed asks for them"),
        Secret("password", required=False, together="username", when="where the feed asks for them"),
    ),
)
