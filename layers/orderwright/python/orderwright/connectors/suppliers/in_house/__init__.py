"""The merchant's own warehouse as a supplier: people pick what is sold, and enter the parcel's number."""

from orderwright.declarations import Capability, Connector, Role

_HERE = "orderwright.connectors.suppliers.in_house"

CONNECTOR = Connector(
    kind="in_house",
    role=Role.SUPPLIER,
    title="In-house",
    settings=f"{_HERE}.settings:InHouseSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    capabilities=frozenset({Capability.OWN_STOCK}),
    ways=frozenset(),
)
