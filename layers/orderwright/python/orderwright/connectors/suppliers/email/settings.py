"""What orderwright.yaml says of a supplier that takes orders by e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from orderwright.connectors.suppliers.desk import DeskSettings
from orderwright.declarations import First, Question
from orderwright.domain.connection_settings import ConfigFault
from orderwright.domain.mail_address import mailed_as


class EmailSupplierSettings(DeskSettings):
    """Orders by e-mail."""

    kind: Literal["email"]
    orders_to: str = Field(description="the mailbox that takes the orders")
    attach: tuple[Literal["csv", "pdf"], ...] = Field(
        default=("csv", "pdf"), description="the order is attached so, beside the text of the mail"
    )

    def faults(self) -> Iterator[ConfigFault]:
        """See SupplierSettings."""
        yield from super().faults()
        if mailed_as(self.orders_to.strip()) is None:
            yield ConfigFault(
                ("orders_to",), "is no mail address", "write one bare address, such as orders@factory.example"
            )


FIRST = First(
    "  factory:\n    kind: email\n    orders_to: {orders_to}\n    language: en   # of the mails: en, de or zh-Hans\n",
    (Question("orders_to", "The supplier's mailbox for orders", "orders@factory.example"),),
)
