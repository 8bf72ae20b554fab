"""E-mail addresses, phone numbers and post office boxes: is the form right? Values are never repeated in a reason."""

from __future__ import annotations

import re
from functools import cache

from orderwright.domain.mail_address import mailed_as
from orderwright.domain.order import Reason

# Words that mean a post office box wherever they stand, by language, and short forms that mean one only in some countries.
_BOX_ANYWHERE = (
    r"\bp\.?\s?o\.?\s?box\b",
    r"\bpost\s?office\s?box\b",
    r"\bpostal\s?box\b",
    r"\bpostfach\b",
    r"\bbo[iî]te\s?postale\b",
    r"\bapartado\s?(?:de\s?correos|postal|a[eé]reo)\b",
    r"\bcasilla\s?(?:de\s?correos?|postal)\b",
    r"\bcaixa\s?postal\b",
    r"\bcasella\s?postale\b",
    r"\bpostbus\b",
    r"\bpostbo(?:x|ks)\b",
    r"\bpostilokero\b",
    r"\bskrytka\s?pocztowa\b",
    r"\bpo[sš]tovn[ií]\s?p[rř]ihr[aá]dka\b",
    r"\bpostafi[oó]k\b",
    r"\bposta\s?kutusu\b",
    r"\bа/я\b",
    r"абонентский\s?ящик",
    r"ταχ\.?\s?θυρίδα",
    r"私書箱",
    r"[邮郵][政局]信箱",
    r"사서함",
    r"صندوق\s?(?:ال)?بريد",
)
_BOX_BY_COUNTRY = {
    r"\bb\.?\s?p\.?\s*\d+": "FR BE LU MC MA TN DZ SN CI CM GA ML BF BJ TG NE TD CD CG MG DJ GF PF NC RE GP MQ YT PM WF",
    r"\bbox\s*\d+": "SE",
    r"\b(?:pl|pb)\s*\d+": "FI AX",
    r"\bboks\s*\d+": "NO DK",
    r"\bc\.?\s?p\.?\s*\d+": "IT SM CH",
    r"\bpf\.?\s*\d+": "HU",
    r"\bp\.?\s?k\.?\s*\d+": "TR",
    r"\bapartado\s*\d+": "PT ES",
    r"(?:^|\s)τ\.?\s?θ\.?\s*\d+": "GR CY",
    r"ת\.?\s?ד\.?\s*\d+": "IL",
    r"ص\.?\s?ب\.?\s*[\d٠-٩]+": "AE SA KW QA BH OM EG JO LB",
}


@cache
def _box_pattern(country: str) -> re.Pattern[str]:
    local = [pattern for pattern, countries in _BOX_BY_COUNTRY.items() if country in countries.split()]
    return re.compile("|".join((*_BOX_ANYWHERE, *local)))


def is_po_box(text: str, country: str) -> bool:
    """Does an address line name a post office box? `country` (ISO code) decides about short forms such as "PL 12"."""
    return _box_pattern(country.upper()).search(text.casefold()) is not None


def email_problem(email: str) -> Reason | None:
    """EMAIL_INVALID, or None where the form is right or there is none (then nothing can be mailed)."""
    text = email.strip()
    if not text or mailed_as(text) is not None:
        return None
    return Reason(
        code="EMAIL_INVALID",
        message=f"the e-mail address ({len(text)} characters) has not the form name@domain.tld",
        fix="correct it in the store and refresh, or remove it: the order then goes without mails",
        field="email",
    )


def normalise_phone(text: str, country: str) -> str | None:
    """The number in E.164 ("+358401234567"), or None when it cannot be one. `country` is for numbers without "+"."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    # "Possible" (its length fits the numbering plan) and not "valid": new ranges open faster than tables are updated.
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def first_phone(country: str, *given: str) -> str:
    """The first of these numbers that can be dialled, as it is sent: in E.164. "" where none can: nothing unchecked goes out."""
    return next((number for text in given if text and (number := normalise_phone(text, country))), "")


def phone_problem(phone: str, country: str, field: str) -> Reason | None:
    """PHONE_INVALID, or None where it can be dialled or is absent."""
    if not phone.strip() or normalise_phone(phone, country) is not None:
        return None
    return Reason(
        code="PHONE_INVALID",
        message="the phone number does not fit the numbering plan of its country",
        fix="correct it with its country code (+...), or remove it, then release the order",
        field=field,
    )
