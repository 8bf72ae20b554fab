"""What the forms and the receipt of a withdrawal or a return show."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from orderwright.customer_page.view import NUMBER, Tried, title_of
from orderwright.customer_page.words import Reader
from orderwright.domain.customer_request import RequestKind, RequestReason, SentRequest
from orderwright.domain.outside_texts import one_line
from orderwright.domain.request_window import Askable, Window, window_of
from orderwright.domain.tracking_page import Page, ShopFace

PIECES = "pieces-"
"""A field of the form is this and the line's id."""
_SHORT_BEYOND, _SHORT = 20, 40
"""An order of more lines has labels of so many characters, so that the page stays small."""
_WORD = {RequestKind.WITHDRAWAL: "withdraw", RequestKind.RETURN: "return"}
_NOUN = {RequestKind.WITHDRAWAL: "withdrawal", RequestKind.RETURN: "return"}


def form_of(page: Page, face: ShopFace, now: datetime, reader: Reader, tried: Tried | None) -> dict[str, object]:
    """`f` of templates/request.html.j2. Nothing is shown without `until` and `error`; a form only with `fields`."""
    window = window_of(page, face.rules, ZoneInfo(reader.zone))
    kind = window.kind if window else RequestKind.WITHDRAWAL
    offered = window is not None and window.offers(now)
    return {
        "kind": kind.value,
        "number": page.asked(kind),
        "heading": reader.word(_WORD[kind]),
        "button": reader.word(f"{_WORD[kind]}_button"),
        "until": _until(window, now, reader) if window else "",
        "fields": [_field(one, reader, tried, len(window.lines)) for one in window.lines] if window and offered else [],
        "reasons": [
            (one.value, reader.word(f"r_{one}"), tried is not None and tried.typed.get("reason") == one)
            for one in RequestReason
        ],
        "mailed": page.order.mailed,
        "error": tried.errors.get("", "") if tried else "",
        "open": tried is not None and tried.kind is not RequestKind.QUESTION,
    }


def _until(window: Window, now: datetime, reader: Reader) -> str:
    word, lines = _WORD[window.kind], [one for one in window.lines if not one.excluded]
    if not lines:
        return reader.word("made_for_you") if any(one.line.personalised for one in window.lines) else ""
    if window.is_open(now) and not any(one.still for one in lines):
        return ""  # all of it was asked for
    if window.last_day is None:
        return reader.many(f"{word}_open", window.days)
    if window.is_open(now):
        return reader.word(f"{word}_until", day=reader.day(window.last_day))
    return reader.word("withdraw_ended", day=reader.day(window.last_day)) if word == "withdraw" else ""


def _field(one: Askable, reader: Reader, tried: Tried | None, lines: int) -> dict[str, object]:
    name = f"{PIECES}{one.line.line_id}"
    title = title_of(one.line.title, one.line.variant_title)
    typed = tried.typed.get(name) if tried else None
    return {
        "name": name,
        "label": reader.word("how_many", article=title) if lines <= _SHORT_BEYOND else one_line(title, _SHORT),
        "title": title,
        "most": one.most,
        "value": str(one.most) if typed is None else typed,
        "error": tried.errors.get(name, "") if tried else "",
        "personalised": one.excluded and one.line.personalised,
    }


def receipt_of(page: Page, face: ShopFace, sent: SentRequest, reader: Reader) -> dict[str, object]:
    """`f` of templates/receipt.html.j2."""
    noun = _NOUN[sent.kind]
    return {
        "heading": reader.word(f"{noun}_received"),
        "at": reader.word("received_at", day=reader.day(sent.at), time=reader.clock(sent.at), zone=reader.zone_name),
        "content": reader.word(f"{noun}_content", order=one_line(page.order.name, NUMBER)),
        "lines": [(line.quantity, title_of(line.title)) for line in sent.lines],
        "mailed": page.order.mailed,
        "reason": reader.word(f"r_{sent.reason}") if sent.reason is not RequestReason.NOT_SAID else "",
    }
