"""The shop: what buyers and the merchant do, which status follows from it, and which webhooks tell of it.

Facts are those of a recorded WooCommerce 11.0.1. What differs, or was not recorded:
- Basic keys are heard over plain HTTP too (the real site hears them over HTTPS only), since a sandbox has no certificate.
- Names in bodies and queries that no route knows are refused; the real site ignores them.
- The `fulfillments` feature is on, and the time zone is two hours ahead, so that a wrong date filter loses rows.
- The Shipment Tracking plugin was not recorded: its shapes are those of its client library, its errors a guess.
- The erasure of a buyer sends no webhook, which is the worst case.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.sandbox.goods import Good, good_of
from local.sandbox.kit.api import Api, Call, Refusal
from local.sandbox.kit.money import ZERO
from local.sandbox.kit.orders import Line, Order, Refund, Variant
from local.sandbox.kit.people import Address, Buyer
from local.sandbox.kit.shop import Store
from local.sandbox.kit.vendor import Account, ApiVendor
from local.sandbox.wire import Request, Response, World
from local.sandbox.woocommerce import shapes
from local.sandbox.woocommerce.catalogue import Catalogue
from local.sandbox.woocommerce.parcels import Desk, Parcels
from local.sandbox.woocommerce.site import (
    KIND,
    NO_ROUTE,
    OPERATIONS,
    ROUTES,
    V3,
    VERSION,
    WORDS,
    Row,
    WooConfig,
    answer,
    gmt,
    invalid,
    listed,
    paged,
    problem,
    sign_in,
    violated,
)
from local.sandbox.woocommerce.webhooks import MANNERS, Webhooks

STATUSES = (
    "auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft",
)  # fmt: skip
HOLDS = ("on-hold", "processing", "completed")
"""An order in one of these states holds units of the stock; one that is not paid holds none."""
SHOWN = {
    "AUTHORIZED": "on-hold",
    "PARTIALLY_PAID": "on-hold",
    "DISPUTED": "on-hold",
    "VOIDED": "cancelled",
    "EXPIRED": "failed",
}
"""What the shop makes of a payment's state: it has few words for them. The rest is "pending", or an extension's status."""
EXTENSION = "fraud-check"
NO_ORDER = Refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
FIRST_GOODS = ("HL-COB-350",)


class WooStore(ApiVendor, Store):
    """One shop. Faults are scripted for OPERATIONS. Order names are those of the other store: a merchant counts in each."""

    manners = MANNERS

    def __init__(self, world: World, config: WooConfig | None = None, goods: Iterable[Good] | None = None) -> None:
        self.config = config or WooConfig()
        super().__init__(world, KIND, first_order=1000, goods=())
        self.catalogue, self.parcels, self.desk = Catalogue(self), Parcels(self), Desk(self)
        self.webhooks = Webhooks(world, self.config, lambda: self.api, self._content, self.new_id)
        self.hooks = self.webhooks.hooks
        for good in [good_of(sku) for sku in FIRST_GOODS] if goods is None else goods:
            (made,) = self.shelve([good.sku], stock=3)
            made.title, made.description_html, made.image_url = good.title, good.description_html, good.image_url
            made.price = (good.landed_cost * 2).quantize(Decimal(1)) + Decimal("0.99")
            made.extra["price"] = made.extra["regular"] = str(made.price)
        parts = (self, self.catalogue, self.parcels, self.desk, self.webhooks)
        answers = {name: next(getattr(part, name) for part in parts if hasattr(part, name)) for name in OPERATIONS}
        gates = (sign_in(self.config, self._keys, lambda: self.shop.installed),)
        self.api = Api(world, KIND, ROUTES, answers, error=problem, refusal_of=violated, words=WORDS, gates=gates)

    @property
    def account(self) -> Account:
        """The keys, as the merchant copies them."""
        keys = {"consumer_key": self.config.consumer_key, "consumer_secret": self.config.consumer_secret}
        return Account(KIND, f"/{KIND}", keys)

    def _keys(self, call: Call) -> tuple[str, str]:
        text = "" if self.config.drops_authorization else call.request.headers.get("authorization", "")
        try:
            key, _, secret = base64.b64decode(text.removeprefix("Basic "), validate=True).decode().partition(":")
        except ValueError:
            key = secret = ""
        if text.startswith("Basic ") and key:
            return key, secret
        return call.query.get("consumer_key", ""), call.query.get("consumer_secret", "")

    def handle(self, request: Request) -> Response:
        """A body that does not say that it is JSON is not read."""
        is_json = "application/json" in request.headers.get("content-type", "")
        return super().handle(request if is_json else replace(request, body=b""))

    def now(self) -> datetime:
        """Whole seconds."""
        return self.world.clock().replace(microsecond=0)

    def tick(self) -> None:
        """Webhooks that waited long enough leave."""
        super().tick()
        if self.config.queue_seconds is not None:
            self.webhooks.run(self.config.queue_seconds)

    def report_delivery(self, url: str, ok: bool) -> None:
        """Hear how an attempt ended."""
        self.hooks.report(url, ok)

    # --- buyers and the merchant --------------------------------------------------------------------------------------

    def shelve(self, skus: Sequence[str], *, together: bool = False, stock: int = 1000) -> list[Variant]:
        """See Store: simple products, or a variable one and its variations."""
        parent = None
        if together:
            parent = self.catalogue.new("", f"Goods {self.new_id()}")
            parent.extra |= {"type": "variable", "attributes": [
                {"id": 0, "name": "Size", "slug": "Size", "position": 0, "visible": True, "variation": True,
                 "options": list(skus)}
            ]}  # fmt: skip
            self.catalogue.parents[parent.number] = parent
        made = [self.catalogue.new(sku, f"Goods {sku}", parent) for sku in skus]
        for one in made:
            one.price, one.stock = Decimal("1.00"), stock
            one.extra |= {"price": "1.00", "regular": "1.00"}
            if parent:
                one.extra["attributes"] = [{"id": 0, "name": "Size", "slug": "size", "option": one.sku}]
        self.shop.variants.update((one.number, one) for one in made)
        return made

    def new_order(self, name: str, buyer: Buyer | None, address: Address | None, currency: str, **facts: Any) -> Order:
        """An order's id is its number here."""
        order = super().new_order(name, buyer, address, currency, **facts)
        order.number = int(name.removeprefix("#"))
        return order

    def take(self, order: Order, line: Line, units: int) -> None:
        """From the variation's own stock, or from its parent's."""
        variant = self.shop.variants.get(line.variant_id or 0)
        parent = self.catalogue.parent(variant) if variant else None
        if not order.extra.get("holds"):
            return
        if variant and variant.stock is None and parent and parent.stock is not None:
            parent.stock, parent.updated_at = parent.stock - units, self.now()
            self.stock_changed(parent)
        super().take(order, line, units)

    def stock_changed(self, variant: Variant) -> None:
        """A sale is told as product.updated too."""
        self.webhooks.tell("product.updated", variant.number)

    def changed(self, event: str, order: Order, part: Any = None) -> None:
        """See Store. A new order is told as updated first, and then as created."""
        extra, now = order.extra, self.now()
        if event == "created" and "status" not in extra:
            extra["status"] = "on-hold" if order.capturable else "pending"
        if event == "paid":
            extra["status"], extra["paid_at"] = self._paid_status(order), extra.get("paid_at") or now
            self.parcels.auto(order)
        if event == "cancelled":
            extra["status"] = "cancelled"
        if event == "refunded" and extra["status"] != "cancelled" and self._left(order) <= 0:
            extra["status"] = "refunded"
        if order.fulfillments and self.config.fulfillments:
            whole = not any(line.unfulfilled for line in order.lines)
            extra["meta"] = extra.get("meta", {}) | {
                "_fulfillment_status": "fulfilled" if whole else "partially_fulfilled"
            }
        self._hold(order)
        self.webhooks.tell("order.updated", order.number)
        if event == "created":
            self.webhooks.tell("order.created", order.number)

    def ended(self, order: Order) -> None:
        """The queue may run."""
        self.tick()

    def told(self, resource: str, event: str, number: int) -> None:
        """The client wrote a product."""
        self.webhooks.tell(f"{resource}.{event}", number)
        self.tick()

    @staticmethod
    def _paid_status(order: Order) -> str:
        return "processing" if any(line.requires_shipping for line in order.lines) else "completed"

    def _left(self, order: Order) -> Decimal:
        return shapes.order_total(order)[0] - sum((one.amount for one in order.refunds), ZERO)

    def _hold(self, order: Order) -> None:
        """Stock follows the status."""
        holds = order.extra["status"] in HOLDS
        if holds and not order.extra.get("holds"):
            order.extra["holds"] = True
            for line in order.lines:
                self.take(order, line, line.current)
        elif order.extra["status"] in ("cancelled", "pending") and order.extra.get("holds"):
            for line in order.lines:
                self.take(order, line, -line.unfulfilled)
            order.extra["holds"] = False

    def set_payment(self, order_id: str | int, state: str) -> Order:
        """See Desk. Given back money is a refund here, and what the shop has no word for is a status of an extension."""
        order = self.order(order_id)
        if state.endswith("REFUNDED"):
            return self.refund_money(order_id, order.total / (2 if state.startswith("PART") else 1))
        paid = state == "PAID"
        order.extra["status"] = (
            self._paid_status(order) if paid else SHOWN.get(state, "pending" if state == "PENDING" else EXTENSION)
        )
        order.extra["paid_at"] = self.now() if paid else None
        return super().set_payment(order_id, state)

    def redact(self, order_id: str | int) -> Order:
        """The eraser of core runs over an order: its fields say [deleted]."""
        order = super().redact(order_id)
        order.extra["erased"] = True
        return order

    def trash(self, order_id: str | int) -> None:
        """The merchant moves an order to the trash."""
        order = self.order(order_id)
        order.extra |= {"status": "trash", "before": order.extra["status"]}
        order.updated_at = self.now()
        self.told("order", "deleted", order.number)

    def restore(self, order_id: str | int) -> None:
        """The merchant takes it out again."""
        order = self.order(order_id)
        order.extra["status"] = order.extra["before"]
        self.told("order", "restored", order.number)

    def remove(self, order_id: str | int) -> None:
        """The merchant deletes an order for good: nobody is told."""
        del self.shop.orders[self.order(order_id).number]

    def place_draft(self, order_id: str | int) -> None:
        """A checkout that was begun is sent: it is told as created once more, and not as updated."""
        order = self.order(order_id)
        order.extra["status"] = "pending"
        self.told("order", "created", order.number)

    def uninstall(self) -> None:
        """The merchant deletes the keys; webhooks go on."""
        self.shop.installed = False

    # --- what the client writes ---------------------------------------------------------------------------------------

    def set_status(self, order: Order, status: str) -> None:
        """Any status may follow any other; money is moved by none."""
        if status not in STATUSES:
            raise invalid("status", f"status is not one of {', '.join(STATUSES)}.", "rest_not_in_enum")
        before, extra = order.extra["status"], order.extra
        if status == "cancelled" and order.cancelled_at is None:
            for line in order.lines:
                self._return(order, line, line.current, restock=True)
            order.cancelled_at, order.cancel_reason = self.now(), "OTHER"
            self._record("order_cancelled", order, reason="OTHER", by="app", refunded=str(order.refunded))
        if status == "refunded" and self._left(order) > 0:
            rest = Refund(self.new_id(), self.now(), self._left(order), "Order fully refunded.")
            self.money_back(order, rest, moved=False)
        extra["status"] = status
        if status in ("processing", "completed"):
            extra["paid_at"] = extra.get("paid_at") or self.now()
        if status == "completed" != before:
            extra["completed_at"] = self.now()
            self.world.record(KIND, "customer_mailed", order.name, about="completed")

    def units_back(self, order: Order, line: Line, units: int, restock: bool) -> None:
        """Units of a refund; more than were sold are taken in."""
        self._return(order, line, units, restock)

    def money_back(self, order: Order, refund: Refund, *, moved: bool) -> None:
        """A refund, with its money by the gateway or only recorded."""
        order.refunds.append(refund)
        if moved:
            self._money(order, "REFUND", refund.amount)
        facts = [{"sku": line.sku, "quantity": units} for _, line, units, _ in refund.lines]
        tax = sum((row[3] for row in shapes.refund_rows(order, refund)), ZERO)
        self._record(
            "order_refunded", order, lines=facts, amount=str(refund.amount), tax=str(tax), moved=moved, by="app"
        )
        self.world.record(KIND, "customer_mailed", order.name, about="refund")
        self.done("refunded", order, refund)

    def remark(self, order: Order, text: str, *, for_customer: bool = False) -> dict[str, Any]:
        """A note on an order; it does not count as a change."""
        at = self.now()
        row = {
            "id": self.new_id(), "author": "WooCommerce", "date_created": gmt(at + self.config.utc_offset),
            "date_created_gmt": gmt(at), "note": text, "customer_note": for_customer,
        }  # fmt: skip
        order.extra.setdefault("notes", []).append(row)
        return row

    # --- the routes of orders and of the site -------------------------------------------------------------------------

    def found(self, call: Call) -> Order:
        """The order that a path names."""
        number = call.parts["order"]
        if not number.isdecimal():
            raise NO_ROUTE
        if (order := self.shop.orders.get(int(number))) is None:
            raise NO_ORDER
        return order

    def shown(self, order: Order) -> dict[str, Any]:
        """An order as the API has it."""
        return shapes.order_shown(order, order.extra["status"], self.config, self.shop.variants)

    def refund_shown(self, order: Order, refund: Refund) -> dict[str, Any]:
        """A refund as the API has it."""
        return shapes.refund_shown(order, refund, self.config, self.shop.variants)

    def _content(self, topic: str, number: int) -> bytes:
        """The body of a webhook at the moment when it leaves; of what is gone by then the API's error."""
        resource, _, event = topic.partition(".")
        found: Any = {"id": number}
        if event != "deleted":
            order, goods = self.shop.orders.get(number), self.catalogue.product(number)
            found = {"code": NO_ORDER.code, "message": NO_ORDER.message, "data": {"status": NO_ORDER.status}}
            if resource == "order" and order:
                found = self.shown(order)
            elif resource == "product" and goods:
                found = self.catalogue.shown(goods)
        return json.dumps(found, separators=(",", ":")).replace("/", "\\/").encode()

    def listOrders(self, call: Call) -> Response:
        rows = [
            Row(one.number, one.created_at, one.updated_at, one.extra["status"], "", one)
            for one in self.shop.orders.values()
        ]
        found = listed(self.api, call, rows, (*STATUSES, EXTENSION), self.config.utc_offset)
        return paged(self.api, call, found, lambda row: self.shown(row.entry))

    def getOrder(self, call: Call) -> Response:
        return answer(call, self.shown(self.found(call)))

    def readIndex(self, call: Call) -> Response:
        """The routes of the API, in the words of WordPress. Those of a feature that is off are not among them."""
        paths = {route.path for route in ROUTES if route.path.startswith(V3)}
        paths = {path for path in paths if self.config.fulfillments or "fulfillments" not in path}
        names = {
            "{group}": r"(?P<group_id>[\w-]+)",
            "{order}": r"(?P<order_id>[\d]+)",
            "{parent}": r"(?P<product_id>[\d]+)",
        }
        routes: dict[str, Any] = {}
        for path in sorted(paths):
            for name, pattern in {**names, "{id}": r"(?P<id>[\d]+)"}.items():
                path = path.replace(name, pattern)
            routes[path.removeprefix("/wp-json")] = {"namespace": "wc/v3"}
        return answer(call, {"namespace": "wc/v3", "routes": routes})

    def readSetting(self, call: Call) -> Response:
        group, name = call.parts["group"], call.parts["id"]
        values = {
            ("general", "woocommerce_currency"): self.config.currency,
            ("general", "woocommerce_price_decimal_sep"): "," if self.config.decimal_comma else ".",
            ("general", "woocommerce_calc_taxes"): "yes" if self.taxes else "no",
            ("tax", "woocommerce_prices_include_tax"): "yes" if self.config.taxed_prices else "no",
            ("products", "woocommerce_manage_stock"): "yes",
        }
        if (group, name) not in values:
            raise Refusal(404, "rest_setting_setting_invalid", "Invalid setting.")
        row = {"id": name, "label": name, "description": "", "type": "text", "default": "", "tip": ""}
        return answer(call, {**row, "value": values[group, name], "group_id": group})

    def readStatus(self, call: Call) -> Response:
        return answer(call, {"environment": {"version": VERSION}, "settings": {"currency": self.config.currency}})
