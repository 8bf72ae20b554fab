"""The guard by the vendors' specifications: it passes what they allow, and catches what they would refuse or misread."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.sandbox.wire import Request, Response
from tests.support import spec_guard

HEADERS = {"accept": "application/json", "x-auth-token": "t", "content-type": "application/json"}
STORE = "/stores/abc"
SHIPMENT = {"order_address_id": 1, "items": [{"order_product_id": 1, "quantity": 1}], "tracking_number": "T1"}
WOO = "/wp-json/wc/v3"
GOOD: list[tuple[str, str, str, dict[str, str], Any]] = [
    ("bigcommerce", "GET", f"{STORE}/v2/orders", {"sort": "date_modified:asc", "page": "1", "limit": "50"}, None),
    ("bigcommerce", "POST", f"{STORE}/v2/orders/1/shipments", {}, SHIPMENT),
    ("bigcommerce", "PUT", f"{STORE}/v3/catalog/variants", {}, [{"id": 1, "price": 1.5}] * 50),
    ("woocommerce", "GET", f"{WOO}/orders", {"modified_after": "2026-01-01T00:00:00", "_fields": "id"}, None),
    ("woocommerce", "GET", f"/shop{WOO}/orders/1", {"consumer_key": "ck"}, None),
    ("woocommerce", "POST", f"{WOO}/products/batch", {}, {"update": [{"id": 1, "inventory_delta": -1}]}),
    ("woocommerce", "PUT", f"{WOO}/orders/7", {}, {"line_items": [{"id": 5, "quantity": 0}]}),
    ("woocommerce", "POST", f"{WOO}/orders/7/fulfillments", {}, {"any": "thing"}),
]
BAD: list[tuple[str, str, str, dict[str, str], Any]] = [
    ("bigcommerce", "GET", f"{STORE}/v2/ordres", {}, None),
    ("bigcommerce", "GET", f"{STORE}/v2/orders/abc", {}, None),
    ("bigcommerce", "GET", f"{STORE}/v2/orders", {"min_date": "2026-01-01"}, None),
    ("bigcommerce", "GET", f"{STORE}/v2/orders", {"sort": "name:asc"}, None),
    ("bigcommerce", "POST", f"{STORE}/v2/orders/1/shipments", {}, {**SHIPMENT, "items": []}),
    ("bigcommerce", "POST", f"{STORE}/v2/orders/1/shipments", {}, {**SHIPMENT, "tracking_numbr": "T1"}),
    ("bigcommerce", "POST", f"{STORE}/v2/orders/1/shipments", {}, {**SHIPMENT, "tracking_number": "T" * 51}),
    ("bigcommerce", "PUT", f"{STORE}/v3/catalog/variants", {}, [{"id": 1, "price": 1.5}] * 51),
    ("bigcommerce", "PUT", f"{STORE}/v3/catalog/variants", {}, [{"id": 1, "price": "1.50"}]),
    ("bigcommerce", "PUT", f"{STORE}/v3/inventory/adjustments/absolute", {}, {"reason": "x"}),
    ("woocommerce", "GET", f"{WOO}/orders", {"per_page": "101"}, None),
    ("woocommerce", "GET", f"{WOO}/orders", {"modified_since": "2026-01-01T00:00:00"}, None),
    ("woocommerce", "PUT", f"{WOO}/orders/7", {}, {"totall": "1"}),
    ("woocommerce", "PUT", f"{WOO}/orders/7", {}, {"line_items": [{"id": 5, "sku": "A"}]}),
    ("woocommerce", "POST", f"{WOO}/products/batch", {}, {"update": [{"id": 1, "regular_price": 14.9}]}),
    ("woocommerce", "POST", f"{WOO}/products/batch", {}, {"update": [{"id": 1}] * 101}),
    ("woocommerce", "POST", f"{WOO}/orders/7/notes", {}, {}),
]


def _request(method: str, path: str, query: dict[str, str], body: Any) -> Request:
    return Request(method, path, query, HEADERS, b"" if body is None else json.dumps(body).encode())


def _held(kind: str) -> None:
    if spec_guard.spec(kind) is None:
        pytest.skip(spec_guard.ABSENT)


@pytest.mark.parametrize(("kind", "method", "path", "query", "body"), GOOD)
def test_what_a_vendor_allows_passes(kind: str, method: str, path: str, query: dict[str, str], body: Any) -> None:
    _held(kind)
    spec_guard.check(kind, _request(method, path, query, body))


@pytest.mark.parametrize(("kind", "method", "path", "query", "body"), BAD)
def test_what_a_vendor_would_refuse_or_misread_is_caught(
    kind: str, method: str, path: str, query: dict[str, str], body: Any
) -> None:
    _held(kind)
    with pytest.raises(spec_guard.Violation):
        spec_guard.check(kind, _request(method, path, query, body))


def test_a_call_without_its_token_or_not_sent_as_json_is_caught() -> None:
    _held("bigcommerce")
    for missing in ("x-auth-token", "content-type"):
        headers = {name: value for name, value in HEADERS.items() if name != missing}
        with pytest.raises(spec_guard.Violation):
            spec_guard.check(
                "bigcommerce",
                Request("POST", f"{STORE}/v2/orders/1/shipments", {}, headers, json.dumps(SHIPMENT).encode()),
            )


def test_an_answer_of_a_stand_in_is_held_against_its_schema() -> None:
    _held("bigcommerce")
    asked = _request("GET", f"{STORE}/v2/orders/1", {}, None)
    spec_guard.check_answer("bigcommerce", asked, Response(200, b'{"id":1,"more":2}'))
    with pytest.raises(spec_guard.Violation):
        spec_guard.check_answer("bigcommerce", asked, Response(200, b'{"id":"one"}'))


def test_the_vendors_own_examples_of_requests_pass() -> None:
    _held("bigcommerce")
    folder, tried = spec_guard.FOLDER / "bigcommerce" / "api", 0
    paths = {
        "put_inventory-adjustments-absolute": f"{STORE}/v3/inventory/adjustments/absolute",
        "post_inventory-adjustments-relative": f"{STORE}/v3/inventory/adjustments/relative",
        "put_orders-order-id-shipments-shipment-id": f"{STORE}/v2/orders/1/shipments/2",
    }
    for file in sorted(folder.glob("*__request__*.json")):
        path = paths.get(file.name.partition("__")[0])
        if path:
            method = file.name.partition("_")[0].upper()
            spec_guard.check("bigcommerce", _request(method, path, {}, json.loads(file.read_bytes())))
            tried += 1
    assert tried == len(paths)
