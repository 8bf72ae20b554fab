"""Guards of the engine of steps that no world of CJ needs: its last step commits, and it can be asked (promises P1 and P6)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.ports.supplier import OrderStep, PlacementView, SupplierOrders
from orderwright.usecases.placing import before_paying, late_acceptance
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.hunting import Guard
from tests.simulation.modes.scripted import ScriptedSeeds

FIRST = ("place", "mail")


def _reads_before_later_steps() -> AbstractContextManager[object]:
    real = before_paying._must_read

    def must_read(step: OrderStep, details: Any) -> bool:
        return step.name not in FIRST and real(step, details)

    return patch.object(before_paying, "_must_read", must_read)


def _asks_nobody() -> AbstractContextManager[object]:
    real = late_acceptance.view_of

    def view_of(po: PurchaseOrder, supplier: SupplierOrders) -> PlacementView | None:
        return real(po, supplier) or PlacementView(found=False)

    return patch.object(late_acceptance, "view_of", view_of)


def _committed_is_enough() -> AbstractContextManager[object]:
    real = late_acceptance.view_of

    def view_of(po: PurchaseOrder, supplier: SupplierOrders) -> PlacementView | None:
        view = real(po, supplier)
        return view._replace(next_step="") if view is not None and view.committed else view

    return patch.object(late_acceptance, "view_of", view_of)


SCRIPTED: tuple[Guard, ...] = (
    Guard(
        "an order that its first step commits is read again",
        "P6",
        "the order is read again before a later step only, since that was always the one that pays",
        _reads_before_later_steps,
        "without reading the order again",
        ScriptedSeeds(0),
    ),
    Guard(
        "what its middle step has ordered is never withdrawn",
        "P6",
        "an order that waits for its last step is withdrawn as if nothing were ordered",
        lambda: patch.object(PurchaseOrder, "ordered", property(lambda po: False)),
        "P6: our side says that nothing was ordered",
        ScriptedSeeds(272, Mix({"cj": 0.4, "cancel": 0.04}), shape="no look-up"),
    ),
    Guard(
        "without a look-up nothing is sent twice",
        "P1",
        "a supplier that cannot be asked is taken for one that has nothing",
        _asks_nobody,
        "is sent again, and nobody can know",
        ScriptedSeeds(5, Mix({"cj": 0.4}), shape="no look-up"),
    ),
    Guard(
        "what follows on the step that commits is done as well",
        "P1",
        "an order that is found committed is called placed, whatever step is left",
        _committed_is_enough,
        "its last step was never done",
        ScriptedSeeds(2, Mix({"cj": 0.4}), shape="three steps"),
    ),
)
