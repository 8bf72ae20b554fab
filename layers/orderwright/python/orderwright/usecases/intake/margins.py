"""A refund after the supplier was paid makes the margin smaller: what was written is reckoned again (promise P13). Pure."""

from __future__ import annotations

from dataclasses import replace

from orderwright.domain.fx import RateUnknown
from orderwright.domain.not_known import NotKnown
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.records import OrderFile
from orderwright.usecases.intake.needs import units_covered
from orderwright.usecases.intake.work import Setting, Work
from orderwright.usecases.placing import true_money


def reckoned_again(work: Work, file: OrderFile, setting: Setting) -> Work:
    """Paid purchase orders and the order's margin with the store's figures of now; as they were, where these are not clear.

    The day of the first reckoning stays: neither a rule nor an exchange rate of later changes what was bought then.
    """
    before = file.details.model.money if file.details else None
    if before is None or work.details.money is None or before == work.details.money:
        return work
    orders, margin = dict(work.orders), work.record.margin
    paid = [po for po in work.orders.values() if po.state is PurchaseOrderState.PLACED]
    for sk, po in work.orders.items():
        if po.state is not PurchaseOrderState.PLACED or po.reckoning is None or margin is None:
            continue
        try:
            sold = true_money.sold_as_held(work.record.connection, work.details)
            now = true_money.reckoning_of(po, sold, setting.config, po.reckoning.day, units_covered(paid))
        except (NotKnown, RateUnknown) as unknown:
            orders[sk] = po.model_copy(
                update={"reckoning": po.reckoning.model_copy(update={"stale": unknown.reason.code})}
            )
            continue
        if now.margin != po.reckoning.margin:
            margin = margin - po.reckoning.margin + now.margin
            orders[sk] = po.model_copy(update={"reckoning": now})
    touched = frozenset(sk for sk, po in orders.items() if po != work.orders[sk])
    record = work.record.model_copy(update={"margin": margin})
    return replace(work, record=record, orders=orders, touched=work.touched | touched)
