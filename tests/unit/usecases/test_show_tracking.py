"""Who has the link sees the page, in one read; everybody else gets the same bytes (R31, P8)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orderwright.customer_page import headers
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import TrackedParcel
from orderwright.tracking_links import TOKEN_LENGTH
from tests.support.handlers import call
from tests.support.rights import Need, Roles, allowed, needs_of
from tests.support.tracked import FACE
from tests.unit.usecases.customer import Answered, Customer
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop

__all__ = ["open_shop"]


@pytest.fixture
def customer(open_shop: OpenShop) -> Customer:
    return Customer(open_shop(), ("HL-PRO-1200", 3))


def look(customer: Customer, token: str | None = None, query: str = "", **event: Any) -> Answered:
    """One view."""
    asked = {
        "requestContext": {"http": {"method": "GET"}},
        "pathParameters": {"token": customer.token if token is None else token},
        "rawQueryString": query,
        **event,
    }
    answer = call("show_tracking", asked, customer.shop.wiring)
    return Answered(answer["statusCode"], answer["body"], answer["headers"])


def test_the_link_of_the_mail_shows_the_order_and_no_more_of_the_person_than_name_and_town(customer: Customer) -> None:
    shown = look(customer)
    assert shown.status == 200
    to = customer.order.details.model.destination
    assert f"For {to.name.split()[0]} in {to.city}" in shown.text
    assert customer.order.record.model.name in shown.text
    for secret in (
        to.name,
        to.line1,
        to.postcode,
        to.phone,
        customer.order.details.model.email,
        customer.token,
        customer.mark,
    ):
        assert not secret or secret not in shown.html


def test_the_headers_let_nobody_learn_the_link_and_nothing_run(customer: Customer) -> None:
    shown = look(customer)
    assert shown.headers["cache-control"] == "private, max-age=10"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["x-robots-tag"] == "noindex, nofollow"
    assert shown.headers["x-content-type-options"] == "nosniff"
    (style,) = re.findall(r"<style>(.*?)</style>", shown.html, re.DOTALL)
    known = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = shown.headers["content-security-policy"]
    assert f"default-src 'none'; style-src 'sha256-{known}';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "img-src" not in policy
    assert " style=" not in shown.html
    with_logo = headers(FACE.model_copy(update={"logo_url": "https://cdn.example.com/a/logo.png?x=1"}))
    assert " img-src https://cdn.example.com;" in with_logo["content-security-policy"]


def test_a_view_is_one_read_that_the_role_allows_and_the_shops_face_once_a_minute(
    open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OrderShop, "whole_sdk", True)  # it is listened to
    customer = Customer(open_shop(), ("HL-PRO-1200", 1))
    asked: list[Need] = []

    def note(params: dict[str, Any], model: Any, **_: object) -> None:
        asked.extend(needs_of("dynamodb", model.name, {**params, "TableName": "orders"}))

    customer.shop.aws.client("dynamodb").meta.events.register("provide-client-params.dynamodb.*", note)
    customer.shop.wiring = customer.shop.new_worker()
    views = []
    for _ in range(3):
        before = len(asked)
        assert look(customer).status == 200
        views.append(len(asked) - before)
    assert views == [2, 1, 1]
    customer.shop.clock.advance(61)
    look(customer)
    assert len(asked) == 6
    rights = Roles().of("show_tracking")
    assert [need for need in asked if not allowed(rights, need)] == []
    (foreign,) = needs_of(
        "dynamodb", "Query",
        {"TableName": "orders", "KeyConditionExpression": "pk = :pk",
         "ExpressionAttributeValues": {":pk": {"S": customer.order.pk}}},
    )  # fmt: skip
    assert not allowed(rights, foreign)


def ended(customer: Customer) -> str:
    now = customer.shop.clock.now()
    parcel = TrackedParcel(
        number="X1", state=ShipmentState.DELIVERED, passed={"DELIVERED": now - timedelta(days=31)}, shipped_at=now,
        units={line.line_id: line.quantity for line in customer.order.details.model.lines},
    )  # fmt: skip
    customer.shows("SHIP#x", parcel)
    return customer.token


def erased(customer: Customer) -> str:
    shop = customer.shop
    shop.store.redact(customer.name)
    shop.run()
    return customer.token


WRONG: list[Callable[[Customer], str]] = [
    lambda _: "a" * TOKEN_LENGTH,
    lambda customer: customer.token.upper(),
    lambda customer: customer.mark,
    lambda _: "",
    lambda _: "-",
    ended,
    erased,
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_an_ended_and_an_erased_link_are_answered_with_the_same_bytes(
    customer: Customer, wrong: Callable[[Customer], str]
) -> None:
    assert look(customer).status == 200
    token = wrong(customer)
    never = look(customer, "2" * TOKEN_LENGTH, "lang=de")
    assert (never.status, never.html.count("<h1>")) == (404, 1)
    assert look(customer, token) == never
    assert look(customer, token, pathParameters=None) == never


def test_a_text_that_is_no_link_is_looked_up_nowhere(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(customer.shop.wiring.storage, "list_raw", refuse)
    for token in (
        "",
        "-",
        "../..",
        "a" * (TOKEN_LENGTH - 1),
        "ä" * TOKEN_LENGTH,
        "a" * TOKEN_LENGTH + "\n",
        "a" * 10_000,
    ):
        assert look(customer, token).status == 404
    assert look(customer).status == 503, "what goes wrong on our side is a page too"


ODD = st.one_of(
    st.text(max_size=200),
    st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=TOKEN_LENGTH, max_size=TOKEN_LENGTH),
    st.sampled_from(["%00", "\x00", "..%2f..", "ﬀ" * 32, "TRACK#-", "-", "a" * 32 + "/", "null"]),
)
QUERIES = st.one_of(
    st.text(max_size=100),
    st.sampled_from(
        ["lang=", "lang=xx", "lang=de&lang=fi", "lang=%FF", "lang=de%00", "lang=" + "e" * 9000, "&&&=", "lang[]=de"]
    ),
)


def test_whatever_is_asked_for_the_answer_is_a_page_or_that_there_is_none(customer: Customer) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ODD, QUERIES)
    def ask(token: str, query: str) -> None:
        assert look(customer, token, query).status == 404
        shown = look(customer, query=query)
        assert (shown.status, shown.html.count("<h1")) == (200, 1)

    ask()


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("", "en"),
        ("lang=uk", "uk"),
        ("lang=UK", "uk"),
        ("lang=xx", "en"),
        ("lang=ro-RO", "ro"),
        ("lang=ro&lang=lv", "lv"),
    ],
)
def test_the_language_is_the_chosen_one_else_the_orders(customer: Customer, query: str, language: str) -> None:
    assert f'<html lang="{language}">' in look(customer, query=query).html
