"""CJ's paths: method, our name for the operation, points it costs, and the query names it takes."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "/api2.0/v1/"


@dataclass(frozen=True)
class Route:
    """One call. `needed` must be in the query, `optional` may be; anything else is a violation."""

    method: str
    operation: str
    points: int = 0
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    open_to_all: bool = False


ROUTES: dict[str, Route] = {
    "authentication/getAccessToken": Route("POST", "getAccessToken", open_to_all=True),
    "authentication/refreshAccessToken": Route("POST", "refreshAccessToken", open_to_all=True),
    "product/list": Route("GET", "productList", 50, (), ("pageNum", "pageSize", "pid", "productSku")),
    "product/query": Route("GET", "productQuery", 10, (), ("pid", "productSku", "variantSku")),
    "product/variant/query": Route("GET", "variantQuery", 10, (), ("pid", "productSku")),
    "product/variant/queryByVid": Route("GET", "variantQueryByVid", 10, ("vid",)),
    "product/stock/queryByVid": Route("GET", "stockQueryByVid", 10, ("vid",)),
    "product/stock/getInventoryByPid": Route("GET", "getInventoryByPid", 10, ("pid",)),
    "logistic/freightCalculate": Route("POST", "freightCalculate", 10),
    "logistic/trackInfo": Route("GET", "trackInfo", 0, ("trackNumber",)),
    "shopping/order/createOrderV2": Route("POST", "createOrderV2"),
    "shopping/order/addCart": Route("POST", "addCart"),
    "shopping/order/addCartConfirm": Route("POST", "addCartConfirm"),
    "shopping/order/saveGenerateParentOrder": Route("POST", "saveGenerateParentOrder"),
    "shopping/pay/payBalanceV2": Route("POST", "payBalanceV2"),
    "shopping/pay/getBalance": Route("GET", "getBalance"),
    "shopping/order/getOrderDetail": Route("GET", "getOrderDetail", 0, ("orderId",), ("features",)),
    "shopping/order/deleteOrder": Route("DELETE", "deleteOrder", 0, ("orderId",)),
    "webhook/set": Route("POST", "webhookSet"),
    "webhook/product/subscribe": Route("POST", "productSubscribe", 10),
    "webhook/product/unsubscribe": Route("POST", "productUnsubscribe", 10),
    "webhook/product/subscribe/list": Route("GET", "productSubscribeList", 0, (), ("pageNum", "pageSize")),
}

OPERATIONS: tuple[str, ...] = tuple(route.operation for route in ROUTES.values())
"""Every operation that a fault can be scripted for."""
