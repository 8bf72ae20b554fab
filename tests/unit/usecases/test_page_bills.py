"""R48: a supplier types its bill on the page of a purchase order and sends its file; it is read, compared, and never lost."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import suppress

import botocore.session
import pytest

from orderwright.aws.clients import config_of, form_config
from orderwright.aws.files import S3Files
from orderwright.domain.bill import Bill, BillState
from orderwright.domain.bill_upload import MOST_BYTES, UploadState
from orderwright.messages import Message
from orderwright.records import bill_key, bill_upload_key
from orderwright.usecases.bill_uploads import uploads_of
from orderwright.usecases.intake.erasure import erase_order
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import Boundary, Killed
from tests.unit.cli.cli_kit import operator_of
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop
from tests.unit.usecases.supplier_page import BUCKET, Clerk, Page, clerk_of, files_bucket

__all__ = ["scripted_suppliers"]

MS = "HL-MS-400"
PDF = b"%PDF-1.7 a bill"


@pytest.fixture
def clerk(scripted_suppliers: None) -> Iterator[Clerk]:
    shop = ScriptedShop("mail", None)
    with files_bucket(shop):
        yield clerk_of(shop, (MS, 2))
    shop.close()


def announce(clerk: Clerk, **typed: str) -> Page:
    """The first form, filled in as ordered."""
    cost = clerk.po.expected_cost
    form = {"number": "R-7", "date": "2026-11-22", "currency": cost.currency, "total": f"{cost.decimal}", "kind": "pdf"}
    return clerk.send("bill", **{**form, **typed})


def fields(page: Page) -> dict[str, str]:
    """The hidden fields of the form that sends the file."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.html))


def put(clerk: Clerk, page: Page, data: bytes) -> None:
    """What S3 does with the form."""
    clerk.shop.aws.client("s3").put_object(Bucket=BUCKET, Key=fields(page)["key"], Body=data)


def bill(clerk: Clerk, number: str = "R-7") -> Bill | None:
    held = clerk.shop.wiring.storage.get(bill_key(PARTS, number), Bill)
    return held.model if held else None


def states(clerk: Clerk) -> list[tuple[UploadState, str]]:
    found = uploads_of(clerk.shop.wiring.storage, clerk.shop.order(clerk.name).pk)
    return [(one.state, one.why) for one in found]


def say_sent(clerk: Clerk) -> Page:
    (upload,) = uploads_of(clerk.shop.wiring.storage, clerk.shop.order(clerk.name).pk)
    page = clerk.send("bill_sent", file=upload.name)
    clerk.shop.run()
    return page


def test_a_bill_is_announced_sent_and_read_when_the_supplier_says_so(clerk: Clerk) -> None:
    page = announce(clerk)
    assert page.status == 200
    policy = json.loads(base64.b64decode(fields(page)["policy"]))["conditions"]
    assert ["content-length-range", 1, MOST_BYTES] in policy
    assert {"Content-Type": "application/pdf"} in policy
    assert fields(page)["key"].startswith(f"{PARTS}/bills/")
    (origin,) = re.findall(r"form-action 'self' (https?://[^;/]+);", page.headers["content-security-policy"])
    assert BUCKET in origin or f'action="{origin}' in page.html
    assert clerk.ask().headers["content-security-policy"].count("form-action 'self';") == 1
    put(clerk, page, PDF)
    say_sent(clerk)
    found = bill(clerk)
    assert found is not None
    assert (found.state, found.total, states(clerk)) == (
        BillState.MATCHES, clerk.po.expected_cost, [(UploadState.TAKEN, "")],
    )  # fmt: skip
    assert "Received." in clerk.ask().text
    assert fields(page)["key"] in operator_of(clerk.shop)("bills", "show", "R-7").out


def test_on_aws_the_form_is_signed_as_new_buckets_want_it_and_names_the_regions_own_address() -> None:
    session = botocore.session.Session()
    session.set_credentials("AKIAEXAMPLE", "secret")
    config = config_of(1.0).merge(form_config())
    bucket = S3Files(session.create_client("s3", region_name="eu-west-1", config=config), "files", "parts", "bills")
    form = bucket.upload_form("a", "application/pdf", 9, "")
    assert (form.url, "x-amz-signature" in form.fields) == ("https://files.s3.eu-west-1.amazonaws.com/", True)


