"""A supplier that takes orders by mail, and says by a link that it has read them. Parcels are what its desk has entered."""

from orderwright.declarations import Capability, Connector, Role, Secret, Way

_HERE = "tests.scripted.suppliers.mail"

CONNECTOR = Connector(
    kind="scripted-mail",
    role=Role.SUPPLIER,
    title="Scripted supplier by mail",
    settings=f"{_HERE}.settings:ScriptedMailSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(Secret("link_secret", signs=True),),
    capabilities=frozenset({Capability.TRACKING}),
    ways=frozenset({Way.MAIL, Way.HTTP}),
    webhook=f"{_HERE}.link:read",
    methods=("GET",),
    page=True,
)
