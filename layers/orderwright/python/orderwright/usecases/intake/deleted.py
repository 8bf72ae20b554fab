"""An order that the store does not know any more counts as cancelled: nothing more is bought for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderwright.domain.order import OrderDetails, StoreOrder
from orderwright.records import OrderFile

SHOWN_FOR = timedelta(days=59)
"""A store may show an app the orders of its last 60 days only, so an older one that is not found need not be deleted."""


def deleted_order(file: OrderFile, now: datetime) -> StoreOrder | None:
    """The order as we knew it, cancelled; None when we never knew it, or when it is too old for the store to show it."""
    if file.record is None or now - file.record.model.created_at > SHOWN_FOR:
        return None
    record, details = file.record.model, file.details.model if file.details else OrderDetails(lines=())
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
        lines=details.lines,
        address=details.address,
        email=details.email,
        phone=details.phone,
        sms_consent=details.sms_consent,
        locale=details.locale,
        customer_id=details.customer_id,
        buyer_note=details.buyer_note,
    )
