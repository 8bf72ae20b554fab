"""Orders by e-mail: placed when the mail is handed over to SES. Nothing can be asked afterwards, so an unclear one parks."""

from __future__ import annotations

from orderwright.connectors.context import Context
from orderwright.connectors.suppliers.desk import SORTS, DeskOrders
from orderwright.connectors.suppliers.email.settings import EmailSupplierSettings
from orderwright.domain.mail_address import mailed_as
from orderwright.domain.supplier_answers import LetterKind
from orderwright.errors import Misconfigured
from orderwright.papers.letter import order_mail
from orderwright.papers.purchase_order import Sort
from orderwright.ports.supplier import OrderStep, PurchaseRequest, StepDone


class EmailSupplier(DeskOrders[EmailSupplierSettings]):
    """All ports of the kind."""

    steps: tuple[OrderStep, ...] = (OrderStep("mail", commits=True),)

    def account(self) -> str:
        """The mailbox: two connections that mail to the same one are the same supplier."""
        return f"email:{self._to.lower()}"

    def probe(self) -> str:
        """No mail is sent. Raises Misconfigured where the mailbox cannot be written to."""
        settings = self.context.settings
        files = f" with {' and '.join(one.upper() for one in settings.attach)}" if settings.attach else ""
        return (
            f"orders go to {self._to} by e-mail in {settings.language}{files}, to be confirmed within "
            f"{settings.confirm_within_hours} hours; no mail was sent"
        )

    def run_step(self, step: str, request: PurchaseRequest) -> StepDone:
        """Hand the mail over, once. Where it may have come before (promise P1), it says that it is a copy."""
        return StepDone({"mail": self._send(Sort.COPY if request.again else Sort.ORDER, request)})

    def write(self, letter: LetterKind, request: PurchaseRequest) -> str:
        """See SupplierDesk. A reminder is a copy of the order, and says so first."""
        return self._send(SORTS[letter], request)

    @property
    def _to(self) -> str:
        to = mailed_as(self.context.settings.orders_to.strip())
        if to is None:
            raise Misconfigured(f"{self.name}: orders_to is no mail address", code="INVALID_ADDRESS")
        return to

    def _send(self, sort: Sort, request: PurchaseRequest) -> str:
        if self.context.mail is None:
            raise Misconfigured(f"{self.name}: its kind must declare that it sends mails")
        mail = order_mail(self.paper(sort, request), self._to, self.context.settings.attach)
        return self.context.mail().send_email(mail)


def build(context: Context[EmailSupplierSettings]) -> EmailSupplier:
    """The connector of one connection."""
    return EmailSupplier(context)
