"""What a customer sends is kept once and answered with its receipt; strangers learn nothing (R49, R52, P2, P5, P8)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwright.domain.customer_request import RequestedLine, RequestKind, RequestReason, RequestState
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import TrackedOrder, TrackedParcel, TrackedRequest
from orderwright.messages import parse
from tests.support.rights import Need, Roles, allowed, needs_of
from tests.support.shop import Boundary, test_config
from tests.unit.usecases.customer import Answered, Customer
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop

__all__ = ["open_shop"]

BUSY, CLOSED = "is being worked on", "not possible any more"


@pytest.fixture
def customer(open_shop: OpenShop) -> Customer:
    return Customer(open_shop(), ("HL-PRO-1200", 3))


def line_of(customer: Customer) -> str:
    (line,) = customer.order.details.model.lines
    return str(line.line_id)


def chosen(customer: Customer, pieces: int | str, **more: str) -> dict[str, str]:
    return {**customer.form(), f"pieces-{line_of(customer)}": str(pieces), **more}


def taken(customer: Customer, pieces: int, number: int = 0, kind: str = "WITHDRAWAL", left: int = 0) -> None:
    """The request has become a case of its order."""
    line = RequestedLine(line_id=line_of(customer), title="Torch", quantity=pieces, left=left)
    asked = TrackedRequest(
        kind=RequestKind(kind), number=number, lines=(line,), reason=RequestReason.NOT_SAID, stopped=True, outcome="",
        asked_at=customer.shop.clock.now(), state=RequestState.OPEN,
    )  # fmt: skip
    customer.shows(f"REQUEST#{kind}#{number}", asked)


def delivered(customer: Customer, pieces: int = 3) -> None:
    now = customer.shop.clock.now()
    parcel = TrackedParcel(
        number="X1", state=ShipmentState.DELIVERED, passed={"DELIVERED": now}, shipped_at=now, units={line_of(customer): pieces}
    )  # fmt: skip
    customer.shows("SHIP#x", parcel)


def sent(customer: Customer) -> list[str]:
    """The messages that follow, as the relay sends them."""
    customer.shop.relay()
    return [parse(body).sk for body in customer.shop.queues["ingest_order"] if "customer.request_due" in body]


def test_a_withdrawal_is_kept_with_its_message_and_the_receipt_says_content_day_and_time(customer: Customer) -> None:
    form = customer.form()
    assert form == {"kind": "WITHDRAWAL", "n": "0", f"pieces-{line_of(customer)}": "3"}
    got = customer.send({**form, f"pieces-{line_of(customer)}": "2", "reason": "TOO_LATE"})
    for text in (
        "received your withdrawal",
        "22 November 2026 at 10:00 (Helsinki)",
        "order #1001",
        "2 × Nordlight",
        "too late",
    ):
        assert text in got.text
    assert (got.status, got.headers["cache-control"]) == (200, "no-store")
    assert "<script" not in got.html
    body = customer.kept()["WITHDRAWAL#0"]["body"]
    (line,) = body["lines"]
    assert (line["quantity"], line["left"], body["reason"], body["order"]) == (2, 1, "TOO_LATE", customer.order.pk)
    assert sent(customer) == ["WITHDRAWAL#0"]


def test_p5_a_form_sent_twice_is_kept_once_and_its_receipt_comes_again(customer: Customer) -> None:
    form = chosen(customer, 2)
    first = customer.send(form)
    customer.shop.clock.advance(3600)
    assert customer.send({**form, "reason": "DAMAGED"}).html == first.html
    other = customer.send({**form, f"pieces-{line_of(customer)}": "1"})
    assert (other.status, BUSY in other.text) == (409, True)
    assert [item["version"] for item in customer.kept().values()] == [1]
    customer.shop.run()
    again = customer.send(form)
    assert (again.status, "received your withdrawal" in again.text, "2 × Nordlight" in again.text) == (200, True, True)
    now = customer.send({**form, f"pieces-{line_of(customer)}": "1"})
    assert (now.status, now.fields["n"], now.fields[f"pieces-{line_of(customer)}"]) == (409, "1", "1")
    assert "On 22 November 2026 you withdrew" in now.text
    assert customer.send({**form, "n": "2"}).status == 409
    customer.send(now.fields)
    customer.shop.run()
    assert (list(customer.kept()), customer.form()) == (["WITHDRAWAL#0", "WITHDRAWAL#1"], {})
    assert [mail.subject for mail in customer.shop.post.mails] == [
        "We have received your withdrawal for order #1001"
    ] * 2


def test_p5_of_two_forms_at_once_one_is_kept_and_the_other_is_told_to_wait(customer: Customer) -> None:
    form, other, first = chosen(customer, 1), chosen(customer, 2), list[Answered]()

    def before(name: str) -> None:
        if "PutItem" in name and not first:
            first.append(Answered(0, "", {}))
            first[0] = customer.send(other)

    customer.shop.aws.before = before
    second = customer.send(form)
    assert (first[0].status, second.status, BUSY in second.text) == (200, 409, True)
    assert [item["body"]["lines"][0]["quantity"] for item in customer.kept().values()] == [2]


def test_p2_killed_anywhere_the_same_form_gives_the_one_receipt(customer: Customer) -> None:
    form, shop = chosen(customer, 1), customer.shop
    for call, when, keeps in (
        (1, "before", 0), (1, "after", 0), (2, "before", 0), (2, "after", 0), (3, "before", 0), (3, "after", 1),
    ):  # fmt: skip
        shop.wiring = shop.new_worker(Boundary((call, when)))
        with pytest.raises(BaseException, match="dynamodb"):
            customer.send(form)
        shop.wiring = shop.new_worker()
        assert len(customer.kept()) == keeps, (call, when)
        shop.clock.advance(60)
    got = customer.send(form)
    assert (got.status, "at 10:05 (Helsinki)" in got.text) == (200, True)
    assert sent(customer) == ["WITHDRAWAL#0"]


def test_it_ends_with_the_day_and_what_came_in_time_keeps_its_receipt(customer: Customer) -> None:
    shop = customer.shop
    delivered(customer)
    form = chosen(customer, 1)
    shop.clock.at = shop.clock.at.replace(
        month=12, day=7, hour=21, minute=59, second=59
    )  # a Monday; 22 November is a Sunday
    assert "until the end of 7 December 2026" in customer.send({}).text
    assert customer.send(form).status == 200
    shop.clock.advance(1)
    got = customer.send(form)
    assert (got.status, "at 23:59" in got.text) == (200, True)
    got = customer.send({**form, f"pieces-{line_of(customer)}": "2"})
    assert (got.status, CLOSED in got.text, got.fields) == (409, True, {})


def test_elsewhere_a_return_is_asked_for_of_what_arrived(open_shop: OpenShop) -> None:
    customer = Customer(open_shop(test_config(tracking={"return_days": 30})), ("HL-PRO-1200", 3))
    customer.shows("ORDER", TrackedOrder.model_validate({**customer.part("ORDER"), "country_code": "US"}))
    assert customer.form() == {}
    refused = customer.send({"kind": "WITHDRAWAL", "n": "0", f"pieces-{line_of(customer)}": "1"})
    assert (refused.status, CLOSED in refused.text) == (409, True)
    delivered(customer, 2)
    got = customer.send(chosen(customer, 2))
    assert (got.status, "received your return request" in got.text, "2 × Nordlight" in got.text) == (200, True, True)
    assert customer.kept()["RETURN#0"]["body"]["lines"][0]["left"] == 1


def test_a_wrong_field_is_said_beside_it_and_what_was_typed_stays(customer: Customer) -> None:
    wrong = ("two", "-1", "1.5", "1²", "9999999")
    for pieces, text in (("4", "At most 3."), *((typed, "Write a number.") for typed in wrong)):
        got = customer.send(chosen(customer, pieces, reason="DAMAGED"))
        assert (got.status, got.fields[f"pieces-{line_of(customer)}"]) == (422, pieces)
        assert f'<span class="error" id="error1">{text}</span>' in got.html
        for part in ("<details open>", 'aria-invalid="true"', '<option value="DAMAGED" selected>', f"<title>{text}"):
            assert part in got.html
    assert customer.kept() == {}


def test_what_is_no_form_of_this_page_is_refused_with_the_page(customer: Customer) -> None:
    line = f"pieces-{line_of(customer)}"
    for status, form in (
        (400, {}),
        (400, {"kind": "GIFT", "n": "0"}),
        (400, {"kind": "WITHDRAWAL"}),
        (400, {"kind": "WITHDRAWAL", "n": "x", line: "1"}),
        (409, {"kind": "RETURN", "n": "0", line: "1"}),
        (409, {"kind": "WITHDRAWAL", "n": "1", line: "1"}),
        (422, {"kind": "WITHDRAWAL", "n": "0"}),
        (422, {"kind": "WITHDRAWAL", "n": "0", line: "0"}),
        (422, {"kind": "WITHDRAWAL", "n": "0", line: ""}),
        (422, {"kind": "WITHDRAWAL", "n": "0", "pieces-other": "1"}),
    ):
        got = customer.send(form)
        assert (got.status, 'role="alert"' in got.html, "#1001" in got.text) == (status, True, True), form
    assert customer.send(body="kind=QUESTION&x=" + "y" * 70_000).status == 413
    for number in range(10):
        taken(customer, 1, number, left=2)
    assert customer.send({"kind": "WITHDRAWAL", "n": "10", line: "1"}).status == 429
    assert customer.kept() == {}


def test_r52_where_is_my_order_is_answered_at_once_and_counted_once_an_hour(customer: Customer) -> None:
    answers = [customer.send({"kind": "QUESTION"}) for _ in range(2)]
    customer.shop.clock.advance(3600)
    answers.append(customer.send({"kind": "QUESTION"}))
    assert [(got.status, "This is where your order is" in got.text) for got in answers] == [(200, True)] * 3
    assert sent(customer) == ["QUESTION#2026-11-22T08", "QUESTION#2026-11-22T09"]
    customer.shop.run()
    assert customer.part("ORDER")["asked"] == 2


def test_a_stranger_cannot_tell_a_wrong_link_from_one_that_has_ended(
    customer: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    form, shop = chosen(customer, 1), customer.shop
    shop.wiring = shop.new_worker(Boundary())
    malformed = ("", "x", "A" * 32, "a" * 33, f"{customer.token}%00", f"../{customer.token}", "ä" * 32, "a\n" * 16)
    bodies = {customer.send(form, token=token).html for token in malformed}
    assert shop.boundary.calls == []
    bodies.add(customer.send(form, token="a" * 32).html)
    customer.shows("ORDER", TrackedOrder(order=customer.order.pk, store="lamp-shop", erased=True))
    got = customer.send(form)
    bodies.add(got.html)
    assert (len(bodies), got.status, customer.kept()) == (1, 404, {})
    assert customer.token not in capsys.readouterr().out


def test_p8_neither_link_nor_mark_is_logged_also_when_it_fails(
    customer: Customer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "take_customer_request and its log")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    form = chosen(customer, 1)
    assert customer.send(form).status == 200
    customer.shop.relay()
    (message,) = [parse(body) for body in customer.shop.queues["ingest_order"] if "customer.request_due" in body]

    def fails(*_: Any) -> None:
        raise RuntimeError(customer.token)

    monkeypatch.setattr(customer.shop.wiring.storage, "list_raw", fails)
    got = customer.send(form)
    assert (got.status, "Please try again in a minute." in got.text) == (503, True)
    logged = capsys.readouterr().out + json.dumps(message.log_fields)
    assert '"kind":"WITHDRAWAL"' in logged
    assert '"code":"RuntimeError"' in logged
    for secret in (customer.token, customer.mark, line_of(customer)):
        assert secret not in logged


WORDS = st.one_of(
    st.sampled_from(
        ["kind", "n", "reason", "pieces-", "WITHDRAWAL", "RETURN", "QUESTION", "0", "1", "-1", "9" * 40, "%", "\x00"]
    ),
    st.text(max_size=30),
)


def test_whatever_is_typed_gets_a_page_and_never_an_error(customer: Customer) -> None:
    line = f"pieces-{line_of(customer)}"
    fields = st.lists(st.tuples(st.one_of(WORDS, st.just(line)), WORDS), max_size=6).map(
        lambda pairs: urlencode(pairs, errors="replace")
    )
    seen: list[Answered] = []

    @settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(body=st.one_of(fields, WORDS), lang=WORDS, token=st.one_of(st.none(), WORDS), known=st.booleans())
    def answers(body: str, lang: str, token: str | None, known: bool) -> None:
        given = f"kind=WITHDRAWAL&n=0&{line}=1&{body}" if known else body
        got = customer.send(
            body=given.encode("utf-8", "replace").decode(), lang=lang.encode("utf-8", "replace").decode(), token=token
        )
        assert 200 <= got.status < 500
        assert got.html.startswith("<!doctype html>")
        seen.append(got)

    answers()
    assert {200, 400, 404} <= {got.status for got in seen}
    for broken in (
        {"body": None},
        {"body": "%%%", "isBase64Encoded": True},
        {"pathParameters": None},
        {"rawQueryString": "lang=%FF"},
    ):
        assert 400 <= customer.send(**broken).status < 500


def test_the_role_allows_each_call_and_reaches_no_order(open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrderShop, "whole_sdk", True)  # it is listened to
    customer = Customer(open_shop(), ("HL-PRO-1200", 3))
    asked: set[Need] = set()

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        asked.update(needs_of("dynamodb", model.name, {**params, "TableName": "orders"}))

    form = chosen(customer, 1)
    customer.shop.aws.client("dynamodb").meta.events.register("provide-client-params.dynamodb.*", note)
    customer.shop.wiring = customer.shop.new_worker()
    for sending in (form, form, {"kind": "QUESTION"}):
        assert customer.send(sending).status == 200
    rights = Roles().of("take_customer_request")
    assert [need for need in asked if not allowed(rights, need)] == []
    unused = {right.action for right in rights if not any(right.covers(need) for need in asked)}
    assert unused == {"logs:CreateLogStream", "logs:PutLogEvents"}
    for action, pk in (
        ("Query", customer.order.pk),
        ("GetItem", customer.order.pk),
        ("PutItem", "TRACK#m"),
        ("Query", "REQUEST#m"),
    ):
        part: dict[str, Any] = {"TableName": "orders", "ExpressionAttributeValues": {":pk": {"S": pk}}}
        keyed = (
            {"KeyConditionExpression": "pk = :pk"}
            if action == "Query"
            else {"Key": {"pk": {"S": pk}}, "Item": {"pk": {"S": pk}}}
        )
        (need,) = needs_of("dynamodb", action, {**part, **keyed})
        assert not allowed(rights, need), (action, pk)
