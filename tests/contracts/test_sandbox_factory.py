"""The factory's clerk reads in the mailbox what was ordered, in every language, and answers with link and code."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.sandbox.factory import ADDRESS, Answer, Factory, Known
from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.mailbox import File, Mailbox, Message
from local.sandbox.ui.maker import Maker
from local.sandbox.ui.state import snapshot
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


@pytest.mark.parametrize("reached", [True, False])
def test_the_pages_show_its_mails_and_answers_at_the_order(reached: bool) -> None:
    stand: Any = stand_of("email")()
    stand.lines = {"orders_to": ADDRESS}
    stand.connector().run_step("mail", stand.request())
    sandbox, mailbox = Sandbox(), mailbox_of(stand.mails)
    order = sandbox.store.buy([("HL-COB-350", 1)])

    def answers(references: Collection[str]) -> dict[str, Known]:
        if not reached:
            raise OSError("nobody answers")
        said = Answer(datetime(2026, 11, 21, tzinfo=UTC), "Confirmed", "", "good")
        return dict.fromkeys(references, Known("shopify", order.name, "CONFIRMED", (said,)))

    shown = snapshot(sandbox, mailbox, Maker(Factory(mailbox), answers))
    (row,), (line,) = shown["maker"]["orders"], shown["timelines"]["orders"]
    assert (row["reference"], row["state"]) == (stand.reference, "CONFIRMED" if reached else "MAILED")
    assert row["link"].startswith("http")
    assert len(row["code"]) == 7
    told = [(entry["source"], entry["title"]) for entry in line["entries"] if entry["kind"] in ("mail", "answer")]
    assert told == ([("mailbox", "Order mailed to the maker"), ("supplier", "Confirmed")] if reached else [])
