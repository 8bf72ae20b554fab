"""An order that the store does not know any more counts as cancelled: nothing more is bought for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderwright.domain.order import StoreOrder
from orderwright.records import OrderFile

SHOWN_FOR = timedelta(days=59)
"""A store may show an app the orders of its last 60 days only, so an older one that is not found need not be deleted."""


def deleted_order(file: OrderFile, now: datetime) -> StoreOrder | None:
    """The order as we knew it, cancelled; None when we never knew it, or when it is too old for the store to show it."""
    if file.record is None or now - file.record.model.created_at > SHOWN_FOR:
        return None
    record = file.record.model
    details = file.details.model if file.details else None
    return StoreOrder(
        connection=record.connection,
        order_id=record.order_id,
        name=record.name,
        created_at=record.created_at,
        updated_at=record.store_updated_at,
        cancelled_at=record.store_updated_at,
        test=record.test,
        payment=record.payment,
        total=record.total,
        refunded=record.refunded,
        lines=details.lines if details else (),
        address=details.address if details else None,
        email=details.email if details else "",
        phone=details.phone if details else "",
        sms_consent=details.sms_consent if details else False,
        locale=details.locale if details else "",
        customer_id=details.customer_id if details else "",
    )
