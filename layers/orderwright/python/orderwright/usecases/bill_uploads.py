"""Bills that suppliers send on their page: announced there, sent straight to the bucket, read by ingest_order (R48, P8, P14).

The announcement is written before the form to send the file with is shown. Its due time reads the file, also where the supplier
never says that it was sent. A file that cannot be read stays, is told to the operator, and its reason stands on the page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from orderwright.domain.bill import number_key
from orderwright.domain.bill_upload import LASTS, MOST_BYTES, WAITS, BillUpload, UploadState
from orderwright.domain.config import Config
from orderwright.errors import Rejected
from orderwright.ports.out import Files
from orderwright.records import ORDERS, Key, bill_upload_key, bill_uploads_prefix
from orderwright.storage import Due, Fact, Put, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.bill_file import Given, read_bills, typed_bill
from orderwright.usecases.bills import BILL, take_bill

FUNCTION = "ingest_order"
MOST_UPLOADS = 20


def uploads_of(storage: Storage, pk: str, reference: str = "") -> list[BillUpload]:
    """Those of one purchase order, or of a whole order, oldest first."""
    found = storage.list_raw(ORDERS, pk, bill_uploads_prefix(reference))
    return sorted((BillUpload.model_validate(item["body"]) for _, item in found), key=lambda one: one.at)


def announce(storage: Storage, pk: str, wanted: BillUpload) -> BillUpload:
    """Write down that a bill comes; the one that is awaited already where the same was typed. Raises Rejected, Conflict."""
    known = uploads_of(storage, pk, wanted.reference)
    again = next((one for one in known if one.is_again(wanted)), None)
    if again is not None:
        return again
    if len(known) >= MOST_UPLOADS:
        raise Rejected("too many bills for one purchase order", code="BILLS_TOO_MANY")
    key = bill_upload_key(pk, wanted.reference, wanted.name)
    storage.commit([Put(key, wanted, 0, due=Due(wanted.at + WAITS, BILL))])
    return wanted


def say_sent(storage: Storage, pk: str, reference: str, name: str, now: datetime) -> bool:
    """The supplier says that the file is there: it is read now. False: nothing is awaited under this name."""
    key = bill_upload_key(pk, reference, name)
    held = storage.get(key, BillUpload)
    if held is None or held.model.state is not UploadState.AWAITED:
        return False
    fact = Fact(BILL, connection=held.model.supplier, pk=pk, sk=key.sk)
    storage.commit([Put(key, held.model, held.version, (fact,), Due(now + WAITS, BILL))])
    return True


def read_upload(
    storage: Storage, config: Config, key: Key, files: Callable[[str], Files], now: datetime, correlation: str
) -> None:
    """Read a file that was sent. Raises Retryable where the bucket cannot be read now, Conflict."""
    held = storage.get(key, BillUpload)
    if held is None or held.model.state is not UploadState.AWAITED:
        return
    upload = held.model
    bucket, after, facts = files(upload.supplier), upload.taken(), list[Fact]()
    kept = bucket.read(upload.name)
    if kept is None and now < upload.at + LASTS:  # also where they said too early that it was sent
        again = Due(min(now + WAITS, upload.at + LASTS), BILL)
        storage.commit([Put(key, upload, held.version, due=again)], correlation=correlation)
        return
    try:
        if kept is None:
            raise Rejected("the file never came", code="BILL_NO_FILE")
        _take(storage, config, upload, kept.data, now, correlation)
    except Rejected as error:
        told = f"bill {upload.number} of {upload.reference}: {error.message}"
        facts = [alert("BILL_UNREAD", upload.supplier, message=told, codes=error.code)]
        after = upload.failed(error.code, error.message)
    record = storage.load_order(key.pk).record
    if record is not None and record.model.erased_at is not None:  # the person was erased while the file was on its way
        bucket.delete(upload.name)
    storage.commit([Put(key, after, held.version, tuple(facts))], correlation=correlation)


def _take(storage: Storage, config: Config, upload: BillUpload, data: bytes, now: datetime, correlation: str) -> None:
    if len(data) > MOST_BYTES:
        raise Rejected("the file has more than 10 MB", code="BILL_TOO_LARGE")
    given = Given(upload.number, upload.dated.isoformat(), upload.total.currency, upload.total, upload.reference)
    if upload.pdf:
        if not data.startswith(b"%PDF-"):
            raise Rejected("the file is no PDF, though it was sent as one", code="BILL_UNREADABLE")
        found = typed_bill(upload.supplier, upload.reference, now, given, upload.name)
    else:
        several = read_bills(data, upload.supplier, now, given, file=upload.name)
        if len(several) > 1:
            raise Rejected("the file holds several bills: send each alone", code="BILL_UNREADABLE")
        (found,) = several
        if (number_key(found.number), found.total) != (number_key(upload.number), upload.total):
            raise Rejected("number or total in the file are others than those that were typed", code="BILL_UNREADABLE")
    take_bill(storage, config, found, now, FUNCTION, correlation)
