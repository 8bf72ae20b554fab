"""Shopify's webhooks: signature, topics, bodies, and every sample at hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orderwright.connectors.stores.shopify.webhook import read
from orderwright.messages import QUEUE_OF
from orderwright.webhooks import News, NotUnderstood, Unauthentic, reader_for
from tests.support.hooks import posted

SECRET = "invented-secret"
ORDER = 9_007_199_254_740_993


def signed(topic: str, body: bytes, secret: str = SECRET, **headers: str) -> dict[str, str]:
    digest = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {"x-shopify-topic": topic, "x-shopify-hmac-sha256": digest, "x-shopify-webhook-id": "delivery-1", **headers}


def deliver(topic: str, content: Any) -> list[News]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read(posted(signed(topic, body), body), [SECRET])


@pytest.mark.parametrize(
    "topic",
    ["create", "paid", "updated", "cancelled", "fulfilled", "partially_fulfilled", "delete"],
)
def test_an_order_topic_says_which_order_to_fetch(topic: str) -> None:
    assert deliver(f"orders/{topic}", {"id": ORDER}) == [
        News("order.changed", str(ORDER), f"orders/{topic}", "delivery-1")
    ]


def test_a_body_trimmed_by_include_fields_is_enough() -> None:
    body = {"admin_graphql_api_id": f"gid://shopify/Order/{ORDER}", "updated_at": "2026-11-22T10:00:00Z"}
    assert deliver("orders/updated", body)[0].resource == str(ORDER)


def test_the_text_id_wins_over_a_number_that_a_sender_rounded() -> None:
    body = {"id": ORDER - 1, "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}"}
    assert deliver("orders/updated", body)[0].resource == str(ORDER)


@pytest.mark.parametrize("topic", ["refunds/create", "fulfillments/create", "fulfillments/update"])
def test_what_belongs_to_an_order_names_the_order(topic: str) -> None:
    assert deliver(topic, {"id": 5, "order_id": ORDER})[0].resource == str(ORDER)


def test_an_edited_order_is_named_inside_the_edit() -> None:
    assert deliver("orders/edited", {"order_edit": {"order_id": ORDER}})[0].resource == str(ORDER)


def test_a_changed_risk_names_the_order_by_either_id() -> None:
    by_text = {"order_id": None, "admin_graphql_api_order_id": f"gid://shopify/Order/{ORDER}"}
    assert deliver("orders/risk_assessment_changed", by_text)[0].resource == str(ORDER)
    assert deliver("orders/risk_assessment_changed", {"order_id": ORDER})[0].resource == str(ORDER)


def test_an_erasure_carries_order_ids_and_nothing_of_the_customer() -> None:
    body = {"customer": {"id": 4, "email": "aino@example.com"}, "orders_to_redact": [11, ORDER]}
    assert deliver("customers/redact", body) == [
        News("order.erasure_asked", "", "customers/redact", "delivery-1", {"orders": f"11,{ORDER}"})
    ]


def test_a_long_erasure_comes_in_parts_with_ids_of_their_own() -> None:
    news = deliver("customers/redact", {"orders_to_redact": list(range(1, 252))})
    assert [len(each.detail["orders"].split(",")) for each in news] == [100, 100, 51]
    assert len({each.delivery_id for each in news}) == 3


def test_an_erasure_without_orders_has_nothing_to_erase() -> None:
    assert deliver("customers/redact", {"orders_to_redact": []}) == []


def test_a_data_request_becomes_an_operators_task() -> None:
    body = {"customer": {"email": "aino@example.com"}, "orders_requested": [11], "data_request": {"id": 9}}
    detail = {"reason": "DATA_REQUEST", "request": "9", "orders": "11"}
    expected = News("order.webhook_parked", "", "customers/data_request", "delivery-1", detail)
    assert deliver("customers/data_request", body) == [expected]


@pytest.mark.parametrize(
    ("topic", "body", "reason"),
    [
        ("shop/redact", {"shop_id": 3, "shop_domain": "shop.example.com"}, "SHOP_REDACT"),
        ("app/uninstalled", {"id": 3, "myshopify_domain": "shop.example.com"}, "UNINSTALLED"),
    ],
)
def test_a_shop_that_leaves_closes_the_connection(topic: str, body: dict[str, Any], reason: str) -> None:
    assert deliver(topic, body) == [News("connection.closed", "3", topic, "delivery-1", {"reason": reason})]


@pytest.mark.parametrize(
    "topic", ["app/uninstalled", "shop/redact", "customers/redact", "refunds/create", "orders/edited"]
)
def test_a_replayed_order_cannot_pose_as_another_topic(topic: str) -> None:
    with pytest.raises(NotUnderstood):
        deliver(topic, {"id": ORDER, "admin_graphql_api_id": f"gid://shopify/Order/{ORDER}"})


@pytest.mark.parametrize("signature", ["", "   ", "not base64!", "QUJD", "ä\udcff", "A" * 100_000])
def test_a_garbled_signature_is_refused(signature: str) -> None:
    body = b'{"id":1}'
    with pytest.raises(Unauthentic):
        read(posted(signed("orders/create", body) | {"x-shopify-hmac-sha256": signature}, body), [SECRET])


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/create", b"[" * 200_000),
        ("orders/create", b'{"id":' + b"9" * 5000 + b"}"),
        ("orders/create", b"\xff\xfe"),
        ("orders/create", b""),
        ("orders/create", b"[1]"),
        ("orders/create", b"null"),
        ("orders/create", b"{}"),
        ("orders/create", b'{"id":8.2e17}'),
        ("orders/create", b'{"id":true}'),
        ("orders/create", b'{"id":-1}'),
        ("orders/create", b'{"id":"1 OR 1"}'),
        ("orders/edited", b'{"order_edit":[]}'),
        ("customers/redact", b'{"orders_to_redact":["x"]}'),
        ("customers/data_request", b'{"orders_requested":[]}'),
        ("products/update", b'{"id":1}'),
        ("", b'{"id":1}'),
        ("orders/create\r\nx", b'{"id":1}'),
    ],
)
def test_what_makes_no_sense_is_parked_with_a_reason_that_quotes_nothing(topic: str, body: bytes) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(posted(signed(topic, body), body), [SECRET])
    assert 0 < len(str(caught.value)) < 200
    assert "999" not in str(caught.value)


def test_a_large_body_is_read() -> None:
    assert deliver("orders/create", {"id": 7, "note": "x" * 4_000_000})[0].resource == "7"


def test_without_a_delivery_id_a_repeat_still_has_the_same_one() -> None:
    body = b'{"id":1}'
    headers = {k: v for k, v in signed("orders/create", body).items() if k != "x-shopify-webhook-id"}
    first, second = (read(posted(headers, body), [SECRET])[0].delivery_id for _ in range(2))
    assert first == second != ""


def test_the_same_delivery_gives_the_same_news() -> None:
    assert deliver("orders/create", {"id": 1}) == deliver("orders/create", {"id": 1})


def test_shopifys_signature_vector_verifies(contracts: Path) -> None:
    vector = json.loads((contracts / "signature_vectors.json").read_text())["shopify"]
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    news = read(posted(headers, vector["body"].encode()), ["other", vector["secret"]])
    assert news == [
        News("order.changed", "820982911946154508", "orders/create", "8a95126f-859a-4db9-b8f1-350e299e9ea0")
    ]
    with pytest.raises(Unauthentic):
        read(posted(headers, vector["body"].encode() + b" "), [vector["secret"]])


def attempt(topic: str, body: bytes) -> list[News] | NotUnderstood:
    """The news, or the refusal."""
    try:
        return read(posted(signed(topic, body), body), [SECRET])
    except NotUnderstood as refusal:
        return refusal


def test_every_sample_becomes_news_or_is_refused_with_a_reason(contracts: Path) -> None:
    understood = 0
    for file in sorted((contracts / "shopify").rglob("*.json")):
        raw = file.read_bytes()
        if file.parent.name == "deliveries_with_headers":
            delivery = json.loads(raw)
            topic, raw = delivery["headers"]["x-shopify-topic"], json.dumps(delivery["body"]).encode()
        elif file.parent.name == "wild_shapes":
            topic = f"{file.stem.split('__')[1]}/{'edited' if 'order_edit' in raw.decode() else 'update'}"
        else:
            topic = file.stem.replace("__", "/") if "__" in file.stem else "orders/create"
        outcome = attempt(topic, raw)
        if isinstance(outcome, NotUnderstood):
            assert str(outcome), file
            continue
        understood += 1
        for each in outcome:
            assert each.type in QUEUE_OF, file
            assert "@" not in json.dumps(each), file
    assert understood >= 30


def test_the_official_samples_of_used_topics_are_understood(contracts: Path) -> None:
    folder = contracts / "shopify" / "webhooks_official_2026-04"
    for stem in ("orders__create", "orders__paid", "orders__edited", "orders__delete", "orders__cancelled",
                 "orders__updated", "orders__fulfilled", "orders__partially_fulfilled", "refunds__create",
                 "fulfillments__create", "customers__redact", "customers__data_request", "shop__redact",
                 "app__uninstalled"):  # fmt: skip
        assert deliver(stem.replace("__", "/"), (folder / f"{stem}.json").read_bytes()), stem


def test_the_reader_is_found_by_kind() -> None:
    assert reader_for("shopify", "POST") is read
    assert reader_for("shopify", "GET") is None


def test_reading_a_webhook_imports_nothing_heavy() -> None:
    code = (
        "import sys; import orderwright.connectors.stores.shopify.webhook; "
        "print([name for name in ('pydantic', 'requests', 'botocore') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={
        "PYTHONPATH": str(Path(__file__).resolve().parents[3] / "layers/orderwright/python"),
    })  # fmt: skip
    assert done.stdout.strip() == "[]"
