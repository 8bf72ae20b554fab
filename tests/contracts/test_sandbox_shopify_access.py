"""Tokens, versions, throttle and scripted faults of the sandbox's Shopify."""

from __future__ import annotations

import json

import pytest

from local.sandbox.shopify import ShopifyConfig
from local.sandbox.wire import Request
from tests.contracts.sandbox_shopify_kit import GRAPHQL, Desk


def test_a_token_lives_a_day_by_the_worlds_clock() -> None:
    desk = Desk()
    granted = json.loads(desk.ask_token().body)
    assert granted["expires_in"] == 86_399
    assert "write_inventory" in granted["scope"].split(",")
    assert desk.post("{ shop { name } }").status == 200
    desk.pass_time(86_400)
    refused = desk.post("{ shop { name } }")
    assert refused.status == 401
    assert "Invalid API key or access token" in json.loads(refused.body)["errors"]


def test_a_wrong_secret_gets_no_token() -> None:
    answer = Desk().ask_token(secret="wrong")
    assert answer.status == 401
    assert json.loads(answer.body)["error"] == "invalid_client"


def test_another_version_falls_forward_and_the_header_says_so() -> None:
    answer = Desk().post("{ shop { name } }", path="/admin/api/2024-01/graphql.json")
    assert answer.headers["X-Shopify-API-Version"] == "2026-10"


def test_an_unknown_path_is_not_found() -> None:
    assert Desk().post("{ shop { name } }", path="/admin/api/2026-10/orders.json").status == 404


def test_an_empty_bucket_throttles_and_refills_with_time() -> None:
    desk = Desk(ShopifyConfig(bucket_points=25, restore_points=10))
    mutation = 'mutation { tagsAdd(id: "gid://shopify/Order/1", tags: ["x"]) { userErrors { message } } }'
    first = desk.ask(mutation)
    assert first["extensions"]["cost"]["throttleStatus"] == {
        "maximumAvailable": 25.0,
        "currentlyAvailable": 15,
        "restoreRate": 10.0,
    }
    desk.ask(mutation)
    throttled = desk.post(mutation)
    body = json.loads(throttled.body)
    assert throttled.status == 200
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in body
    desk.pass_time(1)
    assert "errors" not in desk.ask(mutation)


def test_a_query_over_a_thousand_points_is_refused_before_it_runs() -> None:
    answer = Desk().ask("{ products(first: 250) { nodes { id variants(first: 10) { nodes { id } } } } }")
    assert answer["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_a_field_outside_the_schema_is_refused() -> None:
    assert "Cannot query field 'nonsense'" in Desk().ask("{ shop { nonsense } }")["errors"][0]["message"]


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_scripted_http_errors_have_no_effect(status: int) -> None:
    desk = Desk()
    desk.config.faults.script("shop", f"error_{status}")
    assert desk.post("{ shop { name } }").status == status
    assert desk.post("{ shop { name } }").status == 200


def test_accept_then_timeout_has_its_effect_but_no_answer() -> None:
    desk = Desk()
    order = desk.store.buy([("HL-COB-350", 1)])
    mutation = 'mutation($id: ID!) { tagsAdd(id: $id, tags: ["seen"]) { userErrors { message } } }'
    desk.config.faults.script("tagsAdd", "accept_then_timeout", "accept_late")
    assert desk.post(mutation, id=order.gid).hang
    assert order.tags == ["seen"]
    order.tags = []
    assert desk.post(mutation, id=order.gid).hang
    assert order.tags == []
    desk.pass_time(31)
    desk.store.tick()
    assert order.tags == ["seen"]


def test_a_look_up_that_lags_finds_an_empty_page_once() -> None:
    desk = Desk()
    desk.config.faults.script("orders", "not_found")
    desk.store.buy([("GUIDE-PDF", 1)])
    query = "{ recent: orders(first: 5) { nodes { name } } }"
    assert desk.data(query)["recent"]["nodes"] == []
    assert desk.data(query)["recent"]["nodes"] == [{"name": "#1001"}]


def test_a_refused_permission_has_shopifys_own_form() -> None:
    desk = Desk()
    desk.config.faults.script("shop", "refuse")
    answer = desk.ask("{ shop { name } }")
    assert answer["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert answer["data"] == {"shop": None}


def test_wrong_variables_and_broken_bodies_are_refused_in_json() -> None:
    desk = Desk()
    wrong = desk.ask("query($first: Int!) { orders(first: $first) { nodes { id } } }", first="two")
    assert "$first" in wrong["errors"][0]["message"]
    assert "Syntax Error" in desk.ask("{ shop {")["errors"][0]["message"]
    headers = {"x-shopify-access-token": desk.token}
    for body in (b"", b"[]", b"not json", b'{"query": "{ shop { name } }", "variables": 7}'):
        assert desk.store.handle(Request("POST", GRAPHQL, {}, headers, body)).status == 400
