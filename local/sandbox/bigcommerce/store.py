"""The store as a whole: routes, sign-in, the quota of its 30 seconds, hooks, and the merchant's hands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from local.sandbox.bigcommerce import bodies
from local.sandbox.bigcommerce.base import KIND, BigCommerceConfig, error, no_such, unfit, v3, violated, whole
from local.sandbox.bigcommerce.catalogue import CatalogueCalls
from local.sandbox.bigcommerce.hooks import StoreHook, StoreHooks
from local.sandbox.bigcommerce.orders import OrderCalls
from local.sandbox.goods import Good
from local.sandbox.kit.api import Api, Call, Refusal, Route, Words, gate, operations
from local.sandbox.kit.signin import header, same, signed_in
from local.sandbox.kit.throttle import Window
from local.sandbox.kit.vendor import Account, ApiVendor
from local.sandbox.scripted import Forms
from local.sandbox.wire import Request, Response, World

WINDOW = 30
_PAGES = "page limit"
_TABLE = (
    ("GET", "v2/store", "getStoreInformation", ""),
    ("GET", "v2/orders", "getOrders", f"{_PAGES} sort min_date_modified max_date_modified status_id min_id max_id"),
    ("GET", "v2/orders/{order}", "getOrder", ""),
    ("PUT", "v2/orders/{order}", "updateOrder", ""),
    ("GET", "v2/orders/{order}/products", "getOrderProducts", _PAGES),
    ("GET", "v2/orders/{order}/shipping_addresses", "getOrderShippingAddresses", _PAGES),
    ("GET", "v2/orders/{order}/shipments", "getOrderShipments", _PAGES),
    ("POST", "v2/orders/{order}/shipments", "createOrderShipments", ""),
    ("PUT", "v2/orders/{order}/shipments/{id}", "updateOrderShipment", ""),
    ("POST", "v3/orders/{order}/payment_actions/refund_quotes", "createOrderRefundQuotes", ""),
    ("POST", "v3/orders/{order}/payment_actions/refunds", "createOrderRefund", ""),
    ("GET", "v3/orders/{order}/payment_actions/refunds", "getOrderRefunds", ""),
    ("GET", "v3/catalog/products", "getProducts", f"{_PAGES} include id id:in sku sku:in name is_visible"),
    ("POST", "v3/catalog/products", "createProduct", ""),
    ("GET", "v3/catalog/products/{product}", "getProduct", "include"),
    ("PUT", "v3/catalog/products/{product}", "updateProduct", ""),
    ("GET", "v3/catalog/products/{product}/options", "getProductOptions", _PAGES),
    ("POST", "v3/catalog/products/{product}/options", "createProductOption", ""),
    ("POST", "v3/catalog/products/{product}/options/{option}/values", "createProductOptionValue", ""),
    ("GET", "v3/catalog/products/{product}/variants", "getProductVariants", _PAGES),
    ("POST", "v3/catalog/products/{product}/variants", "createProductVariant", ""),
    ("PUT", "v3/catalog/products/{product}/variants/{variant}", "updateProductVariant", ""),
    ("GET", "v3/catalog/variants", "getVariants", f"{_PAGES} id sku product_id:in"),
    ("PUT", "v3/catalog/variants", "updateVariantsBatch", ""),
    ("GET", "v3/inventory/locations", "getLocations", _PAGES),
    ("GET", "v3/inventory/items", "getInventoryItems", f"{_PAGES} sku:in variant_id:in product_id:in location_id:in"),
    (
        "GET",
        "v3/inventory/locations/{location}/items",
        "getLocationItems",
        f"{_PAGES} sku:in variant_id:in product_id:in",
    ),
    ("PUT", "v3/inventory/adjustments/absolute", "putAbsolute", ""),
    ("POST", "v3/inventory/adjustments/relative", "postRelative", ""),
    ("GET", "v3/hooks", "getWebhooks", f"{_PAGES} is_active scope destination"),
    ("POST", "v3/hooks", "createWebhooks", ""),
    ("GET", "v3/hooks/admin", "getHooksAdmin", "is_active"),
    ("PUT", "v3/hooks/{hook}", "updateWebhook", ""),
    ("DELETE", "v3/hooks/{hook}", "deleteWebhook", ""),
)
ROUTES = tuple(
    Route(how, f"/stores/{{hash}}/{path}", name, optional=tuple(query.split())) for how, path, name, query in _TABLE
)
OPERATIONS = operations(ROUTES)
_BUSY = "Too many requests"
WORDS = Words(
    refused=unfit("This is not possible."),
    missing=no_such(),
    failed=Refusal(500, None, "Internal Server Error"),
    throttled=Refusal(429, None, _BUSY),
    away=Refusal(503, None, "Service Unavailable"),
)


class BigCommerceStore(ApiVendor, OrderCalls, CatalogueCalls):
    """One store. Faults are scripted for OPERATIONS; "rate_limited_bare" is its overload: a 429 without the quota's headers."""

    def __init__(self, world: World, config: BigCommerceConfig | None = None, goods: Iterable[Good] = ()) -> None:
        self.config, self.products = config or BigCommerceConfig(), {}
        super().__init__(world, KIND, first_order=7000, goods=())
        self.hooks = StoreHooks(
            world, KIND, lambda *_: {}, off_after=12, secret=self.config.client_secret, store=self.config.store_hash
        )
        self.window = Window(world.clock, self.config.calls, WINDOW)
        right = header("x-auth-token", lambda token: self.shop.installed and same(token, self.config.access_token))
        refused = Refusal(401, None, "The access token is not valid for this store.")
        self.api = Api(
            world,
            KIND,
            ROUTES,
            {operation: getattr(self, f"_{operation}") for operation in OPERATIONS},
            error=error,
            refusal_of=violated,
            forms=self._forms,
            gates=(
                gate(lambda _: self.window.take(), lambda _: self._throttled(self._reset())),
                signed_in(right, lambda _: refused),
                gate(
                    lambda call: call.parts.get("hash", self.config.store_hash) == self.config.store_hash,
                    lambda _: refused,
                ),
                gate(_speaks_json, lambda _: Refusal(415, None, "Only application/json is spoken here.")),
            ),
            private=True,
        )
        for good in goods:
            self.open_with(good)

    def handle(self, request: Request) -> Response:
        """Each answer says what is left of the quota; a 429 that does not is the store's overload."""
        answer = super().handle(request)
        if answer.hang or answer.status == 429:
            return answer
        return replace(answer, headers={**answer.headers, **self._quota(self._reset())})

    def _reset(self) -> int:
        taken = self.window.taken
        return round((WINDOW - (self.world.clock() - taken[0]).total_seconds()) * 1000) if taken else WINDOW * 1000

    def _quota(self, reset: int) -> dict[str, str]:
        limit = self.config.calls or 10**6
        return {
            "x-rate-limit-requests-quota": str(limit), "x-rate-limit-requests-left": str(limit - len(self.window.taken)),
            "x-rate-limit-time-reset-ms": str(reset), "x-rate-limit-time-window-ms": str(WINDOW * 1000),
        }  # fmt: skip

    def _throttled(self, reset: int) -> Refusal:
        return Refusal(429, None, _BUSY, headers={**self._quota(reset), "x-rate-limit-requests-left": "0"})

    def _forms(self, call: Call) -> Forms:
        return replace(WORDS.forms(error, call), rate_limited=error(self._throttled(20_000), call))

    @property
    def account(self) -> Account:
        """The merchant's store-level API account."""
        told = {"store_hash": self.config.store_hash, "access_token": self.config.access_token,
                "client_secret": self.config.client_secret}  # fmt: skip
        return Account(KIND, f"/{KIND}", told, self.config.client_secret)

    def report_delivery(self, url: str, ok: bool) -> None:
        """Hear how an attempt ended: after twelve failures in a row the hooks of an address are switched off."""
        self.hooks.report(url, ok)

    def tick(self) -> None:
        """See ApiVendor."""
        super().tick()
        self.hooks.settle()

    def uninstall(self) -> None:
        """The merchant deletes the API account: its hooks go for ever, and its token."""
        self.hooks.tell("store/app/uninstalled", type="store")
        self.hooks.subscriptions.clear()
        self.shop.installed = False
        self.world.record(KIND, "app_uninstalled", self.config.store_hash)

    def _getStoreInformation(self, _: Call) -> dict[str, Any]:
        return {
            "id": self.config.store_hash, "store_id": 1001, "name": "Nordlight Lamps", "status": "live",
            "domain": "shop.example.com", "secure_url": "https://shop.example.com", "currency": self.config.currency,
            "decimal_places": 2, "language": "en", "weight_units": "KGS", "plan_name": "Sandbox",
            "is_price_entered_with_tax": any(rule.included for rule in self.taxes.values()),
        }  # fmt: skip

    # --- hooks --------------------------------------------------------------------------------------------------------

    def _hook_shown(self, one: StoreHook) -> dict[str, Any]:
        return {
            "id": one.id, "client_id": self.config.client_id, "store_hash": self.config.store_hash, "scope": one.topic,
            "destination": one.url, "headers": one.headers or None, "is_active": one.active,
            "created_at": int(one.created_at.timestamp()), "updated_at": int(one.updated_at.timestamp()),
        }  # fmt: skip

    def _hook(self, call: Call) -> StoreHook:
        hook = next((one for one in self.hooks.subscriptions if str(one.id) == call.parts["hook"]), None)
        if hook is None:
            raise Refusal(404, None, f"Webhook with id [{call.parts['hook']}] not found")
        return hook

    def _getWebhooks(self, call: Call) -> Response:
        self.hooks.settle()
        rows = [self._hook_shown(one) for one in self.hooks.subscriptions]
        for name in ("is_active", "scope", "destination"):
            if name in call.query:
                rows = [row for row in rows if str(row[name]).lower() == call.query[name].lower()]
        return v3(self.api, call, rows, dict)

    def _createWebhooks(self, call: Call) -> Response:
        wanted, now = self.api.body(call, bodies.HookPost), self.world.clock()
        if wrong := self.hooks.refusal(wanted.scope, wanted.destination):
            raise unfit("JSON data is missing or invalid", **wrong)
        hook = StoreHook(
            id=self.new_id(), url=wanted.destination, topic=wanted.scope, created_at=now, updated_at=now, heard_at=now,
            active=wanted.is_active, headers=dict(wanted.headers or {}),
        )  # fmt: skip
        self.hooks.subscriptions.append(hook)
        self.world.record(KIND, "webhook_subscribed", wanted.scope, uri=wanted.destination)
        return whole(self._hook_shown(hook))

    def _updateWebhook(self, call: Call) -> Response:
        hook, wanted = self._hook(call), self.api.body(call, bodies.HookPut)
        scope, url = wanted.scope or hook.topic, wanted.destination or hook.url
        if wrong := self.hooks.refusal(scope, url, hook):
            raise unfit("JSON data is missing or invalid", **wrong)
        hook.topic, hook.url, hook.updated_at = scope, url, self.world.clock()
        if wanted.headers is not None:
            hook.headers = dict(wanted.headers)
        if "is_active" in wanted.model_fields_set:
            hook.active, hook.heard_at = wanted.is_active, self.world.clock()
        return whole(self._hook_shown(hook))

    def _deleteWebhook(self, call: Call) -> Response:
        hook = self._hook(call)
        self.hooks.subscriptions.remove(hook)
        return whole(self._hook_shown(hook))

    def _getHooksAdmin(self, _: Call) -> Response:
        self.hooks.settle()
        now = self.world.clock()
        blocked = [
            {"destination": f"https://{domain}", "time_left": round((until - now).total_seconds()), "reasons": []}
            for domain, until in self.hooks.blocked.items()
        ]
        rows = [
            {**self._hook_shown(one), "status": "active" if one.active else "deactivated"}
            for one in self.hooks.subscriptions
        ]
        return whole({"emails": [], "hooks_list": rows, "blocked_domains": blocked})


def _speaks_json(call: Call) -> bool:
    """V2 answers XML to who does not ask for JSON: here it is refused at once."""
    asked, sent = call.request.headers.get("accept", ""), call.request.headers.get("content-type", "")
    return "application/json" in asked and (not call.request.body or "application/json" in sent)
