"""The stand-in for CJdropshipping: one account behind the API v2, and what its staff can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from local.sandbox.cj import bodies
from local.sandbox.cj.access import Access
from local.sandbox.cj.catalogue import Catalogue
from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.envelope import answer, failure, forms_of, number, refusal_of
from local.sandbox.cj.messages import Messages
from local.sandbox.cj.mixups import Mixups
from local.sandbox.cj.orders import VENDOR, OrderBook
from local.sandbox.cj.routes import ROUTES
from local.sandbox.cj.state import Order
from local.sandbox.cj.warehouse import Warehouse
from local.sandbox.goods import GOODS, Good, good_of
from local.sandbox.inventory import Inventory
from local.sandbox.kit.api import Api, Body, Call
from local.sandbox.kit.supply import Supplier
from local.sandbox.kit.vendor import Account, ApiVendor
from local.sandbox.parcel_numbers import ParcelNumbers
from local.sandbox.scripted import Forms
from local.sandbox.wire import Faults, World

Work = Callable[[Any], Any]


class CjSupplier(ApiVendor, Supplier[Order]):
    """`handle` answers HTTP; `tick` moves time on; the other public methods are what a person at CJ does.

    Every request that breaks the contract is refused and recorded as "contract_violation", without any value from the request.
    """

    book: OrderBook

    def __init__(
        self,
        world: World,
        config: CjConfig | None = None,
        faults: Faults | None = None,
        inventory: Inventory | None = None,
        numbers: ParcelNumbers | None = None,
    ) -> None:
        self.config = config or CjConfig()
        self.inventory = inventory or Inventory(world.clock())
        self.access = Access(world, self.config)
        self.messages = Messages(world, self.config)
        self.book = OrderBook(world, self.config, self.inventory)
        self._world = world
        self._catalogue = Catalogue(self.inventory, self.config)
        numbers = numbers or ParcelNumbers(world.random)
        self.warehouse: Warehouse = Warehouse(self.config, self.book, self.messages, numbers)
        self._mixups = Mixups(world, self.book)
        random = Random(self.config.open_id + 3)
        self.api = Api(
            world,
            VENDOR,
            tuple(ROUTES.values()),
            dict.fromkeys((route.operation for route in ROUTES.values()), self._work),
            error=failure,
            refusal_of=refusal_of,
            forms=self._forms,
            gates=(self.access.check_token, self.access.check_rate, self.access.spend_points),
            faults=faults or Faults(),
            shown=lambda data, call: answer(data, call.id, self.access.points()),
            new_id=lambda: f"{random.getrandbits(128):032x}",
            reference="orderNumber",
        )
        self._reads: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "productList": self._catalogue.listing,
            "productQuery": self._catalogue.product,
            "variantQueryByVid": self._catalogue.variant_by_vid,
            "stockQueryByVid": self._catalogue.stock,
            "trackInfo": lambda query: self.warehouse.tracking(query["trackNumber"].split(",")),
            "getOrderDetail": lambda query: self.book.detail(query["orderId"]),
            "deleteOrder": lambda query: self.book.delete(query["orderId"]),
            "getBalance": lambda _: {
                "amount": number(self.book.balance),
                "noWithdrawalAmount": 0.0,
                "freezeAmount": 0.0,
            },
        }
        self._writes: dict[str, tuple[type[Body], Work]] = {
            "getAccessToken": (bodies.GetAccessToken, self._log_in),
            "refreshAccessToken": (bodies.RefreshAccessToken, lambda b: self.access.refresh(b.refreshToken).body()),
            "freightCalculate": (bodies.FreightCalculate, self._catalogue.freight),
            "createOrderV2": (bodies.CreateOrderV2, self.book.create),
            "addCart": (bodies.CartOrders, self.book.add_cart),
            "addCartConfirm": (bodies.CartOrders, self.book.confirm_cart),
            "saveGenerateParentOrder": (bodies.GenerateParentOrder, lambda b: self.book.bill(b.shipmentOrderId)),
            "payBalanceV2": (bodies.PayBalanceV2, self._pay),
            "webhookSet": (bodies.WebhookSet, _done(self.messages.configure)),
            "productSubscribe": (bodies.Subscribe, _done(lambda b: self.messages.subscribed.update(b.productIds))),
        }

    @property
    def account(self) -> Account:
        """The merchant's account."""
        secrets = {"api_key": self.config.api_key, "email": self.config.email}
        return Account("cj", "/cj", secrets, str(self.config.open_id))

    @property
    def still_to_come(self) -> int:
        """How many effects were taken in and are not carried out yet."""
        return len(self.api.late.waiting)

    def tick(self) -> None:
        """Carry out late effects that are due, and ship what was paid long enough ago (config.auto_ship_after)."""
        super().tick()
        self.warehouse.ship_due(self.config.auto_ship_after)

    def set_stock(self, sku: str, stock: int) -> None:
        """New stock of one of our SKUs; subscribers hear of it (STOCK), unless it is in the stock file only."""
        self.inventory.set_stock(sku, stock, self._world.clock())
        self._announce_stock([sku])

    def set_cost(self, sku: str, cost: Decimal) -> None:
        """New cost of one of our SKUs in USD; subscribers hear of it (VARIANT), unless it is in the stock file only."""
        self.inventory.set_cost(sku, cost, self._world.clock())
        for good in _goods([sku]):
            self.messages.variant_price(good, cost)

    def set_sale_status(self, sku: str, status: int) -> None:
        """Take one of our SKUs off sale, or sell it again (3); subscribers hear of it (PRODUCT)."""
        self._catalogue.sale_status[sku] = status
        self.messages.sale_status(good_of(sku), status)

    def set_payable_surcharge(self, reference: str, surcharge: Decimal) -> None:
        """Ask for `surcharge` USD on top, once: for one order (either number) or for the next order with one of our SKUs."""
        self.book.surcharges[reference] = surcharge

    def refuse_next(self, operation: str = "createOrderV2") -> None:
        """Refuse the next call of this operation in CJ's own form."""
        self.faults.script(operation, "refuse")

    def intercept_next(self, code: int = 10001, message: str = "shipping address can not be recognized") -> None:
        """Let the next createOrderV2 succeed with an interceptOrderReasons entry."""
        self.book.intercepts = [{"code": code, "message": message}]

    def move_parcel(self, tracking_number: str, status: int, activity: str = "") -> None:
        """Report a parcel's LOGISTIC status code: 5 transit, 10 out for delivery, 12 delivered, 13 failed, 14 returned."""
        self.warehouse.move_parcel(tracking_number, status, activity)

    def _work(self, call: Call) -> Any:
        if call.operation in self._reads:
            return self._reads[call.operation](call.query)
        model, work = self._writes[call.operation]
        return work(self.api.body(call, model))

    def _forms(self, call: Call) -> Forms:
        own = self._mixups.forms(
            call.operation, call.request, lambda asked: self.api.answer(replace(call, request=asked))
        )
        return replace(forms_of(call), own=own)

    def _log_in(self, body: bodies.GetAccessToken) -> dict[str, Any]:
        return {"openId": self.config.open_id, **self.access.log_in(body.apiKey, body.email).body()}

    def _pay(self, body: bodies.PayBalanceV2) -> str:
        shipment_id, newly_paid = self.book.pay(body)
        for order in newly_paid:
            self.messages.order(order)
            self._announce_stock(list(order.quantities))
        return shipment_id

    def _announce_stock(self, skus: list[str]) -> None:
        self.messages.stock([(good, self._catalogue.stock_row(good)) for good in _goods(skus)])


def _goods(skus: list[str]) -> list[Good]:
    """Those that the API knows."""
    return [good for good in GOODS if good.sku in skus]


def _done(work: Work) -> Work:
    def do(body: Any) -> bool:
        work(body)
        return True

    return do
