"""The operator found the purchase order in the supplier's own list: it is ordered and paid, and is followed from here."""

from __future__ import annotations

from orderwright.domain.config import Config
from orderwright.domain.fx import RateUnknown
from orderwright.domain.margin import purchase_margin
from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.timing import Timing
from orderwright.storage import Spend
from orderwright.usecases.fulfilling.opening import opened
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.writing import Edit, commit, load
from orderwright.usecases.placing.gates import revenue_of
from orderwright.usecases.stock.closing import first_visit

_OPEN = (PurchaseOrderState.PARKED, PurchaseOrderState.REJECTED)


def adopt_purchase_order(
    desk: Desk, pk: str, supplier_order: str, config: Config, timing: Timing, *, reference: str = ""
) -> OrderRecord:
    """Record a parked or refused purchase order as PLACED under the supplier's own id.

    `reference` says which one, where several wait. Raises Refused.
    """
    if not supplier_order.strip():
        raise Refused("ID_MISSING", "the supplier's order id is empty", "give it with --supplier-order")
    return decided(lambda: _adopt(desk, pk, supplier_order.strip(), config, timing, reference))


def _adopt(desk: Desk, pk: str, supplier_order: str, config: Config, timing: Timing, reference: str) -> OrderRecord:
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
            "one that is still being placed is looked up by itself; see `orderwright orders show`",
        )
    if len(waiting) > 1:
        names = ", ".join(po.reference for po in waiting.values())
        raise Refused("AMBIGUOUS", f"several purchase orders wait: {names}", "say which one with --reference")
    ((sk, po),) = waiting.items()
    now, cost = desk.now(), po.payable or po.expected_cost
    done = po.model_copy(
        update={
            "state": PurchaseOrderState.PLACED,
            "vendor_ids": {**po.vendor_ids, "order_id": supplier_order},
            "owner": "",
            "lease_until": None,
            "settle_until": None,
            "reasons": (),
            "resume_step": "",
            "placed_at": now,
            "cancel_requested": po.cancel_requested or record.cancelled,
            "reserved_spend": cost,
            "spend_day": po.spend_day if po.reserved_spend is not None else now.date().isoformat(),
        }
    )
    done = done.model_copy(update={"tracking_due": first_visit(done, config, timing, now)})
    # The money is gone already: it counts against its day, and no limit can refuse what has happened.
    missing = cost if po.reserved_spend is None else cost - po.reserved_spend
    spends = [Spend(po.supplier, done.spend_day, missing, None, check_kill=False)] if missing.minor else []
    accepted = opened(pk, record.connection, done, config, now, desk.who, desk.correlation)
    edit = Edit(
        f"adopted: it is order {supplier_order} at {po.supplier}",
        {sk: done},
        updates={"margin": _margin(po, record, config, desk)},
        extra=[*spends, *accepted],
    )
    return commit(desk, file, edit)


def _margin(po: PurchaseOrder, record: OrderRecord, config: Config, desk: Desk) -> object:
    try:
        kept = purchase_margin(revenue_of(po), po.payable or po.expected_cost, config.rules, desk.now().date())
    except RateUnknown:
        return record.margin
    return kept if record.margin is None else record.margin + kept
