"""Before money is promised, and before an order is committed: what does it leave, and does it stand? (P6, P10, P13)"""

from __future__ import annotations

from orderwright.domain.order import OrderDetails, Reason, StoreOrder
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.reckoning import Reckoning
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.supplier import OrderStep
from orderwright.usecases.fulfilling.opening import really_unshipped
from orderwright.usecases.placing import gates, true_money
from orderwright.usecases.placing.job import Job, Park, Postpone, Withdraw
from orderwright.usecases.store_orders import read_order


def judged(job: Job, po: PurchaseOrder, step: OrderStep) -> Reckoning | Park | Postpone | Withdraw | None:
    """What it leaves, None where that is not known; or what is done instead, where margin, limits or the store forbid the step.

    Before the step that commits, the order is read again from the store: its money counts as it is now, refunds included.
    """
    sold, as_of = true_money.sold_as_held(job.record.connection, job.details), None
    if _must_read(step, job.details):
        fresh = _read_again(job, po)
        if not isinstance(fresh, StoreOrder):
            return fresh
        sold, as_of = true_money.sold_as_read(fresh, job.details), fresh.updated_at
    found = gates.money_gate(po, po.payable or po.expected_cost, job.record, sold, job.config, job.now.date())
    if found.reason is not None:
        return Park(po.reckoned(found.reckoning), found.reason, step.name, free_spend=True)
    return found.reckoning.seen_at(as_of) if found.reckoning else None


def _must_read(step: OrderStep, details: OrderDetails) -> bool:
    """Before it is committed; and where its figures were not clear when it came in, or an older version did not read them."""
    return step.commits or details.money is None or bool(details.money.unclear)


def _read_again(job: Job, po: PurchaseOrder) -> StoreOrder | Postpone | Withdraw:
    """The order as the store shows it now; or what to do where that forbids the step, or the store cannot be asked."""
    record = job.record
    try:
        fresh = read_order(job.store_for(record.connection), record.order_id, job.file)
    except NotFound:
        gone = Reason(code="CANCELLED_IN_STORE", message="The order does not exist in the store any more.")
        return Withdraw(po, gone)
    except (Retryable, OutcomeUnknown, Misconfigured, Rejected) as error:
        return Postpone(po, error, at_fault=record.connection)
    others = [held.model for sk, held in job.file.purchase_orders.items() if sk != job.sk]
    fresh = really_unshipped(fresh, job.file)
    changed = gates.changed_since(fresh, po, job.details, others, record)
    return fresh if changed is None else Withdraw(po, changed)