def test_a_csv_is_compared_line_by_line_and_read_by_its_due_time(clerk: Clerk) -> None:
    po = clerk.po
    page = announce(clerk, kind="csv")
    rows = "".join(
        f"{po.reference},{line.supplier_sku},{line.quantity + 1},{line.unit_cost.exact}\n" for line in po.lines
    )
    put(clerk, page, b"reference,sku,units,price\n" + rows.encode())
    clerk.shop.pass_time(1500)
    found = bill(clerk)
    assert found is not None
    assert "BILL_UNITS" in [one.code for one in found.differences]
    assert any("BILL_WAITS" in alert for alert in clerk.shop.post.alerts)


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("pdf", b"number,total\n", "BILL_UNREADABLE"),
        ("csv", PDF, "BILL_UNREADABLE"),
        ("csv", b"number,sku,units,price\nR-8,A,1,1.00\n", "BILL_UNREADABLE"),
        ("pdf", PDF + b" " * MOST_BYTES, "BILL_TOO_LARGE"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_on_the_page_and_to_the_operator_and_stays(
    clerk: Clerk, kind: str, data: bytes, why: str
) -> None:
    page = announce(clerk, kind=kind)
    put(clerk, page, data)
    say_sent(clerk)
    assert (bill(clerk), states(clerk)) == (None, [(UploadState.FAILED, why)])
    assert "Not accepted." in clerk.ask().text
    assert any("BILL_UNREAD" in alert and why in alert for alert in clerk.shop.post.alerts)
    assert clerk.shop.aws.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


def test_a_file_that_never_comes_is_given_up_and_the_bill_may_be_sent_again(clerk: Clerk) -> None:
    announce(clerk)
    announce(clerk)
    assert len(states(clerk)) == 1, "the same bill twice"
    clerk.shop.pass_time(4000)
    assert states(clerk) == [(UploadState.FAILED, "BILL_NO_FILE")]
    assert announce(clerk).status == 200
    assert len(states(clerk)) == 2


@pytest.mark.parametrize(
    ("typed", "field", "text"),
    [
        ({"number": ""}, "number", "Fill this in."),
        ({"date": "yesterday"}, "date", "year-month-day"),
        ({"currency": "euro"}, "currency", "three letters"),
        ({"total": "much"}, "total", "amount such as"),
        ({"kind": ""}, "kind", "Choose one"),
    ],
)
def test_a_field_that_is_wrong_is_told_beside_it_and_nothing_is_written(
    clerk: Clerk, typed: dict[str, str], field: str, text: str
) -> None:
    page = announce(clerk, **typed)
    assert (page.status, states(clerk)) == (422, [])
    assert f'id="bill-{field}-error"' in page.html
    assert text in page.text


def test_a_file_that_comes_after_they_said_so_often_that_it_was_sent_is_read(clerk: Clerk) -> None:
    page = announce(clerk)
    for _ in range(4):
        say_sent(clerk)
    put(clerk, page, PDF)
    clerk.shop.pass_time(1500)
    assert states(clerk) == [(UploadState.TAKEN, "")]


def test_a_csv_in_the_suppliers_own_form_that_names_no_order_is_about_the_one_of_the_page(clerk: Clerk) -> None:
    po = clerk.po
    page = announce(clerk, kind="csv", number="r 7")
    rows = [f"{line.supplier_sku};{line.quantity};{line.unit_cost.exact:.2f};R7" for line in po.lines]
    freight = f"{(po.quoted_freight or po.freight).decimal:.2f}"
    text = "sku;units;price;number;freight\n" + f"{rows[0]};{freight}\n"
    put(clerk, page, text.replace(".", ",").encode())
    say_sent(clerk)
    found = bill(clerk, "R7")
    assert found is not None
    assert (found.state, found.references, found.differences) == (BillState.MATCHES, (po.reference,), ())


def test_without_the_code_nothing_is_announced(clerk: Clerk) -> None:
    assert announce(clerk, code="000-000").status == 403
    assert states(clerk) == []


@pytest.mark.parametrize(("before", "data"), [(True, PDF), (True, b"no PDF"), (False, PDF)])
def test_the_file_goes_with_the_person_and_the_amounts_stay(clerk: Clerk, before: bool, data: bytes) -> None:
    shop, pk = clerk.shop, clerk.shop.order(clerk.name).pk

    def erase() -> None:
        erase_order(pk, "asked", storage=shop.wiring.storage, clock=shop.clock, files=shop.wiring.bill_files)

    page = announce(clerk)
    if before:
        erase()
    put(clerk, page, data)
    say_sent(clerk)
    if not before:
        erase()
    assert shop.aws.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    assert (bill(clerk) is not None) is (data is PDF)


def test_a_worker_killed_while_it_reads_a_file_is_followed_by_another(clerk: Clerk) -> None:
    shop, pk = clerk.shop, clerk.shop.order(clerk.name).pk
    for number in range(1, 20):
        page = announce(clerk, number=f"R-{number}")
        put(clerk, page, PDF)
        upload = next(one for one in uploads_of(shop.wiring.storage, pk) if one.number == f"R-{number}")
        boundary = Boundary(kill_at=(number, "after"))
        key = bill_upload_key(pk, upload.reference, upload.name)
        with suppress(Killed):
            shop.call("ingest_order", Message("bill.due", "m", "now", pk=key.pk, sk=key.sk).to_json(), boundary)
        shop.new_worker()
        shop.pass_time(1500, step=300)
        held = bill(clerk, f"R-{number}")
        assert held is not None
        assert not held.undone
        assert states(clerk)[-1] == (UploadState.TAKEN, ""), boundary.calls[-1]
        if not boundary.dead:
            return
    assert number > 10
