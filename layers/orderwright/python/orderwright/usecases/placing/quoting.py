"""The parcel's own freight, asked once before anything is sent, so that margin and limits are held against it.

It is a read: a worker that dies after it has lost nothing but the call.
"""

from __future__ import annotations

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.errors import NotFound, Rejected, Retryable, VendorError
from orderwright.ports.freight import FreightRequest
from orderwright.ports.supplier import OrderStep
from orderwright.records import sku_key
from orderwright.usecases.intake.plan import customs_of
from orderwright.usecases.placing import outcome
from orderwright.usecases.placing.job import Job, Postpone, Reject


def with_quote(job: Job, po: PurchaseOrder, step: OrderStep, *, resend: bool) -> PurchaseOrder:
    """The purchase order with method and freight of the supplier's quote, before the first step's first send; else as it is.

    Where the day's calls are used up, or a line has no id to ask with, it goes by the connection's own method and the freight
    that was planned. Raises VendorError.
    """
    if resend or po.sends or po.shipping_method or step.name != job.supplier.steps[0].name:
        return po
    lines = tuple((line.supplier_ref, line.quantity) for line in po.lines)
    freight = job.freight_for(po.supplier)
    if freight is None or not all(ref for ref, _ in lines):
        return po
    destination = job.details.destination
    assert destination is not None
    try:
        quote = freight.quote_freight(FreightRequest(destination.country_code.strip().upper(), lines))
    except Retryable as error:
        if error.code != "POINTS_USED_UP":
            raise
        return po.unquoted()
    return po.quoted(quote.method, quote.price.rounded, quote.carries_duty)


def with_customs(job: Job, po: PurchaseOrder) -> PurchaseOrder:
    """With what customs ask of the goods, as it is known now: it may have been imported since the order was planned or parked.

    Read only where money rules exist and something is missing or was parked, so that an ordinary order costs no call for it.
    """
    complete = all(line.hs6 and line.origin and line.mpn for line in po.lines)
    was_parked = any(entry.what == outcome.PARKED for entry in po.log)
    if not job.config.rules.destinations or po.sends or (complete and not was_parked):
        return po
    skus = {line.sku: sku_key(line.sku) for line in po.lines}
    records = {sku: job.storage.get(key, SkuRecord) for sku, key in skus.items()}
    return po.with_customs({sku: customs_of(held.model) for sku, held in records.items() if held})


def failed(po: PurchaseOrder, error: VendorError) -> Reject | Postpone:
    """What is done without a quote: as when the step itself is refused or cannot be tried now."""
    if isinstance(error, Rejected | NotFound):
        # Nothing was sent, so there is nothing to take back.
        return Reject(po, outcome.reason_of(error, "Do first what the message asks for, then retry."))
    return Postpone(po, error)
