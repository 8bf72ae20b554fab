"""Misbehaviour that every vendor of the sandbox can be scripted with: what has happened, against what was answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from local.sandbox import cj, easypost, feed, shopify
from local.sandbox.cj.routes import PREFIX, ROUTES
from local.sandbox.easypost import EasyPostCarrier
from local.sandbox.feed import HEADER, StockFeed
from local.sandbox.inventory import Inventory
from local.sandbox.shopify.admin_api import ROOT_FIELDS, schema
from local.sandbox.wire import Faults, Request, Response
from tests.contracts.sandbox_kit import CjDesk, Desk, basic, order_body
from tests.contracts.sandbox_shopify_kit import Desk as StoreDesk

TAG_ORDER = 'mutation($id: ID!) { tagsAdd(id: $id, tags: ["seen"]) { node { id } userErrors { message } } }'


@dataclass
class Caller:
    """One vendor with one call that has an effect. `happened` counts the effects."""

    faults: Faults
    operation: str
    call: Callable[[], Response]
    happened: Callable[[], int]


def cj_caller() -> Caller:
    desk = CjDesk()
    return Caller(
        desk.cj.faults,
        "createOrderV2",
        lambda: desk.raw("POST", "shopping/order/createOrderV2", order_body("OW-1")),
        lambda: len(desk.ledger("cj", "order_created")),
    )


def easypost_caller() -> Caller:
    desk = Desk()
    carrier = EasyPostCarrier(desk.world)
    body = json.dumps({"tracker": {"tracking_code": "LX123456785FI", "carrier": "YunExpress"}}).encode()
    headers = basic(carrier.config.api_key, "")
    return Caller(
        carrier.faults,
        "createTracker",
        lambda: carrier.handle(Request("POST", "/v2/trackers", {}, headers, body)),
        lambda: len(desk.ledger("easypost", "tracker_created")),
    )


def shopify_caller() -> Caller:
    desk = StoreDesk()
    order = desk.store.buy([("HL-COB-350", 1)])
    return Caller(desk.config.faults, "tagsAdd", lambda: desk.post(TAG_ORDER, id=order.gid), lambda: len(order.tags))


def grant_caller() -> Caller:
    desk = StoreDesk()
    given = len(desk.store.tokens.valid_until)
    return Caller(desk.config.faults, "accessToken", desk.ask_token, lambda: len(desk.store.tokens.valid_until) - given)


CALLERS = {"cj": cj_caller, "easypost": easypost_caller, "shopify": shopify_caller, "shopify's grant": grant_caller}


@pytest.fixture(params=CALLERS)
def caller(request: pytest.FixtureRequest) -> Caller:
    return CALLERS[request.param]()


def test_a_malformed_answer_has_its_effect_and_is_no_json(caller: Caller) -> None:
    caller.faults.script(caller.operation, "malformed")
    answer = caller.call()
    assert (answer.status // 100, answer.hang, caller.happened()) == (2, False, 1)
    assert answer.body
    with pytest.raises(ValueError):
        json.loads(answer.body)


def test_a_proxys_page_has_no_effect_and_is_html(caller: Caller) -> None:
    caller.faults.script(caller.operation, "error_502_html")
    answer = caller.call()
    assert (answer.status, answer.headers["content-type"], caller.happened()) == (502, "text/html", 0)
    assert answer.body.startswith(b"<html>")


def test_an_unavailable_vendor_says_when_to_come_again(caller: Caller) -> None:
    caller.faults.script(caller.operation, "unavailable")
    answer = caller.call()
    assert (answer.status, answer.headers["retry-after"], caller.happened()) == (503, "30", 0)
    json.loads(answer.body)


def test_a_bare_limit_is_429_without_a_time(caller: Caller) -> None:
    caller.faults.script(caller.operation, "rate_limited_bare")
    answer = caller.call()
    assert (answer.status, "retry-after" in answer.headers, caller.happened()) == (429, False, 0)
    json.loads(answer.body)


def test_each_fault_is_for_one_call_only(caller: Caller) -> None:
    caller.faults.script(caller.operation, "error_502_html", "unavailable")
    assert [caller.call().status // 100 for _ in range(3)] == [5, 5, 2]
    assert caller.happened() == 1


def test_a_limit_keeps_the_vendors_own_form() -> None:
    answers = {}
    for name, made in CALLERS.items():
        caller = made()
        caller.faults.script(caller.operation, "rate_limited")
        answers[name] = caller.call()
        assert caller.happened() == 0
    assert (answers["cj"].status, json.loads(answers["cj"].body)["code"]) == (200, 1600200)
    throttled: dict[str, Any] = json.loads(answers["shopify"].body)
    assert answers["shopify"].status == 200
    assert throttled["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert throttled["extensions"]["cost"]["throttleStatus"]["restoreRate"] > 0
    for name in ("easypost", "shopify's grant"):
        assert (answers[name].status, answers[name].headers["retry-after"]) == (429, "20")


def test_an_unknown_behaviour_names_those_that_are_known() -> None:
    caller = cj_caller()
    caller.faults.script(caller.operation, "explode")
    with pytest.raises(ValueError, match=r"malformed.*error_502_html.*rate_limited_bare"):
        caller.call()


def test_a_lagging_look_up_of_several_ids_finds_none_of_them() -> None:
    desk = StoreDesk()
    desk.config.faults.script("nodes", "not_found")
    ids = [variant["id"] for variant in (desk.variant("HL-COB-350"), desk.variant("GUIDE-PDF"))]
    assert desk.data("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids) == {"nodes": [None, None]}


# --- which operations there are -----------------------------------------------------------------------------------------


def test_every_operation_of_cj_takes_its_faults() -> None:
    desk = CjDesk()
    for path, route in ROUTES.items():
        desk.cj.faults.script(route.operation, "error_502_html")
        headers = {"cj-access-token": desk.token}
        assert desk.cj.handle(Request(route.method, PREFIX + path, {}, headers)).status == 502
    assert set(cj.OPERATIONS) == {route.operation for route in ROUTES.values()}
    assert len(set(cj.OPERATIONS)) == len(cj.OPERATIONS)


def test_every_operation_of_easypost_takes_its_faults() -> None:
    calls = {
        "createTracker": ("POST", "trackers"),
        "getTracker": ("GET", "trackers/trk_1"),
        "listTrackers": ("GET", "trackers"),
        "createWebhook": ("POST", "webhooks"),
        "listWebhooks": ("GET", "webhooks"),
        "getWebhook": ("GET", "webhooks/hook_1"),
        "updateWebhook": ("PATCH", "webhooks/hook_1"),
        "deleteWebhook": ("DELETE", "webhooks/hook_1"),
    }
    carrier = EasyPostCarrier(Desk().world)
    for operation, (method, path) in calls.items():
        carrier.faults.script(operation, "error_502_html")
        assert carrier.handle(Request(method, f"/v2/{path}", {}, basic(carrier.config.api_key, ""))).status == 502
    assert set(easypost.OPERATIONS) == set(calls)


def test_the_stores_operations_are_the_roots_of_its_schema_and_the_grant() -> None:
    kinds = (schema().query_type, schema().mutation_type)
    assert set(ROOT_FIELDS) == {name for kind in kinds if kind for name in kind.fields}
    assert (*ROOT_FIELDS, "accessToken") == shopify.OPERATIONS


# --- the stock file -----------------------------------------------------------------------------------------------------


class FeedDesk(Desk):
    """A feed and its reader."""

    def __init__(self) -> None:
        super().__init__()
        self.feed = StockFeed(self.world, Inventory(self.clock()))

    def get(self, behaviour: str = "ok", **headers: str) -> Response:
        """One download."""
        self.feed.faults.script(feed.OPERATIONS[0], behaviour)
        credentials = basic(self.feed.config.user, self.feed.config.password)
        return self.feed.handle(Request("GET", "/stock.csv", {}, {**credentials, **headers}))


@pytest.mark.parametrize("behaviour", ["truncated", "malformed"])
def test_a_truncated_file_ends_in_the_middle_of_a_row(behaviour: str) -> None:
    desk = FeedDesk()
    whole, cut = desk.get(), desk.get(behaviour)
    assert (cut.status, whole.body.startswith(cut.body)) == (200, True)
    assert 1 <= cut.body.splitlines()[-1].count(b",") < len(HEADER) - 1


def test_an_empty_file_has_no_bytes_and_a_bare_one_no_rows() -> None:
    desk = FeedDesk()
    assert (desk.get("empty").status, desk.get("empty").body) == (200, b"")
    assert desk.get("header_only").body == b"sku,qty,cost,currency,updated\n"


@pytest.mark.parametrize("behaviour", ["truncated", "empty", "header_only"])
def test_a_damaged_file_is_new_to_a_reader_who_knows_the_whole_one(behaviour: str) -> None:
    desk = FeedDesk()
    etag = desk.get().headers["etag"]
    damaged = desk.get(behaviour, **{"if-none-match": etag})
    assert (damaged.status, damaged.headers["etag"] == etag) == (200, False)
    assert desk.get(**{"if-none-match": etag}).status == 304


def test_the_feed_fails_as_other_vendors_do() -> None:
    desk = FeedDesk()
    statuses = {
        name: replace(desk.get(name), body=b"")
        for name in ("error_500", "error_502_html", "unavailable", "rate_limited", "rate_limited_bare")
    }
    assert [answer.status for answer in statuses.values()] == [500, 502, 503, 429, 429]
    assert [answer.headers.get("retry-after") for answer in statuses.values()] == [None, None, "30", "20", None]
    assert desk.get("timeout").hang
