"""A supplier that takes purchase orders as CSV files, on its SFTP server or in the stack's bucket, and answers on a page."""

from orderwright.declarations import Capability, Connector, Role, Secret, Way

_HERE = "orderwright.connectors.suppliers.file"
_SFTP = "for an SFTP server, either of them"

CONNECTOR = Connector(
    kind="file",
    role=Role.SUPPLIER,
    title="Supplier by file",
    settings=f"{_HERE}.settings:FileSupplierSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(
        Secret("link_secret", signs=True, made=True, when="where you choose it yourself"),
        Secret("password", required=False, when=_SFTP),
        Secret("private_key", required=False, when=_SFTP),
    ),
    capabilities=frozenset({Capability.DESK}),
    ways=frozenset({Way.SFTP, Way.FILES, Way.MAIL}),
    page=True,
)
