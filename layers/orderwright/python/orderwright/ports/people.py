"""What telling people asks of the outside: mails and text messages to customers, alerts to the merchant."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class About(NamedTuple):
    """Which notice a mail belongs to: the order's partition, the subject's sk, the milestone. Ids only."""

    pk: str = ""
    subject: str = ""
    milestone: str = ""


class Attachment(NamedTuple):
    """A file of a mail. `content_type` such as "application/pdf"."""

    name: str
    content_type: str
    data: bytes


class Email(NamedTuple):
    """A finished mail. Holds personal data: never logged. `about` goes along, so that news of it find its notice."""

    to: str
    subject: str
    text: str
    html: str
    reference: str
    about: About = About()
    attachments: tuple[Attachment, ...] = ()


class MailEvent(NamedTuple):
    """What the provider says later about a mail. `kind` is a MAIL_ code, `detail` its class; no recipient, no text (P8).

    `mail` is the id that the provider gave at the send.
    """

    about: About
    kind: str
    detail: str
    at: datetime
    mail: str = ""


class SuppressedMail(NamedTuple):
    """The mail after which an address was put on the provider's list of those it sends nothing to."""

    message_id: str
    kind: str
    at: datetime


class Suppressions(Protocol):
    """The provider's own list, for events that were lost."""

    def page(self, since: datetime, position: str) -> tuple[list[SuppressedMail], str]:
        """One page of what was added since, and where the next begins ("" after the last). Raises VendorError."""


class Notifier(Protocol):
    """Sends once: a single attempt, no retries beneath (P5)."""

    def send_email(self, email: Email) -> str:
        """Gives the provider's message id. Rejected = certainly not sent; OutcomeUnknown = perhaps."""

    def send_sms(self, phone: str, text: str) -> str:
        """Gives the provider's message id. The number in E.164."""


class Alerts(Protocol):
    """Tells the merchant."""

    def raise_alert(self, subject: str, text: str) -> None:
        """Publish to the operator's topic; may repeat."""
