"""Text messages: one GSM segment wherever the facts fit (3GPP TS 23.038), and no name of the buyer."""

from __future__ import annotations

import unicodedata

from orderwright.domain.shipment import Milestone
from orderwright.mails import formats, text
from orderwright.mails.context import MailContext
from orderwright.mails.translation import Tongue, Translation, choose, message_key, translation_of
from orderwright.mails.view import expected_day

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")
_ALPHABET = _BASIC | _EXTENDED
_PLAIN = str.maketrans(
    {
        "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",
        "\u00a0": " ", "\u202f": " ",
        # Letters that Unicode takes for letters of their own, as one writes them without a keyboard for them.
        "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "œ": "oe", "Œ": "Oe",
    }
)  # fmt: skip
_GSM_SEGMENT = 160
_UCS2_SEGMENT = 70
_SHORTER = ((24, 20, True), (12, 20, True), (12, 20, False), (12, 10, False))
"""Characters of the shop's name and the order's, and whether a new date is told: the first that one segment holds."""


def to_gsm(value: str) -> str:
    """The text with letters outside the GSM alphabet reduced to their base letter; other scripts stay as they are."""
    out: list[str] = []
    for char in unicodedata.normalize("NFC", value.translate(_PLAIN)):
        base = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
        kept = char in _ALPHABET or not _ALPHABET.issuperset(base)
        out.append(char if kept else base)
    return "".join(out)


def fits_one_segment(value: str) -> bool:
    """Whether the text goes out as one message: 160 GSM septets, or 70 UTF-16 units in any other alphabet."""
    if _ALPHABET.issuperset(value):
        return sum(2 if char in _EXTENDED else 1 for char in value) <= _GSM_SEGMENT
    return len(value.encode("utf-16-be")) // 2 <= _UCS2_SEGMENT


def render_sms(milestone: Milestone, context: MailContext, locale: str) -> str:
    """The text message of a milestone: what happened, then as much of carrier, number and link as one segment holds.

    The link is that of our page, or the carrier's where ours is too long.
    """
    tongue = choose(locale, context.default_locale)
    translation = translation_of(tongue.language)
    head = _head(milestone, context, tongue, translation)
    if milestone in (Milestone.CONFIRMED, Milestone.DIGITAL):
        return head
    carrier = text.one_line(context.carrier_name, 24)
    number = text.one_line(context.tracking_number, text.CODE)
    page, url = text.own_link(context.page_url), text.safe_url(context.tracking_url)
    ours = ((carrier, number, page), (number, page), (page,)) if page else ()
    choices = (*ours, (carrier, number, url), (number, url), (url,), (carrier, number), (number,))
    for facts in choices:
        body = to_gsm(" ".join(part for part in (head, *facts) if part))
        if fits_one_segment(body):
            return body
    return head


def _head(milestone: Milestone, context: MailContext, tongue: Tongue, translation: Translation) -> str:
    words = translation.messages[message_key(milestone, context.reason, quiet=context.quiet)].sms
    day = expected_day(context) if milestone is Milestone.DELAYED else None
    later = translation.labels.new_date_short.format(expected=formats.date_text(day, tongue, "medium")) if day else ""
    head = ""
    for merchant, order, dated in _SHORTER:
        names = {
            "merchant": text.one_line(context.merchant.name, merchant),
            "order": text.one_line(context.order_name, order),
        }
        head = to_gsm(f"{words.format(**names)} {later if dated else ''}".rstrip())
        if fits_one_segment(head):
            break
    return head
