"""What the use cases ask of a store: its orders, what it sells, its fulfillments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.listing import Place
from orderwright.domain.money import Money
from orderwright.domain.order import StoreOrder
from orderwright.domain.shown_price import AS_IS, Struck


class ChangedOrder(NamedTuple):
    """An order that the store changed."""

    order_id: str
    updated_at: datetime


class OpenFulfillmentLine(NamedTuple):
    """One line that the store still waits to be fulfilled."""

    fulfillment_order_id: str
    fulfillment_order_line_id: str
    line_id: str
    remaining: int
    location_id: str
    open: bool


class MadeFulfillment(NamedTuple):
    """A fulfillment that exists in the store."""

    fulfillment_id: str
    tracking_numbers: tuple[str, ...]
    lines: tuple[tuple[str, int], ...]


class FulfillmentView(NamedTuple):
    """What the store knows of an order's fulfillment."""

    open_lines: tuple[OpenFulfillmentLine, ...]
    made: tuple[MadeFulfillment, ...]


class FulfillmentRequest(NamedTuple):
    """Tell the store that these units left, in this parcel. The store must not mail the customer: we do.

    An empty `tracking_number`: the supplier accepted them, and the parcel is not known yet (R13).
    """

    order_id: str
    lines: tuple[tuple[str, int], ...]
    tracking_number: str
    carrier_name: str
    tracking_url: str


class TrackingUpdate(NamedTuple):
    """All parcels of a fulfillment that exists, replacing what it had. `urls` go with `numbers`; "" where there is none."""

    fulfillment_id: str
    numbers: tuple[str, ...]
    carrier_name: str
    urls: tuple[str, ...]


class StoreOrders(Protocol):
    """Reading orders and recording fulfillments."""

    def fetch_order(self, order_id: str) -> StoreOrder:
        """The order as it is now, all lines. Raises NotFound, Rejected (an order nobody can read), Retryable, Misconfigured."""

    def earlier_orders(self, order: StoreOrder) -> int | None:
        """How many orders of the same customer were placed before this one and were not cancelled (ten stand for more).

        None: the store does not tell. Raises NotFound, Rejected (none of them says anything of the order), Retryable,
        Misconfigured.
        """

    def list_changed_orders(self, since: datetime, cursor: str) -> tuple[list[ChangedOrder], str]:
        """A page of orders changed at or after `since`, oldest first, and the next cursor ("" at the end)."""

    def read_fulfillment(self, order_id: str) -> FulfillmentView:
        """What is open and what was made."""

    def create_fulfillment(self, request: FulfillmentRequest, view: FulfillmentView) -> str:
        """Record a parcel; not idempotent. Gives the fulfillment's id. Raises Rejected when the lines are not open any more."""

    def update_fulfillment_tracking(self, update: TrackingUpdate) -> None:
        """Set a fulfillment's parcels; a repeat is harmless, the customer is not mailed. Raises Rejected when it is gone.

        OutcomeUnknown: it may still arrive late, so no newer update may be sent before it has settled.
        """


class OrderCancelling(Protocol):
    """Ending an order in the store (Capability.CANCELLING)."""

    def money_left(self, order_id: str) -> Money:
        """What `refund` would give back now, in the currency that the buyer paid in; zero where the store holds nothing of it.

        Raises Rejected (it cannot be told), NotFound, Retryable, Misconfigured.
        """

    def cancel_order(self, order_id: str, *, refund: bool) -> None:
        """Cancel it; with `refund` also give back, by the way it was paid, all the money that is left of it.

        Reads the order first, and does nothing again that is done: repeating it is harmless once an unclear call has settled.
        Raises Rejected (the store refuses it; nothing was given back), NotFound, Retryable, Misconfigured, OutcomeUnknown.
        """


class OrderNotes(Protocol):
    """Notes on an order in the store (Capability.NOTES)."""

    def add_note(self, order_id: str, text: str) -> None:
        """Write it for the shop's people, never for the buyer; one that is there already is not written twice.

        Raises Rejected, NotFound, Retryable, Misconfigured, OutcomeUnknown.
        """


class VariantView(NamedTuple):
    """A thing that a store sells."""

    sku: str
    variant_id: str
    listed_id: str
    stock_id: str
    price: Money
    tracked: bool
    published: bool

    def at(self, location_id: str) -> Place:
        """Where it is, with the location that we keep."""
        return Place(self.variant_id, self.listed_id, self.stock_id, location_id)


class QuantityChange(NamedTuple):
    """Set the available quantity, if it still is `change_from`."""

    stock_id: str
    location_id: str
    quantity: int
    change_from: int


class PriceChange(NamedTuple):
    """Set a variant's price, and the one struck through beside it: None takes that away, AS_IS leaves what is there."""

    listed_id: str
    variant_id: str
    price: Money
    compare_at: Struck = AS_IS


class PushProblem(NamedTuple):
    """One entry of a batch that was refused; `stale` means: read it again and decide again."""

    key: str
    code: str
    message: str
    stale: bool


class ListingView(NamedTuple):
    """What the store shows now. `quantity` is None where the article is not stocked at our location."""

    variant_id: str
    stock_id: str
    price: Money
    quantity: int | None
    published: bool
    compare_at: Money | None = None


class StoreCatalogue(Protocol):
    """Publishing goods, prices and stock. All of it absolute values, so that a repeat is harmless."""

    quantity_batch: int
    price_batch: int | None
    """How many prices one call of `push_prices` takes, of any articles; None: those of one article."""

    def find_location(self, name: str) -> str:
        """The id of the location Orderwright owns; raises Misconfigured naming the locations that exist."""

    def list_variants(self, cursor: str) -> tuple[list[VariantView], str]:
        """A page of all variants, and the next cursor."""

    def find_variants(self, skus: Sequence[str]) -> list[VariantView]:
        """The variants with these SKUs (exact match)."""

    def publish_goods(
        self, sku: SkuRecord, price: Money, quantity: int, location_id: str, compare_at: Struck = AS_IS
    ) -> VariantView:
        """Create or update the listed article (an upsert by a handle made from the SKU) and put it on sale.

        With `sku.article` it is one variant of the article of that key, with these options; the other variants stay as they are.
        """

    def unpublish_goods(self, listed_id: str, variant_id: str) -> None:
        """Take it off sale, keeping its record: the article, or only this variant where it has others.

        A store that cannot hide one variant of several makes sure that it is not sold beyond its stock, and leaves it.
        """

    def read_listings(self, variant_ids: Sequence[str], location_id: str) -> list[ListingView]:
        """Price and quantity of these variants; missing ones are left out."""

    def push_quantities(self, changes: Sequence[QuantityChange], key: str) -> list[PushProblem]:
        """Set up to `quantity_batch` quantities in one call; `key` makes a repeat of the same call harmless."""

    def push_prices(self, changes: Sequence[PriceChange]) -> list[PushProblem]:
        """Set the prices of up to `price_batch` variants."""
