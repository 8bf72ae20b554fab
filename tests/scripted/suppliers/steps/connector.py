"""Orders, parcels, stock and freight of a scripted supplier. See vendor.py for the other side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from orderwright.connectors.context import Context
from orderwright.connectors.http import exchange
from orderwright.domain.catalogue import OfferReport
from orderwright.domain.money import Money
from orderwright.domain.order import Address, Reason
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import NotFound, OutcomeUnknown, Retryable
from orderwright.ports.freight import FreightQuote, FreightRequest
from orderwright.ports.supplier import (
    OrderStep,
    ParcelNews,
    PlacementView,
    PurchaseLine,
    PurchaseRequest,
    StepDone,
    SupplierOrderView,
)
from tests.scripted.suppliers.steps.settings import ScriptedSettings

PLACE, CREATE, COMMIT, LABEL = "place", "create", "commit", "label"
SHAPES = {
    "one": (OrderStep(PLACE, commits=True),),
    "two": (OrderStep(CREATE), OrderStep(COMMIT, commits=True)),
    "three": (OrderStep(CREATE), OrderStep(COMMIT, commits=True), OrderStep(LABEL)),
}
"""The steps of an order. In the third shape one follows on the step that commits."""
ORDER = "order"


class ScriptedSupplier:
    """All ports of the kind "scripted". `vendor_ids` holds "order" once the vendor has named it."""

    points_per_quote = 1
    points_per_read = 1

    def __init__(self, context: Context[ScriptedSettings]) -> None:
        self._context = context
        self._name = f"Scripted {context.id}"
        self.steps: tuple[OrderStep, ...] = SHAPES[context.settings.shape]
        self.can_look_up = context.settings.looks_up

    def account(self) -> str:
        """See ports.Account."""
        return str(self._call("account", "GET", "account")["account"])

    def probe(self) -> str:
        """See ports.Account."""
        return f"the scripted supplier answers as {self.account()}"

    def lacks(self, destination: Address, lines: Sequence[PurchaseLine]) -> Sequence[Reason]:
        """It takes everything."""
        return ()

    def run_step(self, step: str, request: PurchaseRequest) -> StepDone:
        """One POST per step. See SupplierOrders."""
        if step in (PLACE, CREATE):
            to = request.destination
            body = {
                "reference": request.reference,
                "lines": [{"item": line.supplier_ref or line.supplier_sku, "units": line.quantity} for line in request.lines],
                "to": {"country": to.country_code, "postcode": to.postcode, "city": to.city},
            }  # fmt: skip
            data = self._call(step, "POST", "orders" if step == CREATE else "orders/placed", body, has_effect=True)
        else:
            data = self._call(step, "POST", f"orders/{request.vendor_ids[ORDER]}/{step}", {}, has_effect=True)
        self._ours(step, data, request.reference)
        total = Money.parse(data["total"], data["currency"])
        return StepDone({ORDER: str(data["order"])}, total)

    def look_up(self, reference: str, vendor_ids: dict[str, str]) -> PlacementView:
        """See SupplierOrders. Nobody may ask where the supplier has no look-up."""
        if not self.can_look_up:
            raise RuntimeError("a supplier without a look-up was asked for one")
        try:
            data = self._call("look_up", "GET", f"orders/{vendor_ids.get(ORDER, reference)}")
        except NotFound:
            return PlacementView(found=False)
        self._ours("look_up", data, reference)
        done, names = set(data["done"]), [step.name for step in self.steps]
        return PlacementView(
            found=True,
            next_step=next((name for name in names if name not in done), ""),
            committed=any(step.commits and step.name in done for step in self.steps),
            cancelled=data["cancelled"],
            vendor_ids={ORDER: data["order"]},
            payable=Money.parse(data["total"], data["currency"]),
            lines=tuple((line["item"], line["units"]) for line in data["lines"]),
            country_code=data["to"]["country"],
            postcode=data["to"]["postcode"],
            city=data["to"]["city"],
        )

    def withdraw(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """Gone, or NotFound, or Rejected for one that is committed."""
        with suppress(NotFound):
            self._call("withdraw", "DELETE", f"orders/{vendor_ids.get(ORDER, reference)}")
        return True

    def request_cancellation(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """Does it take the cancellation?"""
        return bool(self._call("cancel", "POST", f"orders/{vendor_ids.get(ORDER, reference)}/cancel", {})["taken"])

    def read_parcels(self, reference: str, vendor_ids: dict[str, str]) -> SupplierOrderView:
        """See SupplierTracking."""
        try:
            data = self._call("parcels", "GET", f"orders/{vendor_ids.get(ORDER, reference)}/parcels")
        except NotFound:
            return SupplierOrderView(False, False, ())
        self._ours("parcels", data, reference)
        return parcels_of(data)

    def quote_freight(self, request: FreightRequest) -> FreightQuote:
        """See SupplierFreight."""
        body = {
            "country": request.country_code,
            "lines": [{"item": item, "units": units} for item, units in request.lines],
        }
        data = self._call("quote", "POST", "quotes", body)
        return FreightQuote("post", UnitCost.parse(data["price"], data["currency"]))

    def read_offer(self, supplier_sku: str, supplier_ref: str) -> OfferReport:
        """See SupplierStock."""
        data = self._call("item", "GET", f"items/{supplier_ref or supplier_sku}")
        cost = UnitCost.parse(data["cost"], data["currency"])
        return OfferReport(supplier_sku, supplier_ref, data["stock"], cost, self._context.clock.now())

    def _call(
        self, operation: str, method: str, path: str, body: object = None, *, has_effect: bool = False
    ) -> dict[str, Any]:
        context = self._context
        answer = exchange(
            context.http,
            self._name,
            operation,
            method,
            f"{context.settings.base_url}/{path}",
            headers={"x-key": context.credentials.secret("api_key")},
            body=None if body is None else json.dumps(body).encode(),
            timeout=context.timeout.total_seconds(),
            has_effect=has_effect,
        )
        try:
            data = answer.json()
            if isinstance(data, dict):
                return data
        except ValueError:
            pass
        what = f"{self._name} {operation}: the answer cannot be read"
        raise (OutcomeUnknown if has_effect else Retryable)(what, code="UNREADABLE")

    def _ours(self, operation: str, data: dict[str, Any], reference: str) -> None:
        if data["reference"] != reference:
            raise OutcomeUnknown(f"{self._name} {operation}: the answer names another order", code="ANOTHER_ORDER")


def parcels_of(data: dict[str, Any]) -> SupplierOrderView:
    """A vendor's JSON of the parcels of one order."""
    parcels = tuple(
        ParcelNews(one["number"], one["carrier"], "", tuple((line["item"], line["units"]) for line in one["lines"]))
        for one in data["parcels"]
    )
    return SupplierOrderView(data["found"], data["cancelled"], parcels)


def build(context: Context[ScriptedSettings]) -> ScriptedSupplier:
    """The connector of one connection."""
    return ScriptedSupplier(context)
