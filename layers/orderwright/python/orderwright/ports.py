"""What the use cases ask of the outside, one small protocol per capability. Connectors implement them, tests fake them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from orderwright.domain.base import Instant, Model
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.compare_at import AS_IS, Struck
from orderwright.domain.money import Money
from orderwright.domain.order import Address, Reason, StoreOrder
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.unit_cost import UnitCost
from orderwright.ports_freight import SupplierFreight

# --- time, waiting and credentials ------------------------------------------------------------------------------------


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The current instant, in UTC with zone."""


class Sleeper(Protocol):
    """Waiting inside a call, only where a vendor's rate limit asks for less than a second or two."""

    def __call__(self, duration: timedelta) -> None:
        """Wait."""


class Credentials(Protocol):
    """One connection's secrets. Names such as "client_secret", "api_key", "token"; the values never leave the connector."""

    def secret(self, name: str) -> str:
        """The value; raises Misconfigured naming the command that sets it."""

    def token(self, refused: str = "") -> str | None:
        """The current access token, or None when there is none yet, or it has expired, or it is the `refused` one."""

    def renewal_due(self) -> bool:
        """True in the last part of the current token's life: whoever may renew should do it now."""

    def may_renew(self, hold: timedelta, what: str = "token") -> bool:
        """True for one worker of all, and for nobody else until `hold` is over. `what` keeps leases apart."""

    def store_token(self, value: str, expires_at: datetime, extra: dict[str, str]) -> None:
        """Keep a renewed token (and what came with it, such as a refresh token or CJ's openId) for all workers."""

    def token_extra(self) -> dict[str, str]:
        """What came with the current or last token."""


# --- stores -----------------------------------------------------------------------------------------------------------


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


class VariantView(NamedTuple):
    """A thing that a store sells."""

    sku: str
    variant_id: str
    listed_id: str
    stock_id: str
    price: Money
    tracked: bool
    published: bool


class QuantityChange(NamedTuple):
    """Set the available quantity, if it still is `change_from`."""

    stock_id: str
    location_id: str
    quantity: int
    change_from: int


class PriceChange(NamedTuple):
    """Set a variant's price, and the one struck through beside it: None takes that away, AS_IS leaves what is there."""

    variant_id: str
    price: Money
    compare_at: Struck = AS_IS


class PushProblem(NamedTuple):
    """One entry of a batch that was refused; `stale` means: read it again and decide anew."""

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

    def find_location(self, name: str) -> str:
        """The id of the location Orderwright owns; raises Misconfigured naming the locations that exist."""

    def list_variants(self, cursor: str) -> tuple[list[VariantView], str]:
        """A page of all variants, and the next cursor."""

    def find_variants(self, skus: Sequence[str]) -> list[VariantView]:
        """The variants with these SKUs (exact match)."""

    def publish_goods(
        self, sku: SkuRecord, price: Money, quantity: int, location_id: str, compare_at: Struck = AS_IS
    ) -> VariantView:
        """Create or update the listed article (an upsert by a handle made from the SKU) and put it on sale."""

    def unpublish_goods(self, listed_id: str) -> None:
        """Take it off sale, keeping its record."""

    def read_listings(self, variant_ids: Sequence[str], location_id: str) -> list[ListingView]:
        """Price and quantity of these variants; missing ones are left out."""

    def push_quantities(self, changes: Sequence[QuantityChange], key: str) -> list[PushProblem]:
        """Set up to `quantity_batch` quantities in one call; `key` makes a repeat of the same call harmless."""

    def push_prices(self, listed_id: str, changes: Sequence[PriceChange]) -> list[PushProblem]:
        """Set prices of variants of one listed article."""


class StoreWebhooks(Protocol):
    """Subscriptions."""

    def ensure_webhooks(self, callback_url: str) -> list[str]:
        """Create what is missing, mend what points elsewhere; gives the topics that were created or mended."""


# --- suppliers --------------------------------------------------------------------------------------------------------


class OrderStep(NamedTuple):
    """One call of a vendor's order. `pays` marks the step that costs money."""

    name: str
    pays: bool = False


class PurchaseLine(NamedTuple):
    """What is bought. `supplier_ref` is the vendor's own id (CJ: vid)."""

    line_id: str
    supplier_sku: str
    supplier_ref: str
    quantity: int


class PurchaseRequest(NamedTuple):
    """All that a supplier needs. `shipping_method`: "" means the connection's own. Holds personal data: never logged.

    `phone`, also in `destination`: E.164, "" where there is none that can be dialled.
    `declared_value`: what the buyer pays for these goods, for customs; a `business` buyer is outside IOSS.
    """

    reference: str
    destination: Address
    email: str
    phone: str
    lines: tuple[PurchaseLine, ...]
    shipping_method: str
    vendor_ids: dict[str, str]
    declared_value: Money | None = None
    business: bool = False


class StepDone(NamedTuple):
    """A step that certainly happened. `payable` is what the vendor will charge, `tax_in_bill` the tax that it says is in it."""

    vendor_ids: dict[str, str]
    payable: Money | None = None
    tax_in_bill: Money | None = None


