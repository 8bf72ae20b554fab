"""Writing down how a purchase order stands: one commit each, the order's own state and the alarms riding along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.time_line import log_entry
from orderwright.errors import NotFound, VendorError
from orderwright.records import order_part_key, reference_ref
from orderwright.storage import (
    Change,
    Due,
    Fact,
    Put,
    Spend,
)
from orderwright.usecases.fulfilling.opening import opened
from orderwright.usecases.order_summary import order_put, summarise
from orderwright.usecases.placing import requests, true_money
from orderwright.usecases.reservations import give_back, without
from orderwright.usecases.stock.closing import first_visit

if TYPE_CHECKING:
    from orderwright.usecases.placing.placement import Placement

FUNCTION = "place_purchase_order"
PARKED = "parked"
MAX_LAGGING_LOOK_UPS = 5
QUICKER_THAN_A_PARCEL = timedelta(seconds=10)

ADDRESS_MISSING = Reason(
    code="ADDRESS_MISSING",
    field="address",
    message="There is no delivery address any more (it was erased or never given).",
    fix="Give an address, then retry.",
)
UNCLEAR_NO_LOOK_UP = Reason(
    code="OUTCOME_UNCLEAR",
    message="The supplier did not answer clearly, and has no look-up by our reference.",
    fix="Look into the supplier's own order list, then adopt it or retry.",
)
TWO_SENDS = Reason(
    code="OUTCOME_UNCLEAR",
    message="Two sends of the same step ended without a clear answer; a third could order twice.",
    fix="Look into the supplier's own order list, then adopt it or retry.",
)
LOOK_UP_LOST = Reason(
    code="LOOK_UP_LOST",
    message="The supplier's look-up does not show an order that it had accepted.",
    fix="Ask the supplier for the order by our reference, then retry.",
)
CANCELLED_BY_SUPPLIER = Reason(
    code="CANCELLED_BY_SUPPLIER",
    message="The supplier shows this purchase order as cancelled.",
    fix="Ask the supplier why; a retry places it anew under the next number.",
)


def another_order(what: str) -> Reason:
    """The supplier goes on answering with an order that is not ours."""
    return Reason(
        code="ANOTHER_ORDER",
        message=f"{what}. Nothing of it was taken for ours.",
        fix="Look for our reference in the supplier's own list, then retry or `orders adopt`.",
    )


def differs(what: str) -> Reason:
    """Under our reference, and not what was asked for."""
    return Reason(
        code="ORDER_DIFFERS",
        message=f"The supplier's order under our reference is not what was asked for: {what}.",
        fix="Have it corrected or deleted there, then retry; paid and right as it is: adopt it.",
    )


def unreadable(what: str) -> Reason:
    """A vendor's id was lost with an answer and cannot be read back."""
    return Reason(
        code="ID_LOST",
        message=what,
        fix="Find the id in the supplier's own console and pay there, then adopt it.",
    )


def reason_of(error: VendorError, fix: str) -> Reason:
    """A vendor's error as the operator's reason."""
    return Reason(code=error.code, message=error.message, fix=fix)


def taken_back(work: Placement, reason: Reason) -> Reason:
    """A refused order may still exist over there, unpaid (some keep what they stopped): take it back if possible."""
    try:
        work.supplier_for(work.po.supplier).withdraw(work.po.reference, work.po.vendor_ids)
    except VendorError as error:
        if isinstance(error, NotFound):
            return reason
        paid = work.po.paid
        left = f"{reason.message} It could not be taken back ({error.code}); it is un{paid} and never {paid}."
        return reason.model_copy(update={"message": left})
    return reason


def _po_put(
    work: Placement, po: PurchaseOrder, what: str, why: str, due: Due | None, facts: Sequence[Fact] = ()
) -> tuple[PurchaseOrder, Put]:
    entry = log_entry(work.clock.now(), FUNCTION, what, why, work.correlation)
    logged = po.model_copy(update={"log": (*po.log, entry)})
    key = order_part_key(work.pk, work.sk)
    return logged, Put(key, logged, work.version, facts=tuple(facts), due=due, ref=reference_ref(po.reference))


