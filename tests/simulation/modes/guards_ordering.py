"""Guards of ordering: once, watched, and never against a cancellation (promises P1 and P6)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from unittest.mock import patch

from orderwright import config_store
from orderwright.aws import writes
from orderwright.connectors.http import exchange
from orderwright.connectors.suppliers.cj import client, orders
from orderwright.domain.config import Config
from orderwright.domain.order import StoreOrder
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.errors import OutcomeUnknown
from orderwright.ports.supplier import PurchaseRequest
from orderwright.records import OrderFile, Stored
from orderwright.usecases import order_summary
from orderwright.usecases.intake import needs
from orderwright.usecases.placing import before_paying, contents, outcome, placement, requests, second_stack
from orderwright.usecases.placing.job import Job
from orderwright.usecases.placing.placement import Placement
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.additions import a_lost_purchase, fickle_customers, in_bundles, other_names
from tests.simulation.modes.hunting import Guard, Planned, Seeds
from tests.simulation.modes.paths import Path
from tests.simulation.modes.two_stacks import TwoStacks

Removed = AbstractContextManager[object]
UNPROTECTED_LATE = Path("late, no protection", (("cj", "createOrderV2", ("accept_late",)),), refuse_duplicates=False)
UNPROTECTED_SILENT = Path(
    "silent, no protection", (("cj", "createOrderV2", ("accept_then_timeout",)),), refuse_duplicates=False
)
LAGGING_THRICE = Path(
    "three silent sends and a look-up that lags",
    (
        ("cj", "createOrderV2", ("accept_then_timeout",) * 3),
        ("cj", "getOrderDetail", ("not_found",) * 3),
    ),
    refuse_duplicates=False,
)

ANOTHER_ORDER = Path("the create is answered for another order", (("cj", "createOrderV2", ("another_order",)),))
OTHER_LINES = Path("the supplier takes other lines in", (("cj", "createOrderV2", ("other_lines",)),))


def _windows(**ends: str) -> Callable[[], Removed]:
    """An INTENT whose ends are moved: each to the value of another of its fields, or to the moment of the send."""

    def removed() -> Removed:
        real = PurchaseOrder.opened

        def hasty(po: PurchaseOrder, step: str, owner: str, now: datetime, *rest: Any, **more: Any) -> PurchaseOrder:
            opened = real(po, step, owner, now, *rest, **more)
            moved = {name: getattr(opened, source) if source else now for name, source in ends.items()}
            return opened.model_copy(update=moved)

        return patch.object(PurchaseOrder, "opened", hasty)

    return removed


def _names_for_ids() -> Removed:
    """Work goes by the names in the file again, as before there were ids."""

    def by_names(document: str, identities: object) -> Config:
        return Config.model_validate_json(document)

    return patch.object(config_store, "_parsed", by_names)


def _no_look_up() -> Removed:
    def blind(self: Placement) -> bool:
        return self._open(self._step(self.po.step), resend=True)

    return patch.object(Placement, "_recover", blind)


def _late_intent() -> Removed:
    save = Placement._save

    def careless(self: Placement, po: PurchaseOrder, what: str, why: str = "", **rest: Any) -> None:
        if what.startswith("sending step"):
            held = self.job.file.purchase_orders
            mine = {self.job.sk: Stored(po, held[self.job.sk].version)}  # known to this worker only
            self.job = replace(self.job, file=replace(self.job.file, purchase_orders=held | mine))
        else:
            save(self, po, what, why, **rest)

    return patch.object(Placement, "_save", careless)


def _unconditional() -> Removed:
    real = writes.put_request

    def put(table: str, item: dict[str, Any], version: int) -> dict[str, Any]:
        return {name: value for name, value in real(table, item, version).items() if name in ("TableName", "Item")}

    return patch.object(writes, "put_request", put)


def _not_covered(state: PurchaseOrderState) -> Callable[[], Removed]:
    return lambda: patch.object(needs, "LIVE", needs.LIVE - {state})


def _sends_again() -> Removed:
    def stubborn(*args: Any, **rest: Any) -> Any:
        try:
            return exchange(*args, **rest)
        except OutcomeUnknown:
            return exchange(*args, **rest)

    return patch.object(client, "exchange", stubborn)


def _cancels_at_once() -> Removed:
    real = PurchaseOrder.stopped

    def stopped(po: PurchaseOrder, now: datetime) -> PurchaseOrder:
        return po.nothing_ordered("NOTHING_ORDERED") if po.state is PurchaseOrderState.INTENT else real(po, now)

    return patch.object(PurchaseOrder, "stopped", stopped)


def _renamed_sends() -> Removed:
    real = requests.purchase_request

    def renamed(po: PurchaseOrder, file: OrderFile, config: Config, today: date) -> PurchaseRequest:
        request = real(po, file, config, today)
        return request._replace(reference=f"{request.reference}-{po.sends}") if po.sends > 1 else request

    return patch.object(requests, "purchase_request", renamed)


def _deaf_to_the_store() -> Removed:
    """The order is read, and what was known before counts."""

    def deaf(job: Job, po: PurchaseOrder) -> StoreOrder:
        details = job.details
        fresh = job.store_for(job.record.connection).fetch_order(job.record.order_id)
        return fresh.model_copy(update={"lines": details.lines, "money": details.money, "address": details.address})

    return patch.object(before_paying, "_read_again", deaf)


ORDERING: tuple[Guard, ...] = (
    Guard(
        "the settle window",
        "P1",
        "a second worker takes a send that is still under way for lost, and sends again",
        _windows(lease_until="", settle_until=""),
        "was created 2 times",
        Seeds(23, mix=Mix({"doubled": 0.5}, protected=False), also=in_bundles),
    ),
    Guard(
        "the supplier's lateness in the settle window",
        "P1",
        "an order that the supplier takes in late is not waited for, and made again",
        _windows(settle_until="lease_until"),
        "was created 2 times",
        Planned(UNPROTECTED_LATE),
    ),
    Guard(
        "the look-up before a second send",
        "P1",
        "what a killed worker had ordered is ordered again",
        _no_look_up,
        "was created 2 times",
        Seeds(mix=Mix({"kill": 0.05}, protected=False)),
    ),
    Guard(
        "the permanent id of a renamed supplier",
        "P15",
        "a renamed store's orders are bought under other references, and those of a renamed supplier are nobody's",
        _names_for_ids,
        "the store has no such order",
        Seeds(also=other_names),
    ),
    Guard(
        "the look at what another stack on the shop did",
        "P15",
        "two stacks both send the order to a supplier that takes a repeated reference, and both pay",
        lambda: patch.object(second_stack, "bought_elsewhere", lambda work, po, step: None),
        "was paid 2 times",
        TwoStacks(),
    ),
    Guard(
        "two sends at most",
        "P1",
        "a supplier whose look-up lags gets a third send",
        lambda: patch.object(placement, "may_send_again", lambda po: True),
        "was created 3 times",
        Planned(LAGGING_THRICE),
    ),
    Guard(
        "an INTENT before the call",
        "P1",
        "nobody but the worker knows what it sent",
        _late_intent,
        "P1: ",
        Seeds(),
    ),
    Guard(
        "no repeat beneath a call that costs",
        "P1",
        "an adapter that tries again by itself orders twice inside one send",
        _sends_again,
        "was created 2 times",
        Planned(UNPROTECTED_SILENT),
    ),
    Guard(
        "the same reference in every send",
        "P1",
        "the supplier cannot know that it is the same order, nor can we find it",
        _renamed_sends,
        "the store has no such order",
        Planned(Path("no send arrives", (("cj", "createOrderV2", ("timeout",)),))),
    ),
    Guard(
        "an answer must name our order",
        "P1",
        "the create is answered for another order, and that one is paid",
        lambda: patch.object(orders, "only_ours", lambda *args: True),
        "was paid for, and the store has no such order",
        Planned(ANOTHER_ORDER),
    ),
    Guard(
        "what is found under our reference is what was asked for",
        "P1",
        "more units are paid for than were sold",
        lambda: patch.object(contents, "difference", lambda *args: ""),
        "were paid for",
        Planned(OTHER_LINES),
    ),
    Guard(
        "the version condition of every write",
        "P1",
        "two workers overwrite each other",
        _unconditional,
        "P1: ",
        Seeds(20, mix=Mix({"doubled": 0.5}, protected=False), also=in_bundles),
    ),
    Guard(
        "an open INTENT covers its lines",
        "P1",
        "news of an order that is being placed buys its lines once more",
        _not_covered(PurchaseOrderState.INTENT),
        "were paid for",
        Seeds(7),
    ),
    Guard(
        "a parked purchase order covers its lines",
        "P1",
        "an order that is perhaps placed is bought once more",
        _not_covered(PurchaseOrderState.PARKED),
        "were paid for",
        Seeds(4, mix=Mix(), also=a_lost_purchase),
    ),
    Guard(
        "the alarm of a parked order",
        "P1",
        "it lies there, and nobody looks",
        lambda: patch.object(order_summary, "alarm", lambda before, after, pk: ()),
        "no alert was sent",
        Seeds(2),
    ),
    Guard(
        "the last read of the store",
        "P6",
        "what was cancelled meanwhile is paid for",
        lambda: patch.object(before_paying, "_must_read", lambda step, details: False),
        "without reading",
        Seeds(),
    ),
    Guard(
        "the store's word at the last read",
        "P6",
        "the store is asked, and its answer is not listened to",
        _deaf_to_the_store,
        "although the store had said cancelled",
        Seeds(8, also=fickle_customers),
    ),
    Guard(
        "a stopped order is not sent",
        "P6",
        "the mark of a cancellation on the purchase order is not looked at",
        lambda: patch.object(Job, "unwanted", lambda self, po: False),
        "cancellation",
        Seeds(3, also=fickle_customers),
    ),
    Guard(
        "a cancellation waits for an unclear INTENT",
        "P6",
        "it is said that nothing was ordered while the order is on its way",
        _cancels_at_once,
        "P6: ",
        Seeds(mix=Mix({"cj": 0.3}), also=fickle_customers),
    ),
    Guard(
        "what was paid is never forgotten",
        "P1",
        "a worker that paid what was given up meanwhile keeps it to itself",
        lambda: patch.object(outcome, "paid_after_all", lambda job, po, what: job.commit()),
        "was paid for, and our side says",
        Seeds(53, mix=Mix({"freeze": 0.05}), also=fickle_customers),
    ),
)
