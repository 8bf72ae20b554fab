"""The page of a purchase order (promises P1, P6, P7, P8): what it shows, what it takes down, and what it never does."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.supplier_answers import Withdrawal, WrongCodes
from orderwright.errors import Misconfigured
from orderwright.page_links import code_of, link
from orderwright.pages import words_of
from orderwright.pages.words import LANGUAGES
from orderwright.records import order_part_key
from orderwright.storage import Put
from orderwright.usecases import answering, supplier_forms
from orderwright.usecases.intake.erasure import erase_order
from tests.scripted.registering import scripted_suppliers
from tests.support.rights import Need, Roles, allowed, needs_of
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop
from tests.unit.usecases.supplier_page import SECRET, Clerk, clerk_of

__all__ = ["scripted_suppliers"]

MS, KID = "HL-MS-400", "HL-KID-120"
NUMBER = "1Z999AA10123456784"
Open = Callable[..., Clerk]


@pytest.fixture
def clerk(scripted_suppliers: None) -> Iterator[Open]:
    """Opens a shop with a purchase order that was mailed to a desk; gives the desk's clerk."""
    opened: list[ScriptedShop] = []

    def open_one(*lines: tuple[str, int], **settings: object) -> Clerk:
        opened.append(ScriptedShop("mail", None, **settings))
        return clerk_of(opened[-1], *(lines or ((MS, 2),)))

    yield open_one
    for shop in opened:
        shop.close()


def line_of(po: PurchaseOrder, sku: str) -> str:
    """The id of its line of a SKU."""
    return next(line.line_id for line in po.lines if line.sku == sku)


def change(clerk: Clerk, po: PurchaseOrder) -> None:
    """The purchase order becomes this."""
    file = clerk.shop.order(clerk.name)
    ((sk, held),) = file.purchase_orders.items()
    key = order_part_key(file.pk, sk)
    clerk.shop.wiring.storage.commit([Put(key, po, held.version, ref=f"po#{po.reference}")])


# --- what it shows ----------------------------------------------------------------------------------------------------


def test_the_page_shows_what_to_ship_and_where_to_and_never_the_code(clerk: Open) -> None:
    one = clerk((MS, 2))
    page, to = one.ask(), one.shop.order(one.name).details.model.destination
    for text in (one.po.reference, one.po.lines[0].supplier_sku, one.po.lines[0].title, to.name, to.line1, to.postcode):
        assert text in page.text
    assert (page.status, page.state) == (200, "waiting")
    assert one.code not in page.html
    assert "help@nordlight.example.com" in page.text


def test_no_script_no_cookie_no_frame_no_copy_and_no_trace_of_the_link_elsewhere(clerk: Open) -> None:
    page = clerk().ask()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in page.headers
    assert "<script" not in page.html
    assert " style=" not in page.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_the_suppliers_language(clerk: Open, language: str) -> None:
    page, words = clerk(language=language).ask(), words_of(language)
    assert f'<html lang="{language}">' in page.html
    assert words["confirm_button"] in page.text
    assert words["state_waiting"] in page.text


def test_each_language_has_the_same_words_with_the_same_places_to_fill_in() -> None:
    def places(text: str) -> set[str]:
        return {part.partition("}")[0] for part in text.split("{")[1:]}

    english = {name: places(text) for name, text in words_of("en").items()}
    for language in LANGUAGES:
        assert {name: places(text) for name, text in words_of(language).items()} == english, language


def test_p8_an_erased_person_leaves_no_address(clerk: Open) -> None:
    one = clerk()
    name = one.shop.order(one.name).details.model.destination.name
    storage, clock = one.shop.wiring.storage, one.shop.clock
    erase_order(one.shop.order(one.name).pk, "asked", storage=storage, clock=clock, files=one.shop.wiring.bill_files)
    page = one.ask()
    assert name not in page.text
    assert words_of("en")["address_erased"].format(merchant="Nordlight") in page.text


def test_an_address_that_changed_since_is_not_shown_as_if_it_counted(clerk: Open) -> None:
    one = clerk()
    change(one, one.po.addressed("otherone"))
    page = one.ask()
    assert "The address was changed" in page.text
    assert one.shop.order(one.name).details.model.destination.line1 not in page.text


def test_whatever_can_be_wrong_with_an_answer_has_words() -> None:
    code = Path(answering.__file__).read_text("utf-8") + Path(supplier_forms.__file__).read_text("utf-8")
    codes = set(re.findall(r'(?:AnswerFault\("\w+", |Wrong\()"([A-Z_]+)"', code))
    assert len(codes) > 10
    assert codes <= words_of("en").keys()


# --- links ------------------------------------------------------------------------------------------------------------


