"""Orders as CJ shows them: the answer to createOrderV2, getOrderDetail, the parent order, and tracking rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from local.sandbox.cj.envelope import number, stamp
from local.sandbox.cj.state import DELIVERED, DELIVERED_CODE, SHIPPED, UNSHIPPED, Order, Parcel, Shipment

STATUS_TEXT: Mapping[int, str] = {
    0: "No tracking information",
    1: "Warehouse outbound",
    5: "In transit",
    6: "Arrived at destination country",
    9: "Terminal retrieval",
    10: "Out for delivery",
    11: "Waiting for pick-up",
    12: "Delivered",
    13: "Delivery failed",
    14: "Returned",
}


def created(order: Order, intercepts: list[dict[str, Any]]) -> dict[str, Any]:
    """What createOrderV2 sends; no postage where the logistic name is not known."""
    amount = number(order.amount)
    return {
        "orderNumber": order.order_number,
        "orderId": order.order_id,
        "shipmentOrderId": None,
        "iossAmount": _known(order.ioss_amount),
        "iossTaxHandlingFee": _known(order.ioss_handling),
        "postageAmount": None if order.logistics_miss else number(order.freight),
        "productAmount": number(order.goods_amount),
        "productOriginalAmount": number(order.goods_amount),
        "productDiscountAmount": 0,
        "postageDiscountAmount": 0,
        "postageOriginalAmount": number(order.freight),
        "totalDiscountAmount": 0,
        "actualPayment": amount,
        "orderOriginalAmount": amount,
        "cjPayUrl": None,
        "orderAmount": amount,
        "logisticsMiss": order.logistics_miss,
        "productInfoList": [
            {
                "storeLineItemId": line.store_line_item_id or None,
                "lineItemId": line.line_item_id,
                "variantId": line.good.supplier.vid,
                "quantity": line.quantity,
                "isGroup": False,
                "subOrderProducts": None,
            }
            for line in order.lines
        ],
        "orderStatus": order.status,
        "interceptOrderReasons": intercepts,
    }


def _known(amount: Decimal | None) -> float | None:
    return None if amount is None else number(amount)


def _summed(amounts: Iterable[Decimal | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return number(sum(known, Decimal(0))) if known else None


def parent(shipment: Shipment, pay_id: str, expires_at: datetime, zone: tzinfo) -> dict[str, Any]:
    """What saveGenerateParentOrder sends; what will be taken is paymentInformation.payableAmount."""
    payable = number(sum(shipment.bills[pay_id].values(), Decimal(0)))
    goods = number(sum((order.goods_amount for order in shipment.orders), Decimal(0)))
    return {
        "orderMoney": payable,
        "payExpireTime": stamp(expires_at, zone),
        "payId": pay_id,
        "result": 0,
        "submitSuccess": True,
        "unMatchOrderCodes": [],
        "successOrders": [order.order_id for order in shipment.orders],
        "unMatchProductCodes": [],
        "paymentInformation": {
            "actualPayment": payable,
            "balanceDeduction": payable,
            "billAmount": payable,
            "canDeduct": True,
            "commodityDiscount": 0,
            "commodityTotalAmount": goods,
            "couponAmount": 0,
            "freight": number(sum((order.freight + order.surcharge for order in shipment.orders), Decimal(0))),
            "iossAmount": _summed(order.ioss_amount for order in shipment.orders),
            "iossNumber": shipment.orders[0].ioss_number or None,
            "iossTaxHandlingFee": _summed(order.ioss_handling for order in shipment.orders),
            "iossTaxes": _summed(order.ioss_amount for order in shipment.orders),
            "iossType": shipment.orders[0].ioss_type,
            "orderOriginalAmount": payable,
            "orderProductAmount": goods,
            "payableAmount": payable,
            "postageDiscount": 0,
            "serviceFee": 0,
        },
        "interceptOrders": [],
    }


def detail(order: Order, zone: tzinfo) -> dict[str, Any]:
    """getOrderDetail of a whole order. Once it was split, numbers and parcels are found under the split codes only."""
    parcel = order.parcels[0] if order.parcels and not order.is_split else None
    return _detail(order, zone, parcel, order.order_id, order.status, order.quantities)


def split_detail(order: Order, code: str, zone: tzinfo) -> dict[str, Any] | None:
    """getOrderDetail of one part of a split order, by its own code; None when there is no such part."""
    if not order.is_split:
        return None
    for parcel in order.parcels:
        if parcel.code == code:
            status = DELIVERED if parcel.status == DELIVERED_CODE else SHIPPED
            return _detail(order, zone, parcel, code, status, parcel.quantities)
    rest = order.unshipped()
    if rest and code == split_code(order, len(order.parcels) + 1):
        return _detail(order, zone, None, code, UNSHIPPED, rest)
    return None


def split_code(order: Order, part: int) -> str:
    """CJ numbers the parts of a split order from 1."""
    return f"{order.order_id}-{part}"


def whole_of(code: str) -> str:
    """The order's id in the code of one of its parts; "" in any other text."""
    return code.rpartition("-")[0]


