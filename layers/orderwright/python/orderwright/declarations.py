"""What a connector says of itself, in one value of its package: `CONNECTOR`.

Standard library only, and all else by dotted texts "package.module:name": a function imports what it uses of the kinds that
are connected, and nothing of the others. Everything that must know kinds of connection reads these declarations.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from importlib import import_module
from typing import Any, NamedTuple


class Role(StrEnum):
    """What a connection is for."""

    STORE = "store"
    SUPPLIER = "supplier"
    FEED = "feed"
    CARRIER = "carrier"
    SIGNAL = "signal"
    """A file of what prices follow: competitors' prices, or exchange rates."""


class Capability(StrEnum):
    """What a connector can do beside its role's own work; each is a protocol in ports/ that `build` then implements."""

    CATALOGUE = "catalogue"
    """SupplierCatalogue: the supplier's goods, page by page."""
    FREIGHT = "freight"
    """SupplierFreight: what a parcel costs, before it is ordered."""
    STOCK = "stock"
    """SupplierStock: stock and cost of one SKU by a counted call."""
    TRACKING = "tracking"
    """SupplierTracking: the parcels of a purchase order."""
    WEBHOOKS = "webhooks"
    """Webhooks: subscriptions by API."""
    DESK = "desk"
    """SupplierDesk: people take the orders. They answer on a page of ours, or by phone, and are written to."""
    OWN_STOCK = "own_stock"
    """The supplier is the merchant's own warehouse: its stock is counted here, and nobody else reports it."""
    CANCELLING = "cancelling"
    """OrderCancelling: a store's order is cancelled, and its money given back, by API."""
    NOTES = "notes"
    """OrderNotes: a note for the shop's people, on the order in the store."""


class Ability(StrEnum):
    """What one store can tell or do and another cannot: a row of the table in docs/connectors.md, in the operator's words."""

    SUBSCRIBES = "webhooks are subscribed by API, and made again when they were dropped"
    AUTHORISED = "a payment that is authorised and not captured is told apart"
    DISPUTED = "a disputed payment is told"
    RISK = "an order under suspicion of fraud is told"
    TEST = "a test order is told apart"
    EARLIER = "how often a customer with an account ordered before is told"
    GUESTS = "the same of a guest, by the mail address"
    UNITS_REFUNDED = "a refund says which units went back"
    FEES = "the payment provider's fee is told"
    REMITTER = "who remits the tax is told"
    OPTIONS = "variants of one article are published together, with options"
    HIDES_VARIANT = "one variant of several is taken off sale"
    COMPARES_STOCK = "the store itself refuses stock over a value that changed meanwhile"
    NUMBERS_REPLACED = "the numbers of a recorded parcel are replaced"
    NOTES = "a note for the shop's people is written"
    CANCELS = "an order is cancelled in the store"
    REFUNDS = "its money is given back with it"
    ERASURE = "a person's erasure is told"
    UNINSTALLED = "the end of our access is told"


class Way(StrEnum):
    """A way out of the stack that a connector uses; connectors/context.py has each."""

    HTTP = "http"
    MAIL = "mail"
    FILES = "files"
    SFTP = "sftp"


class Secret(NamedTuple):
    """A secret of a connection. `signs`: its webhooks are signed with it; of several that were given the last one counts.

    `with_token`: not typed by anybody; the vendor gives it together with an access token. `together`: needed with another one.
    `when`: in which case one that is not required is given, such as "where it is another". `made`: `connect` makes it up where
    it is not given, since nobody else has to know it.
    """

    name: str
    required: bool = True
    signs: bool = False
    with_token: bool = False
    together: str = ""
    when: str = ""
    made: bool = False


class Question(NamedTuple):
    """One thing that `orderwright init` asks. Without a `default` it must be answered; `choices`, if any, are all that counts.

    `host`: the answer is the store's host; https:// before it is taken off, and {store_url} in the lines is its address.
    """

    key: str
    asks: str
    example: str
    default: str | None = None
    choices: tuple[str, ...] = ()
    host: bool = False


class First(NamedTuple):
    """A connection in the first orderwright.yaml: what is asked for it, and its lines with {answers} by the questions' keys,
    those of usecases/operator/first_file.py among them. The first line is its name; {supplier} is the supplier's.
    """

    lines: str
    questions: tuple[Question, ...] = ()


class Connector(NamedTuple):
    """One kind of connection. `kind` stands in orderwright.yaml and in stored data: it never changes.

    settings: a subclass of its role's settings in domain/connection_settings.py.
    build: (connectors.context.Context) -> what implements the role's protocols, and those of its capabilities.
    webhook: (webhooks.Request, secrets) -> list[News] | Answer, see webhooks.py; "" for a kind that sends none.
    methods: by which HTTP methods it is called. GET is for challenges, and for links that people follow.
    queue: (body bytes, attributes) -> list[News], for a vendor that writes into a queue of ours. Nothing is signed there.
    listings_a_minute: of a store: how many listings it takes a minute beside all other work, by its limits and our calls.
    abilities: of a store: each one, with "" where it has it, and why it has not where it has not.
    page: people at the vendor follow signed links (page_links.py) to a page of ours; the secret that `signs` signs them.
    first: a First, see there. `ends_at`: where a person ends its webhooks at the vendor. `by_hand`: what else to do there.
    """

    kind: str
    role: Role
    title: str
    settings: str
    build: str
    first: str
    secrets: tuple[Secret, ...] = ()
    capabilities: frozenset[Capability] = frozenset()
    ways: frozenset[Way] = frozenset({Way.HTTP})
    webhook: str = ""
    methods: tuple[str, ...] = ("POST",)
    queue: str = ""
    page: bool = False
    ends_at: str = ""
    by_hand: str = ""
    listings_a_minute: int = 60
    abilities: Mapping[Ability, str] = {}


def named(path: str) -> Any:
    """What a dotted text of a declaration names, imported now."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
