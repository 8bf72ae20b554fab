"""What was agreed with a supplier, and what people know of it beside what is measured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar

from pydantic import Field

from orderwright.domain.base import Model
from orderwright.domain.config_values import Destination


class SupplierTerms(Model):
    """Agreed deadlines. The scorecard lists who broke them; `penalty` is what the agreement says then, for people."""

    confirm_within_hours: int | None = Field(
        default=None, ge=1, le=720, description="the same as the supplier's own confirm_within_hours: write it once"
    )
    ship_within_hours: int | None = Field(default=None, ge=1, le=2160)
    deliver_within_days: dict[Destination, int] = Field(
        default_factory=dict, description="by country, from the purchase order"
    )
    invoice_days: int | None = Field(
        default=None, ge=0, le=365, description="on account: an invoice is to be paid so many days after the order"
    )
    penalty: str = ""
    agreed_on: date | None = None


class Certificate(Model):
    """A paper of a supplier or of its goods: ISO 9001, an IP test report."""

    name: str = Field(min_length=1)
    valid_until: date | None = None
    seen_by: str = Field(default="", description="who has seen it")


class SupplierFacts(Model):
    """What people know of a supplier. It is shown with the scorecard, and counts in no sum."""

    WARNED: ClassVar[timedelta] = timedelta(days=30)
    """How long before its end a certificate is warned of."""

    certificates: tuple[Certificate, ...] = ()
    warranty_months: int | None = Field(default=None, ge=0, le=600)
    languages: tuple[str, ...] = ()
    orders_per_day: int | None = Field(default=None, ge=1, description="how many it can take")
    expedited: str = Field(default="", description="a faster service, and what it costs")
    note: str = ""

    def warnings(self, today: date) -> Iterator[str]:
        """In words: each certificate that has ended, or ends within 30 days."""
        for one in self.certificates:
            if one.valid_until is not None and one.valid_until - today <= self.WARNED:
                yield f"{one.name} {'ended' if one.valid_until < today else 'ends'} on {one.valid_until}"
