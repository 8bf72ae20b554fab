"""The operator's desk of the story: looks at orders, waits for things, acts through the command line only."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from local.demo.people import buy
from local.running.references import account_of, references_at
from local.running.settings import FACTORY, STORE, SUPPLIER
from local.running.shop import LocalShop
from local.running.terminal import Lines
from local.running.waiting import Stuck, Waiter
from local.sandbox.factory import Factory, Mailed
from local.sandbox.ui.mailbox import Mailbox
from local.sandbox.wire import LedgerEntry
from orderwright.domain.listing import Listing
from orderwright.domain.operations import StoredConfig
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.records import CURRENT_CONFIG, OrderFile


class NotYet(Exception):
    """Something that the story waits for did not come, and nothing happens any more that could bring it."""


class Desk:
    """Reads state to know when to go on; judging is the ledgers' task (see judge.py). It looks at one store: see `at`.

    `connection` is the store's permanent id, `kind` the sandbox's vendor, and `store` that vendor.
    """

    def __init__(self, shop: LocalShop) -> None:
        self.shop = shop
        self.sandbox = shop.sandbox
        self._look_at(STORE)
        self._storage = shop.storage()
        # Scenes are played side by side, and a terminal has room for one bar: long waits are told by lines.
        self._waiter = Waiter(shop.pulse, shop.stack.last_words, lambda: Lines(print))
        self._factory = Factory(Mailbox(shop.mailbox))
        self.kept: dict[str, str] = {}
        """What one scene leaves to a later one."""

    def _look_at(self, store: str) -> None:
        self.connection, self.kind = store, self.shop.connections[store].played_by
        self.store = self.sandbox.vendors[self.kind]
        self._shop_id = ""

    def at(self, store: str) -> Desk:
        """The same desk, looking at another store."""
        other = copy.copy(self)
        other._look_at(store)
        return other

    def everywhere(self) -> list[Desk]:
        """One for each store that the shop sells in."""
        return [self.at(store) for store in self.shop.stores]

    def buy(self, who: str, *lines: tuple[str, int], **how: Any) -> str:
        """Somebody buys in this store; gives the order's name (see people.buy)."""
        return buy(self.sandbox, who, *lines, store=self.kind, **how)

    def key(self, name: str) -> str:
        """What means this order alone, whatever orders of other stores are called."""
        with self.sandbox.locked():
            return f"{self.connection}#{self.store.order(name).number}"

    # --- waiting ------------------------------------------------------------------------------------------------------

    def until(self, what: str, found: Callable[[], Any]) -> Any:
        """The first true answer of `found`; raises NotYet naming what did not come, once nothing happens any more."""
        try:
            return self._waiter.until(f"{what} is there", found)
        except Stuck as error:
            raise NotYet(str(error)) from None

    def file(self, name: str) -> OrderFile:
        """What Orderwright holds of an order."""
        return self._storage.load_order(self.key(name))

    def state(self, name: str) -> tuple[str, list[str]]:
        """An order's state and the codes of its reasons; ("", []) while it is unknown."""
        record = self.file(name).record
        if record is None:
            return "", []
        return record.model.state.value, [reason.code for reason in record.model.reasons]

    def until_state(self, name: str, state: str, code: str = "") -> None:
        """Wait for a state, and a reason where one is named."""

        def there() -> bool:
            now, codes = self.state(name)
            return now == state and (not code or code in codes)

        self.until(f"{name} of {self.connection} {state} {code}".strip(), there)

    def parcel_state(self, name: str, number: str) -> str:
        """How far a parcel of an order is, in the carrier's words; "" while it is unknown."""
        shipments = [held.model for held in self.file(name).shipments.values()]
        return next((parcel.state.value.lower() for parcel in shipments if parcel.tracking_number == number), "")

    def told(self, name: str) -> set[str]:
        """The milestones that the buyer of an order was told by mail, in the carrier's words."""
        notices = [held.model for held in self.file(name).notices.values() if held.model.channel == "email"]
        return {one.milestone.value.lower() for notice in notices for one in notice.told}

    def listing(self, sku: str) -> Listing | None:
        """What Orderwright wants the store to show of a SKU."""
        held = self._storage.load_sku(sku).listings.get(self.connection)
        return held.model if held else None

    def cost(self, sku: str) -> Decimal:
        """What a SKU costs at the supplier, as Orderwright knows it: USD, without freight."""
        return self._storage.load_sku(sku).offers[SUPPLIER].model.cost.exact

    # --- the ledgers --------------------------------------------------------------------------------------------------

    def ledger(self, vendor: str, kind: str, about: str = "") -> list[LedgerEntry]:
        """What really happened at a vendor."""
        with self.sandbox.locked():
            entries = self.sandbox.world.ledger.of_kind(vendor, kind)
        return [entry for entry in entries if about in entry.reference]

    def paid_at_supplier(self, name: str) -> list[LedgerEntry]:
        """The supplier's paid orders for an order of this store."""
        with self.sandbox.locked():
            number, account = self.store.order(name).number, account_of(self.sandbox.supplier.config.open_id)
        ours = references_at(self._account(), number, account)
        return [entry for entry in self.ledger("cj", "order_paid") if entry.reference in ours]

    def mailed(self, name: str) -> list[Mailed]:
        """What the maker of lamps was mailed about an order of this store, oldest first."""
        with self.sandbox.locked():
            number = self.store.order(name).number
        ours = references_at(self._account(), number, self._noted(FACTORY))
        return [one for one in self._factory.mailed() if one.reference in ours]

    def purchase_orders(self, name: str) -> list[PurchaseOrder]:
        """What Orderwright holds of an order's purchase orders."""
        return [held.model for held in self.file(name).purchase_orders.values()]

    def _account(self) -> str:
        """The vendor's own id of the store."""
        if not self._shop_id:
            self._shop_id = self._noted(self.connection)
        return self._shop_id

    def _noted(self, connection: str) -> str:
        """The vendor's own id of a connection's account, as `connect` noted it."""
        held = self._storage.get(CURRENT_CONFIG, StoredConfig)
        identity = held.model.identity(connection) if held else None
        return identity.account if identity else ""

    def until_paid(self, name: str) -> str:
        """Wait until the supplier was paid; gives its reference."""
        return str(
            self.until(f"payment of {name} of {self.connection}", lambda: self.paid_at_supplier(name))[0].reference
        )

    def mails(self, name: str = "") -> list[Any]:
        """Mails and text messages about an order."""
        assert self.shop.mailbox is not None
        return [
            message for message in self.shop.mailbox() if not name or name in message.names() or name in message.text
        ]

    def price(self, sku: str) -> str:
        """What the store asks for a SKU."""
        with self.sandbox.locked():
            return next((str(entry.price) for entry in self.store.shelf() if entry.sku == sku), "")

    def stock(self, sku: str) -> int | None:
        """What the store shows as available."""
        with self.sandbox.locked():
            return next((entry.available for entry in self.store.shelf() if entry.sku == sku), None)

    def shows_none(self, sku: str) -> bool:
        """Whether nobody can buy it in this store."""
        return (self.stock(sku) or 0) <= 0
