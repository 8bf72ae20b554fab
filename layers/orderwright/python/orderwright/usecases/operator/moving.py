"""The operator moves a purchase order to another supplier: the present one is withdrawn first, by the same rules (R16, R18)."""

from __future__ import annotations

from orderwright.domain.going_elsewhere import never_sent
from orderwright.domain.leaving import Leaving
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_state import MOVED
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.records import OrderFile
from orderwright.usecases.giving_back import given_back
from orderwright.usecases.operator.desk import Refused, decided
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.operator.purchase_orders import Meant
from orderwright.usecases.people.fixes import command
from orderwright.usecases.rerouting import not_sold_at, taking_back

AT_ONCE = "moved to {to}: nothing of it was ordered; the next purchase order is made there"
ASKED = "goes to {to} once its supplier gives it back, which is asked now; until then it counts as ordered there"
TAKEN_BACK = "goes to {to} once it is taken back at its supplier, which happens now"


def move(office: Office, meant: Meant, to: str) -> str:
    """Plan it at the supplier with the id `to`. Gives what happens first. Raises Refused, also while a step may still succeed."""
    return decided(lambda: _move(office, meant, to)).format(to=office.name(to))


def _move(office: Office, meant: Meant, to: str) -> str:
    desk, name = office.desk, office.name(to)
    file, stored = load(desk, meant.pk)
    po, show = file.purchase_orders[meant.sk].model, command("purchase-orders", "show", meant.po.reference)
    if stored.model.cancelled:
        raise Refused(
            "ALREADY_CANCELLED", f"{stored.model.name} is cancelled", command("orders", "show", stored.model.name)
        )
    if to == po.supplier:
        raise Refused("SAME_SUPPLIER", f"{po.reference} is at {name} already", "name another supplier")
    lacks = not_sold_at(to, po.lines, file, office.storage, office.config)
    if lacks:
        raise Refused(
            "NOT_SOLD_THERE", f"{name} cannot ship it now: {lacks}", "choose another supplier, or import its offers"
        )
    _forbidden(po, file, show)
    if never_sent(po) and office.config.identity(stored.model.connection).second_stack:
        what = f"another stack buys for this shop as well, and may have sent {po.reference} to its supplier"
        raise Refused(
            "STEP_OPEN", what, "look there: adopt it where it is; else release it, and move it once it is placed"
        )
    leaving = Leaving(code=MOVED, message=f"An operator chose {name} in its place.", to=to, at=desk.now())
    what = f"is to go to {name}"
    if po.state is PurchaseOrderState.PLACED:
        commit(desk, file, Edit(what, {meant.sk: taking_back(po, leaving, office.config)}))
        return ASKED
    if po.state is PurchaseOrderState.REJECTED or never_sent(po):
        ended = po.leaves(leaving).nothing_ordered(MOVED, Reason(code=MOVED, message=leaving.message))
        record, extra = given_back(file, stored.model, {meant.sk: ended}, desk.now())
        commit(desk, file, Edit(what, {meant.sk: ended}, record=record, extra=extra, replan=True))
        return AT_ONCE
    step = po.resume_step or po.step
    open_again = po.handed_on(step, po.sends if step == po.step else 0, desk.now())
    commit(desk, file, Edit(what, {meant.sk: open_again.leaves(leaving)}))
    return TAKEN_BACK


def _forbidden(po: PurchaseOrder, file: OrderFile, show: str) -> None:
    """Raises Refused where it is over, has left, or a step of it may still succeed (promise P1)."""
    state, answers = po.state, po.answers
    if state is PurchaseOrderState.CANCELLED:
        raise Refused("ALREADY_ENDED", f"{po.reference} is over: {po.cancel_outcome}", show)
    if state is not PurchaseOrderState.PLACED:
        called = state is PurchaseOrderState.INTENT and po.sends > 0
        if po.is_unclear or called or (po.ordered and state is not PurchaseOrderState.REJECTED):
            what = f"a step of {po.reference} ({po.step}) may still succeed at its supplier"
            raise Refused("STEP_OPEN", what, "wait for its outcome; where it is parked: adopt or retry it first")
        return
    sent = any(held.model.reference == po.reference for held in file.shipments.values()) or answers.parcels
    if sent or answers.withdrawal is Withdrawal.TOO_LATE:
        raise Refused("TOO_LATE", f"{po.reference} has left", "agree with the supplier or the customer by hand")
    if po.cancel_requested or answers.withdrawal is not Withdrawal.NONE or (po.leaving and not po.leaving.stays):
        raise Refused("ALREADY_ASKED", f"the supplier of {po.reference} was asked already", show)
