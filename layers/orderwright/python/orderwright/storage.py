"""The one way to change state: `commit` a few changes at once, each conditional, facts and due times riding along.

Who may fail how: Conflict (somebody else wrote: read again), ShortOfStock, SpendRefused, and any other error means that
the outcome is unknown and the message comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from orderwright.domain.base import Model
from orderwright.domain.money import Money
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.time_line import Logged
from orderwright.errors import Conflict, ShortOfStock
from orderwright.records import Key, OrderFile, SkuFile, Stored, waiting_state

LOG_KEPT = 24
LOG_ARCHIVED = 16
MOST_WRITES = 100
"""Items in one commit: DynamoDB takes no more in a transaction."""

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True)
class Fact:
    """What follows from a write; the relay turns it into a message. Fields as in messages.Message."""

    type: str
    connection: str = ""
    pk: str = ""
    sk: str = ""
    resource: str = ""
    topic: str = ""
    detail: dict[str, str] = field(default_factory=dict)


class Due(NamedTuple):
    """Wake this up at `at` with a message of this type, if nothing else has moved it on."""

    at: datetime
    type: str


@dataclass(frozen=True)
class Put:
    """Write a model. `version` is the one that was read; 0 means it must not exist yet.

    `ref` and `state` feed the sparse indexes (find by reference or number; list orders by state). `since`: its place among those
    of its state, where it is not that of now. `until`: the table drops it some time after that.
    """

    key: Key
    model: Model
    version: int
    facts: tuple[Fact, ...] = ()
    due: Due | None = None
    ref: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def index_state(self) -> str:
        """As `state`; of a purchase order that waits for a reason of its own, so that no writer forgets it, PO_WAITS."""
        return self.state or (waiting_state(self.model) if isinstance(self.model, PurchaseOrder) else "")


@dataclass(frozen=True)
class Reserve:
    """Take quantities of one offer, if their sum is sellable and none of the entries is reserved already.

    `entries` are ("<order pk>|<reservation id>", quantity). One Reserve an offer and commit: DynamoDB takes an item once.
    """

    key: Key
    entries: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Unreserve:
    """Give reservations of one offer back; each must exist with this quantity. `sold`: they were bought, and are counted."""

    key: Key
    entries: tuple[tuple[str, int], ...]
    sold: bool = False


@dataclass(frozen=True)
class Spend:
    """Count money against a supplier's day, at most up to `cap`; refused while a kill switch is on. May be negative.

    Two switches count: the supplier's own, and the one for all suppliers.
    """

    supplier: str
    day: str
    amount: Money
    cap: Money | None
    check_kill: bool = True


@dataclass(frozen=True)
class Delete:
    """Remove an item that was read with this version (a cursor, a parked note); never one with facts of its own."""

    key: Key
    version: int


@dataclass(frozen=True)
class Copy:
    """Write a copy of what another item says from its version `version` on. It never wakes anybody.

    It goes into the commit that writes that item, and holds by its condition: nothing older comes over newer. A condition of its
    own could only stop the item itself. `until`: the table drops it some time after that.
    """

    key: Key
    model: Model
    version: int
    until: datetime | None = None


Change = Put | Reserve | Unreserve | Spend | Delete | Copy


def splits_log(model: Model) -> bool:
    """Is its time line so long that the oldest part becomes an item of its own with the next commit?"""
    return isinstance(model, Logged) and len(model.log) > LOG_KEPT


def writes_of(changes: Iterable[Change]) -> int:
    """Of how many items a commit is at most; more than MOST_WRITES are refused."""
    return sum(
        3 if isinstance(change, Spend) else 2 if isinstance(change, Put) and splits_log(change.model) else 1
        for change in changes
    )


class Storage(Protocol):
    """What the use cases know of storage."""

    def load_order(self, pk: str) -> OrderFile:
        """All items of an order, strongly consistent."""

    def load_sku(self, sku: str) -> SkuFile:
        """All items of a SKU, strongly consistent."""

    def load_skus(self, skus: Sequence[str]) -> dict[str, SkuFile]:
        """Several SKUs."""

    def commit(self, changes: Sequence[Change], *, correlation: str = "") -> None:
        """All or nothing. Raises Conflict, ShortOfStock or SpendRefused."""

    def find(self, table: str, ref: str, limit: int = 100) -> list[Key]:
        """The keys under an index text (orders: po#, track#; catalogue: offer#, line#). It may lag: read the base table."""

    def count_found(self, table: str, ref: str, most: int) -> int:
        """How many keys are under an index text; counted no further than `most`. 1 MB of the index a call."""

    def get(self, key: Key, model: type[M]) -> Stored[M] | None:
        """One item, strongly consistent."""

    def get_raw(self, key: Key) -> tuple[dict[str, Any], int] | None:
        """One item's fields and version, for items without a model of their own."""

    def get_many(self, keys: Sequence[Key], model: type[M]) -> dict[Key, Stored[M]]:
        """Those that are there, strongly consistent, in the order of `keys`; a hundred a call. Raises Retryable."""

    def list_raw(self, table: str, pk: str, sk_prefix: str = "") -> list[tuple[Key, dict[str, Any]]]:
        """The items of one partition as (key, fields), strongly consistent, in the order of their sort keys; 1 MB a call."""

    def orders_behind(self, connection: str, cursor: str, limit: int) -> list[tuple[str, str]]:
        """The next orders of a connection behind `cursor` ("": the first), each as (pk, cursor); none: these were all.

        By the state index, which may lag; an order that is written meanwhile may come twice, or not at all.
        """

    def in_state(
        self, table: str, state: str, limit: int, since: datetime | None = None, until: datetime | None = None
    ) -> list[Key]:
        """The keys of items in a state, oldest change first (an index, which may lag); changed from `since` to `until`."""

    def state_page(self, table: str, state: str, limit: int, behind: str = "") -> list[tuple[Key, str]]:
        """The next keys of items in a state behind a place in the index ("": the first), each as (key, place).

        Fewer than `limit`: these were all. An item that is written meanwhile moves to the end. Raises ValueError for no place.
        """

    def count_in_state(self, table: str, state: str, most: int) -> int:
        """How many items are in a state, by the index; counted no further than `most`. 1 MB of the index a call."""

    def due(self, table: str, now: datetime, limit: int) -> list[tuple[Key, str]]:
        """Overdue items as (key, message type), oldest first."""


def held_or(storage: Storage, key: Key, fresh: M) -> Stored[M]:
    """What is kept under a key; where nothing is, `fresh` with version 0, with which a Put writes it for the first time."""
    return storage.get(key, type(fresh)) or Stored(fresh, 0)


def retry_on_conflict(
    work: Callable[[], T], what: str, busy: Callable[[str], Exception] = Conflict, tries: int = 8
) -> T:
    """Read, decide and write again while others write in between. Raises `busy`, which names `what`, after so many tries."""
    for _ in range(tries):
        try:
            return work()
        except (Conflict, ShortOfStock):
            continue
    raise busy(f"{what}: gave up after {tries} write conflicts")
