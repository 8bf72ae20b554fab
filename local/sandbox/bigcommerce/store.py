"""The store as a whole: routes, sign-in, the quota of its 30 seconds, hooks, and the merchant's hands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.sandbox.bigcommerce import bodies
from local.sandbox.bigcommerce.base import KIND, BigCommerceConfig, error, no_such, unfit, violated, whole
from local.sandbox.bigcommerce.catalogue import CatalogueCalls
from local.sandbox.bigcommerce.hooks import StoreHook, StoreHooks
from local.sandbox.bigcommerce.orders import OrderCalls
from local.sandbox.kit.api import Api, Call, Refusal, Route, Words, gate, operations
from local.sandbox.kit.signin import header, same, signed_in
from local.sandbox.kit.throttle import Window
from local.sandbox.kit.vendor import Account, ApiVendor
from local.sandbox.scripted import Forms, cut_off
from local.sandbox.wire import Request, Response, World

_TABLE = """
GET v2/store getStoreInformation
GET v2/orders getOrders page limit sort min_date_modified max_date_modified min_id max_id customer_id email channel_id include
GET v2/orders/{order} getOrder include
PUT v2/orders/{order} updateOrder
GET v2/orders/{order}/products getOrderProducts page limit
GET v2/orders/{order}/shipping_addresses getOrderShippingAddresses page limit
GET v2/orders/{order}/shipments getOrderShipments page limit
POST v2/orders/{order}/shipments createOrderShipments
PUT v2/orders/{order}/shipments/{id} updateOrderShipment
POST v3/orders/{order}/payment_actions/refund_quotes createOrderRefundQuotes
POST v3/orders/{order}/payment_actions/refunds createOrderRefund
GET v3/orders/{order}/payment_actions/refunds getOrderRefunds
GET v3/catalog/products getProducts page limit include include_fields sort direction id id:in id:greater sku sku:in name
POST v3/catalog/products createProduct
PUT v3/catalog/products/channel-assignments assignChannels
GET v3/catalog/products/{product} getProduct include
PUT v3/catalog/products/{product} updateProduct
POST v3/catalog/products/{product}/options/{option}/values createProductOptionValue
GET v3/catalog/products/{product}/variants getProductVariants page limit
POST v3/catalog/products/{product}/variants createProductVariant
GET v3/catalog/variants getVariants page limit id sku product_id:in
PUT v3/catalog/variants updateVariantsBatch
GET v3/inventory/locations getLocations page limit
GET v3/inventory/items getInventoryItems page limit sku:in variant_id:in product_id:in location_id:in
PUT v3/inventory/adjustments/absolute putAbsolute
POST v3/inventory/adjustments/relative postRelative
GET v3/hooks getWebhooks page limit
POST v3/hooks createWebhooks
GET v3/hooks/admin getHooksAdmin
PUT v3/hooks/{hook} updateWebhook
DELETE v3/hooks/{hook} deleteWebhook
"""
ROUTES = tuple(
    Route(method, f"/stores/{{hash}}/{path}", operation, optional=tuple(query))
    for method, path, operation, *query in map(str.split, _TABLE.strip().splitlines())
)
OPERATIONS = operations(ROUTES)
_SAID = {500: "Internal Server Error", 429: "Too many requests", 503: "Service Unavailable"}
WORDS = Words(
    unfit("This is not possible."), no_such(), *(Refusal(status, None, said) for status, said in _SAID.items())
)


class BigCommerceStore(ApiVendor, OrderCalls, CatalogueCalls):
    """One store without goods. Faults are scripted for OPERATIONS; "rate_limited_bare" is its overload."""

    def __init__(self, world: World, config: BigCommerceConfig | None = None) -> None:
        self.config, self.products = config or BigCommerceConfig(), {}
        super().__init__(world, KIND, first_order=7000, goods=())
        self.hooks = StoreHooks(world, KIND, lambda *_: {}, off_after=12)
        self.hooks.secret, self.hooks.store = self.config.client_secret, self.config.store_hash
        self.window = Window(world.clock, self.config.calls, 30)
        right = header("x-auth-token", lambda token: self.shop.installed and same(token, self.config.access_token))
        stranger = Refusal(401, None, "The access token is not valid for this store.")
        no_json = Refusal(415, None, "Only application/json is spoken here.")
        ours = f"/stores/{self.config.store_hash}/"
        gates = (
            gate(lambda _: self.window.take(), lambda _: self._throttled(self._reset())),
            signed_in(lambda asked: right(asked) and asked.path.startswith(ours), lambda _: stranger),
            gate(_speaks_json, lambda _: no_json),
        )
        answers = {operation: getattr(self, f"_{operation}") for operation in OPERATIONS}
        self.api = Api(world, KIND, ROUTES, answers, error, violated, forms=self._forms, gates=gates, private=True)

    def handle(self, request: Request) -> Response:
        """Each answer says what is left of the quota; a 429 that does not is the store's overload."""
        answer = super().handle(request)
        if answer.hang or answer.status == 429:
            return answer
        return replace(answer, headers={**answer.headers, **self._quota(self._reset())})

    def _reset(self) -> int:
        """Milliseconds until the first call of the window is out of it."""
        taken = self.window.taken[:1] or [self.world.clock()]
        return 30_000 - round((self.world.clock() - taken[0]).total_seconds() * 1000)

    def _quota(self, reset: int) -> dict[str, str]:
        limit = self.config.calls or 10**6
        told = {"requests-quota": limit, "requests-left": max(limit - len(self.window.taken), 0)}
        told |= {"time-reset-ms": reset, "time-window-ms": 30_000}
        return {f"x-rate-limit-{name}": str(value) for name, value in told.items()}

    def _throttled(self, reset: int) -> Refusal:
        return Refusal(429, None, WORDS.throttled.message, headers=self._quota(reset))

    def _forms(self, call: Call) -> Forms:
        def cut() -> Response:
            """An empty list has no body that could be cut."""
            answer = self.api.answer(call)
            return cut_off(answer) if answer.body else Response(200, b"[{")

        bare, limited = error(WORDS.throttled, call), error(self._throttled(20_000), call)
        forms = WORDS.forms(error, call)
        return replace(forms, rate_limited=limited, rate_limited_bare=bare, own={"malformed": cut})

    @property
    def account(self) -> Account:
        """The merchant's store-level API account."""
        told = {name: getattr(self.config, name) for name in ("store_hash", "access_token", "client_secret")}
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
        return {"id": self.config.store_hash, "store_id": 1001, "name": "Nordlight Lamps", "currency": "USD"}

    # --- hooks --------------------------------------------------------------------------------------------------------

    def _hook(self, one: StoreHook) -> dict[str, Any]:
        return {
            "id": one.id, "client_id": "sandboxclient", "store_hash": self.config.store_hash, "scope": one.topic,
            "destination": one.url, "headers": one.headers or None, "is_active": one.active,
            "created_at": int(one.created_at.timestamp()), "updated_at": int(one.heard_at.timestamp()),
        }  # fmt: skip

    def _found_hook(self, call: Call) -> StoreHook:
        hook = next((one for one in self.hooks.subscriptions if str(one.id) == call.parts["hook"]), None)
        if hook is None:
            raise no_such()
        return hook

    def _getWebhooks(self, call: Call) -> Response:
        self.hooks.settle()
        return self.v3(call, self.hooks.subscriptions, self._hook)

    def _createWebhooks(self, call: Call) -> Response:
        now = self.world.clock()
        hook = StoreHook(id=self.new_id(), url="", topic="", created_at=now, heard_at=now)
        shown = self._written(hook, self.given(call, bodies.HOOK))
        self.hooks.subscriptions.append(hook)
        self.world.record(KIND, "webhook_subscribed", hook.topic)
        return shown

    def _updateWebhook(self, call: Call) -> Response:
        return self._written(self._found_hook(call), self.given(call, bodies.HOOK_PUT))

    def _written(self, hook: StoreHook, wanted: dict[str, Any]) -> Response:
        scope, url = wanted.get("scope", hook.topic), wanted.get("destination", hook.url)
        if wrong := self.hooks.refusal(scope, url, hook):
            raise unfit("JSON data is missing or invalid", wrong)
        hook.topic, hook.url, hook.heard_at = scope, url, self.world.clock()
        hook.active, hook.headers = wanted.get("is_active", hook.active), wanted.get("headers") or hook.headers
        return whole(self._hook(hook))

    def _deleteWebhook(self, call: Call) -> Response:
        hook = self._found_hook(call)
        self.hooks.subscriptions.remove(hook)
        return whole(self._hook(hook))

    def _getHooksAdmin(self, _: Call) -> Response:
        self.hooks.settle()
        left = {domain: (until - self.world.clock()).total_seconds() for domain, until in self.hooks.blocked.items()}
        blocked = [{"destination": f"https://{domain}", "time_left": round(rest)} for domain, rest in left.items()]
        rows = [
            {**self._hook(one), "status": "active" if one.active else "deactivated"} for one in self.hooks.subscriptions
        ]
        return whole({"emails": [], "hooks_list": rows, "blocked_domains": blocked})


def _speaks_json(call: Call) -> bool:
    """V2 answers XML to who does not ask for JSON: here it is refused at once."""
    asked, sent = call.request.headers.get("accept", ""), call.request.headers.get("content-type", "")
    return "application/json" in asked and (not call.request.body or "application/json" in sent)
