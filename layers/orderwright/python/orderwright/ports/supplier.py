"""What the use cases ask of a supplier: purchase orders, parcels, stock, goods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from orderwright.domain.catalogue import OfferReport, SupplierGoods
from orderwright.domain.money import Money
from orderwright.domain.order import Address, Reason
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.supplier_answers import LetterKind
from orderwright.domain.unit_cost import UnitCost
from orderwright.ports.people import About

ORDER_ID = "order_id"
"""The supplier's own id of an order among its `vendor_ids`: a person may give it for one that was lost."""


class OrderStep(NamedTuple):
    """One call of a vendor's order. `commits`: after it the goods are ordered, and nobody can take that back by themselves.

    Before it the order is read again from the store, and margin, limits and the kill switch are looked at (promises P6, P10).
    It is the payment where the vendor takes one by API, else the hand-over of the order.
    """

    name: str
    commits: bool = False


class PurchaseLine(NamedTuple):
    """What is bought. `supplier_ref` is the vendor's own id of it; `sku` and `title` are ours, for people to read."""

    line_id: str
    supplier_sku: str
    supplier_ref: str
    quantity: int
    sku: str = ""
    title: str = ""
    unit_cost: UnitCost | None = None


class PurchaseRequest(NamedTuple):
    """All that a supplier needs. `shipping_method`: "" means the connection's own. Holds personal data: never logged.

    `phone`, also in `destination`: E.164, "" where there is none that can be dialled.
    `declared_value`: what the buyer pays for these goods, for customs; a `business` buyer is outside IOSS.
    `about`: goes along with a mail, so that news of it find the purchase order.
    `again`: it may be there already, under this reference: what people read must not look like another order.
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
    about: About = About()
    again: bool = False


class StepDone(NamedTuple):
    """A step that certainly happened. `payable` is what the vendor will charge, `tax_in_bill` the tax that it says is in it."""

    vendor_ids: dict[str, str]
    payable: Money | None = None
    tax_in_bill: Money | None = None


class PlacementView(NamedTuple):
    """What a look-up by our reference found. `next_step` is the first step not yet done ("" when all are done).

    `committed`: the step that commits is done.

    From `lines` (supplier_ref or supplier_sku, quantity) on: its contents as far as the vendor shows them. Never logged.
    """

    found: bool
    next_step: str = ""
    committed: bool = False
    cancelled: bool = False
    unreadable: str = ""
    vendor_ids: dict[str, str] = {}
    payable: Money | None = None
    lines: tuple[tuple[str, int], ...] | None = None
    country_code: str = ""
    postcode: str = ""
    city: str = ""
    tax_in_bill: Money | None = None


class SupplierOrders(Protocol):
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
        """Take back what is not committed. True when it is gone for certain, False when the vendor keeps it uncommitted."""

    def request_cancellation(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """Ask to cancel a committed order. False when the vendor has no such call (an operator's task then)."""


class ParcelNews(NamedTuple):
    """A parcel that a supplier sent. Empty `lines` means: all that is not in another parcel.

    `parcel_ref`: what the supplier calls it, whatever its number (the order, or the part of it); "" where it has no name.
    `former_numbers`: other numbers of the same parcel, such as the first carrier's beside the last mile's.
    `by_line_id`: its lines are named by our ids of them, since a person entered it.
    """

    tracking_number: str
    carrier_name: str
    tracking_url: str
    lines: tuple[tuple[str, int], ...] = ()
    state: ShipmentState = ShipmentState.PENDING
    parcel_ref: str = ""
    former_numbers: tuple[str, ...] = ()
    by_line_id: bool = False


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


class SupplierStock(Protocol):
    """Stock and cost by API, counted calls."""

    points_per_read: int

    def read_offer(self, supplier_sku: str, supplier_ref: str) -> OfferReport:
        """One SKU's stock and cost now."""


class SupplierCatalogue(Protocol):
    """The supplier's catalogue."""

    def list_goods(self, cursor: str) -> tuple[list[SupplierGoods], str]:
        """A page of goods, and the next cursor."""


class SupplierDesk(Protocol):
    """Writing to the people of a supplier about a purchase order that was handed over to them."""

    def write(self, letter: LetterKind, request: PurchaseRequest) -> str:
        """Send one letter, once; gives the provider's id.

        Raises Rejected or Retryable: certainly not sent; OutcomeUnknown: perhaps.

        WITHDRAWAL says "do not ship"; its page asks whether that comes in time.
        """

    def end_files(self, reference: str) -> None:
        """Delete what lies of an order in the stack's own bucket, letters too. Raises Retryable."""