def test_a_link_that_is_forged_or_of_no_purchase_order_tells_nothing(clerk: Open) -> None:
    one = clerk()
    day = one.shop.clock.now().date()
    base, reference = "https://api.example.com/p", one.po.reference
    others = [
        link(base, reference, "another", day),
        link(base, "OWAAAAAAAAAAAAAAAAAAAA", SECRET, day),
        link(base, reference, SECRET, day + timedelta(days=9))[:-1] + "A",
    ]
    tokens = [*(other.rpartition("/")[2] for other in others), "x", "a-b-c", "ä-1-2", "%00"]
    pages = [one.ask(token=token) for token in tokens]
    assert {(page.status, page.html) for page in pages} == {(404, pages[0].html)}
    assert "Nordlight" not in pages[0].html
    assert [one.send("confirm").status, one.ask("POST", "act=confirm", token=tokens[0]).status] == [200, 404]


def test_an_expired_link_says_so_and_whom_to_write_to(clerk: Open) -> None:
    one = clerk(language="de")
    one.shop.clock.advance(86400 * 121)
    page = one.ask()
    assert page.status == 410
    assert "abgelaufen" in page.text
    assert "help@nordlight.example.com" in page.text
    assert one.po.lines[0].title not in page.text
    assert one.send("confirm").status == 410
    assert not one.po.answers.confirmed_by


def test_p7_a_link_of_the_secret_before_is_good_until_that_one_ends(clerk: Open) -> None:
    one = clerk()
    door = one.shop.wiring._door
    assert tuple(door.secrets_of(PARTS, "scripted-mail")) == (SECRET,)
    assert door.secrets_of(PARTS, "cj") == ()
    assert door.secrets_of("nobody", "scripted-mail") == ()


# --- answers ----------------------------------------------------------------------------------------------------------


def test_p1_a_program_that_opens_the_link_accepts_nothing(clerk: Open) -> None:
    one = clerk()
    before, form = one.po, urlencode({"act": "confirm", "code": one.code})
    assert [one.ask(method, form, rawQueryString=form).status for method in ("GET", "HEAD")] == [200, 200]
    assert one.po == before


def test_p1_a_form_without_the_code_of_the_mail_changes_nothing_and_says_where_it_stands(clerk: Open) -> None:
    one = clerk()
    before = one.po
    for code in ("", "000-000", "12345", "abc", "9" * 200, code_of("OWAAAAAAAAAAAAAAAAAAAA", SECRET)):
        page = one.send("confirm", code, their_number="A <b>7</b>", ships_on="2026-12-24")
        assert page.status in (403, 422)
        assert one.po == before
        assert "It stands in the mail" in page.text
        assert 'value="A &lt;b&gt;7&lt;/b&gt;"' in page.html, "what was typed stays"
        assert 'value="2026-12-24"' in page.html
        assert 'aria-describedby="confirm-code-error confirm-code-hint"' in page.html


def test_twenty_wrong_codes_end_a_day_also_for_the_right_one(clerk: Open) -> None:
    one = clerk()
    wrong = f"{(int(one.code.replace('-', '')) + 1) % 1_000_000:06d}"
    for _ in range(WrongCodes.MOST):
        assert one.send("confirm", wrong).status == 403
    page = one.send("confirm")
    assert (page.status, one.po.answers.confirmed_by) == (429, "")
    assert "help@nordlight.example.com" in page.text
    one.shop.clock.advance(86400)
    assert one.send("confirm").status == 200
    assert one.send("confirm", "").status == 422, "a code that is not there is no guess"


def test_a_confirmation_is_written_down_once_with_date_and_number(clerk: Open) -> None:
    one = clerk()
    first = one.send("confirm", one.code.replace("-", " "), ships_on="2026-12-01", their_number="A-77")
    answers = one.po.answers
    assert (first.status, first.state) == (200, "confirmed")
    assert (answers.confirmed_by, answers.ships_on, answers.their_number) == ("supplier", date(2026, 12, 1), "A-77")
    assert "1 December 2026" in first.text
    after = one.po
    again = one.send("confirm", ships_on="2026-12-01", their_number="A-77")
    assert (again.status, one.po) == (200, after)
    assert "Nothing was changed" in again.text
    assert one.send("confirm", ships_on="2026-12-02").status == 200
    assert (one.po.answers.ships_on, one.po.answers.their_number) == (date(2026, 12, 2), "A-77")