def save(
    work: Placement,
    po: PurchaseOrder,
    what: str,
    why: str,
    *,
    spends: list[Spend],
    due_at: datetime | None,
    hand_over: bool,
) -> PurchaseOrder:
    """The purchase order alone, woken again when it has settled."""
    at = due_at or po.settle_until or work.clock.now()
    facts = [Fact("purchase_order.due", pk=work.pk, sk=work.sk)] if hand_over else []
    logged, put = _po_put(work, po, what, why, Due(at, "purchase_order.due"), facts)
    work.storage.commit([put, *spends], correlation=work.correlation)
    return logged


def _with_order(
    work: Placement, po: PurchaseOrder, put: Put, extra: Sequence[Change], what: str, **updates: object
) -> None:
    """Commit the purchase order together with what it makes of the order."""
    assert work.file.record is not None
    stored = work.file.record
    lines = work.file.details.model.lines if work.file.details else ()
    orders = {sk: held.model for sk, held in work.file.purchase_orders.items()}
    orders[work.sk] = po
    shipments = [held.model for held in work.file.shipments.values()]
    record = summarise(stored.model.model_copy(update=updates), lines, orders.values(), shipments)
    order = order_put(work.pk, stored.model, record, stored.version, work.clock.now(), FUNCTION, what, work.correlation)
    work.storage.commit([put, order, *extra], correlation=work.correlation)


def placed(work: Placement, po: PurchaseOrder, what: str, extra: Sequence[Change] = ()) -> None:
    """PLACED: committed, and no step is left. The margin kept is recorded, the reservation closes later, tracking starts."""
    assert work.file.record is not None
    now = work.clock.now()
    cost = po.payable or po.expected_cost
    done = po.placed(now)
    if po.reserved_spend is not None and cost != po.reserved_spend:
        # The amount came with the answer to the step that commits: it is spent, and counts whatever the limit says.
        extra = [*extra, *requests.spend_changes(done, work.config, now)]
        done = done.reserved(cost, done.spend_day, done.reckoning)
    visit = first_visit(done, work.config, work.timing, now)
    done = done.visited_next(visit)
    record = work.file.record.model
    details = work.file.details.model if work.file.details else None
    reckoning = true_money.when_paid(done, record, details, work.config, now.date())
    done = done.reckoned(reckoning)
    margin = true_money.with_margin(record, reckoning)
    facts = [Fact("purchase_order.due", pk=work.pk, sk=work.sk)] if po.cancel_requested else []
    opened_at = work.po.lease_until - work.timing.windows.lease if work.po.lease_until else now
    if work.po.owner != work.owner or now - opened_at > QUICKER_THAN_A_PARCEL:
        # Found by look-up, or written down late: news of its parcels may have come while it was not PLACED yet.
        facts.append(Fact("tracking.due", pk=work.pk, sk=work.sk))
    logged, put = _po_put(work, done, what, f"cost {cost}", Due(visit, "tracking.due"), facts)
    accepted = opened(work.pk, record.connection, logged, work.config, now, FUNCTION, work.correlation)
    _with_order(work, logged, put, [*accepted, *extra], what, margin=margin)
    work.po = logged
    work.version += 1


def noted(work: Placement, po: PurchaseOrder, what: str, why: str, due_at: datetime | None) -> None:
    """A line in the log of a purchase order that was given up; woken again only for that."""
    due = Due(due_at, "purchase_order.due") if due_at else None
    work.po, put = _po_put(work, po, what, why, due)
    work.storage.commit([put], correlation=work.correlation)
    work.version += 1


