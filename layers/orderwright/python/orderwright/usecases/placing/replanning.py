"""A purchase order that waited is held against the offers of now before it is sent; where they differ, it is planned again."""

from __future__ import annotations

from datetime import timedelta

from orderwright.domain.catalogue import Offer
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.source_gone import source_gone
from orderwright.records import offer_key
from orderwright.usecases.placing import gates, leaving
from orderwright.usecases.placing.job import Job, Replan

REPLANNED = "REPLANNED"
JUST_PLANNED = timedelta(seconds=5)
"""A plan that nobody has touched since, and that is no older, has just read the offers itself: they are not read again."""
MOST_FOR_COST = 3
"""A cost that always changes must not be planned each time: the bill is held against margin and limits before it is paid."""


def instead(job: Job, po: PurchaseOrder) -> Replan | None:
    """Planned again where what was planned is not what is offered now; None where it is, or where anything was sent."""
    if po.sends or (job.file.purchase_orders[job.sk].version == 1 and job.now - po.created_at < JUST_PLANNED):
        return None
    if po.sent_to and not job.supplier.can_look_up:
        # It may have been taken in although the operator saw nothing: the same reference stays the only protection.
        return None
    offers: dict[str, Offer | None] = {}
    for sku in dict.fromkeys(line.sku for line in po.lines):
        held = job.storage.get(offer_key(sku, po.supplier), Offer)
        gone = source_gone(held.model, job.config) if held else None
        if gone is not None:
            return Replan(po, gone.message)
        offers[sku] = held.model if held else None
    replans = sum(held.model.cancel_outcome == REPLANNED for held in job.file.purchase_orders.values())
    other = gates.offers_differ(po, offers, costs=replans < MOST_FOR_COST)
    return Replan(po, other) if other else leaving.short(job, po, offers)
