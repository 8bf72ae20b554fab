"""The factory's clerk reads in the mailbox what was ordered, in every language, and answers with link and code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.sandbox.factory import ADDRESS, Factory
from local.sandbox.ui.mailbox import File, Mailbox, Message
from orderwright.domain.supplier_answers import LetterKind
from orderwright.page_links import is_code
from orderwright.ports.people import Email
from tests.contracts.kinds import stand_of


def mailbox_of(mails: list[Email]) -> Mailbox:
    """What the local AWS shows of these mails."""
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Mailbox(
        lambda: [
            Message(f"m-{number}", "mail", mail.to, "", mail.subject, mail.text, mail.html, at + timedelta(number),
                    tuple(File(*one) for one in mail.attachments))
            for number, mail in enumerate(mails)
        ]
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "de", "zh-Hans"])
def test_orders_copies_and_withdrawals_are_told_apart(language: str) -> None:
    stand: Any = stand_of("email")()
    stand.lines = {"orders_to": ADDRESS, "language": language}
    connector, request = stand.connector(), stand.request()
    connector.run_step("mail", request)
    connector.write(LetterKind.REMINDER, request)
    factory = Factory(mailbox_of(stand.mails))
    (order,) = factory.orders()
    assert [one.kind for one in factory.mailed(stand.reference)] == ["ORDER", "COPY"]
    assert (order.reference, order.units) == (stand.reference, {stand.sku: 2})
    assert is_code(order.code, stand.reference, [stand.secrets["link_secret"]])
    connector.write(LetterKind.WITHDRAWAL, request)
    factory = Factory(mailbox_of(stand.mails))
    assert [one.kind for one in factory.mailed()] == ["ORDER", "COPY", "WITHDRAWN"]
    assert factory.orders() == []


def test_mails_to_others_are_none_of_its_orders() -> None:
    assert Factory(mailbox_of([Email("aino@example.com", "Hello", "text", "", "r")])).mailed() == []
