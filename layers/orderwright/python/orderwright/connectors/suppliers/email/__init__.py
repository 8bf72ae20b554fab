"""A supplier that takes purchase orders by e-mail, and answers on a page that the mail has a link to."""

from orderwright.declarations import Capability, Connector, Role, Secret, Way

_HERE = "orderwright.connectors.suppliers.email"

CONNECTOR = Connector(
    kind="email",
    role=Role.SUPPLIER,
    title="Supplier by e-mail",
    settings=f"{_HERE}.settings:EmailSupplierSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(Secret("link_secret", signs=True, made=True, when="where you choose it yourself"),),
    capabilities=frozenset({Capability.DESK}),
    ways=frozenset({Way.MAIL}),
    page=True,
)
