"""The parcel's own freight, asked once before anything is sent, so that margin and limits are held against it.

It is a read: a worker that dies after it has lost nothing but the call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.errors import NotFound, Rejected, Retryable, VendorError
from orderwright.ports.freight import FreightRequest
from orderwright.ports.supplier import OrderStep
from orderwright.records import sku_key
from orderwright.usecases.intake.plan import customs_of
from orderwright.usecases.placing import outcome

if TYPE_CHECKING:
    from orderwright.usecases.placing.placement import Placement


def with_quote(work: Placement, po: PurchaseOrder, step: OrderStep, *, resend: bool) -> PurchaseOrder:
    """The purchase order with method and freight of the supplier's quote, before the first step's first send; else as it is.

    Where the day's calls are used up, or a line has no id to ask with, it goes by the connection's own method and the freight
    that was planned. Raises VendorError.
    """
    supplier = work.supplier_for(po.supplier)
    if resend or po.sends or po.shipping_method or step.name != supplier.steps[0].name:
        return po
    lines = tuple((line.supplier_ref, line.quantity) for line in po.lines)
    freight = work.freight_for(po.supplier)
    if freight is None or not all(ref for ref, _ in lines):
        return po
    assert work.file.details is not None
    destination = work.file.details.model.destination
    assert destination is not None
    try:
        quote = freight.quote_freight(FreightRequest(destination.country_code.strip().upper(), lines))
    except Retryable as error:
        if error.code != "POINTS_USED_UP":
            raise
        return po.model_copy(update={"quoted_freight": None})
    quoted = {
        "shipping_method": quote.method,
        "quoted_freight": quote.price.rounded,
        "duty_in_freight": quote.carries_duty,
    }
    return po.model_copy(update=quoted)


def with_customs(work: Placement, po: PurchaseOrder) -> PurchaseOrder:
    """With what customs ask of the goods, as it is known now: it may have been imported since the order was planned or parked.

    Read only where money rules exist and something is missing or was parked, so that an ordinary order costs no call for it.
    """
    complete = all(line.hs6 and line.origin and line.mpn for line in po.lines)
    was_parked = any(entry.what == outcome.PARKED for entry in po.log)
    if not work.config.rules.destinations or po.sends or (complete and not was_parked):
        return po
    lines = []
    for line in po.lines:
        held = work.storage.get(sku_key(line.sku), SkuRecord)
        known = customs_of(held.model) if held else {}
        lines.append(line.model_copy(update=known))
    return po.model_copy(update={"lines": tuple(lines)})


def failed(work: Placement, po: PurchaseOrder, error: VendorError) -> bool:
    """What is done without a quote: as when the step itself is refused or cannot be tried now. Gives False: nothing more here."""
    if isinstance(error, Rejected | NotFound):
        # Nothing was sent, so there is nothing to take back.
        return work._rejected(po, outcome.reason_of(error, "Do first what the message asks for, then retry."))
    return work._postpone(po, error, sent=False)
