"""CJ's webhooks: signature, nudges, and what is not understood."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from orderwright.connectors.suppliers.cj.webhook import read
from orderwright.ports.connection import Subscription
from orderwright.webhooks import News, NotUnderstood, Unauthentic
from tests.connectors.cj.cj_kit import SAMPLES, TORCH, open_shop, run_until, sample
from tests.support.hooks import posted

OPEN_ID = "123456789"


def _signed(body: bytes, key: str = OPEN_ID) -> dict[str, str]:
    return {"sign": base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()}


def _news(message: Any) -> list[News]:
    body = message if isinstance(message, bytes) else json.dumps(message, default=float).encode()
    return read(posted(_signed(body), body), ["000", OPEN_ID])


def _message(kind: str, params: Any) -> dict[str, Any]:
    return {"messageId": "m-1", "type": kind, "messageType": "UPDATE", "openId": 123456789, "params": params}


def test_the_vendors_signature_vector_holds() -> None:
    path = SAMPLES / "signature_vectors.json"
    if not path.exists():
        pytest.skip(f"no vendor samples at {SAMPLES}")
    vector = json.loads(path.read_bytes())["cjdropshipping"]
    body = vector["body"].encode()
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    assert read(posted(headers, body), [vector["openId"]]) == []
    with pytest.raises(Unauthentic):
        read(posted(headers, body + b" "), [vector["openId"]])


def test_stock_news_are_nudges_without_numbers() -> None:
    (news,) = _news(sample("webhook__STOCK.json"))
    vid = "1424608152007086080"
    assert news == News("stock.news", vid, "STOCK", "ca72a4834cd14b9588e88ce206f614a0", {"vid": vid})
    assert [one.resource for one in _news(_message("STOCK", {"1": [], "2": []}))] == ["1", "2"]


def test_variant_and_article_news() -> None:
    (news,) = _news(sample("webhook__VARIANT.json"))
    assert (news.type, news.resource) == ("stock.news", "1424608152007086080")
    assert [
        one.resource for one in _news(_message("PRODUCT", {"pid": "9", "variants": [{"vid": 1}, {"vid": "2"}]}))
    ] == ["1", "2"]
    assert _news(_message("PRODUCT", {"pid": "9", "fields": ["productDescription"], "productStatus": None})) == []


@pytest.mark.parametrize(("status", "on_sale"), [(2, "no"), (5, "no"), (0, "no"), (3, "yes"), ("3", "yes")])
def test_a_changed_status_says_whether_the_article_is_sold(status: object, on_sale: str) -> None:
    (news,) = _news(_message("PRODUCT", {"pid": "9", "productStatus": status, "fields": ["productStatus"]}))
    assert (news.type, news.detail) == ("stock.news", {"article": "9", "on_sale": on_sale})


def test_a_deleted_article_is_not_sold() -> None:
    (news,) = _news({**_message("PRODUCT", {"pid": "9"}), "messageType": "DELETE"})
    assert news.detail == {"article": "9", "on_sale": "no"}


def test_a_demand_for_more_money_is_parked() -> None:
    (news,) = _news(sample("webhook__MAKEUP.json"))
    assert (news.type, news.resource) == ("order.webhook_parked", "2601010928260329700")
    assert news.detail == {
        "reason": "SUPPLIER_ASKS_MORE",
        "makeup_id": "BT2601010000000001",
        "cj_order_id": "2601010928260329700",
        "amount_usd": "1.25",
    }


@pytest.mark.parametrize(
    ("kind", "params", "resource", "detail"),
    [
        ("ORDER", {"orderNumber": "OW-1", "cjOrderId": "SD1-2"}, "OW-1", {"order_id": "SD1"}),
        ("ORDER", {"orderNum": "OW-1"}, "OW-1", {}),
        ("ORDER", {"cjOrderId": 12345}, "12345", {"order_id": "12345"}),
        ("LOGISTIC", {"orderId": "SD1-1", "storeOrderNumbers": ["OW-1"]}, "OW-1", {"order_id": "SD1"}),
        ("LOGISTIC", {"orderId": "SD1-1"}, "SD1", {"order_id": "SD1"}),
        ("ORDERSPLIT", {"originalOrderId": "SD1", "splitOrderList": []}, "SD1", {"order_id": "SD1"}),
    ],
)
def test_order_news_name_our_number_where_it_is_known(
    kind: str, params: dict[str, Any], resource: str, detail: dict[str, str]
) -> None:
    (news,) = _news(_message(kind, params))
    assert news == News("supplier.order_news", resource, kind, "m-1", detail)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"{'messageId': 1}",
        b'{"messageId":"m","params":{"a":1,}}',
        b"[" * 200_000,
        b"[]",
        b"\xff\xfe\x00",
        {},
        {"type": "STOCK"},
        {"type": ["STOCK"], "params": {}},
        _message("SOURCINGCREATE", {}),
        _message("STOCK", []),
        _message("STOCK", {"": []}),
        _message("VARIANT", {}),
        _message("VARIANT", {"vid": True}),
        _message("VARIANT", {"vid": "x" * 1000}),
        _message("PRODUCT", {}),
        _message("ORDER", {}),
        _message("MAKEUP", {}),
    ],
)
def test_what_is_not_understood_is_parked_without_its_body(message: Any) -> None:
    with pytest.raises(NotUnderstood) as parked:
        _news(message)
    assert OPEN_ID not in str(parked.value)


def test_a_message_without_an_id_is_taken_under_its_hash() -> None:
    body = {**_message("VARIANT", {"vid": "1"}), "messageId": None}
    assert len(_news(body)[0].delivery_id) == 32
    assert _news(body) == _news(body)


def test_all_types_of_news_that_the_stand_in_sends_are_understood() -> None:
    shop = open_shop()
    shop.connector.ensure_webhooks(
        Subscription("https://hooks.example.com/webhooks/cj-main", goods=(TORCH.supplier.vid,))
    )
    run_until(shop, "pay")
    shop.vendor.ship("OW-1001-1", {TORCH.sku: 1})
    shop.vendor.set_cost(TORCH.sku, shop.vendor.inventory[TORCH.sku].cost + 1)
    types = set()
    for delivery in shop.deliveries:
        for news in read(posted(dict(delivery.headers), delivery.body), [OPEN_ID]):
            types.add((news.topic, news.type))
            assert news.resource in ("OW-1001-1", TORCH.supplier.vid) or news.detail["order_id"] == news.resource
    assert types == {
        ("ORDER", "supplier.order_news"),
        ("ORDERSPLIT", "supplier.order_news"),
        ("LOGISTIC", "supplier.order_news"),
        ("STOCK", "stock.news"),
        ("VARIANT", "stock.news"),
    }
