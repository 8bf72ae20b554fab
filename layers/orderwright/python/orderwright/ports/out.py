"""The ways out of the stack beside HTTP, for connectors whose vendor takes mails or files."""

from __future__ import annotations

from typing import Protocol

from orderwright.ports.people import Email


class Mails(Protocol):
    """Sends once: a single attempt, no retries beneath."""

    def send_email(self, email: Email) -> str:
        """Gives the provider's message id. Raises Rejected: certainly not sent; OutcomeUnknown: perhaps sent."""


class Files(Protocol):
    """Files of one connection, by name. What is there under the name is replaced."""

    def put(self, name: str, data: bytes) -> None:
        """Keep a file. Raises OutcomeUnknown where it may be there, Retryable where it certainly is not."""

    def get(self, name: str) -> bytes | None:
        """A file's bytes; None where there is none of that name. Raises Retryable where that cannot be read now."""