WRONG_FIELDS: list[tuple[str, dict[str, str], str]] = [
    ("confirm", {"ships_on": "24.12.2026"}, "DATE_UNREADABLE"),
    ("confirm", {"ships_on": "2026-11-01"}, "DATE_PAST"),
    ("confirm", {"ships_on": "2029-11-01"}, "DATE_FAR"),
    ("confirm", {"their_number": "7" * 65}, "TOO_LONG"),
    ("refuse", {}, "REFUSED_NONE"),
    ("refuse", {"refused__nothing": "yes", "why__nothing": "x"}, "LINE_UNKNOWN"),
    ("refuse", {"refused__LINE": "yes"}, "WHY_MISSING"),
    ("parcel", {}, "NUMBER_MISSING"),
    ("parcel", {"tracking_number": "1Z/99"}, "NUMBER_UNREADABLE"),
    ("parcel", {"tracking_number": "QQQQQ"}, "NUMBER_UNKNOWN"),
    ("parcel", {"tracking_number": NUMBER, "units__LINE": "3"}, "UNITS_WRONG"),
    ("parcel", {"tracking_number": NUMBER, "units__LINE": "-1"}, "UNITS_WRONG"),
    ("parcel", {"tracking_number": NUMBER, "units__nothing": "1"}, "LINE_UNKNOWN"),
    ("withdrawal", {}, "WITHDRAWAL_MISSING"),
]


def test_a_field_that_is_wrong_is_told_beside_it_and_nothing_is_changed(clerk: Open) -> None:
    one = clerk()
    before, line = one.po, one.po.lines[0].line_id
    for act, fields, wrong in WRONG_FIELDS:
        page = one.send(act, **{name.replace("LINE", line): text for name, text in fields.items()})
        assert (page.status, one.po) == (422, before), wrong
        assert words_of("en")[wrong].split("{")[0] in page.text
        assert page.html.count('role="alert"') == 1


def test_a_line_is_refused_with_its_reason_and_the_rest_counts_as_confirmed(clerk: Open) -> None:
    one = clerk((MS, 1), (KID, 1))
    line = line_of(one.po, KID)
    fields = {f"refused__{line}": "yes", f"why__{line}": "sold \u202eout <script>"}
    page = one.send("refuse", **fields)
    (refused,) = one.po.answers.refused
    assert (page.status, refused.line_id, refused.why) == (200, line, "sold out <script>")
    assert one.po.answers.confirmed_by == "supplier"
    after = one.po
    assert (one.send("refuse", **fields).status, one.po) == (200, after)
    change(one, after.answered_with(after.answers.refusals_settled()))
    again = one.send("refuse", **fields)
    assert "Nothing was changed" in again.text


def test_what_contradicts_is_said_so_and_the_shop_is_told(clerk: Open) -> None:
    one = clerk()
    one.send("confirm")
    line = one.po.lines[0].line_id
    page = one.send("refuse", **{f"refused__{line}": "yes", f"why__{line}": "sold out"})
    assert (page.status, one.po.answers.refused) == (409, ())
    assert "does not fit what you told us before" in page.text
    one.shop.relay()
    told = [json.loads(body) for body in one.shop.queues["alert_merchant"]]
    assert "SUPPLIER_CONTRADICTS" in [message["topic"] for message in told]


def test_refusing_all_of_it_ends_the_page(clerk: Open) -> None:
    one = clerk()
    line = one.po.lines[0].line_id
    page = one.send("refuse", **{f"refused__{line}": "yes", f"why__{line}": "sold out"})
    assert page.state == "withdrawn"
    assert "Withdrawn. Do not ship." in page.text
    assert "<form" not in page.html


def test_parcels_are_entered_with_their_units_once_each(clerk: Open) -> None:
    one = clerk((MS, 2))
    line = one.po.lines[0].line_id
    page = one.send("parcel", tracking_number="1z 999 aa1 0123456784", **{f"units__{line}": "1"})
    (parcel,) = one.po.answers.parcels
    assert (page.status, parcel.tracking_number, parcel.units, parcel.who) == (200, NUMBER, {line: 1}, "supplier")
    assert (page.state, one.po.answers.confirmed_by) == ("shipped", "supplier")
    assert f'value="{one.code}"' in page.html, "nobody types the code for each parcel"
    after = one.po
    assert one.send("parcel", tracking_number=NUMBER, **{f"units__{line}": "1"}).status == 200
    other = one.send("parcel", tracking_number=NUMBER)
    assert (other.status, one.po) == (422, after)
    assert "entered already" in other.text
    assert one.send("parcel", tracking_number="QQQQQ7", carrier="Carts of Lapland").status == 200
    assert len(one.po.answers.parcels) == 2


def test_a_refusal_that_is_sent_again_after_its_line_has_left_changes_nothing(clerk: Open) -> None:
    one = clerk((MS, 1), (KID, 1))
    line = one.po.lines[0].line_id
    fields = {f"refused__{line}": "yes", f"why__{line}": "sold out"}
    assert one.send("refuse", **fields).status == 200
    change(one, one.po.lines_refused({line}))
    after = one.po
    assert (one.send("refuse", **fields).status, one.po) == (200, after)


