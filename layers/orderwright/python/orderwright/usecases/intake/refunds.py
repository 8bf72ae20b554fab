"""Refunds are written down with the day on which the store showed them: bookkeeping asks for it (R48). Pure."""

from __future__ import annotations

from orderwright.domain.money import Money
from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.records import OrderFile


def with_refund(record: OrderRecord, file: OrderFile, details: OrderDetails) -> OrderRecord:
    """`record` and `details` are as the store shows the order now, `file` is what we held before."""
    before = file.record.model if file.record else None
    if before is not None and before.refunded.currency != record.refunded.currency:
        return record
    amount = record.refunded - before.refunded if before is not None else record.refunded
    if amount.minor <= 0:
        return record
    return record.refund_seen(amount, _tax_back(amount, file, details))


def _tax_back(amount: Money, file: OrderFile, details: OrderDetails) -> Money | None:
    """What of a refund did not come off the net figures is tax; None where these are not known or say something else."""
    held, now = file.details.model.money if file.details else None, details.money
    if now is None or (file.record is not None and held is None):
        return None
    before = held.net if held is not None else now.charged - now.charged_tax
    if not before.currency == now.currency == amount.currency:
        return None
    tax = amount - (before - now.net)
    return tax if 0 <= tax.minor <= amount.minor else None
