"""Nobody is called: an order is placed by being on the pick list. What exists is what Orderwright itself holds."""

from __future__ import annotations

from collections.abc import Sequence

from orderwright.connectors.context import Context
from orderwright.connectors.suppliers.in_house.settings import InHouseSettings
from orderwright.domain.order import Address, Reason
from orderwright.errors import Rejected
from orderwright.ports.connection import Account
from orderwright.ports.supplier import (
    ORDER_ID,
    OrderStep,
    PlacementView,
    PurchaseLine,
    PurchaseRequest,
    StepDone,
    SupplierOrders,
)


class Warehouse(Account, SupplierOrders):
    """One's own warehouse. Nothing exists outside, so a repeat is harmless, and a look-up finds nothing."""

    steps: tuple[OrderStep, ...] = (OrderStep("pick", commits=True),)
    can_look_up = True

    def __init__(self, context: Context[InHouseSettings]) -> None:
        self._context = context

    def account(self) -> str:
        """There is no vendor's id: each connection is a warehouse of its own."""
        return f"in_house {self._context.id}"

    def probe(self) -> str:
        """See ports.Account. Nobody is to be asked."""
        return "nobody is to be asked: what is sold is on `orderwright warehouse pick-list`"

    def lacks(self, destination: Address, lines: Sequence[PurchaseLine]) -> Sequence[Reason]:
        """See SupplierOrders: a person packs it, and needs no field in a certain form."""
        return ()

    def run_step(self, step: str, request: PurchaseRequest) -> StepDone:
        """See SupplierOrders: it is on the pick list as soon as it is PLACED. The number is ours, for want of another."""
        return StepDone({ORDER_ID: request.reference})

    def look_up(self, reference: str, vendor_ids: dict[str, str]) -> PlacementView:
        """See SupplierOrders: there is no book beside ours. Without our own note of the step it was not done."""
        done = vendor_ids.get(ORDER_ID) == reference
        return PlacementView(done, committed=done, vendor_ids=dict(vendor_ids))

    def withdraw(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """See SupplierOrders: what is not PLACED is on no list."""
        if ORDER_ID in vendor_ids:
            raise Rejected("it is on the pick list already")
        return True

    def request_cancellation(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """See SupplierOrders. Nobody is asked: usecases/placing ends it where nothing has left."""
        return False


def build(context: Context[InHouseSettings]) -> Warehouse:
    """The connector of one connection."""
    return Warehouse(context)
