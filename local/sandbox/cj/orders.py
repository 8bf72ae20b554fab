"""The five calls from order to payment, deletion and look-up.

Where the vendor does not say what a repeated call does, the worst case is played: every saveGenerateParentOrder gives a new
payId, each payId can be paid, and two paid payIds of one order are two payments. A repeated addCartConfirm gives no id.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from local.sandbox.cj.bodies import CartOrders, CreateOrderV2, PayBalanceV2
from local.sandbox.cj.catalogue import LOGISTICS, freight_of, good_by_line
from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.envelope import (
    BALANCE_INSUFFICIENT,
    INVENTORY_DEDUCTION_FAIL,
    ORDER_DELETE_FAIL,
    ORDER_NOT_FOUND,
    ORDER_PAY_FAIL,
    PARAM_ERROR,
    CjError,
)
from local.sandbox.cj.state import CANCELLED, CREATED, IN_CART, UNPAID, UNSHIPPED, Line, Order, Shipment
from local.sandbox.cj.views import created, detail, parent, split_detail, whole_of
from local.sandbox.inventory import Inventory
from local.sandbox.kit.supply import Book, OutOfStock
from local.sandbox.wire import World

VENDOR = "cj"
OWN_IOSS, CJ_IOSS = 2, 3
_PAY_WITHIN = timedelta(hours=24)
_DUPLICATE_TEXT = {ORDER_NOT_FOUND: "order create fail: orderNumber already exists"}
_ADDRESS_FIELDS = (
    "shippingCountryCode",
    "shippingProvince",
    "shippingCity",
    "shippingAddress",
    "shippingCustomerName",
    "shippingPhone",
)


class OrderBook(Book[Order]):
    """All orders of one account. Every method is one call; refusals are CjError."""

    def __init__(self, world: World, config: CjConfig, inventory: Inventory) -> None:
        super().__init__(world, VENDOR, inventory, config.balance)
        self._config = config
        self._random = Random(config.open_id + 2)
        self.surcharges: dict[str, Decimal] = {}
        self.intercepts: list[dict[str, Any]] = []
        self._shipments: dict[str, Shipment] = {}
        self._strangers: dict[str, tuple[Order, str]] = {}

    @property
    def zone(self) -> tzinfo:
        """Of the dates in answers."""
        return self._config.zone

    def orders_of(self, shipments_id: str) -> list[Order]:
        """What one shipment holds."""
        return self._shipment(shipments_id).orders

    def stranger_of(self, order: Order) -> tuple[Order, str]:
        """An order like this one that somebody else made in this account, and the id of its shipment: for answers that mix up."""
        if order.order_id not in self._strangers:
            serial = f"9{order.cj_order_id}"
            other = replace(
                order, order_number=f"OTHER-{serial}", order_id=f"SD{serial}", cj_order_id=serial, status=CREATED,
                paid_at=None, parcels=[], is_split=False,
            )  # fmt: skip
            self.newest.update(dict.fromkeys(other.names, other))
            self._shipments[serial] = Shipment(serial, [other])
            self._strangers[order.order_id] = (other, serial)
        return self._strangers[order.order_id]

    def create(self, body: CreateOrderV2) -> dict[str, Any]:
        """createOrderV2 with payType 3."""
        if self._config.refuse_duplicates and self.find(body.orderNumber):
            code = self._config.duplicate_code
            raise CjError(code, _DUPLICATE_TEXT.get(code, "Order exist, please do not duplicate create"))
        now = self.world.clock()
        serial = f"{now:%y%m%d%H%M%S}{len(self.orders) + 1:07d}"
        lines = tuple(self._line(index, serial, product) for index, product in enumerate(body.products, start=1))
        known = body.logisticName in LOGISTICS
        goods = [(line.good, line.quantity) for line in lines]
        parts = self._config.freight_parts or ()
        freight = freight_of(goods, body.logisticName) + sum(parts, Decimal(0)) if known else Decimal(0)
        order = Order(
            order_number=body.orderNumber,
            order_id=f"SD{serial}",
            cj_order_id=serial,
            lines=lines,
            address={name: str(getattr(body, name)) for name in _ADDRESS_FIELDS},
            logistic_name=body.logisticName,
            from_country=body.fromCountryCode,
            freight=freight,
            logistics_miss=not known,
            created_at=now,
            sandbox=body.isSandbox,
            ioss_type=body.iossType,
            ioss_number=body.iossNumber,
        )
        declared = order.amount if body.shopAmount is None else body.shopAmount
        if body.iossType == CJ_IOSS:
            self._tax(order, declared)
        self.keep(
            order,
            ioss_type=order.ioss_type,
            declared=declared if order.ioss_type in (OWN_IOSS, CJ_IOSS) else None,
            ioss_amount=order.ioss_amount,
        )
        intercepts, self.intercepts = self.intercepts, []
        return created(order, intercepts)

    def add_cart(self, body: CartOrders) -> dict[str, Any]:
        """addCart: only orders that nothing was confirmed for; the others are left out of addSuccessOrders."""
        added = []
        for order in self._named(body):
            if order.status in (CREATED, IN_CART):
                self._move(order, IN_CART)
                added.append(order.order_id)
        return {
            "successCount": len(added),
            "addSuccessOrders": added,
            "unInterceptAddressCount": 0,
            "interceptOrders": [],
        }

    def confirm_cart(self, body: CartOrders) -> dict[str, Any]:
        """addCartConfirm: the only answer that ever names the shipmentsId."""
        orders = [order for order in self._named(body) if order.status == IN_CART]
        shipments_id = ""
        if orders:
            shipments_id = f"{self._random.getrandbits(60):019d}"
            self._shipments[shipments_id] = Shipment(shipments_id, orders)
        for order in orders:
            self._move(order, UNPAID)
            self.world.record(VENDOR, "cart_confirmed", order.order_number, shipments_id=shipments_id)
        return {
            "successCount": len(orders),
            "submitSuccess": bool(orders),
            "shipmentsId": shipments_id,
            "result": 0 if orders else 1,
            "interceptOrders": [],
        }

    def bill(self, shipments_id: str) -> dict[str, Any]:
        """saveGenerateParentOrder: a bill with what will really be taken."""
        shipment = self._shipment(shipments_id)
        for order in shipment.orders:
            self._raise_price(order)
        pay_id = f"PAY{self._random.getrandbits(50):016d}"
        shipment.bills[pay_id] = {order.order_id: order.payable for order in shipment.orders}
        return parent(shipment, pay_id, self.world.clock() + _PAY_WITHIN, self._config.zone)

    def pay(self, body: PayBalanceV2) -> tuple[str, list[Order]]:
        """payBalanceV2: takes the bill from the balance. Gives the shipment's id and the orders that became paid by it."""
        shipment = self._shipment(body.shipmentOrderId)
        bill = shipment.bills.get(body.payId)
        if bill is None or body.payId in shipment.paid:
            raise CjError(ORDER_PAY_FAIL, "Order pay fail, please contact CJ Agent")
        if sum(bill.values(), Decimal(0)) > self.balance:
            raise CjError(BALANCE_INSUFFICIENT, "Balance is insufficient")
        newly = [order for order in shipment.orders if order.paid_at is None]
        try:
            self.take_stock(newly)
        except OutOfStock:
            raise CjError(INVENTORY_DEDUCTION_FAIL, "Inventory deduction fail, please contact CJ Agent") from None
        shipment.paid.add(body.payId)
        for order in shipment.orders:
            self.paid(order, bill[order.order_id], pay_id=body.payId)
        for order in newly:
            self._move(order, UNSHIPPED)
        return shipment.shipments_id, newly

    def delete(self, reference: str) -> str:
        """deleteOrder: only before the cart was confirmed. The order stays visible as CANCELLED."""
        order = self.find(reference)
        if order is None:
            raise CjError(ORDER_NOT_FOUND, "Order not found, please check the CJ order id")
        if order.status not in (CREATED, IN_CART):
            raise CjError(ORDER_DELETE_FAIL, "Order delete fail")
        self._move(order, CANCELLED)
        self.world.record(VENDOR, "order_deleted", order.order_number, order_id=order.order_id)
        return order.order_id

    def detail(self, reference: str) -> dict[str, Any]:
        """getOrderDetail by our number, by CJ's id, or by the code of one part of a split order."""
        order = self.find(reference)
        if order is not None:
            return detail(order, self._config.zone)
        split = self.find(whole_of(reference))
        part = split_detail(split, reference, self._config.zone) if split is not None else None
        if part is None:
            raise CjError(PARAM_ERROR, "order not found")
        return part

    def _tax(self, order: Order, declared: Decimal) -> None:
        if declared > self._config.ioss_limit:
            raise CjError(PARAM_ERROR, "Param error: CJ's IOSS is not for orders over 150 EUR")
        order.ioss_amount = (declared * self._config.ioss_rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
        order.ioss_handling = self._config.ioss_handling

    def _line(self, index: int, serial: str, product: Any) -> Line:
        good = good_by_line(product.vid, product.sku)
        cost = self.inventory[good.sku].cost
        return Line(good, product.quantity, cost, f"{serial}{index:02d}", product.storeLineItemId)

    def _named(self, body: CartOrders) -> list[Order]:
        found = [self.find(reference) for reference in body.cjOrderIdList]
        orders = [order for order in found if order is not None and order.order_id in body.cjOrderIdList]
        if len(orders) != len(body.cjOrderIdList):
            raise CjError(ORDER_NOT_FOUND, "Order not found, please check the CJ order id")
        return orders

    def _shipment(self, shipments_id: str) -> Shipment:
        shipment = self._shipments.get(shipments_id)
        if shipment is None:
            raise CjError(ORDER_NOT_FOUND, "Order not found, please check the CJ order id")
        return shipment

    def _raise_price(self, order: Order) -> None:
        for key in (order.order_number, order.order_id, *order.quantities):
            order.surcharge += self.surcharges.pop(key, Decimal(0))

    def _move(self, order: Order, status: str) -> None:
        order.status = status
        order.updated_at = self.world.clock()