def paid_after_all(work: Placement, po: PurchaseOrder, what: str) -> None:
    """PLACED, though our side had given it up: what is known to be ordered is never forgotten (promises P1, P6, P10).

    Spend that was given back is counted anew, whatever the limit says by now. Stock that was given back stays so: the supplier's
    next report shows the purchase. Where nobody wants it any more, its cancellation is asked for.
    """
    known = after_all(work, po.model_copy(update={"placed_at": None}))
    spends = requests.spend_changes(known, work.config, work.clock.now()) if po.reserved_spend is None else []
    cost, day = known.payable or known.expected_cost, known.spend_day or work.clock.now().date().isoformat()
    counted = known.model_copy(update={"reserved_spend": po.reserved_spend or cost, "spend_day": day})
    placed(work, counted, what, spends)


def after_all(work: Placement, po: PurchaseOrder) -> PurchaseOrder:
    """What our side had given up, and the supplier has taken."""
    assert work.file.record is not None
    given_up = po.state is PurchaseOrderState.CANCELLED
    return po.model_copy(
        update={
            "placed_at": po.placed_at or work.clock.now(),
            "reservation_closed": po.reservation_closed or given_up,
            "resume_step": "",
            "heard_at": None,
            "cancel_requested": po.cancel_requested or given_up or work.file.record.model.cancelled,
            "cancel_outcome": "",
        }
    )


def parked(
    work: Placement, po: PurchaseOrder, reason: Reason, *, resume: str, rejected: bool, free_spend: bool
) -> None:
    """In front of the operator, with an alarm. Nothing moves until they say so."""
    extra = requests.free_spend(po) if free_spend else []
    done = po.parked(reason, resume=resume, rejected=rejected, free_spend=free_spend)
    what = "refused by the supplier" if rejected else PARKED
    logged, put = _po_put(work, done, what, f"{reason.code}: {reason.message}", None)
    _with_order(work, logged, put, extra, f"{what}: {reason.code}")


def withdrawn(work: Placement, po: PurchaseOrder, reason: Reason, *, gone: bool) -> None:
    """Nothing was ordered: spend and stock are given back. What the vendor keeps unpaid is never paid."""
    done = po.nothing_ordered("NOTHING_ORDERED", reason)
    assert work.file.record is not None
    record = work.file.record.model
    names = [line.reservation for line in po.lines if line.reservation in record.reserved]
    held = {name: record.reserved[name] for name in names}
    later, back = give_back(work.pk, record, held, work.clock.now())
    updates = {"reserved": without(record.reserved, names), **later}
    what = "withdrawn: nothing ordered" if po.on_account else "withdrawn before payment: nothing ordered"
    why = reason.message if gone else f"{reason.message} The supplier keeps it un{po.paid}; it is never {po.paid}."
    again = [Fact("order.changed", connection=record.connection, resource=record.order_id, pk=work.pk)]
    logged, put = _po_put(work, done, what, why, None, again)
    _with_order(work, logged, put, [*requests.free_spend(po), *back], "withdrawn", **updates)


def replanned(work: Placement, po: PurchaseOrder, ended_as: str, why: str) -> None:
    """Nothing was sent, and nothing will be: the order is planned anew. What it has reserved stays its own for that."""
    assert work.file.record is not None
    done = po.nothing_ordered(ended_as)
    record = work.file.record.model
    again = [Fact("order.changed", connection=record.connection, resource=record.order_id, pk=work.pk)]
    logged, put = _po_put(work, done, "nothing was sent: the order is planned anew", why, None, again)
    _with_order(work, logged, put, requests.free_spend(po), "planned anew, since an offer changed")


def cancellation(work: Placement, answer: str) -> None:
    """Ordered, and cancellation requested; or ordered, too late, and told so."""
    done = work.po.model_copy(update={"cancel_outcome": answer})
    due = Due(work.po.tracking_due, "tracking.due") if work.po.tracking_due else None
    logged, put = _po_put(work, done, f"cancellation after placement: {answer}", "", due)
    _with_order(work, logged, put, [], "cancelled after placement")
