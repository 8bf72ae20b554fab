"""CJ's paths: method, our name for the operation, points it costs, and the query names it takes."""

from __future__ import annotations

from local.sandbox.kit.api import Route, operations

PREFIX = "/api2.0/v1/"


def _get(path: str, operation: str, points: int = 0, needed: tuple[str, ...] = (), *optional: str) -> Route:
    return Route("GET", PREFIX + path, operation, points, needed, optional)


def _post(path: str, operation: str, points: int = 0, open_to_all: bool = False) -> Route:
    return Route("POST", PREFIX + path, operation, points, (), (), open_to_all)


_ALL = (
    _post("authentication/getAccessToken", "getAccessToken", open_to_all=True),
    _post("authentication/refreshAccessToken", "refreshAccessToken", open_to_all=True),
    _get("product/list", "productList", 50, (), "pageNum", "pageSize", "pid", "productSku"),
    _get("product/query", "productQuery", 10, (), "pid", "productSku", "variantSku"),
    _get("product/variant/queryByVid", "variantQueryByVid", 10, ("vid",)),
    _get("product/stock/queryByVid", "stockQueryByVid", 10, ("vid",)),
    _post("logistic/freightCalculate", "freightCalculate", 10),
    _get("logistic/trackInfo", "trackInfo", 0, ("trackNumber",)),
    _post("shopping/order/createOrderV2", "createOrderV2"),
    _post("shopping/order/addCart", "addCart"),
    _post("shopping/order/addCartConfirm", "addCartConfirm"),
    _post("shopping/order/saveGenerateParentOrder", "saveGenerateParentOrder"),
    _post("shopping/pay/payBalanceV2", "payBalanceV2"),
    _get("shopping/pay/getBalance", "getBalance"),
    _get("shopping/order/getOrderDetail", "getOrderDetail", 0, ("orderId",), "features"),
    Route("DELETE", f"{PREFIX}shopping/order/deleteOrder", "deleteOrder", 0, ("orderId",), ()),
    _post("webhook/set", "webhookSet"),
    _post("webhook/product/subscribe", "productSubscribe", 10),
)
ROUTES: dict[str, Route] = {route.path.removeprefix(PREFIX): route for route in _ALL}
"""By the path behind the prefix."""
OPERATIONS = operations(_ALL)
"""Every operation that a fault can be scripted for."""
