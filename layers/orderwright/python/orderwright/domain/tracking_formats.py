"""The shapes of tracking numbers: a compact table of (carrier, pattern, check, certainty), the surest first.

Patterns see the number in capitals without spaces. Where there is a check, group 1 is the body, group 2 the check character.
Sources: the carriers' label guides, GS1, USPS Publication 199 (IMpb), UPU S10.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from orderwright.domain.check_digits import Check, luhn, mod7, mod10, mod37_36, weighted

# How far a match can be believed: a prefix that nobody else prints; a check digit alone (one in ten fits by chance); a length
# alone. Only the first is ever guessed from; the others choose among the carriers that a name may mean.
DISTINCT, CHECKED, SHAPE = 3, 2, 1


class Format(NamedTuple):
    """One shape. `check` is None where the number carries no check character."""

    carrier: str
    pattern: str
    check: Check | None
    certainty: int


_FEDEX_12 = weighted((3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1))
_FEDEX_14 = weighted((1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1))
_USPS = mod10(3, 1)
_ZIP = r"(?:420\d{5}(?:\d{4}(?=\d{22}$))?)?"

FORMATS: tuple[Format, ...] = (
    Format("ups", r"1Z([A-Z0-9]{15})(\d)", mod10(1, 2), DISTINCT),
    Format("ups", r"[AHJKTV](\d{9})(\d)", mod10(1, 2), CHECKED),
    # IMpb: the mailer id has nine digits when it begins with 9, else six, which bounds the lengths.
    Format("usps", _ZIP + r"(94\d{3}(?:\d{16}|\d{20}|9\d{23}))(\d)", _USPS, DISTINCT),
    Format("usps", _ZIP + r"((?:92\d{3}9|93\d{3}[0-8]|95\d{4})(?:\d{15}|\d{19}))(\d)", _USPS, DISTINCT),
    Format("usps", r"(?:420\d{5}(?:\d{4})?)?(91\d{19})(\d)", _USPS, DISTINCT),
    # Printed without 91, which its check digit still counts.
    Format("usps", r"(?:420\d{5}(?:\d{4})?)?(\d{19})(\d)", mod10(3, 1, prefix="91"), CHECKED),
    Format("usps", r"(\d{19})(\d)", _USPS, CHECKED),
    Format("fedex", r"96\d{5}(\d{14})(\d)", mod10(1, 3), DISTINCT),
    Format("fedex", r"96\d{18}(\d{13})(\d)", _FEDEX_14, DISTINCT),
    Format("fedex", r"[0-8]\d{19}(\d{13})(\d)", _FEDEX_14, CHECKED),
    Format("fedex", r"3\d{15}(\d{11})(\d)\d{4}", _FEDEX_12, CHECKED),
    Format("fedex", r"(\d{11})(\d)", _FEDEX_12, CHECKED),
    Format("fedex", r"(\d{14})(\d)", mod10(1, 3), CHECKED),
    Format("fedex", r"\d{2}(\d{15})(\d)", mod10(3, 1), CHECKED),
    Format("amazon", r"TB[ACM]\d{12}", None, DISTINCT),
    Format("amazon", r"[AFC]\d{10}", None, SHAPE),
    Format("yunexpress", r"YT\d{16}", None, DISTINCT),
    Format("4px", r"4PX\d{13}CN", None, DISTINCT),
    Format("cainiao", r"LP\d{14}", None, DISTINCT),
    Format("cj_packet", r"CJP[A-Z]{2}\d{10}YQ", None, DISTINCT),
    Format("posti", r"JJFI\d{17}", None, DISTINCT),
    Format("gofo", r"GFUS\d{14}", None, DISTINCT),
    Format("landmark", r"LTN\d{8}N1", None, DISTINCT),
    Format("speedee", r"SP\d{18}", None, DISTINCT),
    Format("lasership", r"L[AIEHNX][1-3]\d{7}", None, DISTINCT),
    Format("lasership", r"1LS7[12]\d{10}", None, DISTINCT),
    Format("lasership", r"1LS7[12]\d{2}01[1-4]\d{6}-1", None, DISTINCT),
    Format("lasership", r"1LSCX[A-Z0-9]{10}", None, DISTINCT),
    Format("ontrac", r"C(\d{13})(\d)", mod10(1, 2, prefix="4"), DISTINCT),
    Format("ontrac", r"D(\d{13})(\d)", mod10(1, 2, prefix="5"), DISTINCT),
    Format("canpar", r"[CDKLSUXZ]\d{21}", None, DISTINCT),
    # JD is DHL's agency code in licence plates (ISO 15459) as well.
    Format("yodel", r"JJ?D\d{16}", None, SHAPE),
    Format("dhl_express", r"J[A-Z]{2}\d{10}|J[A-Z]{3}\d{9,10}", None, DISTINCT),
    Format("dhl_ecommerce", r"GM(?=[A-Z]*\d)[A-Z0-9]{10,39}", None, DISTINCT),
    Format("dhl_ecommerce", r"(?:LX|RX|UV|CN|SG|TH|IN|HK|MY)(?=[A-Z]*\d)[A-Z0-9]{10,39}", None, SHAPE),
    Format("dpd", r"(\d{27})([A-Z0-9])", mod37_36, CHECKED),
    Format("dpd", r"(\d{14})([A-Z0-9])", mod37_36, CHECKED),
    Format("purolator", r"([0-5]\d{10})(\d)", luhn, CHECKED),
    Format("purolator", r"[A-Z]{3}\d{9}", None, SHAPE),
    Format("canada_post", r"(\d{15})(\d)", mod10(3, 1), CHECKED),
    Format("old_dominion", r"((?:77[78]|072|780)\d{7})(\d)", luhn, CHECKED),
    Format("old_dominion", r"(80\d{8})(\d)", luhn, CHECKED),
    Format("dhl_express", r"(\d{9,10})(\d)", mod7, CHECKED),
    # Purolator prints numbers of the same shape.
    Format("dhl_express", r"J[A-Z]{2}\d{9}", None, SHAPE),
    Format("dhl_ecommerce", r"\d{14}", None, SHAPE),
    Format("dpd", r"\d{14}", None, SHAPE),
)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compiled on first use: a function that meets no number pays nothing at its start."""
    return re.compile(pattern)


def fits(shape: Format, number: str) -> bool:
    """Does a number (capitals, no spaces) have this shape, its check digit included?"""
    match = compiled(shape.pattern).fullmatch(number)
    if match is None:
        return False
    return shape.check is None or shape.check(match[1], match[2])
