"""The operator found the purchase order in the supplier's own list: it is ordered and paid, and is followed from here."""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.config import Config
from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.timing import Timing
from orderwright.errors import VendorError
from orderwright.ports.supplier import ORDER_ID, SupplierOrders
from orderwright.records import OrderFile
from orderwright.storage import Spend
from orderwright.usecases.fulfilling.opening import opened
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.people.fixes import command
from orderwright.usecases.placing import contents, outcome, requests, true_money

_OPEN = (PurchaseOrderState.PARKED, PurchaseOrderState.REJECTED)
_UNCHECKED = "look at it in the supplier's own list; --unchecked takes it as it is, on your word"


def adopt_purchase_order(
    desk: Desk,
    pk: str,
    supplier_order: str,
    config: Config,
    timing: Timing,
    *,
    reference: str = "",
    supplier_for: Callable[[str], SupplierOrders] | None = None,
) -> OrderRecord:
    """Record a parked or refused purchase order as PLACED under the supplier's own id.

    `reference` says which one, where several wait. With `supplier_for`, what the supplier shows under that id must be what was
    asked for; without it the operator's word counts. Raises Refused.
    """
    if not supplier_order.strip():
        raise Refused("ID_MISSING", "the supplier's order id is empty", "give it with --supplier-order")
    return decided(lambda: _adopt(desk, pk, supplier_order.strip(), config, timing, reference, supplier_for))


def _adopt(
    desk: Desk,
    pk: str,
    supplier_order: str,
    config: Config,
    timing: Timing,
    reference: str,
    supplier_for: Callable[[str], SupplierOrders] | None,
) -> OrderRecord:
    file, stored = load(desk, pk)
    record = stored.model
    waiting = {
        sk: held.model
        for sk, held in file.purchase_orders.items()
        if held.model.state in _OPEN and reference in ("", held.model.reference)
    }
    if not waiting:
        raise Refused(
            "NOTHING_TO_ADOPT",
            f"no purchase order of {record.name} is parked or refused"
            + (f" under the reference {reference}" if reference else ""),
            f"one that is still being placed is looked up automatically; {command('orders', 'show', record.name)}",
        )
    if len(waiting) > 1:
        names = ", ".join(po.reference for po in waiting.values())
        raise Refused("AMBIGUOUS", f"several purchase orders wait: {names}", "say which one with --reference")
    ((sk, po),) = waiting.items()
    if supplier_for is not None:
        _held_against(file, po, supplier_order, supplier_for)
    now, cost = desk.now(), po.payable or po.expected_cost
    # Soon: news of its parcels may have come while it waited here.
    done = po.adopted({ORDER_ID: supplier_order}, now, cancelled=record.cancelled).visited_next(
        now + timing.retry_first
    )
    details = file.details.model if file.details else None
    reckoning = true_money.when_paid(done, record, details, config, now.date())
    done = done.reckoned(reckoning)
    # The money is gone already: it counts against its day, and no limit can refuse what has happened.
    missing = cost if po.reserved_spend is None else cost - po.reserved_spend
    spends = [Spend(po.supplier, done.spend_day, missing, None, check_kill=False)] if missing.minor else []
    accepted = opened(file, record.connection, done, config, now, desk.who, desk.correlation)
    edit = Edit(
        f"adopted: it is order {supplier_order} at {po.supplier}",
        {sk: done},
        record=record.margin_changed(reckoning.margin if reckoning else None),
        extra=[*spends, *accepted],
    )
    return commit(desk, file, edit)


def _held_against(
    file: OrderFile, po: PurchaseOrder, supplier_order: str, supplier_for: Callable[[str], SupplierOrders]
) -> None:
    """The supplier's order of this id, against what was asked for (promise P15). Raises Refused."""
    try:
        supplier = supplier_for(po.supplier)
        if not supplier.can_look_up:
            return
        view = supplier.look_up(po.reference, {**po.vendor_ids, ORDER_ID: supplier_order})
    except VendorError as error:
        raise Refused(error.code, error.message, _UNCHECKED) from None
    if not view.found:
        raise Refused("NOT_SHOWN", f"{po.supplier} does not show an order {supplier_order}", _UNCHECKED)
    other = contents.difference(view, po, requests.sent_destination(po, file))
    if other:
        reason = outcome.differs(other)
        raise Refused(reason.code, reason.message, _UNCHECKED)
