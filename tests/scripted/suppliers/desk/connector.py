"""The mail supplier without parcels, and with letters."""

from __future__ import annotations

from typing import Literal

from orderwright.declarations import First
from orderwright.domain.supplier_answers import LetterKind
from orderwright.errors import Misconfigured
from orderwright.ports.people import Email
from orderwright.ports.supplier import PurchaseRequest
from tests.scripted.suppliers.mail.connector import MailSupplier
from tests.scripted.suppliers.mail.settings import ScriptedMailSettings

FIRST = First("  scripted-desk:\n    kind: scripted-desk\n")


class ScriptedDeskSettings(ScriptedMailSettings):
    """They confirm within a day."""

    kind: Literal["scripted-desk"]  # type: ignore[assignment]
    confirm_within_hours: int | None = 24


class DeskSupplier(MailSupplier):
    """All ports of the kind "scripted-desk"."""

    def end_files(self, reference: str) -> None:
        """There are none."""

    def write(self, letter: LetterKind, request: PurchaseRequest) -> str:
        """One letter."""
        if self._context.mail is None:
            raise Misconfigured("this kind must declare that it sends mails", code="NO_MAIL")
        to, lines = request.destination, "\n".join(f"{line.quantity} x {line.sku}" for line in request.lines)
        text = f"{letter.value} {request.reference}\n{lines}\nTo {to.postcode} {to.city}, {to.country_code}\n"
        mail = Email(
            self._context.settings.orders_to, f"{letter.value} {request.reference}", text, "", request.reference
        )
        return self._context.mail().send_email(mail)
