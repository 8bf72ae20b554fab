"""Before money is promised, and before an order is committed: what does it leave, and does it stand? (P6, P10, P13)"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from orderwright.domain.order import OrderDetails, Reason, StoreOrder
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.supplier import OrderStep
from orderwright.usecases.fulfilling.opening import really_unshipped
from orderwright.usecases.placing import cancelling, gates, true_money

if TYPE_CHECKING:
    from orderwright.usecases.placing.placement import Placement

Instead = Callable[[], bool]
"""What is done instead of the step."""


def forbidden(work: Placement, po: PurchaseOrder, step: OrderStep) -> Instead | None:
    """What margin, limits or the store say against this step; None where nothing does. Sets `work.reckoning`.

    Before the step that commits, the order is read again from the store: its money counts as it is now, refunds included.
    """
    assert work.file.record is not None
    assert work.file.details is not None
    record, details = work.file.record.model, work.file.details.model
    sold, as_of = true_money.sold_as_held(record.connection, details), None
    if _must_read(step, details):
        fresh = _read_again(work, po)
        if not isinstance(fresh, StoreOrder):
            return fresh
        sold, as_of = true_money.sold_as_read(fresh, details), fresh.updated_at
    judged = gates.money_gate(po, po.payable or po.expected_cost, record, sold, work.config, work.clock.now().date())
    work.reckoning = judged.reckoning.model_copy(update={"as_of": as_of}) if judged.reckoning else None
    if judged.reason is None:
        return None
    parked, reason = po.model_copy(update={"reckoning": judged.reckoning}), judged.reason
    return lambda: work._park(parked, reason, resume=step.name, free_spend=True)


def _must_read(step: OrderStep, details: OrderDetails) -> bool:
    """Before it is committed; and where its figures were not clear when it came in, or an older version did not read them."""
    return step.commits or details.money is None or bool(details.money.unclear)


def _read_again(work: Placement, po: PurchaseOrder) -> StoreOrder | Instead:
    """The order as the store shows it now; or what to do where that forbids the step, or the store cannot be asked."""
    assert work.file.record is not None
    assert work.file.details is not None
    record = work.file.record.model
    try:
        fresh = work.store_for(record.connection).fetch_order(record.order_id)
    except NotFound:
        gone = Reason(code="CANCELLED_IN_STORE", message="The order does not exist in the store any more.")
        return lambda: cancelling.withdraw(work, po, gone)
    except (Retryable, OutcomeUnknown, Misconfigured, Rejected) as error:
        problem = error
        return lambda: work._postpone(po, problem, sent=False, at_fault=record.connection)
    others = [held.model for sk, held in work.file.purchase_orders.items() if sk != work.sk]
    fresh = really_unshipped(fresh, work.file)
    changed = gates.changed_since(fresh, po, work.file.details.model, others, record)
    return fresh if changed is None else (lambda: cancelling.withdraw(work, po, changed))
