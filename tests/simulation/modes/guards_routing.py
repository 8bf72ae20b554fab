"""Guards around the way to the next supplier (promises P1, P10; R12, R18)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from unittest.mock import patch

from orderwright.domain.config import Config
from orderwright.domain.leaving import Leaving
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.usecases import rerouting
from orderwright.usecases.placing import leaving, outcome
from orderwright.usecases.placing.job import Job
from tests.simulation.modes.desk import DeskPlanned
from tests.simulation.modes.hunting import Guard
from tests.simulation.modes.routing import ALL_OFF, LATE, SENT, SILENT

Removed = AbstractContextManager[object]


def _whatever_was_sent() -> Removed:
    def may_leave(job: Job, po: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> bool:
        return rerouting.sold_elsewhere(lines, po.supplier, job.file, job.storage, job.config, at_once=True)

    return patch.object(leaving, "may_leave", may_leave)


def _unasked() -> Removed:
    def taking_back(po: PurchaseOrder, why: Leaving, config: Config) -> PurchaseOrder:
        return po.leaves(why).answered_with(po.answers.withdrawing(Withdrawal.AGREED).awaited(None))

    return patch.object(rerouting, "taking_back", taking_back)


ROUTING: tuple[Guard, ...] = (
    Guard(
        "what was given back leaves nothing",
        "P13",
        "a supplier gives an order back, the next one ships it, and the order's margin counts both",
        lambda: patch.object(outcome, "_unkept", lambda job: None),
        "its purchase orders leave",
        DeskPlanned(LATE),
    ),
    Guard(
        "only what was certainly never sent goes to the next supplier",
        "P1",
        "a supplier that took the order and went silent is given up, and both are paid",
        _whatever_was_sent,
        "were paid for",
        DeskPlanned(SILENT),
    ),
    Guard(
        "a late supplier gives the order back first",
        "P1",
        "the next one is asked while the parcel of the first is on its way",
        _unasked,
        "were paid for",
        DeskPlanned(SENT),
    ),
    Guard(
        "the kill switch of all suppliers moves nothing",
        "P10",
        "an operator stops everything, and orders wander to other suppliers meanwhile",
        lambda: patch.object(leaving, "all_are_off", lambda storage: False),
        "while all are off",
        DeskPlanned(ALL_OFF),
    ),
)
