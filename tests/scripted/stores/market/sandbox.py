"""The stand-in for Market, made of the sandbox kit. It imports nothing of Orderwright, as no stand-in does.

Amounts are in the shop's currency, whatever the page calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.sandbox.goods import GOODS, Good
from local.sandbox.kit.api import Api, Call, Refusal, Route, Violation, Words, gate, operations
from local.sandbox.kit.hooks import Hooks, Subscription, hmac_base64
from local.sandbox.kit.money import ZERO
from local.sandbox.kit.orders import Fulfillment, Line, Order, Tracking, Variant
from local.sandbox.kit.paging import after, numbered
from local.sandbox.kit.shop import Store
from local.sandbox.kit.signin import basic, signed_in
from local.sandbox.kit.throttle import Window
from local.sandbox.kit.vendor import Account, ApiVendor
from local.sandbox.wire import Delivery, Response, World, json_response
from tests.scripted.stores.market.sandbox_bodies import (
    PAGE,
    Change,
    Changes,
    Hook,
    NewFulfillment,
    Parcel,
    Parcels,
    Patch,
    Product,
    Skus,
)

KIND = "market"
CENT = Decimal("0.01")
ROUTES = (
    Route("GET", "/api/shop", "getShop", optional=()),
    Route("GET", "/api/orders", "listOrders", needed=("changed_since", "page"), optional=()),
    Route("GET", "/api/orders/{order}", "getOrder", optional=()),
    Route("POST", "/api/orders/{order}/fulfillments", "createFulfillment", optional=()),
    Route("PUT", "/api/fulfillments/{id}", "updateFulfillment", optional=()),
    Route("GET", "/api/variants", "readVariants", optional=("after", "ids")),
    Route("POST", "/api/variants/search", "findVariants", optional=()),
    Route("POST", "/api/stock", "setStock", optional=()),
    Route("PUT", "/api/products/by-sku/{sku}", "putProduct", optional=()),
    Route("PATCH", "/api/products/{id}", "patchProduct", optional=()),
    Route("GET", "/api/webhooks", "listWebhooks", optional=()),
    Route("POST", "/api/webhooks", "createWebhook", optional=()),
    Route("PUT", "/api/webhooks/{id}", "updateWebhook", optional=()),
    Route("DELETE", "/api/webhooks/{id}", "deleteWebhook", optional=()),
)
OPERATIONS = operations(ROUTES)
NO_SUCH = Refusal(404, "not_found", "There is no such thing.")
WORDS = Words(
    refused=Refusal(422, "refused", "This is not possible."),
    missing=NO_SUCH,
    failed=Refusal(500, "internal", "Something broke."),
    throttled=Refusal(429, "too_many_requests", "Slow down."),
    away=Refusal(503, "maintenance", "Back soon."),
)


@dataclass
class MarketConfig:
    """One shop."""

    key_id: str = "mk_sandbox"
    api_secret: str = "ms_sandbox"
    shop: int = 7
    currency: str = "EUR"
    calls_per_second: int | None = None
    page: int = PAGE
    fee: str | None = None
    """What the payment provider keeps of each payment."""


@dataclass(kw_only=True)
class MarketHook(Subscription):
    """One webhook, for several topics. `sent` begins anew with each change: delivery ids come twice."""

    topics: list[str]
    sent: int = 0


def problem(no: Refusal, _: Call) -> Response:
    """Market's error form: a problem document."""
    told = {"type": "about:blank", "title": no.message, "status": no.status, "code": no.code, **(no.details or {})}
    return json_response(told, no.status, {**no.headers, "content-type": "application/problem+json"})


def _violated(wrong: Violation) -> Refusal:
    if wrong.kind in ("path", "method"):
        return NO_SUCH
    return Refusal(400, "invalid", "The request is not valid.", {"errors": [list(one) for one in wrong.problems]})


def _signed(hook: MarketHook, _: str, body: bytes) -> dict[str, str]:
    hook.sent += 1
    signature = hmac_base64(hook.secret or "", body)
    return {"content-type": "application/json", "x-market-signature": signature, "x-market-delivery": str(hook.sent)}


