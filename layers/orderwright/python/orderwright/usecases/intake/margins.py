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
    orders, record = dict(work.orders), work.record
    paid = [po for po in work.orders.values() if po.state is PurchaseOrderState.PLACED]
    for sk, po in work.orders.items():
        if po.state is not PurchaseOrderState.PLACED or po.reckoning is None or record.margin is None:
            continue
        try:
            sold = true_money.sold_as_held(work.record.connection, work.details)
            now = true_money.reckoning_of(po, sold, setting.config, po.reckoning.day, units_covered(paid))
        except (NotKnown, RateUnknown) as unknown:
            orders[sk] = po.reckoned(po.reckoning.outdated(unknown.reason.code))
            continue
        if now.margin != po.reckoning.margin:
            record = record.margin_changed(now.margin - po.reckoning.margin)
            orders[sk] = po.reckoned(now)
    return replace(work.with_orders(orders), record=record)
