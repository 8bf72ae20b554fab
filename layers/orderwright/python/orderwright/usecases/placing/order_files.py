"""Files of an order in the stack's own bucket hold an address: they end by a due time of the purchase order (promise P8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.errors import VendorError
from orderwright.usecases.placing.job import Job, Note

MOST_KEPT = timedelta(days=120)
"""Where no delivery is ever told. It is as long as links to the page are good."""
_AGAIN = timedelta(days=1)


def first_end(job: Job, po: PurchaseOrder) -> datetime | None:
    """When the files of an order that is handed over now end at the latest; None where there are none."""
    settings = job.config.suppliers.get(po.supplier)
    return job.now + MOST_KEPT if settings is not None and settings.keeps_order_files else None


def are_over(job: Job) -> bool:
    """Has their time come?"""
    until = job.po.files_until
    return until is not None and until <= job.now


def deleted(job: Job) -> Note:
    """They are deleted, letters too. What cannot be deleted now is tried again on the next day."""
    po = job.po
    try:
        desk = job.desk_for(po.supplier)
        if desk is not None:
            desk.end_files(po.reference)
    except VendorError as error:
        return Note(po.files_kept(job.now + _AGAIN), "its files could not be deleted yet", error.message)
    return Note(po.files_kept(None), "its files were deleted", "")
