"""E-mail addresses and phone numbers: is the form right? Values are never repeated in a reason."""

from __future__ import annotations

from orderwright.domain.mail_address import mailed_as
from orderwright.domain.order import Reason


def email_problem(email: str) -> Reason | None:
    """EMAIL_INVALID, or None where the form is right or there is none (then nothing can be mailed)."""
    text = email.strip()
    if not text or mailed_as(text) is not None:
        return None
    return Reason(
        code="EMAIL_INVALID",
        message=f"the e-mail address ({len(text)} characters) has not the form name@domain.tld",
        fix="correct it in the store, or let the order go without mails",
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
        fix="correct it with its country code (+...), or let the order go without it",
        field=field,
    )
