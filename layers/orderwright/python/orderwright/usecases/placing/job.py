"""What the parts of placing take and give: the purchase order as it was read, and the decision that they come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.order import OrderDetails, OrderRecord, Reason
from orderwright.domain.order_state import STOPPED, WITHDRAWN
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.timing import Timing
from orderwright.errors import VendorError
from orderwright.ports.connection import Clock
from orderwright.ports.freight import SupplierFreight
from orderwright.ports.store import StoreOrders
from orderwright.ports.supplier import PlacementView, SupplierDesk, SupplierOrders
from orderwright.records import OrderFile
from orderwright.storage import Storage
from orderwright.usecases.order_commit import OrderCommit

FUNCTION = "place_purchase_order"


@dataclass(frozen=True)
class Job:
    """One purchase order of one order, as it was read, and whom to ask about it."""

    pk: str
    sk: str
    correlation: str
    storage: Storage
    config: Config
    supplier_for: Callable[[str], SupplierOrders]
    freight_for: Callable[[str], SupplierFreight | None]
    desk_for: Callable[[str], SupplierDesk | None]
    store_for: Callable[[str], StoreOrders]
    timing: Timing
    clock: Clock
    owner: str
    file: OrderFile

    @property
    def now(self) -> datetime:
        """The current instant."""
        return self.clock.now()

    @property
    def po(self) -> PurchaseOrder:
        """As it was read."""
        return self.file.purchase_orders[self.sk].model

    @property
    def record(self) -> OrderRecord:
        """The order that it belongs to."""
        assert self.file.record is not None
        return self.file.record.model

    @property
    def details(self) -> OrderDetails:
        """The personal half of that order."""
        assert self.file.details is not None
        return self.file.details.model

    @property
    def supplier(self) -> SupplierOrders:
        """Whom it is bought from."""
        return self.supplier_for(self.po.supplier)

    @property
    def called_off(self) -> bool:
        """Was the order cancelled in the store, or withdrawn from?"""
        return self.record.cancelled or WITHDRAWN in self.record.released

    def unwanted(self, po: PurchaseOrder) -> bool:
        """Does nobody want it any more?"""
        return self.called_off or po.cancel_requested

    def kept(self, po: PurchaseOrder) -> bool:
        """Ordered now, and only a part of it was withdrawn? Suppliers cancel whole orders, so it is not asked back then.

        Where a step follows on the one that commits, and was left out, it is asked back: nobody would send it.
        """
        file = self.file
        if self.record.cancelled or STOPPED in self.record.released or not file.requests:
            return False
        from orderwright.domain.withdrawals import to_stop, withdrawn_from

        units = withdrawn_from([held.model for held in file.requests.values()], self.details.lines)
        orders = {sk: held.model for sk, held in file.purchase_orders.items()} | {self.sk: po.placed(self.now)}
        return bool(units) and self.supplier.steps[-1].commits and self.sk not in to_stop(units, orders, {})

    def why_unwanted(self, po: PurchaseOrder) -> Reason:
        """Who does not."""
        if self.record.cancelled:
            return Reason(code="CANCELLED_IN_STORE", message="The customer cancelled.")
        if WITHDRAWN in self.record.released:
            return Reason(code=WITHDRAWN, message="The customer withdrew from the contract.")
        return Reason(
            code=STOPPED, message=f"The operator stopped the order before it was {po.paid.replace('paid', 'paid for')}."
        )

    def commit(self) -> OrderCommit:
        """What is to be written, still empty."""
        return OrderCommit(self.file, FUNCTION, self.now, self.correlation)


class Park(NamedTuple):
    """A person decides; a retry goes on with the step `resume`. `rejected`: the supplier will not have it."""

    po: PurchaseOrder
    reason: Reason
    resume: str = ""
    rejected: bool = False
    free_spend: bool = False


class Postpone(NamedTuple):
    """Certainly not done: the same later. `at_fault`: the connection that failed, where it is not the supplier."""

    po: PurchaseOrder
    error: VendorError
    at_fault: str = ""


class Reject(NamedTuple):
    """The supplier will not have it: bought elsewhere, or parked; ended where nobody wants it any more.

    `unpaid`: nothing of it was ever ordered there.
    """

    po: PurchaseOrder
    reason: Reason
    unpaid: bool = True


class Elsewhere(NamedTuple):
    """The supplier will not have it, nothing is ordered, and another supplier sells each of its lines."""

    po: PurchaseOrder
    reason: Reason


class Withdraw(NamedTuple):
    """Not ordered, and not to be: to be taken back at the supplier."""

    po: PurchaseOrder
    reason: Reason


class Withdrawn(NamedTuple):
    """Nothing was ordered. `gone`: the supplier has nothing of it any more."""

    po: PurchaseOrder
    reason: Reason
    gone: bool


class Replan(NamedTuple):
    """Nothing was sent: the order is planned again. `reasons`: without this supplier, for the lines that they name or all."""

    po: PurchaseOrder
    why: str
    reasons: tuple[Reason, ...] = ()


class Stay(NamedTuple):
    """It was to be taken back, and is not: it stays ordered."""

    po: PurchaseOrder
    why: str


class Adopt(NamedTuple):
    """Go on from what the supplier shows."""

    view: PlacementView


class Complete(NamedTuple):
    """It is ordered, and no further step is made."""

    po: PurchaseOrder
    what: str


class AfterAll(NamedTuple):
    """Ordered after all, though it was given up; the step `following` is left, "" for none."""

    po: PurchaseOrder
    following: str


class Note(NamedTuple):
    """It stays as it is, with a line in its time line; looked at again at `again`."""

    po: PurchaseOrder
    what: str
    why: str
    again: datetime | None = None


Decision = (
    Park | Postpone | Reject | Elsewhere | Withdraw | Withdrawn | Replan | Adopt | Complete | AfterAll | Note | Stay
)
