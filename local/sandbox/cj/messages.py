"""CJ's webhooks: who wants which topic, what each message says, and its signature."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from random import Random
from typing import Any

from local.sandbox.cj.bodies import Topic, WebhookSet
from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.envelope import CALLBACK_IS_LOCAL, CALLBACK_NOT_HTTPS, CjError, number, stamp
from local.sandbox.cj.state import DELIVERED, Order, Parcel
from local.sandbox.cj.views import STATUS_TEXT, item_rows, split_code, tracking_url
from local.sandbox.goods import Good
from local.sandbox.kit.hooks import hmac_base64
from local.sandbox.wire import Delivery, World

RETRY_AFTER = (300.0, 300.0, 300.0)
_VARIANT_FIELDS = (
    "variantName",
    "variantWeight",
    "variantLength",
    "variantWidth",
    "variantHeight",
    "variantImage",
    "variantSku",
    "variantKey",
    "variantSellPrice",
    "variantStatus",
    "variantValue1",
    "variantValue2",
    "variantValue3",
)
_SPLIT_STATUS_PAID = 400


def sign(body: bytes, open_id: int) -> str:
    """Base64 HMAC-SHA256 of the raw body; the key is the account's open id as text."""
    return hmac_base64(str(open_id), body)


class Messages:
    """Sends each message to the address of its topic, or to nobody."""

    def __init__(self, world: World, config: CjConfig) -> None:
        self._world = world
        self._config = config
        self._random = Random(config.open_id + 1)
        self.callbacks: dict[str, str] = {}
        self.subscribed: set[str] = set()

    def configure(self, body: WebhookSet) -> None:
        """webhook/set: topics that are not named stay as they are."""
        for topic in ("product", "stock", "order", "logistics", "makeup", "privateOrder"):
            setting: Topic | None = getattr(body, topic)
            if setting is None:
                continue
            if setting.type == "CANCEL":
                self.callbacks.pop(topic, None)
                continue
            url = setting.callbackUrls[0]
            if self._config.strict_callbacks:
                _check_callback(url)
            self.callbacks[topic] = url

    def stock(self, rows: Iterable[tuple[Good, Mapping[str, Any]]]) -> None:
        """STOCK: a map from vid to its rows per warehouse, for subscribed products only."""
        params = {
            good.supplier.vid: [{key: row[key] for key in ("vid", "areaId", "areaEn", "countryCode", "storageNum")}]
            for good, row in rows
            if good.supplier.pid in self.subscribed
        }
        if params:
            self._send("stock", "STOCK", params)

    def variant_price(self, good: Good, cost: Decimal) -> None:
        """VARIANT with a new price: null means unchanged, `fields` says what did change."""
        if good.supplier.pid in self.subscribed:
            params: dict[str, Any] = dict.fromkeys(("vid", *_VARIANT_FIELDS))
            params |= {"vid": good.supplier.vid, "variantSellPrice": number(cost), "fields": ["variantSellPrice"]}
            self._send("product", "VARIANT", params)

    def sale_status(self, good: Good, status: int) -> None:
        """PRODUCT with a new status: 3 is on sale, 2 pending, 5 off sale."""
        if good.supplier.pid in self.subscribed:
            names = ("categoryId", "categoryName", "productDescription", "productImage", "productName", "productSku")
            params = dict.fromkeys(names) | {
                "pid": good.supplier.pid,
                "productStatus": status,
                "fields": ["productStatus"],
            }
            self._send("product", "PRODUCT", params)

    def order(self, order: Order, parcel: Parcel | None = None) -> None:
        """ORDER: where the order stands. For a part of a split order `cjOrderId` is the part's own code."""
        zone = self._config.zone
        shown = parcel or (order.parcels[0] if len(order.parcels) == 1 and not order.is_split else None)
        self._send(
            "order",
            "ORDER",
            {
                "orderNumber": order.order_number,
                "orderNum": order.order_number,
                "cjOrderId": shown.code if shown else order.order_id,
                "orderStatus": order.status,
                "logisticName": order.logistic_name,
                "trackNumber": shown.tracking_number if shown else None,
                "trackingUrl": tracking_url(shown.tracking_number) if shown else None,
                "createDate": stamp(order.created_at, zone),
                "updateDate": stamp(order.updated_at or order.created_at, zone),
                "payDate": stamp(order.paid_at, zone),
                "deliveryDate": stamp(shown.shipped_at if shown else None, zone),
                "completeDate": stamp(order.updated_at, zone) if order.status == DELIVERED else None,
                "orderItems": item_rows(order, shown.quantities if shown else order.quantities),
            },
        )

    def split(self, order: Order) -> None:
        """ORDERSPLIT: every part of the order so far, and the rest as the part that is still to come."""
        parts = [(parcel.code, parcel.quantities) for parcel in order.parcels]
        parts.append((split_code(order, len(order.parcels) + 1), order.unshipped()))
        names = {line.good.supplier.vid: line.good.supplier.supplier_sku for line in order.lines}
        now = self._world.clock()
        self._send(
            "order",
            "ORDERSPLIT",
            {
                "originalOrderId": order.order_id,
                "orderSplitTime": stamp(now, self._config.zone),
                "splitOrderList": [
                    {
                        "createAt": int(now.timestamp() * 1000),
                        "orderCode": code,
                        "orderStatus": _SPLIT_STATUS_PAID,
                        "productList": [
                            {
                                "sku": names[row["vid"]],
                                "vid": row["vid"],
                                "quantity": row["quantity"],
                                "productCode": row["lineItemId"],
                            }
                            for row in item_rows(order, quantities)
                        ],
                    }
                    for code, quantities in parts
                ],
            },
        )

    def logistic(self, order: Order, parcel: Parcel, activity: str) -> None:
        """LOGISTIC: one parcel's place; the events are JSON inside a text."""
        event = {
            "status": parcel.status,
            "activity": activity,
            "location": "",
            "eventTime": stamp(self._world.clock(), self._config.zone),
            "statusDesc": STATUS_TEXT.get(parcel.status, "In transit"),
        }
        self._send(
            "logistics",
            "LOGISTIC",
            {
                "orderId": parcel.code,
                "storeOrderNumbers": [order.order_number],
                "logisticName": order.logistic_name,
                "trackingNumber": parcel.tracking_number,
                "trackingUrl": tracking_url(parcel.tracking_number),
                "trackingStatus": parcel.status,
                "logisticsTrackEvents": json.dumps([event]),
            },
        )

    def _send(self, topic: str, kind: str, params: Mapping[str, Any]) -> None:
        url = self.callbacks.get(topic)
        if url is None:
            return
        message = {
            "messageId": f"{self._random.getrandbits(128):032x}",
            "type": kind,
            "messageType": "UPDATE",
            "openId": self._config.open_id,
            "params": params,
        }
        body = json.dumps(message, ensure_ascii=False).encode()
        headers = {"content-type": "application/json", "sign": sign(body, self._config.open_id)}
        self._world.deliver(Delivery("cj", url, headers, body, RETRY_AFTER))


def _check_callback(url: str) -> None:
    if "//localhost" in url or "//127.0.0.1" in url:
        raise CjError(CALLBACK_IS_LOCAL, "Please do not use domain names such as localhost, 127.0.0.1")
    if not url.startswith("https://"):
        raise CjError(CALLBACK_NOT_HTTPS, "Webhook url error, Please ensure URL starts with https://")
