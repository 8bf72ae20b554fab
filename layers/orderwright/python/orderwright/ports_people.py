"""What telling people asks of the outside: mails and text messages to customers, alerts to the merchant."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Email(NamedTuple):
    """A finished mail. Holds personal data: never logged."""

    to: str
    subject: str
    text: str
    html: str
    reference: str


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