class PlacementView(NamedTuple):
    """What a look-up by our reference found. `next_step` is the first step not yet done ("" when all are done).

    From `lines` (supplier_ref or supplier_sku, quantity) on: its contents as far as the vendor shows them. Never logged.
    """

    found: bool
    next_step: str = ""
    paid: bool = False
    cancelled: bool = False
    unreadable: str = ""
    vendor_ids: dict[str, str] = {}
    payable: Money | None = None
    lines: tuple[tuple[str, int], ...] | None = None
    country_code: str = ""
    postcode: str = ""
    city: str = ""
    tax_in_bill: Money | None = None


class SupplierOrders(SupplierFreight, Protocol):
    """Placing purchase orders, step by step (promise P1).

    An answer that names another order, or none where the vendor gives one, is OutcomeUnknown with code ANOTHER_ORDER (P15).
    """

    steps: tuple[OrderStep, ...]
    can_look_up: bool

    def lacks(self, destination: Address, lines: Sequence[PurchaseLine]) -> Sequence[Reason]:
        """What it would refuse of an address, these lines or its own settings (FIELD_MISSING, FIELD_TOO_LONG). Asks nobody.

        Each reason names our field, and the line that it is about.
        """

    def run_step(self, step: str, request: PurchaseRequest) -> StepDone:
        """Do one step. Retryable = certainly not done; Rejected = refused; OutcomeUnknown = look it up."""

    def look_up(self, reference: str, vendor_ids: dict[str, str]) -> PlacementView:
        """What exists under our reference. `found=False` means not found (now); raises Retryable when it cannot be asked."""

    def withdraw(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """Take back what is not paid. True when it is gone for certain, False when the vendor keeps it unpaid."""

    def request_cancellation(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """Ask to cancel a paid order. False when the vendor has no such call (an operator's task then)."""


class ParcelNews(NamedTuple):
    """A parcel that a supplier sent. Empty `lines` means: all that is not in another parcel.

    `parcel_ref`: what the supplier calls it, whatever its number (CJ: the order or the part of it); "" where it has no name.
    `former_numbers`: other numbers of the same parcel, such as the first carrier's beside the last mile's.
    """

    tracking_number: str
    carrier_name: str
    tracking_url: str
    lines: tuple[tuple[str, int], ...] = ()
    state: ShipmentState = ShipmentState.PENDING
    parcel_ref: str = ""
    former_numbers: tuple[str, ...] = ()


class SupplierOrderView(NamedTuple):
    """A supplier's view of a placed purchase order. `gaps`: it says that all has left, and not in which parcels.

    `unread`: what it says of a parcel's way could not be read, and may hold another number.
    """

    found: bool
    cancelled: bool
    parcels: tuple[ParcelNews, ...]
    gaps: bool = False
    unread: bool = False


class SupplierTracking(Protocol):
    """Parcels of placed purchase orders. Lines are (supplier_ref or supplier_sku, quantity). Another order as above."""

    def read_parcels(self, reference: str, vendor_ids: dict[str, str]) -> SupplierOrderView:
        """All parcels known now."""


class OfferReport(NamedTuple):
    """A supplier's word on one SKU. None = unknown, which is not zero."""

    supplier_sku: str
    supplier_ref: str
    stock: int | None
    cost: UnitCost | None
    observed_at: datetime
    article: str = ""
    left: bool = False
    """It is not in the source's list any more."""


class SupplierStock(Protocol):
    """Stock and cost by API, counted calls."""

    points_per_read: int

    def read_offer(self, supplier_sku: str, supplier_ref: str) -> OfferReport:
        """One SKU's stock and cost now."""


class SupplierGoods(Model):
    """One SKU of a supplier's catalogue, as imported (R1). Cost and freight are those of one piece.

    `article` is the supplier's id of what this is a variant of. `on_sale`: the supplier says so; else it does not say.
    """

    supplier_sku: str
    supplier_ref: str
    sku: SkuRecord
    cost: UnitCost
    freight: UnitCost
    stock: int | None = None
    observed_at: Instant
    article: str = ""
    on_sale: bool = False


class SupplierCatalogue(Protocol):
    """The supplier's catalogue."""

    def list_goods(self, cursor: str) -> tuple[list[SupplierGoods], str]:
        """A page of goods, and the next cursor."""


class SupplierWebhooks(Protocol):
    """Subscriptions at a supplier."""

    def ensure_webhooks(self, callback_url: str, supplier_refs: Sequence[str]) -> list[str]:
        """Set the callback and subscribe the goods; gives the topics set."""


# --- carriers ---------------------------------------------------------------------------------------------------------


class TrackerView(NamedTuple):
    """What a carrier service says of a parcel now; `state_at` is the time of the event, not of its arrival.

    `events`: all that it knows of the number, each with its own time, in any order. `is_return`: it goes back to its sender.
    """

    tracker_id: str
    tracking_number: str
    carrier: str
    state: ShipmentState
    state_at: datetime | None
    expected_at: datetime | None
    public_url: str
    events: tuple[tuple[ShipmentState, datetime], ...] = ()
    is_return: bool = False


class CarrierTracking(Protocol):
    """Following parcels."""

    def watch(self, tracking_number: str, carrier: str) -> TrackerView:
        """Start (or find) the tracker of a number; repeating it is harmless."""

    def read_tracker(self, tracker_id: str) -> TrackerView:
        """The tracker now."""


class CarrierWebhooks(Protocol):
    """Subscriptions at a carrier service."""

    def ensure_webhooks(self, callback_url: str, webhook_secret: str, old_urls: Collection[str] = ()) -> list[str]:
        """Create the subscription when it is missing, and remove those at addresses of before."""
