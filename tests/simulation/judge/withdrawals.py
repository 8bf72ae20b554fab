"""Promises P5 and P6: what a customer withdrew from is never ordered afterwards, and each form is one case with one receipt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orderwright.domain.customer_request import RequestKind
from orderwright.domain.notice import NoticeState
from orderwright.domain.order_state import WITHDRAWN
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.shipment import Milestone
from orderwright.records import notice_key, request_key
from tests.simulation.judge.case import Case
from tests.simulation.judge.ends import ENDS
from tests.simulation.judge.telling import EMAIL, Telling, Told, address_of
from tests.simulation.judge.writes import Write, body_of

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

CASE = request_key("", RequestKind.WITHDRAWAL, 0).sk.rpartition("#")[0]
RECEIPTS = {RequestKind.WITHDRAWAL: Milestone.WITHDRAWAL, RequestKind.RETURN: Milestone.RETURN}


@dataclass
class Withdrawals:
    """Orders whose customer withdrew and no operator has let go on since; `commits`: the step that costs money."""

    commits: str
    withdrawn: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    let_go_on: set[str] = field(default_factory=set)
    opened: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    forms: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def on_write(self, write: Write) -> Iterator[str]:
        """A step that commits is opened, for an order whose customer withdrew?"""
        if write.table != "orders" or write.item is None:
            return
        if write.pk.startswith("REQUEST#"):
            body = body_of(write.item)
            self.forms[write.pk, write.sk] = body["order"], body["kind"]
        elif write.sk.startswith(CASE) and not write.pk.startswith("TRACK#"):
            if body_of(write.item).get("came_to") is None or write.pk not in self.let_go_on:
                self.withdrawn.add(write.pk)
        elif write.sk == "ORDER" and not write.pk.startswith("TRACK#"):
            holds = WITHDRAWN in body_of(write.item).get("released", ())
            if write.pk in self.held and not holds:
                self.let_go_on.add(write.pk)
                self.withdrawn.discard(write.pk)
            (self.held.add if holds else self.held.discard)(write.pk)
        elif write.sk.startswith("PO#"):
            yield from self._sent(write.pk, body_of(write.item))

    def _sent(self, pk: str, body: dict[str, Any]) -> Iterator[str]:
        if body.get("state") != "INTENT" or not body.get("owner") or not body.get("sends"):
            return
        reference, step = body["reference"], body.get("step")
        this = (step, body.get("owner"), body.get("lease_until"), body.get("sends"))
        if self.opened.get(reference) == this:
            return
        self.opened[reference] = this
        if step in (self.commits, "mail") and pk in self.withdrawn:
            yield f"P6: step {step} of {reference} is sent, and its customer had withdrawn"

    def at_the_end(self, sim: Sim, case: Case, telling: Telling) -> Iterator[str]:
        """Each form is one case with one receipt, and each withdrawal has one of three ends."""
        record, name = case.record, case.sold.name
        if record is None or record.erased_at is not None:
            return
        cases = [held.model for _, held in sorted(case.file.requests.items())]
        for answered in sim.memory.get("taken", ()):
            same = [
                one for one in cases
                if one.kind is answered.kind and {line.line_id: line.quantity for line in one.lines} == answered.lines
            ]  # fmt: skip
            if answered.pk == case.pk and not same:
                yield f"P5: the {answered.kind.lower()} of {name} was answered, and is no case"
        for kind, receipt in RECEIPTS.items():
            mine = [one for one in cases if one.kind is kind]
            forms = sum(one == (case.pk, kind.value) for one in self.forms.values())
            if len(mine) != forms:
                yield f"P5: {forms} forms of {kind.lower()} of {name}, {len(mine)} cases"
            told = telling.count[Told(name, EMAIL, "", receipt.value)]
            if told > len(mine):
                yield f"P5: {told} receipts of {kind.lower()} of {name}, {len(mine)} cases"
            for one in mine if address_of(case.sold) and not case.sold.erased else ():
                sk = request_key(case.pk, kind, one.number).sk
                notice = case.file.notices.get(notice_key(case.pk, sk, EMAIL).sk)
                if notice is None or notice.model.state is NoticeState.FAILED:
                    yield f"P5: {name} never got the receipt of {one.name}"
            sure = [
                held.model for held in case.file.notices.values()
                if held.model.milestone is receipt and held.model.state is NoticeState.SENT
            ]  # fmt: skip
            if told < len(sure):
                yield f"P5: our side says that {len(sure)} receipts of {name} were sent, {told} were"
        yield from self._ends(case)

    def _ends(self, case: Case) -> Iterator[str]:
        paid, name = {payment.reference for payment in case.dealing.payments}, case.sold.name
        for one in (held.model for _, held in sorted(case.file.requests.items())):
            if one.kind is not RequestKind.WITHDRAWAL:
                continue
            parked = any(po.state is PurchaseOrderState.PARKED for po in case.orders)
            if one.came_to not in ENDS and not (parked and case.visible) and not case.held() and not case.asked_for():
                yield f"P6: {one.name} of {name} ended as {one.came_to or 'nothing known'} ({case.outcome})"
            if case.pk in self.let_go_on:
                continue
            if one.came_to == ENDS[0] and paid and len(one.lines) == len(case.sold.cart):
                yield f"P6: our side says that nothing was ordered of {one.name} of {name}, the supplier was paid"
            if one.came_to in ENDS[1:] and not paid and not case.in_doubt:
                yield f"P6: our side says {one.came_to} of {one.name} of {name}, the supplier was never paid"
