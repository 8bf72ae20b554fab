"""A warehouse of one's own stood up. Nobody is behind it: what its steps were run for is all that there is."""

from __future__ import annotations

from collections.abc import Sequence

from orderwright.connectors.suppliers.in_house.connector import Warehouse
from orderwright.ports.supplier import PurchaseRequest, StepDone
from tests.support.stand import SupplierStand


class STAND(SupplierStand):
    """A shelf with one SKU."""

    kind = "in_house"
    lines = {"currency": "USD"}
    signs_in = False
    refuses_orders = False
    sku = supplier_ref = "HL-UL-300"

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[str] = []

    def connector(self, secrets: object = None) -> Warehouse:
        listed = self.listed

        class Noting(Warehouse):
            def run_step(self, step: str, request: PurchaseRequest) -> StepDone:
                listed.append(request.reference)
                return super().run_step(step, request)

        return Noting(self.context({}))

    def knows(self, how: str) -> bool:
        return False

    def made(self) -> Sequence[str]:
        return self.listed

    def ordered(self) -> Sequence[str]:
        return self.listed