@pytest.mark.parametrize(
    ("said", "withdrawal", "state"),
    [("yes", Withdrawal.AGREED, "withdrawn"), ("no", Withdrawal.TOO_LATE, "too_late")],
)
def test_a_withdrawal_is_answered_once(clerk: Open, said: str, withdrawal: Withdrawal, state: str) -> None:
    one = clerk()
    change(one, one.po.answered_with(one.po.answers.withdrawing(Withdrawal.ASKED)))
    assert one.ask().state == "asked"
    page = one.send("withdrawal", withdrawn=said)
    assert (page.status, page.state, one.po.answers.withdrawal) == (200, state, withdrawal)
    after = one.po
    again = one.send("withdrawal", withdrawn=said)
    assert (again.status, one.po) == (200, after)
    assert "Nothing was changed" in again.text


def test_a_parcel_of_what_was_withdrawn_is_told_to_the_shop_and_nothing_else_is_taken(clerk: Open) -> None:
    one = clerk()
    change(one, one.po.answered_with(one.po.answers.withdrawing(Withdrawal.ENDED)))
    before = one.po
    assert (one.send("confirm").status, one.po) == (409, before)
    page = one.send("parcel", tracking_number=NUMBER)
    assert (page.status, page.state, one.po.answers.parcels) == (409, "withdrawn", ())
    assert NUMBER in one.po.answers.contradiction


# --- the function -----------------------------------------------------------------------------------------------------


def test_bodies_in_base64_are_read_and_odd_or_large_ones_change_nothing(clerk: Open) -> None:
    one = clerk()
    before = one.po
    form = f"act=confirm&code={one.code}"
    assert one.ask("POST", "x" * 70_000).status == 413
    assert one.ask("POST", "~", isBase64Encoded=True).status == 400
    assert one.ask("POST", "&".join(f"f{n}=1" for n in range(600))).status == 400
    assert one.ask("POST", base64.b64encode(b"act=confirm&code=\xff\xfe").decode(), isBase64Encoded=True).status == 403
    assert one.ask("DELETE", form).status == 404
    assert one.po == before
    assert one.ask("POST", base64.b64encode(form.encode()).decode(), isBase64Encoded=True).status == 200
    assert one.po.answers.confirmed_by == "supplier"


def test_a_failure_is_a_page_that_says_to_try_again(clerk: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    one = clerk()

    def refuse(*_: object) -> None:
        raise Misconfigured("no secrets", code="DOOR_UNREADABLE")

    monkeypatch.setattr(one.shop.wiring._door, "secrets_of", refuse)
    page = one.ask()
    assert (page.status, "try again" in page.text) == (503, True)


def test_p8_nothing_personal_and_no_link_or_code_is_logged(clerk: Open, caplog: pytest.LogCaptureFixture) -> None:
    one = clerk()
    caplog.set_level("INFO", "service_undefined")
    caplog.clear()
    one.ask()
    one.send("confirm", their_number="A-77")
    one.send("parcel", "111-111", tracking_number=NUMBER)
    one.ask(token="x")
    told, to = str([vars(record) for record in caplog.records]), one.shop.order(one.name).details.model.destination
    assert one.po.reference in told
    for secret in (one.token, one.token.rpartition("-")[2], one.code, NUMBER, "A-77", to.name, to.line1, to.postcode):
        assert secret not in told


def test_the_role_allows_each_call_of_the_page_and_has_no_other_right(
    clerk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScriptedShop, "whole_sdk", True)  # it is listened to
    one = clerk()
    asked: set[Need] = set()
    roles = Roles()
    tables = {one.shop._environ[f"{table.upper()}_TABLE"]: table for table in ("orders", "control")}

    def note(params: dict[str, object], model: object, **_: object) -> None:
        service, operation = model.service_model.service_name, model.name  # type: ignore[attr-defined]
        text = json.dumps(params, default=str)
        for name, table in tables.items():
            text = text.replace(f'"{name}"', f'"{table}"')
        asked.update(
            needs_of(service, operation, json.loads(text.replace("/orderwright/test", "/orderwright/orderwright")))
        )

    for service in ("dynamodb", "ssm"):
        one.shop.aws.client(service).meta.events.register(f"provide-client-params.{service}.*", note)
    one.shop.wiring = one.shop.new_worker()
    one.ask()
    one.send("confirm", "111-111")
    one.send("confirm")
    one.send("bill_sent", file="f1")
    rights = roles.of("serve_supplier_page")
    assert [need for need in asked if not allowed(rights, need)] == []
    used = {right for right in rights if any(right.covers(need) for need in asked)}
    assert {right.action for right in set(rights) - used if "ssm" not in right.action} == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:PutObject",  # asked for when a form that the page signed is posted, by the supplier's browser
    }
