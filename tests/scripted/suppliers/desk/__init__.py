"""The supplier by mail whose people are also written to: they are reminded, and told not to ship. Nobody tells of parcels."""

from orderwright.declarations import Capability
from tests.scripted.suppliers.mail import CONNECTOR as BY_MAIL

_HERE = "tests.scripted.suppliers.desk"

CONNECTOR = BY_MAIL._replace(
    kind="scripted-desk",
    title="Scripted supplier with a desk",
    settings=f"{_HERE}.connector:ScriptedDeskSettings",
    build=f"{_HERE}.connector:DeskSupplier",
    first=f"{_HERE}.connector:FIRST",
    capabilities=frozenset({Capability.DESK}),
)
