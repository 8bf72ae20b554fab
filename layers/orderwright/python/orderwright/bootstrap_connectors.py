"""The typed ways to connectors: who asks for a store gets a store, and the type checker sees it.

What a kind does not declare it does not have: its way gives None, and the caller says what happens then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from orderwright.declarations import Capability, Role, named
from orderwright.registry import declaration

if TYPE_CHECKING:
    from orderwright.domain.config import Config
    from orderwright.domain.connection_settings import Connection
    from orderwright.ports.carrier import CarrierTracking
    from orderwright.ports.connection import Account, Credentials, Webhooks
    from orderwright.ports.feed import SupplierFeed
    from orderwright.ports.freight import SupplierFreight
    from orderwright.ports.store import OrderCancelling, OrderNotes, StoreCatalogue, StoreOrders
    from orderwright.ports.supplier import (
        SupplierCatalogue,
        SupplierDesk,
        SupplierOrders,
        SupplierStock,
        SupplierTracking,
    )

Build = Callable[[str, "Connection", "Credentials"], Any]
"""(connection id, its settings, credentials) -> the connector."""


class Connectors:
    """All connectors of one worker, each made once per process and setting, by the connection's id.

    Every way raises Misconfigured for a connection that is not in the configuration, or is of another role.
    """

    def __init__(self, config: Callable[[], Config], build: Build, credentials: Callable[[str], Credentials]) -> None:
        self._config = config
        self._build = build
        self._credentials = credentials
        self._held: dict[str, tuple[Any, Any]] = {}

    def account(self, connection: str, credentials: Credentials | None = None) -> Account:
        """Any connection, as the vendor's account. With `credentials` a connector of its own with these, for a trial."""
        return cast("Account", self._made(connection, credentials=credentials))

    def webhooks(self, connection: str, credentials: Credentials | None = None) -> Webhooks | None:
        """Its subscriptions; None where they cannot be made by API."""
        return cast("Webhooks | None", self._able(connection, Capability.WEBHOOKS, credentials=credentials))

    def store(self, connection: str) -> StoreOrders:
        """A store, for its orders."""
        return cast("StoreOrders", self._made(connection, Role.STORE))

    def store_catalogue(self, connection: str) -> StoreCatalogue:
        """A store, for what it sells."""
        return cast("StoreCatalogue", self._made(connection, Role.STORE))

    def cancelling(self, connection: str) -> OrderCancelling | None:
        """A store, to end an order there; None where that is done by hand."""
        return cast("OrderCancelling | None", self._able(connection, Capability.CANCELLING, Role.STORE))

    def notes(self, connection: str) -> OrderNotes | None:
        """A store, for notes on its orders; None where it has none."""
        return cast("OrderNotes | None", self._able(connection, Capability.NOTES, Role.STORE))

    def supplier(self, connection: str) -> SupplierOrders:
        """A supplier, for purchase orders."""
        return cast("SupplierOrders", self._made(connection, Role.SUPPLIER))

    def catalogue(self, connection: str) -> SupplierCatalogue | None:
        """A supplier's catalogue; None where it has none to be read."""
        return cast("SupplierCatalogue | None", self._able(connection, Capability.CATALOGUE, Role.SUPPLIER))

    def freight(self, connection: str) -> SupplierFreight | None:
        """A supplier, for the price of a parcel; None where it quotes none."""
        return cast("SupplierFreight | None", self._able(connection, Capability.FREIGHT, Role.SUPPLIER))

    def stock(self, connection: str) -> SupplierStock | None:
        """A supplier, for stock and cost by call; None where they come by other ways."""
        return cast("SupplierStock | None", self._able(connection, Capability.STOCK, Role.SUPPLIER))

    def tracking(self, connection: str) -> SupplierTracking | None:
        """A supplier, for the parcels of a purchase order; None where it tells of none."""
        return cast("SupplierTracking | None", self._able(connection, Capability.TRACKING, Role.SUPPLIER))

    def desk(self, connection: str) -> SupplierDesk | None:
        """A supplier whose people take the orders; None where there are none to write to."""
        return cast("SupplierDesk | None", self._able(connection, Capability.DESK, Role.SUPPLIER))

    def feed(self, connection: str) -> SupplierFeed:
        """A stock file."""
        return cast("SupplierFeed", self._made(connection, Role.FEED))

    def signal(self, connection: str) -> Any:
        """A file of what prices follow: a CompetitorFile or a RateFile of ports/signals.py, as its settings' TELLS says."""
        return self._made(connection, Role.SIGNAL)

    def carriers(self) -> dict[str, CarrierTracking]:
        """The services that follow parcels, by id: in the order of rules.routing.carriers, else the first by name alone."""
        config = self._config()
        names = config.rules.routing.carriers or sorted(config.carriers)[:1]
        return {name: self._made(name, Role.CARRIER) for name in names}

    def _able(
        self, connection: str, capability: Capability, role: Role | None = None, credentials: Credentials | None = None
    ) -> Any:
        made = self._made(connection, role, credentials)
        return made if capability in declaration(self._settings(connection).kind).capabilities else None

    def _made(self, connection: str, role: Role | None = None, credentials: Credentials | None = None) -> Any:
        from orderwright.errors import Misconfigured

        settings = self._settings(connection)
        if role is not None and settings.role != role:
            raise Misconfigured(f"connection {connection} is a {settings.role}, and a {role} is asked for")
        if credentials is not None:
            return self._build(connection, settings, credentials)
        held = self._held.get(connection)
        if held is None or held[0] != settings:
            made = self._build(connection, settings, self._credentials(connection))
            held = self._held[connection] = (settings, made)
        return held[1]

    def _settings(self, connection: str) -> Connection:
        from orderwright.errors import Misconfigured

        settings = self._config().connections.get(connection)
        if settings is None:
            raise Misconfigured(f"there is no connection called {connection} in the applied configuration")
        return settings


def builder(kind: str) -> Callable[[Any], Any]:
    """The `build` of a kind: connectors.context.Context -> the connector."""
    return cast(Callable[[Any], Any], named(declaration(kind).build))
