"""A supplier by e-mail stood up: the people who read its mailbox, and what they take for an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from local.sandbox.goods import GOODS
from local.sandbox.wire import Faults
from orderwright.connectors.context import Context
from orderwright.errors import OutcomeUnknown, Rejected, Retryable
from orderwright.ports.people import Email
from tests.support.stand import SupplierStand

PAGE = "https://api.example.com/purchase-orders"


class Desk:
    """People at a supplier: each order in writing is one more order for them, except a copy. `refusing`: nothing is taken."""

    def __init__(self, faults: Faults) -> None:
        self.faults, self.refusing = faults, False
        self.orders: list[str] = []
        self.copies: list[str] = []

    def take(self, reference: str, name: str) -> str:
        """Something in writing arrives, or does not, as the faults say."""
        how = self.faults.always
        if self.refusing:
            raise Rejected("it was refused", code="MessageRejected")
        if how in ("unreachable", "rate_limited"):
            raise Retryable("no way there", code="NO_CONNECTION")
        if how != "timeout":
            (self.orders if name.partition(".")[0] == reference else self.copies).append(reference)
        if how != "ok":
            raise OutcomeUnknown("no answer", code="OUTCOME_UNKNOWN")
        return f"handed-over-{len(self.orders) + len(self.copies)}"


class DeskStand(SupplierStand):
    """The kinds whose people take the orders."""

    secrets = {"link_secret": "s3cret-of-links"}
    signs_in = False
    reference = "OW2K7QX4M1"
    sku = GOODS[0].sku

    def __init__(self) -> None:
        super().__init__()
        self.desk = self.vendor = Desk(self.faults)

    def knows(self, how: str) -> bool:
        return how in ("accept_then_timeout", "timeout", "rate_limited", "unreachable")

    @contextmanager
    def behaving(self, how: str) -> Iterator[None]:
        self.faults.always = how
        try:
            yield
        finally:
            self.faults.always = "ok"

    def made(self) -> Sequence[str]:
        return self.desk.orders

    def ordered(self) -> Sequence[str]:
        return self.desk.orders

    def refuse(self) -> None:
        self.desk.refusing = True


class STAND(DeskStand):
    """A mailbox."""

    kind = "email"
    lines = {"orders_to": "orders@factory.example"}

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Email] = []

    def context(self, secrets: Any) -> Context[Any]:
        return replace(super().context(secrets), mail=lambda: self, page=lambda: PAGE, shop=lambda: "Trail Lights")

    def send_email(self, email: Email) -> str:
        assert email.to == self.lines["orders_to"]
        self.mails.append(email)
        return self.desk.take(email.reference, email.attachments[0].name if email.attachments else "")
