"""Papers of purchase orders: the same input gives the same bytes, and a sign that the font has not is never drawn."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orderwright.domain.order import Address
from orderwright.domain.unit_cost import UnitCost
from orderwright.papers import document, words
from orderwright.papers.barcodes import bars
from orderwright.papers.font import fits
from orderwright.papers.letter import order_mail
from orderwright.papers.purchase_order import OrderPaper, Sort, order_csv, order_pdf
from orderwright.ports.supplier import PurchaseLine, PurchaseRequest

TO = Address(name="Łucja Ωmega-Жук", line1="Main Street 1", city="Tampere", postcode="00100", country_code="FI")
LINE = PurchaseLine(
    "l-1", "=HL-UL-300", "", 2, "LAMP", 'Lamp "S"\nred', UnitCost(amount=Decimal("3.275"), currency="USD")
)


def paper(sort: Sort = Sort.ORDER, language: str = "en", to: Address = TO, costs: bool = False) -> OrderPaper:
    request = PurchaseRequest("OW-1001-1", to, "aino@example.com", "", (LINE,), "", {})
    by = datetime(2026, 12, 1, 14, tzinfo=UTC)
    return OrderPaper(sort, "Lamps & Co", request, "DHL", "123-456", "https://x.example.com/p/1", language, by, costs)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that goes to the paper."""
    found, shown = list[str](), document._shown

    def kept(text: str, instead: str) -> str:
        found.append(shown(text, instead))
        return found[-1]

    monkeypatch.setattr(document, "_shown", kept)
    return found


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("sort", list(Sort))
def test_the_same_order_is_the_same_file_and_every_word_of_it_can_be_shown(
    sort: Sort, language: str, drawn: list[str]
) -> None:
    made = order_pdf(paper(sort, language))
    assert made == order_pdf(paper(sort, language))
    assert made.startswith(b"%PDF-")
    assert all(fits(text) for text in drawn)
    assert "see the mail" not in drawn
    assert ("Łucja Ωmega-Жук" in drawn) == (sort is not Sort.WITHDRAWN)


def test_a_name_that_the_font_has_not_is_in_the_mail_and_the_csv_and_the_pdf_says_so(drawn: list[str]) -> None:
    one = paper(to=Address(name="王小明", line1="Main Street 1", city="Tampere", country_code="FI"))
    mail = order_mail(one, "orders@example.com", ("csv", "pdf"))
    assert "王小明" not in drawn
    assert "see the mail" in drawn
    assert "Main Street 1" in drawn
    assert "王小明" in mail.text
    assert "王小明" in mail.html
    assert "王小明" in mail.attachments[0].data.decode()
    assert [one.name for one in mail.attachments] == ["OW-1001-1.csv", "OW-1001-1.pdf"]


@pytest.mark.parametrize(
    ("text", "can"), [("Ångström €", True), ("e\u0301", True), ("q\u0301", False), ("中", False), ("😀", False)]
)
def test_what_the_font_can_show_is_known_sign_by_sign(text: str, can: bool) -> None:
    assert fits(text) is can


def test_a_spreadsheet_opens_the_csv_as_text_and_runs_no_formula() -> None:
    raw = order_csv(paper(to=TO.with_phone("+358400000000"), costs=True))
    assert raw.startswith(b"\xef\xbb\xbf")
    text = raw.decode("utf-8-sig")
    assert text.endswith("\r\n")
    assert text.count("\n") == text.count("\r\n") == 2
    assert text.count('"') % 2 == 0
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["Your SKU"] == "'=HL-UL-300"
    assert row["Phone"] == "'+358400000000"
    assert row["Postcode"] == "00100"
    assert row["Article"] == 'Lamp "S" red'
    assert row["Unit cost"] == "3.275 USD"
    assert (row["Purchase order"], row["Code"], row["Page"]) == ("OW-1001-1", "123-456", "https://x.example.com/p/1")


def test_costs_are_told_only_where_the_settings_say_so(drawn: list[str]) -> None:
    mail = order_mail(paper(), "orders@example.com", ("csv", "pdf"))
    assert not [one for one in (*drawn, mail.text, mail.html, mail.attachments[0].data.decode()) if "3.275" in one]


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_copy_reads_as_a_copy_and_a_withdrawn_order_goes_nowhere(language: str) -> None:
    first, copy, withdrawn = (order_mail(paper(sort, language), "orders@example.com", ("csv",)) for sort in Sort)
    assert len({first.subject, copy.subject, withdrawn.subject}) == 3
    assert all("OW-1001-1" in one.subject for one in (first, copy, withdrawn))
    assert {"en": "COPY", "de": "KOPIE", "zh-Hans": "副本"}[language] in copy.subject
    assert copy.attachments[0].name == "OW-1001-1-reminder.csv"
    assert "Tampere" not in withdrawn.text + withdrawn.html
    assert withdrawn.attachments == ()
    for one in (first, copy, withdrawn):
        assert "https://x.example.com/p/1\n" in one.text
        assert "123-456" in one.text
        assert "Lamps &amp; Co" in one.html or language != "en" or one is not first


def test_all_languages_have_the_same_words() -> None:
    def shape(value: Any) -> Any:
        return {key: shape(one) for key, one in value.items()} if isinstance(value, dict) else "text"

    assert len({json.dumps(shape(words.words(language)), sort_keys=True) for language in words.LANGUAGES}) == 1


def test_a_barcode_is_there_for_what_a_scanner_reads() -> None:
    assert bars("OW-1001-1", 400) is not None
    assert [bars(one, 400) for one in ("", "ÄRTIKEL", "X" * 49)] == [None, None, None]
    assert bars("A-LONG-SKU-WITH-MANY-LETTERS", 60) is None, "too thin to be read"
