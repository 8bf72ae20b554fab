"""A supplier of one, two or three steps, by HTTP and JSON."""

from orderwright.declarations import Capability, Connector, Role, Secret

_HERE = "tests.scripted.suppliers.steps"

CONNECTOR = Connector(
    kind="scripted",
    role=Role.SUPPLIER,
    title="Scripted supplier",
    settings=f"{_HERE}.settings:ScriptedSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(Secret("api_key"),),
    capabilities=frozenset({Capability.FREIGHT, Capability.STOCK, Capability.TRACKING}),
)