def item_rows(order: Order, quantities: Mapping[str, int]) -> list[dict[str, Any]]:
    """The order's lines that make up these quantities by SKU."""
    left = dict(quantities)
    rows = []
    for line in order.lines:
        count = min(line.quantity, left.get(line.good.sku, 0))
        if count:
            left[line.good.sku] -= count
            rows.append(
                {
                    "vid": line.good.supplier.vid,
                    "quantity": count,
                    "sellPrice": number(line.unit_cost),
                    "storeLineItemId": line.store_line_item_id or None,
                    "lineItemId": line.line_item_id,
                }
            )
    return rows


def tracking_url(number_: str) -> str:
    """Where a buyer can look the parcel up; an example address."""
    return f"https://track.example.com/{number_}"


def tracking_row(order: Order, parcel: Parcel, now: datetime, zone: tzinfo) -> dict[str, Any]:
    """One row of logistic/trackInfo. `trackingStatus` is free text at the vendor.

    Not documented: that `lastTrackNumber` is the last mile's number, and null until another carrier took over.
    """
    done = parcel.status == DELIVERED_CODE
    return {
        "trackingNumber": parcel.tracking_number,
        "logisticName": order.logistic_name,
        "trackingFrom": order.from_country,
        "trackingTo": order.address["shippingCountryCode"],
        "deliveryDay": str((now - parcel.shipped_at).days),
        "deliveryTime": stamp(now, zone) if done else None,
        "trackingStatus": STATUS_TEXT.get(parcel.status, "In transit"),
        "lastMileCarrier": parcel.last_carrier or parcel.carrier,
        "lastTrackNumber": parcel.last_number or None,
    }


def _detail(
    order: Order, zone: tzinfo, parcel: Parcel | None, code: str, status: str, quantities: Mapping[str, int]
) -> dict[str, Any]:
    address = order.address
    return {
        "orderId": code,
        "orderNum": order.order_number,
        "platformOrderId": None,
        "cjOrderId": order.cj_order_id,
        "cjOrderCode": None,
        "fromCountryCode": order.from_country,
        "shippingCountryCode": address["shippingCountryCode"],
        "shippingProvince": address["shippingProvince"],
        "shippingCity": address["shippingCity"],
        "shippingAddress": address["shippingAddress"],
        "shippingCustomerName": address["shippingCustomerName"],
        "shippingPhone": address["shippingPhone"] or None,
        "remark": None,
        "logisticName": order.logistic_name,
        "trackNumber": parcel.tracking_number if parcel else None,
        "trackingUrl": tracking_url(parcel.tracking_number) if parcel else None,
        "disputeId": None,
        "orderWeight": sum(line.good.attributes.weight_grams * line.quantity for line in order.lines),
        "orderAmount": number(order.payable),
        "orderStatus": status,
        "createDate": stamp(order.created_at, zone),
        "paymentDate": stamp(order.paid_at, zone),
        "outWarehouseTime": stamp(parcel.shipped_at if parcel else None, zone),
        "productAmount": number(order.goods_amount),
        "postageAmount": number(order.freight),
        "isComplete": 1,
        "isSandbox": order.sandbox,
        "storageId": None,
        "productList": [
            {**row, "productionOrderStatus": None, "abnormalType": None} for row in item_rows(order, quantities)
        ],
    }
