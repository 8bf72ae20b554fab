"""The stand-in for CJdropshipping: one account behind the API v2, and what its staff can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from pydantic import ValidationError

from local.sandbox.cj import bodies
from local.sandbox.cj.access import Access
from local.sandbox.cj.catalogue import Catalogue
from local.sandbox.cj.config import CjConfig
from local.sandbox.cj.envelope import (
    BODY_MISSING,
    BODY_NOT_JSON,
    INTERFACE_NOT_FOUND,
    PARAM_ERROR,
    WRONG_METHOD,
    CjError,
    answer,
    failure,
    forms_of,
    number,
)
from local.sandbox.cj.messages import Messages
from local.sandbox.cj.mixups import Mixups
from local.sandbox.cj.orders import VENDOR, OrderBook
from local.sandbox.cj.routes import PREFIX, ROUTES, Route
from local.sandbox.cj.state import Order, Parcel
from local.sandbox.cj.warehouse import Warehouse
from local.sandbox.goods import good_of
from local.sandbox.inventory import Inventory
from local.sandbox.parcel_numbers import ParcelNumbers
from local.sandbox.scripted import LateEffects, play
from local.sandbox.wire import Faults, Request, Response, World

AnyBody = TypeVar("AnyBody", bound=bodies.Body)


class CjSupplier:
    """`handle` answers HTTP; `tick` moves time on; the other public methods are what a person at CJ does.

    Faults are scripted per operation name (see routes.ROUTES) and apply behind the token and rate checks. Every request that
    breaks the contract is refused and recorded as "contract_violation", without any value from the request.
    """

    def __init__(
        self,
        world: World,
        config: CjConfig | None = None,
        faults: Faults | None = None,
        inventory: Inventory | None = None,
        numbers: ParcelNumbers | None = None,
    ) -> None:
        self.config = config or CjConfig()
        self.faults = faults or Faults()
        self.inventory = inventory or Inventory(world.clock())
        self.access = Access(world, self.config)
        self.messages = Messages(world, self.config)
        self.book = OrderBook(world, self.config, self.inventory)
        self._world = world
        self._catalogue = Catalogue(self.inventory, self.config)
        numbers = numbers or ParcelNumbers(world.random)
        self._warehouse = Warehouse(world, self.config, self.book, self.messages, numbers)
        self._mixups = Mixups(world, self.book)
        self._late = LateEffects(world)
        self._random = Random(self.config.open_id + 3)
        self._reads: dict[str, Callable[[Mapping[str, str]], Any]] = {
            "productList": self._catalogue.listing,
            "productQuery": self._catalogue.product,
            "variantQuery": self._catalogue.variants,
            "variantQueryByVid": self._catalogue.variant_by_vid,
            "stockQueryByVid": self._catalogue.stock,
            "getInventoryByPid": self._catalogue.stock_by_pid,
            "trackInfo": lambda query: self._warehouse.tracking(query["trackNumber"].split(",")),
            "getOrderDetail": lambda query: self.book.detail(query["orderId"]),
            "deleteOrder": lambda query: self.book.delete(query["orderId"]),
            "getBalance": lambda _: self._balance(),
            "productSubscribeList": lambda _: self._subscriptions(),
        }
        self._writes: dict[str, Callable[[Request, str], Any]] = {
            "getAccessToken": self._log_in,
            "refreshAccessToken": self._refresh,
            "freightCalculate": lambda r, op: self._catalogue.freight(self._body(bodies.FreightCalculate, r, op)),
            "createOrderV2": lambda r, op: self.book.create(self._body(bodies.CreateOrderV2, r, op)),
            "addCart": lambda r, op: self.book.add_cart(self._body(bodies.CartOrders, r, op)),
            "addCartConfirm": lambda r, op: self.book.confirm_cart(self._body(bodies.CartOrders, r, op)),
            "saveGenerateParentOrder": lambda r, op: self.book.generate_parent(
                self._body(bodies.GenerateParentOrder, r, op)
            ),
            "payBalanceV2": self._pay,
            "webhookSet": self._set_webhooks,
            "productSubscribe": self._subscribe,
            "productUnsubscribe": self._unsubscribe,
        }

    @property
    def orders(self) -> tuple[Order, ...]:
        """All orders, oldest first."""
        return tuple(self.book.orders)

    @property
    def still_to_come(self) -> int:
        """How many effects were taken in and are not carried out yet."""
        return len(self._late.waiting)

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request. `request.path` starts with routes.PREFIX."""
        self._late.settle()
        request_id = f"{self._random.getrandbits(128):032x}"
        try:
            route = self._route(request)
            if not route.open_to_all:
                self.access.check_token(request.headers)
            self.access.check_rate()
            self.access.spend_points(route.points)
        except CjError as error:
            return failure(error.code, error.message, request_id)
        return play(
            self.faults,
            route.operation,
            lambda: self._answer(route, request, request_id),
            lambda: replace(
                forms_of(route.operation, request_id),
                own=self._mixups.forms(route.operation, request, lambda asked: self._answer(route, asked, request_id)),
            ),
            self._late,
        )

    def tick(self) -> None:
        """Carry out late effects that are due, and ship what was paid long enough ago (config.auto_ship_after)."""
        self._late.settle()
        self._warehouse.ship_due()

    def set_stock(self, sku: str, stock: int) -> None:
        """New stock of one of our SKUs; subscribers hear of it (STOCK)."""
        self.inventory.set_stock(sku, stock, self._world.clock())
        self._announce_stock([sku])

    def set_cost(self, sku: str, cost: Decimal) -> None:
        """New cost of one of our SKUs in USD; subscribers hear of it (VARIANT)."""
        self.inventory.set_cost(sku, cost, self._world.clock())
        self.messages.variant_price(good_of(sku), cost)

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

    def ship(
        self,
        reference: str,
        lines: Mapping[str, int] | None = None,
        tracking_number: str | None = None,
        carrier: str | None = None,
    ) -> Parcel:
        """Put `lines` (units by SKU; None: all that is left) of a paid order into one parcel. See Warehouse.ship."""
        return self._warehouse.ship(reference, lines, tracking_number, carrier)

    def renumber(
        self,
        tracking_number: str,
        new_number: str | None = None,
        carrier: str | None = None,
        *,
        last_mile: bool = False,
    ) -> Parcel:
        """Give a parcel that was shown another number. See Warehouse.renumber; KeyError for a number that no parcel has."""
        return self._warehouse.renumber(tracking_number, new_number, carrier, last_mile=last_mile)

    def move_parcel(self, tracking_number: str, status: int, activity: str = "") -> None:
        """Report a parcel's LOGISTIC status code: 5 transit, 10 out for delivery, 12 delivered, 13 failed, 14 returned."""
        self._warehouse.move_parcel(tracking_number, status, activity)

    def _answer(self, route: Route, request: Request, request_id: str) -> Response:
        try:
            self._check_query(route, request)
            if route.operation in self._writes:
                data = self._writes[route.operation](request, route.operation)
            else:
                data = self._reads[route.operation](request.query)
        except CjError as error:
            return failure(error.code, error.message, request_id)
        return answer(data, request_id, self.access.points())

    def _route(self, request: Request) -> Route:
        route = ROUTES.get(request.path.removeprefix(PREFIX)) if request.path.startswith(PREFIX) else None
        if route is None:
            self._violation("unknown", request.path, "no such path")
            raise CjError(INTERFACE_NOT_FOUND, "Interface not found")
        if request.method != route.method:
            self._violation(route.operation, route.operation, f"method {request.method}")
            raise CjError(WRONG_METHOD, f"Request method '{request.method}' not supported")
        return route

    def _check_query(self, route: Route, request: Request) -> None:
        for name in route.needed:
            if not request.query.get(name):
                self._violation(route.operation, route.operation, f"query {name}: missing")
                raise CjError(PARAM_ERROR, f"{name} must be not empty")
        for name in request.query:
            if name not in (*route.needed, *route.optional):
                self._violation(route.operation, route.operation, f"query {name}: unknown")
                raise CjError(PARAM_ERROR, f"Param error: {name}")

    def _body(self, model: type[AnyBody], request: Request, operation: str) -> AnyBody:
        if not request.body:
            self._violation(operation, operation, "body: missing")
            raise CjError(BODY_MISSING, "Required request body is missing")
        try:
            raw = request.json()
        except ValueError:
            self._violation(operation, operation, "body: not JSON")
            raise CjError(BODY_NOT_JSON, "The request parameter is not in a correct JSON format") from None
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            problems = [f"{'.'.join(str(part) for part in e['loc'])}: {e['type']}" for e in error.errors()]
            named = raw.get("orderNumber") if isinstance(raw, dict) else None
            self._violation(operation, named if isinstance(named, str) else operation, "; ".join(problems))
            raise CjError(PARAM_ERROR, f"Param error: {'; '.join(problems)}") from None

    def _violation(self, operation: str, reference: str, problem: str) -> None:
        self._world.record(VENDOR, "contract_violation", reference, operation=operation, problem=problem)

    def _log_in(self, request: Request, operation: str) -> dict[str, Any]:
        body = self._body(bodies.GetAccessToken, request, operation)
        return {"openId": self.config.open_id, **self.access.log_in(body.apiKey, body.email).body()}

    def _refresh(self, request: Request, operation: str) -> dict[str, Any]:
        return self.access.refresh(self._body(bodies.RefreshAccessToken, request, operation).refreshToken).body()

    def _pay(self, request: Request, operation: str) -> str:
        shipment_id, newly_paid = self.book.pay(self._body(bodies.PayBalanceV2, request, operation))
        for order in newly_paid:
            self.messages.order(order)
            self._announce_stock(list(order.quantities))
        return shipment_id

    def _set_webhooks(self, request: Request, operation: str) -> bool:
        self.messages.configure(self._body(bodies.WebhookSet, request, operation))
        return True

    def _subscribe(self, request: Request, operation: str) -> bool:
        self.messages.subscribed.update(self._body(bodies.Subscribe, request, operation).productIds)
        return True

    def _unsubscribe(self, request: Request, operation: str) -> bool:
        self.messages.subscribed.difference_update(self._body(bodies.Unsubscribe, request, operation).productIds)
        return True

    def _subscriptions(self) -> dict[str, Any]:
        rows = [{"productId": pid} for pid in sorted(self.messages.subscribed)]
        return {"pageNum": 1, "pageSize": 100, "total": len(rows), "list": rows}

    def _balance(self) -> dict[str, Any]:
        return {"amount": number(self.book.balance), "noWithdrawalAmount": 0.0, "freezeAmount": 0.0}

    def _announce_stock(self, skus: list[str]) -> None:
        goods = [good_of(sku) for sku in skus]
        self.messages.stock([(good, self._catalogue.stock_row(good)) for good in goods])
