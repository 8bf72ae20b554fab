"""What CJ documents of each request, strictly: method, query names, and the body as JSON Schema, closed."""

from __future__ import annotations

from typing import Any

import jsonschema_rs


def _text(longest: int, shortest: int = 0) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def _closed(needed: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**needed, **(optional or {})},
        "required": sorted(needed),
        "additionalProperties": False,
    }


_COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}
_COUNT = {"type": "integer", "minimum": 1}
_LINE = {
    "anyOf": [
        _closed({"vid": _text(50, 1), "quantity": _COUNT}, {"storeLineItemId": _text(125)}),
        _closed({"sku": _text(50, 1), "quantity": _COUNT}, {"storeLineItemId": _text(125)}),
    ]
}
_CREATE = _closed(
    {
        "orderNumber": _text(50, 1),
        "shippingCountryCode": _COUNTRY,
        "shippingCountry": _text(50, 1),
        "shippingProvince": _text(50, 1),
        "shippingCity": _text(50, 1),
        "shippingCustomerName": _text(50, 1),
        "shippingAddress": _text(200, 1),
        "logisticName": _text(50, 1),
        "fromCountryCode": _COUNTRY,
        "payType": {"const": 3},
        "products": {"type": "array", "minItems": 1, "items": _LINE},
    },
    {
        "shippingZip": _text(20),
        "shippingPhone": _text(20),
        "shippingAddress2": _text(200),
        "email": _text(50),
        "isSandbox": {"enum": [0, 1]},
        "iossType": {"enum": [1, 2, 3]},
        "iossNumber": {"type": "string", "pattern": r"^IM\d{10}$"},
        "shopAmount": {"type": "string", "pattern": r"^\d{1,17}\.\d{2}$"},
    },
)
_CART = _closed({"cjOrderIdList": {"type": "array", "minItems": 1, "items": _text(200, 1)}})
_TOPIC = _closed(
    {
        "type": {"enum": ["ENABLE", "CANCEL"]},
        "callbackUrls": {"type": "array", "minItems": 1, "maxItems": 1, "items": _text(500, 1)},
    }
)
_BODIES: dict[str, dict[str, Any]] = {
    "authentication/getAccessToken": _closed({"apiKey": _text(200, 1)}, {"email": _text(200, 1)}),
    "authentication/refreshAccessToken": _closed({"refreshToken": _text(200, 1)}),
    "shopping/order/createOrderV2": _CREATE,
    "shopping/order/addCart": _CART,
    "shopping/order/addCartConfirm": _CART,
    "shopping/order/saveGenerateParentOrder": _closed({"shipmentOrderId": _text(200, 1)}),
    "shopping/pay/payBalanceV2": _closed({"shipmentOrderId": _text(200, 1), "payId": _text(200, 1)}),
    "logistic/freightCalculate": _closed(
        {
            "startCountryCode": _COUNTRY,
            "endCountryCode": _COUNTRY,
            "products": {"type": "array", "minItems": 1, "items": _closed({"vid": _text(50, 1), "quantity": _COUNT})},
        }
    ),
    "webhook/set": _closed(dict.fromkeys(("product", "stock", "order", "logistics"), _TOPIC), {"makeup": _TOPIC}),
    "webhook/product/subscribe": _closed(
        {"productIds": {"type": "array", "minItems": 1, "maxItems": 100, "items": _text(200, 1)}},
        {"subscribeAll": {"const": False}},
    ),
}
_VALIDATORS = {path: jsonschema_rs.validator_for(schema) for path, schema in _BODIES.items()}
_QUERIES = {
    "product/list": {"pageNum", "pageSize"},
    "product/query": {"pid", "variantSku"},
    "product/variant/queryByVid": {"vid"},
    "product/stock/queryByVid": {"vid"},
    "shopping/order/getOrderDetail": {"orderId"},
    "shopping/order/deleteOrder": {"orderId"},
    "logistic/trackInfo": {"trackNumber"},
}


def check(method: str, path: str, query: set[str], body: Any) -> None:
    """Fail on anything that CJ does not document for this call."""
    if path in _VALIDATORS:
        assert method == "POST", path
        assert not query, path
        problems = [f"{error.instance_path}: {error.message}" for error in _VALIDATORS[path].iter_errors(body)]
        assert not problems, (path, problems)
        return
    assert path in _QUERIES, f"no such call: {path}"
    assert method == ("DELETE" if path.endswith("deleteOrder") else "GET"), path
    assert query, path
    assert query <= _QUERIES[path], path
    assert body is None, path
