"""What a customer sends from the page of their order (R49, R52; promises P2, P5, P8): it is stored once, and answered.

The link is all that a person has, so the function may read customers' pages and write below REQUEST#, and nothing else.
`ingest_order` acts on what is stored here. A form that is sent twice, also because nobody saw the first answer, writes once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from orderwright.customer_page import Tried, answer_page, language_of, order_page, plain_page, reader_of, receipt_page
from orderwright.customer_page.request_view import PIECES
from orderwright.customer_page.words import Reader
from orderwright.domain.base import iso
from orderwright.domain.customer_request import RequestedLine, RequestKind, RequestReason, SentRequest
from orderwright.domain.outside_texts import one_line
from orderwright.domain.request_window import Askable, window_of
from orderwright.domain.tracking_page import Page, ShopFace
from orderwright.errors import Conflict
from orderwright.ports.connection import Clock
from orderwright.records import Key, request_key, sent_question_key, sent_request_key
from orderwright.storage import Due, Fact, Put, Storage
from orderwright.usecases.opened_pages import Faces, open_page
from orderwright.usecases.tracking_copies import KEPT

ACT = "customer.request_due"
ACTED_WITHIN = timedelta(minutes=10)
"""Else the sweep asks for it again."""
MOST_BYTES, MOST_FIELDS, MOST_SIGNS = 64 * 1024, 2000, 40
MOST_OF_A_KIND = 10
"""Requests of one kind that an order takes from its page."""
_COUNT, _PIECES = re.compile("[0-9]{1,3}"), re.compile("[0-9]{1,6}")


class RequestAnswer(NamedTuple):
    """What is answered. `face`: whose page it is. `kind`, `connection` and `note` are for the log; link and mark are not."""

    status: int
    html: str
    face: ShopFace | None = None
    note: str = ""
    kind: str = ""
    connection: str = ""


class _Form(NamedTuple):
    """A form that came, on the page that it came from."""

    page: Page
    face: ShopFace
    typed: Mapping[str, str]
    reader: Reader
    now: datetime
    correlation: str

    def shown(self, status: int, note: str, tried: Tried | None = None) -> RequestAnswer:
        """The page as it is now, with what came of the form."""
        return self.answer(status, order_page(self.page, self.face, self.now, self.reader.language, tried), note)

    def refused(self, status: int, word: str, kind: RequestKind = RequestKind.WITHDRAWAL) -> RequestAnswer:
        """The same, with one text that is about the whole form."""
        return self.shown(status, word, Tried(kind, {"": self.reader.word(word)}))

    def receipt(self, sent: SentRequest) -> RequestAnswer:
        """That it is here."""
        return self.answer(200, receipt_page(self.page, self.face, sent, self.now, self.reader.language), "taken")

    def answer(self, status: int, html: str, note: str) -> RequestAnswer:
        """With what the log says."""
        kind = self.typed.get("kind", "")
        return RequestAnswer(
            status, html, self.face, note, kind if kind in set(RequestKind) else "", self.page.order.store
        )

    def sent(self, kind: RequestKind, number: int, at: datetime, **said: Any) -> SentRequest:
        """What it asks for, or asked for."""
        return SentRequest(
            kind=kind, number=number, order=self.page.order.order, language=self.reader.language, at=at, **said
        )

    def store(self, key: Key, sent: SentRequest, storage: Storage) -> None:
        """Keep it, with the one message that follows. Raises Conflict where something is kept there already."""
        fact = Fact(ACT, connection=self.page.order.store, pk=key.pk, sk=key.sk)
        due, until = Due(self.now + ACTED_WITHIN, ACT), self.now + KEPT
        storage.commit([Put(key, sent, 0, facts=(fact,), due=due, until=until)], correlation=self.correlation)


def take_customer_request(
    token: str, language: str, body: bytes, *, storage: Storage, faces: Faces, clock: Clock, correlation: str = ""
) -> RequestAnswer:
    """Take a form down. `language`: what the reader chose, or "". A stranger cannot tell a wrong link from one that has ended."""
    now = clock.now()
    opened = open_page(token, storage, faces, now)
    if opened is None:
        return RequestAnswer(404, plain_page("lost"), note="no such link")
    page, face = opened
    reader = reader_of(page, face, language_of(language, page, face))
    form = _Form(page, face, typed_in(body[:MOST_BYTES]), reader, now, correlation)
    if len(body) > MOST_BYTES:
        return form.refused(413, "e_form")
    kind = form.typed.get("kind", "")
    if kind == RequestKind.QUESTION:
        return _asked_where(form, storage)
    number = form.typed.get("n", "")
    if kind not in set(RequestKind) or not _COUNT.fullmatch(number):
        return form.refused(400, "e_form")
    return _asked_for(form, RequestKind(kind), int(number), storage)


def typed_in(body: bytes) -> dict[str, str]:
    """Field -> what was typed, on one line; nothing where it is no form."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: one_line(text, MOST_SIGNS) for name, text in pairs}


