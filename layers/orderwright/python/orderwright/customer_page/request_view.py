"""What the forms and the receipt of a withdrawal or a return show."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from orderwright.customer_page.view import TITLE, Tried
from orderwright.customer_page.words import Reader
from orderwright.domain.customer_request import RequestKind, RequestReason, RequestState, SentRequest
from orderwright.domain.outside_texts import one_line
from orderwright.domain.request_window import Askable, Window, window_of
from orderwright.domain.tracking_page import Page, ShopFace, TrackedRequest

PIECES = "pieces-"
"""A field of the form is this and the line's id."""
_WORD = {RequestKind.WITHDRAWAL: "withdraw", RequestKind.RETURN: "return"}
_NOUN = {RequestKind.WITHDRAWAL: "withdrawal", RequestKind.RETURN: "return"}


def form_of(page: Page, face: ShopFace, now: datetime, reader: Reader, tried: Tried | None) -> dict[str, object]:
    """`f` of templates/request.html.j2. `until` is "" where nothing is offered and nothing was asked for."""
    window = window_of(page, face.rules, ZoneInfo(reader.zone))
    sent = sorted(page.requests.values(), key=lambda asked: asked.asked_at)
    kind = window.kind if window else sent[-1].kind if sent else RequestKind.WITHDRAWAL
    offered = window is not None and window.offers(now)
    return {
        "kind": kind.value,
        "number": page.asked(kind),
        "question": RequestKind.QUESTION.value,
        "heading": reader.word(_WORD[kind]),
        "button": reader.word(f"{_WORD[kind]}_button"),
        "earlier": [_earlier(asked, reader) for asked in sent],
        "until": _until(window, now, reader) if window else "",
        "fields": [_field(one, reader, tried) for one in window.lines] if window and offered else [],
        "reasons": [
            (one.value, reader.word(f"r_{one}"), tried is not None and tried.typed.get("reason") == one)
            for one in RequestReason
        ],
        "error": tried.errors.get("", "") if tried else "",
        "open": tried is not None and tried.kind is not RequestKind.QUESTION,
    }


def _until(window: Window, now: datetime, reader: Reader) -> str:
    word = _WORD[window.kind]
    if window.lines and all(one.excluded for one in window.lines):
        return reader.word("made_for_you") if any(one.line.personalised for one in window.lines) else ""
    if window.last_day is None:
        return reader.many(f"{word}_open", window.days)
    if window.is_open(now):
        return reader.word(f"{word}_until", day=reader.day(window.last_day))
    return reader.word("withdraw_ended", day=reader.day(window.last_day)) if word == "withdraw" else ""


def _earlier(asked: TrackedRequest, reader: Reader) -> str:
    end = "known" if asked.state is RequestState.OPEN else "done"
    return reader.word(f"{_NOUN[asked.kind]}_{end}", day=reader.day(asked.asked_at))


def _field(one: Askable, reader: Reader, tried: Tried | None) -> dict[str, object]:
    name = f"{PIECES}{one.line.line_id}"
    title = ", ".join(filter(None, (one.line.title, one.line.variant_title)))
    typed = tried.typed.get(name) if tried else None
    return {
        "name": name,
        "label": reader.word("how_many", article=one_line(title, TITLE)),
        "title": one_line(title, TITLE),
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
        "content": reader.word(f"{noun}_content", order=one_line(page.order.name, TITLE)),
        "lines": [(one_line(line.title, TITLE), reader.many("pieces", line.quantity)) for line in sent.lines],
        "reason": reader.word(f"r_{sent.reason}") if sent.reason is not RequestReason.NOT_SAID else "",
    }
