"""The part of a supplier's page on which it sends its bill: what is typed, then the file straight to the bucket (R48)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from orderwright.domain.bill_upload import MOST_BYTES, BillUpload
from orderwright.domain.outside_texts import one_line
from orderwright.errors import Rejected
from orderwright.pages import BillFile, BillForm
from orderwright.ports.out import Uploads
from orderwright.storage import Storage, retry_on_conflict
from orderwright.usecases.bill_file import Given, typed_bill
from orderwright.usecases.bill_uploads import announce, say_sent, uploads_of
from orderwright.usecases.supplier_forms import Wrong

BILL, BILL_SENT = "bill", "bill_sent"
ACTS = (BILL, BILL_SENT)
_TYPES = {"pdf": "application/pdf", "csv": "text/csv"}
_FIELD = re.compile(r"\b(number|date|currency|total)\b")


class BillDesk(NamedTuple):
    """What the page needs for bills: the bucket by connection, names for files, and its own address ("": not known)."""

    uploads: Callable[[str], Uploads]
    new_name: Callable[[], str]
    address: str


class Typed(NamedTuple):
    """What was typed of a bill, or the fields that are wrong."""

    upload: BillUpload | None
    wrong: Mapping[str, Wrong]


def typed(po_supplier: str, reference: str, form: Mapping[str, str], desk: BillDesk, now: datetime) -> Typed:
    """Read the form of a bill."""
    kind = form.get("kind", "")
    if kind not in _TYPES:
        return Typed(None, {"kind": Wrong("BILL_KIND")})
    typed_in = {name: form.get(name, "").strip() for name in ("number", "date", "currency", "total")}
    empty = {name: Wrong("BILL_EMPTY") for name, text in typed_in.items() if not text}
    if empty:
        return Typed(None, empty)
    try:
        given = Given(**{**typed_in, "currency": typed_in["currency"].upper()})
        bill = typed_bill(po_supplier, reference, now, given)
    except Rejected as error:
        at = _FIELD.search(error.message.partition(": ")[2])
        name = at[1] if at else "total"
        return Typed(None, {name: Wrong(f"BILL_{name.upper()}")})
    upload = BillUpload(
        supplier=po_supplier,
        reference=reference,
        number=bill.number,
        dated=bill.dated,
        total=bill.total,
        pdf=kind == "pdf",
        name=desk.new_name(),
        at=now,
    )
    return Typed(upload, {})


def file_form(storage: Storage, pk: str, wanted: BillUpload, desk: BillDesk) -> BillFile:
    """Where the file of this bill is to be sent to. Raises Rejected (BILLS_TOO_MANY)."""
    upload = retry_on_conflict(lambda: announce(storage, pk, wanted), "a supplier's bill")
    content_type = _TYPES["pdf" if upload.pdf else "csv"]
    form = desk.uploads(upload.supplier).upload_form(upload.name, content_type, MOST_BYTES, desk.address)
    return BillFile(form.url, dict(form.fields), upload.number, content_type)


def told_sent(storage: Storage, pk: str, reference: str, form: Mapping[str, str], now: datetime) -> bool:
    """The supplier says that a file was sent."""
    name = form.get("file", "")
    return retry_on_conflict(lambda: say_sent(storage, pk, reference, name, now), "a supplier's bill")


def bills_shown(storage: Storage, pk: str, reference: str) -> list[BillForm]:
    """What the page says of the bills that came on it."""
    return [
        BillForm(one.name, one_line(one.number, 60), str(one.total), one.state.value.lower(), one.why)
        for one in uploads_of(storage, pk, reference)
    ]


def origin_of(url: str) -> str:
    """The part of an address that a page's policy names."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
