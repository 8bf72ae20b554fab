"""Orders by e-mail: what goes to whom, once; and the letters after it, which never read like an order."""

from __future__ import annotations

from typing import Any

import pytest

from orderwright.domain.connection_settings import settings_of
from orderwright.domain.order import Address
from orderwright.domain.supplier_answers import LetterKind
from orderwright.errors import OutcomeUnknown, Rejected
from orderwright.page_links import fault_of, is_code, token_of
from tests.contracts.kinds import stand_of
from tests.contracts.stands.email import PAGE, STAND

SECRET = STAND.secrets["link_secret"]


@pytest.fixture
def stand() -> Any:
    return stand_of("email")()


def test_the_order_goes_to_the_mailbox_with_its_files_a_good_link_and_its_code(stand: STAND) -> None:
    done = stand.connector().run_step("mail", stand.request())
    (mail,) = stand.mails
    assert (mail.to, mail.reference, done.vendor_ids) == (
        "orders@factory.example",
        "OW2K7QX4M1",
        {"mail": "handed-over-1"},
    )
    assert [one.name for one in mail.attachments] == ["OW2K7QX4M1.csv", "OW2K7QX4M1.pdf"]
    (url,) = [line for line in mail.text.splitlines() if line.startswith(PAGE)]
    token = token_of(url.removeprefix(f"{PAGE}/"))
    assert token is not None
    assert token.reference == "OW2K7QX4M1"
    assert fault_of(token, [SECRET], stand.clock.now().date()) is None
    (code,) = [line.partition(": ")[2] for line in mail.text.splitlines() if line.startswith("The page asks")]
    assert is_code(code, "OW2K7QX4M1", [SECRET])
    assert code not in url


def test_the_csv_is_the_sample_that_suppliers_are_given(stand: STAND) -> None:
    stand.connector().run_step("mail", stand.request())
    assert stand.mails[0].attachments[0].data == (stand.samples() / "order.csv").read_bytes()


def test_a_reminder_is_a_copy_of_the_order_and_a_withdrawal_has_no_address_in_it(stand: STAND) -> None:
    connector = stand.connector()
    connector.run_step("mail", stand.request())
    assert connector.write(LetterKind.REMINDER, stand.request())
    assert connector.write(LetterKind.WITHDRAWAL, stand.request()._replace(destination=Address()))
    first, copy, withdrawn = stand.mails
    assert list(stand.made()) == ["OW2K7QX4M1"], "nobody takes a letter for another order"
    assert copy.subject.startswith("COPY")
    assert "not a new order" in copy.text
    assert withdrawn.subject.startswith("DO NOT SHIP")
    assert "Tampere" in first.text
    assert "Tampere" not in withdrawn.text
    assert all("OW2K7QX4M1" in mail.subject for mail in stand.mails)


def test_p1_a_letter_without_an_answer_is_unclear_and_one_that_is_refused_was_not_sent(stand: STAND) -> None:
    connector = stand.connector()
    with stand.behaving("accept_then_timeout"), stand.refuses(OutcomeUnknown):
        connector.write(LetterKind.REMINDER, stand.request())
    stand.refuse()
    with stand.refuses(Rejected):
        connector.write(LetterKind.WITHDRAWAL, stand.request())


def test_a_reminder_after_the_person_was_erased_still_asks_for_the_answer(stand: STAND) -> None:
    stand.connector().write(LetterKind.REMINDER, stand.request()._replace(destination=Address(), phone=""))
    assert "Ship to" not in stand.mails[0].text
    assert PAGE in stand.mails[0].text


def test_a_probe_says_what_will_be_sent_and_sends_nothing(stand: STAND) -> None:
    told = stand.connector().probe()
    assert "orders@factory.example" in told
    assert "within 24 hours" in told
    assert stand.mails == []


@pytest.mark.parametrize("orders_to", ["factory", "Sales <a@b.example>", "a@b.example, c@d.example", ""])
def test_a_mailbox_that_is_none_is_refused_by_its_field(orders_to: str) -> None:
    settings = settings_of("email").model_validate({"kind": "email", "orders_to": orders_to})
    assert [fault.path for fault in settings.faults()] == [("orders_to",)]


def test_an_address_without_a_street_is_told_by_its_field(stand: STAND) -> None:
    (reason,) = stand.connector().lacks(Address(name="A", city="Tampere", country_code="FI"), stand.request().lines)
    assert (reason.code, reason.field) == ("FIELD_MISSING", "line1")
