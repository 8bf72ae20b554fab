"""The page of a purchase order, for the people at its supplier (promises P1, P6, P8): it shows, and takes answers down.

Who has the link sees the order. Programs that read mails open links and press buttons, so an answer also needs the code of the
mail. What follows from an answer is carried out by the functions that place and track; this one sends nothing to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from orderwright.domain.bill_upload import BillUpload
from orderwright.domain.config import Config
from orderwright.domain.outside_texts import one_line
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.supplier_answers import WrongCodes
from orderwright.errors import Rejected
from orderwright.page_links import LinkFault, fault_of, is_code, token_of
from orderwright.pages import Shown, Tried, plain_page, purchase_order_page, words_of
from orderwright.ports.connection import Clock
from orderwright.records import ORDERS, OrderFile, reference_ref, wrong_codes_key
from orderwright.registry import declaration
from orderwright.storage import Put, Storage, held_or, retry_on_conflict
from orderwright.usecases import page_bills
from orderwright.usecases.answering import SUPPLIER, Heard, Said, take_answer
from orderwright.usecases.page_bills import BillDesk, bills_shown, origin_of
from orderwright.usecases.placing.requests import has_address, mark
from orderwright.usecases.supplier_forms import ACTS, PARCEL, Wrong, answer_of, is_repeated, typed_in

MOST_BYTES = 64 * 1024
_LANGUAGE = "en"
_STATUS = {Heard.TAKEN: 200, Heard.UNCHANGED: 200, Heard.CONTRADICTS: 409, Heard.ENDED: 409}


class PageAnswer(NamedTuple):
    """What is answered. `note`, `connection` and `reference` are for the log only; the link itself is a secret."""

    status: int
    html: str
    note: str
    connection: str = ""
    reference: str = ""
    posts_to: str = ""


class _Opened(NamedTuple):
    """A purchase order behind a good link."""

    file: OrderFile
    sk: str
    secrets: Sequence[str]
    language: str

    @property
    def po(self) -> PurchaseOrder:
        return self.file.purchase_orders[self.sk].model


def serve_supplier_page(
    token: str,
    method: str,
    body: bytes,
    *,
    storage: Storage,
    config: Callable[[], Config],
    secrets_of: Callable[[str, str], Sequence[str]],
    clock: Clock,
    desk: BillDesk,
    correlation: str = "",
) -> PageAnswer:
    """Show the page; by POST take an answer down first. `secrets_of`: (connection, its kind) -> what signs its links now.

    A stranger cannot tell a link that is forged from one to a purchase order that does not exist.
    """
    if len(body) > MOST_BYTES:
        return PageAnswer(413, plain_page("large"), "too large")
    now = clock.now()
    opened = _open(token, storage, config, secrets_of, now)
    if isinstance(opened, PageAnswer):
        return opened
    po, shop = opened.po, config()
    done = PageAnswer(200, "", "shown", po.supplier, po.reference)
    tried: Tried | None = None
    if method == "POST":
        done, tried, po = _answered(opened, body, storage, shop, desk, now, correlation)
    elif method not in ("GET", "HEAD"):
        return PageAnswer(404, plain_page("lost"), "no such method")
    to = opened.file.details.model.destination if opened.file.details else None
    moved = has_address(opened.file) and bool(po.sent_to) and mark(po, opened.file) != po.sent_to
    bills = bills_shown(storage, opened.file.pk, po.reference)
    page = purchase_order_page(Shown(po, shop.merchant, to, moved, opened.language, bills), tried)
    posts_to = origin_of(tried.file.url) if tried and tried.file else ""
    return done._replace(html=page, posts_to=posts_to)


def _open(
    text: str,
    storage: Storage,
    config: Callable[[], Config],
    secrets_of: Callable[[str, str], Sequence[str]],
    now: datetime,
) -> _Opened | PageAnswer:
    token, nothing = token_of(text), PageAnswer(404, plain_page("lost"), "no such link")
    keys = storage.find(ORDERS, reference_ref(token.reference)) if token else []
    if token is None or not keys:
        return nothing
    file = storage.load_order(keys[0].pk)
    held = file.purchase_orders.get(keys[0].sk)
    settings = config().connections.get(held.model.supplier) if held else None
    if held is None or settings is None or not declaration(settings.kind).page:
        return nothing
    secrets, language = secrets_of(held.model.supplier, settings.kind), getattr(settings, "language", _LANGUAGE)
    fault = fault_of(token, secrets, now.date())
    if fault is LinkFault.EXPIRED:
        page = plain_page("expired", language, **_shop(config()))
        return PageAnswer(410, page, "expired", held.model.supplier, held.model.reference)
    return nothing if fault is not None else _Opened(file, keys[0].sk, secrets, language)


def _shop(config: Config) -> dict[str, str]:
    return {"merchant": one_line(config.merchant.name, 80), "support": one_line(config.merchant.support_email, 200)}


def _answered(
    opened: _Opened, body: bytes, storage: Storage, config: Config, desk: BillDesk, now: datetime, correlation: str
) -> tuple[PageAnswer, Tried | None, PurchaseOrder]:
    """What becomes of a form, and the purchase order as it is then."""
    po, typed = opened.po, typed_in(body)
    act, code = typed.get("act", ""), next((text for name, text in typed.items() if name.startswith("code")), "")
    answer = PageAnswer(400, "", "not understood", po.supplier, po.reference)
    if act not in (*ACTS, *page_bills.ACTS):
        return answer, None, po
    wrong_code = _code_fault(opened, code, storage, now)
    said, upload = Said(), None
    if act == page_bills.BILL:
        upload, found = page_bills.typed(po.supplier, po.reference, typed, desk, now)
        wrong = dict(found)
    elif act == page_bills.BILL_SENT:
        wrong = {}
    else:
        said, wrong = answer_of(po, typed, now)
    if wrong_code:
        wrong = {"code": Wrong(wrong_code), **wrong}
    if wrong:
        told = _texts(wrong, opened, config, now)
        note = ", ".join(sorted({one.code for one in wrong.values()}))
        status = {"CODE_WRONG": 403, "CODES_USED_UP": 429}.get(wrong_code, 422)
        shown = "" if wrong_code else code
        return answer._replace(status=status, note=note), Tried(act, "", told, typed, shown), po
    if act in page_bills.ACTS:
        return *_billed(opened, act, typed, code, upload, storage, config, desk, now), po
    heard, po = _taken(opened, said, storage, now, correlation)
    note = "note_ended_parcel" if heard is Heard.ENDED and act == PARCEL else f"note_{heard.value.lower()}"
    tried = Tried(act, note, {}, typed, code)
    return answer._replace(status=_STATUS[heard], note=f"{act}: {heard.value}"), tried, po


def _billed(
    opened: _Opened,
    act: str,
    typed: Mapping[str, str],
    code: str,
    upload: BillUpload | None,
    storage: Storage,
    config: Config,
    desk: BillDesk,
    now: datetime,
) -> tuple[PageAnswer, Tried]:
    """A bill is announced, and its file may be sent; or the supplier says that it was sent."""
    answer, file = PageAnswer(200, "", act, opened.po.supplier, opened.po.reference), opened.file
    if upload is None:
        done = page_bills.told_sent(storage, file.pk, opened.po.reference, typed, now)
        return answer, Tried(act, "note_taken" if done else "note_unchanged", {}, {}, code)
    try:
        return answer, Tried(act, "", {}, typed, code, page_bills.file_form(storage, file.pk, upload, desk))
    except Rejected as error:
        told = _texts({"number": Wrong(error.code)}, opened, config, now)
        return answer._replace(status=422, note=error.code), Tried(act, "", told, typed, code)


def _taken(
    opened: _Opened, said: Said, storage: Storage, now: datetime, correlation: str
) -> tuple[Heard, PurchaseOrder]:
    if is_repeated(opened.po, said):
        return Heard.UNCHANGED, opened.po
    return take_answer(storage, opened.file.pk, opened.sk, said, SUPPLIER, now, correlation)


def _code_fault(opened: _Opened, given: str, storage: Storage, now: datetime) -> str:
    """What is wrong with the code; "" where it is right. Only what could have been one counts as a guess."""
    key, today = wrong_codes_key(opened.file.pk, opened.po.reference), now.date()
    if held_or(storage, key, WrongCodes(day=today)).model.left(today) <= 0:
        return "CODES_USED_UP"
    if is_code(given, opened.po.reference, opened.secrets):
        return ""
    if sum(sign.isdigit() for sign in given) < 6:
        return "CODE_WRONG" if given else "CODE_MISSING"

    def counted() -> None:
        held = held_or(storage, key, WrongCodes(day=today))
        storage.commit([Put(key, held.model.one_more(today), held.version)])

    retry_on_conflict(counted, "the count of wrong codes")
    return "CODE_WRONG"


def _texts(wrong: Mapping[str, Wrong], opened: _Opened, config: Config, now: datetime) -> dict[str, str]:
    words, values = words_of(opened.language), {**_shop(config), "reference": opened.po.reference}
    values["example"] = now.date().isoformat()
    return {name: words[one.code].format(most=one.most, **values) for name, one in wrong.items()}
