"""Orders by mail: placed when the mail is handed over. There is nothing that could be asked afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from orderwright.connectors.context import Context
from orderwright.connectors.http import exchange
from orderwright.domain.order import Address, Reason
from orderwright.errors import Misconfigured, Retryable
from orderwright.ports.people import Email
from orderwright.ports.supplier import (
    OrderStep,
    PlacementView,
    PurchaseLine,
    PurchaseRequest,
    StepDone,
    SupplierOrderView,
)
from tests.scripted.suppliers.mail.link import link
from tests.scripted.suppliers.mail.settings import ScriptedMailSettings
from tests.scripted.suppliers.steps.connector import parcels_of


class MailSupplier:
    """All ports of the kind "scripted-mail"."""

    steps: tuple[OrderStep, ...] = (OrderStep("mail", commits=True),)
    can_look_up = False

    def __init__(self, context: Context[ScriptedMailSettings]) -> None:
        self._context = context

    def account(self) -> str:
        """Whoever reads the mails."""
        return self._context.settings.orders_to

    def probe(self) -> str:
        """Nothing can be tried without sending a mail."""
        return f"orders go to {self._context.settings.orders_to}"

    def lacks(self, destination: Address, lines: Sequence[PurchaseLine]) -> Sequence[Reason]:
        """It takes everything."""
        return ()

    def run_step(self, step: str, request: PurchaseRequest) -> StepDone:
        """Hand over the mail, once."""
        context, to = self._context, request.destination
        if context.mail is None:
            raise Misconfigured("this kind must declare that it sends mails", code="NO_MAIL")
        lines = "\n".join(f"{line.quantity} x {line.supplier_sku}" for line in request.lines)
        answer = link(context.settings.answers_at, request.reference, context.credentials.secret("link_secret"))
        text = f"Order {request.reference}\n{lines}\nTo {to.postcode} {to.city}, {to.country_code}\nConfirm: {answer}\n"
        mail = Email(context.settings.orders_to, f"Order {request.reference}", text, "", request.reference)
        return StepDone({"mail": context.mail().send_email(mail)})

    def look_up(self, reference: str, vendor_ids: dict[str, str]) -> PlacementView:
        """There is no look-up."""
        raise RuntimeError("a supplier without a look-up was asked for one")

    def withdraw(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """A mail that was handed over does not come back."""
        return False

    def request_cancellation(self, reference: str, vendor_ids: dict[str, str]) -> bool:
        """A person writes to the supplier."""
        return False

    def read_parcels(self, reference: str, vendor_ids: dict[str, str]) -> SupplierOrderView:
        """What the supplier's desk has entered."""
        context = self._context
        url, seconds = f"{context.settings.desk}/orders/{reference}/parcels", context.timeout.total_seconds()
        answer = exchange(
            context.http, f"Desk of {context.id}", "parcels", "GET", url, headers={}, timeout=seconds, has_effect=False
        )
        try:
            return parcels_of(answer.json())
        except ValueError:
            raise Retryable(f"Desk of {context.id} parcels: the answer cannot be read", code="UNREADABLE") from None


def build(context: Context[ScriptedMailSettings]) -> MailSupplier:
    """The connector of one connection."""
    return MailSupplier(context)