def _asked_where(form: _Form, storage: Storage) -> RequestAnswer:
    """The answer is the page itself. That they asked is counted once an hour."""
    page, now = form.page, form.now
    sent = form.sent(RequestKind.QUESTION, page.order.asked, now)
    note = "asked"
    try:
        form.store(sent_question_key(page.mark, iso(now)[:13]), sent, storage)
    except Conflict:
        note = "asked again"
    return form.answer(200, answer_page(page, form.face, now, form.reader.language), note)


def _asked_for(form: _Form, kind: RequestKind, number: int, storage: Storage) -> RequestAnswer:
    """A withdrawal or a return. `number`: how many of its kind the page knew when the form was made."""
    page, known = form.page, form.page.asked(kind)
    pieces = {name.removeprefix(PIECES): text for name, text in form.typed.items() if name.startswith(PIECES)}
    if number != known:
        before = page.requests.get(request_key(page.order.order, kind, number).sk)
        if before is None:
            return form.refused(409, "e_busy", kind)
        taken = form.sent(kind, number, before.asked_at, lines=before.lines, reason=before.reason)
        return form.receipt(taken) if _says(pieces, taken) else form.refused(409, "e_busy", kind)
    if known >= MOST_OF_A_KIND:
        return form.refused(429, "e_closed", kind)
    key = sent_request_key(page.mark, kind, number)
    window = window_of(page, form.face.rules, ZoneInfo(form.reader.zone))
    if window is None or window.kind is not kind or not window.is_open(form.now):
        return _as_before(form, key, pieces, "e_closed", storage)
    lines, wrong = _lines(pieces, {one.line.line_id: one for one in window.lines}, form.reader)
    if wrong:
        return form.shown(422, "wrong fields", Tried(kind, wrong, form.typed))
    reason = form.typed.get("reason", "")
    known_reason = RequestReason(reason) if reason in set(RequestReason) else RequestReason.NOT_SAID
    sent = form.sent(kind, number, form.now, lines=lines, reason=known_reason)
    try:
        form.store(key, sent, storage)
    except Conflict:
        return _as_before(form, key, pieces, "e_busy", storage)
    return form.receipt(sent)


def _as_before(form: _Form, key: Key, pieces: Mapping[str, str], word: str, storage: Storage) -> RequestAnswer:
    """The receipt of what is kept there, where this is the same form again; else `word` says why it is not taken."""
    held = storage.get(key, SentRequest)
    if held is not None and _says(pieces, held.model):
        return form.receipt(held.model)
    return form.refused(409, word, RequestKind(form.typed["kind"]))


def _says(pieces: Mapping[str, str], sent: SentRequest) -> bool:
    """Does a form with these pieces ask for the same?"""
    return {line: text.lstrip("0") for line, text in pieces.items() if text.strip("0")} == {
        line: str(many) for line, many in sent.pieces.items()
    }


def _lines(
    pieces: Mapping[str, str], offered: Mapping[str, Askable], reader: Reader
) -> tuple[tuple[RequestedLine, ...], dict[str, str]]:
    """What is asked for, and the texts of the fields that are wrong ("" is the whole form)."""
    wrong: dict[str, str] = {}
    chosen: list[RequestedLine] = []
    for line_id, text in pieces.items():
        one = offered.get(line_id)
        if not text.strip("0"):
            continue
        if one is None or not one.most:
            wrong[""] = reader.word("e_form")
        elif not _PIECES.fullmatch(text):
            wrong[f"{PIECES}{line_id}"] = reader.word("e_number")
        elif (many := int(text)) > one.most:
            wrong[f"{PIECES}{line_id}"] = reader.word("e_many", most=one.most)
        else:
            chosen.append(one.asked(many))
    if not chosen and not wrong:
        wrong[""] = reader.word("e_none")
    return tuple(chosen), wrong