def _at(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


class MarketHooks(Hooks[MarketHook]):
    """A webhook here has a list of topics."""

    def announce(self, topic: str, about: dict[str, Any]) -> None:
        """Tell everybody who listens."""
        for hook in self.subscriptions:
            hook.topic = topic if topic in hook.topics else "none"
        self.emit((topic, {"topic": topic, "at": _at(self.world.clock()), **about}))


class MarketStore(ApiVendor, Store):
    """One Market shop. Faults are scripted for OPERATIONS."""

    def __init__(self, world: World, config: MarketConfig | None = None, goods: Iterable[Good] = GOODS) -> None:
        self.config = config or MarketConfig()
        super().__init__(world, KIND, goods=goods)
        self.hooks = MarketHooks(world, KIND, _signed, (60.0, 600.0), off_after=20)
        self.window = Window(world.clock, self.config.calls_per_second)
        self._set: dict[str, Any] = {}
        known = basic(self.config.key_id, self.config.api_secret)
        self.api = Api(
            world,
            KIND,
            ROUTES,
            {operation: getattr(self, f"_{operation}") for operation in OPERATIONS},
            error=problem,
            refusal_of=_violated,
            words=WORDS,
            gates=(
                signed_in(
                    lambda request: self.shop.installed and known(request),
                    lambda _: Refusal(401, "unknown_key", "The key is not known."),
                ),
                gate(
                    lambda _: self.window.take(),
                    lambda _: Refusal(429, "too_many_requests", "Slow down.", headers={"retry-after": "2"}),
                ),
            ),
            private=True,
        )

    @property
    def account(self) -> Account:
        """The merchant's account."""
        secrets = {"key_id": self.config.key_id, "api_secret": self.config.api_secret}
        return Account(KIND, f"/{KIND}", secrets)

    def report_delivery(self, url: str, ok: bool) -> None:
        """Hear how an attempt ended. A webhook is active once its address has answered a challenge."""
        base, asked, _ = url.partition("?challenge=")
        for hook in self.hooks.subscriptions if asked and ok else ():
            hook.active = hook.active or hook.url == base
        if not asked:
            self.hooks.report(url, ok)

    def _challenge(self, hook: MarketHook) -> None:
        hook.active = False
        url = f"{hook.url}?challenge={self.world.random.getrandbits(64):016x}"
        self.world.deliver(Delivery(KIND, url, {}, b"", (60.0,), "challenge", "GET"))

    def changed(self, event: str, order: Order, part: Any = None) -> None:
        """See Store."""
        self.hooks.announce(f"order.{event}", {"order_id": order.number})

    def set_risk(self, key: int | str, recommendation: str) -> Order:
        """The shop's own check changes its mind."""
        order = self.order(key)
        order.risk = recommendation
        return self.done("updated", order)

    def redact(self, key: int | str) -> Order:
        """Erase the buyer of an order."""
        order = self.order(key)
        order.buyer = order.address = None
        self._record("customer_redacted", order)
        self.hooks.announce("customer.erased", {"orders": [order.number]})
        return order

    def uninstall(self) -> None:
        """The merchant takes the key pair away."""
        self.hooks.announce("app.removed", {"shop": self.config.shop})
        self.shop.installed = False

    # --- the shop and its orders --------------------------------------------------------------------------------------

    def _getShop(self, _: Call) -> dict[str, Any]:
        return {"id": self.config.shop, "name": "Market Lamps", "currency": self.config.currency}

    def _listOrders(self, call: Call) -> dict[str, Any]:
        try:
            since = datetime.fromisoformat(call.query["changed_since"].replace(" ", "+"))
        except ValueError:
            raise Refusal(400, "invalid", "changed_since is no time.") from None
        rows = [order for order in self.shop.orders.values() if order.updated_at >= since]
        rows.sort(key=lambda order: (order.updated_at, order.number))
        page = numbered(rows, self.api.whole(call, "page", 1), self.config.page)
        shown = [{"id": order.number, "updated_at": _at(order.updated_at)} for order in page.rows]
        return {"orders": shown, "page": page.number, "pages": page.pages}

    def _found(self, call: Call) -> Order:
        try:
            return self.order(int(call.parts["order"]))
        except (KeyError, ValueError):
            raise NO_SUCH from None

    def _getOrder(self, call: Call) -> dict[str, Any]:
        return self.shown(self._found(call))

    def shown(self, order: Order) -> dict[str, Any]:
        """An order as the API has it."""
        return {
            "id": order.number, "number": order.name, "created_at": _at(order.created_at),
            "updated_at": _at(order.updated_at), "test": order.test, "locale": order.locale,
            "cancelled_at": _at(order.cancelled_at) if order.cancelled_at else None,
            "payment_status": order.financial_status.lower(), "currency": self.config.currency,
            "taxes_included": order.tax is None or order.tax.included,
            "total": str(order.total), "refunded": str(order.refunded), "paid": str(order.received),
            "paid_tax": str(order.tax_before_returns if order.received else ZERO), "money_refunded": self._money_only(order),
            "shipping": _sum(order.shipping_now, order.shipping_tax(order.shipping_now)),
            "gateways": ["marketpay"], "fee": self.config.fee, "sold_by": "shop",
            "business": False, "attributes": dict(order.attributes),
            "under_review": None if order.risk in ("ACCEPT", "NONE") else f"our check says {order.risk.lower()}",
            "lines": [self._line_shown(order, line) for line in order.lines],
            "fulfillments": [self._sent(sent) for sent in order.fulfillments],
            "customer": order.buyer and {"email": order.buyer.email, "phone": order.buyer.phone},
            "address": order.address and {
                "name": f"{order.address.first_name} {order.address.last_name}", "company": order.address.company,
                "street": order.address.address1, "street2": order.address.address2, "city": order.address.city,
                "region": order.address.province_code, "postcode": order.address.zip,
                "country": order.address.country_code, "phone": order.address.phone,
            },
        }  # fmt: skip

    def _line_shown(self, order: Order, line: Line) -> dict[str, Any]:
        return {
            "id": line.number, "sku": line.sku, "variant_id": line.variant_id,
            "title": line.title, "ordered": line.quantity, "quantity": line.current, "to_ship": line.unfulfilled,
            "price": str(line.unit_price), "needs_parcel": line.requires_shipping, "tax_by": "shop",
            **_sum(line.unit_price * line.current, order.line_tax(line, line.current)),
        }  # fmt: skip

    @staticmethod
    def _money_only(order: Order) -> dict[str, str] | None:
        """What was refunded beyond the worth of the units and the shipping that went back."""
        extra = sum((max(one.amount - order.refund_value(one), ZERO) for one in order.refunds), ZERO)
        inside = replace(order.tax, included=True).of(extra) if order.tax else ZERO
        return _sum(extra, inside) if extra else None

    def _sent(self, sent: Fulfillment) -> dict[str, Any]:
        lines = [{"line_id": line.number, "quantity": units} for _, line, units in sent.lines]
        parcels = [{"number": number, "carrier": carrier, "url": url} for number, carrier, url in sent.tracking]
        return {"id": sent.number, "lines": lines, "parcels": parcels}

    def _createFulfillment(self, call: Call) -> Response:
        order, wanted = self._found(call), self.api.body(call, NewFulfillment)
        lines = {line.number: line for line in order.lines}
        if order.cancelled_at or any(one.line_id not in lines for one in wanted.lines):
            raise Refusal(409, "not_open", "These units are not open.")
        units = [(lines[one.line_id], one.quantity) for one in wanted.lines]
        try:
            sent = self.fulfil(order, units, _tracking(wanted.parcels), wanted.notify_customer)
        except ValueError:
            raise Refusal(409, "not_open", "These units are not open.") from None
        return json_response(self._sent(sent), 201)

    def _updateFulfillment(self, call: Call) -> dict[str, Any]:
        wanted = self.api.body(call, Parcels)
        for order in self.shop.orders.values():
            for sent in order.fulfillments:
                if str(sent.number) == call.parts["id"]:
                    self.set_tracking(order, sent, _tracking(wanted.parcels))
                    return self._sent(sent)
        raise NO_SUCH

    # --- the shelf ----------------------------------------------------------------------------------------------------

    def _readVariants(self, call: Call) -> dict[str, Any]:
        rows = list(self.shop.variants.values())
        if "ids" in call.query:
            wanted = call.query["ids"].split(",")
            return {"variants": [self._variant(one) for one in rows if str(one.number) in wanted]}
        page, more = after(rows, lambda one: one.number, call.query.get("after"), self.config.page)
        return {"variants": [self._variant(one) for one in page], "next": str(page[-1].number) if more else None}

    def _findVariants(self, call: Call) -> dict[str, Any]:
        wanted = self.api.body(call, Skus).skus
        return {"variants": [self._variant(one) for one in self.shop.variants.values() if one.sku in wanted]}

    @staticmethod
    def _variant(one: Variant) -> dict[str, Any]:
        return {
            "id": one.number, "product_id": one.product, "sku": one.sku, "price": str(one.price), "stock": one.stock,
            "compare_at": None if one.compare_at_price is None else str(one.compare_at_price), "visible": one.visible,
            "updated_at": _at(one.updated_at),
        }  # fmt: skip

    def _setStock(self, call: Call) -> dict[str, Any]:
        wanted, key = self.api.body(call, Changes), call.request.headers.get("idempotency-key", "")
        if key and key in self._set:
            return dict(self._set[key])
        results = [{"variant_id": one.variant_id, "result": self._stock(one)} for one in wanted.changes]
        self._set[key] = {"results": results}
        return {"results": results}

    def _stock(self, one: Change) -> str:
        variant = self.shop.variants.get(one.variant_id)
        if variant is None:
            return "unknown_variant"
        if (variant.stock or 0) != one.expected:
            return "stale"
        self.set_stock(variant, one.stock, "client")
        return "set"

    def _putProduct(self, call: Call) -> dict[str, Any]:
        wanted, sku = self.api.body(call, Product), call.parts["sku"]
        price = _amount(wanted.price)
        variant = next((one for one in self.shop.variants.values() if one.sku == sku), None)
        if variant is None:
            others = (
                one for one in self.shop.variants.values() if wanted.article and one.extra == {"of": wanted.article}
            )
            product = next((one.product for one in others), None) or self.new_id()
            variant = Variant(self.new_id(), product, sku, wanted.title, price, 0, self.world.clock(), visible=False)
            variant.extra = {"of": wanted.article}
            self.shop.variants[variant.number] = variant
        variant.title, variant.description_html, variant.requires_shipping = (
            wanted.title, wanted.description, wanted.needs_parcel,
        )  # fmt: skip
        self._price(variant, price, wanted.compare_at, "compare_at" in wanted.model_fields_set)
        self.set_visible(variant, wanted.visible)
        return self._variant(variant)

    def _patchProduct(self, call: Call) -> dict[str, Any]:
        wanted = self.api.body(call, Patch)
        mine = {one.number: one for one in self.shop.variants.values() if str(one.product) == call.parts["id"]}
        if not mine:
            raise NO_SUCH
        if not mine.keys() >= {*wanted.hide}:
            raise NO_SUCH
        for number in wanted.hide:
            self.set_visible(mine[number], False)
        for one in wanted.variants:
            if one.id in mine:
                told = "compare_at" in one.model_fields_set
                self._price(mine[one.id], _amount(one.price), one.compare_at, told)
        unknown = [{"id": one.id, "code": "unknown_variant"} for one in wanted.variants if one.id not in mine]
        return {"refused": unknown}

    def _price(self, variant: Variant, price: Decimal, compare_at: str | None, told: bool) -> None:
        self.set_price(variant, price)
        if told:
            variant.compare_at_price = None if compare_at is None else _amount(compare_at)

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def _listWebhooks(self, _: Call) -> dict[str, Any]:
        rows = [
            {"id": one.id, "url": one.url, "topics": one.topics, "active": one.active}
            for one in self.hooks.subscriptions
        ]
        return {"webhooks": rows}

    def _createWebhook(self, call: Call) -> Response:
        wanted = self.api.body(call, Hook)
        hook = MarketHook(id=self.new_id(), created_at=self.world.clock(), **vars(wanted))
        self.hooks.subscriptions.append(hook)
        self._challenge(hook)
        self.world.record(KIND, "webhook_subscribed", str(hook.id))
        return json_response({"id": hook.id}, 201)

    def _updateWebhook(self, call: Call) -> dict[str, Any]:
        hook, wanted = self._hook(call), self.api.body(call, Hook)
        moved = hook.url != wanted.url or not hook.active
        hook.url, hook.topics, hook.secret, hook.sent = wanted.url, wanted.topics, wanted.secret, 0
        if moved:
            self._challenge(hook)
        return {"id": hook.id}

    def _deleteWebhook(self, call: Call) -> Response:
        self.hooks.subscriptions.remove(self._hook(call))
        return Response(204)

    def _hook(self, call: Call) -> MarketHook:
        hook = next((one for one in self.hooks.subscriptions if str(one.id) == call.parts["id"]), None)
        if hook is None:
            raise NO_SUCH
        return hook


def _sum(total: Decimal, tax: Decimal) -> dict[str, str]:
    return {"total": str(total), "tax": str(tax)}


def _tracking(parcels: Sequence[Parcel]) -> list[Tracking]:
    return [(one.number, one.carrier, one.url) for one in parcels]


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except ArithmeticError:
        raise Refusal(422, "no_amount", "A price must be an amount.") from None
    if amount < 0 or amount != amount.quantize(CENT):
        raise Refusal(422, "no_amount", "A price must be an amount in cents.")
    return amount
