"""The shop: what buyers and the merchant do, which status follows from it, and which webhooks tell of it.

Facts are those of a recorded WooCommerce 11.0.1. What differs, or was not recorded:
- Basic keys are heard over plain HTTP too (the real site hears them over HTTPS only), since a sandbox has no certificate.
- Names in bodies and queries that no route knows are refused; the real site ignores them.
- The `fulfillments` feature is on, and the site's time is two hours ahead, so that a wrong date filter loses rows.
- The Shipment Tracking plugin was not recorded: its errors are a guess. A buyer's erasure sends no webhook.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from local.sandbox.goods import Good, good_of
from local.sandbox.kit.api import Api, Call, Refusal
from local.sandbox.kit.orders import Line, Order, Refund, Variant
from local.sandbox.kit.people import Address, Buyer
from local.sandbox.kit.shop import Store
from local.sandbox.kit.vendor import Account, ApiVendor
from local.sandbox.wire import Request, Response, World
from local.sandbox.woocommerce import shapes, site
from local.sandbox.woocommerce.catalogue import Catalogue
from local.sandbox.woocommerce.parcels import STATUSES, Parcels
from local.sandbox.woocommerce.site import KIND, ROUTES, WooConfig
from local.sandbox.woocommerce.webhooks import MANNERS, Webhooks

HOLDS = ("on-hold", "processing", "completed")
"""An order in one of these states holds units of the stock; one that is not paid holds none."""
PLUGIN = "fraud-check"
SHOWN = {"PENDING": "pending", "AUTHORIZED": "on-hold", "PARTIALLY_PAID": "on-hold", "DISPUTED": "on-hold", "VOIDED": "cancelled",
         "EXPIRED": "failed", "UNKNOWN": PLUGIN}  # fmt: skip
"""The shop has few words for a payment's states. The last is a status of a plugin."""


class WooStore(ApiVendor, Store):
    """One shop. Faults are scripted for OPERATIONS. Order names are those of the other store: a merchant counts in each."""

    manners = MANNERS

    def __init__(self, world: World, config: WooConfig | None = None, goods: Iterable[Good] | None = None) -> None:
        self.config = config or WooConfig()
        super().__init__(world, KIND, first_order=1000, goods=())
        self.catalogue, self.parcels = Catalogue(self), Parcels(self)
        self.hooks = Webhooks(world, self.config, lambda: self.api, self._content)
        for good in (good_of("HL-COB-350"),) if goods is None else goods:
            (made,) = self.shelve([good.sku], stock=3)
            made.title, made.description_html, made.image_url = good.title, good.description_html, good.image_url
            made.price = (good.landed_cost * 2).quantize(Decimal(1)) + Decimal("0.99")
            made.extra["price"] = made.extra["regular"] = str(made.price)
        parts = (self, self.catalogue, self.parcels, self.hooks)
        answers = {name: next(getattr(part, name) for part in parts if hasattr(part, name)) for name in site.OPERATIONS}
        self.api = Api(
            world, KIND, ROUTES, answers, error=site.problem, refusal_of=site.violated, words=site.WORDS,
            shown=site.shown, gates=(site.sign_in(self.config, lambda: self.shop.installed),),
        )  # fmt: skip

    @property
    def account(self) -> Account:
        """The keys, as the merchant copies them."""
        keys = {"consumer_key": self.config.consumer_key, "consumer_secret": self.config.consumer_secret}
        return Account(KIND, f"/{KIND}", keys)

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
        self.hooks.run(self.config.queue_seconds)

    def report_delivery(self, url: str, ok: bool) -> None:
        """Hear how an attempt ended."""
        self.hooks.report(url, ok)

    def told(self, topic: str, number: int) -> None:
        """Something happened that a webhook tells."""
        self.hooks.tell(topic, number)
        self.tick()

    # --- buyers and the merchant --------------------------------------------------------------------------------------

    def shelve(self, skus: Sequence[str], *, together: bool = False, stock: int = 1000) -> list[Variant]:
        """See Store: simple products, or a variable one and its variations."""
        parent = self.catalogue.new("", f"Goods {skus[0]}", None, "variable") if together else None
        if parent:
            size = {"id": 0, "name": "Size", "slug": "Size", "position": 0, "visible": True, "variation": True}
            parent.extra["attributes"] = [{**size, "options": list(skus)}]
        made = [self.catalogue.new(sku, f"Goods {sku}", parent) for sku in skus]
        for one in made:
            one.price, one.stock, one.visible = Decimal("1.00"), stock, True
            one.extra |= {"price": "1.00", "regular": "1.00"}
            one.extra["attributes"] = [{"id": 0, "name": "Size", "slug": "size", "option": one.sku}] if parent else []
        return made

    def new_order(self, name: str, buyer: Buyer | None, address: Address | None, currency: str, **facts: Any) -> Order:
        """An order's id is its number here."""
        return replace(super().new_order(name, buyer, address, currency, **facts), number=int(name.removeprefix("#")))

    def take(self, order: Order, line: Line, units: int) -> None:
        """From the variation's own stock, or from its parent's; nothing before the order holds units."""
        variant = self.shop.variants.get(line.variant_id or 0)
        parent = self.catalogue.parents.get(variant.product) if variant and variant.stock is None else None
        if order.extra.get("holds"):
            super().take(order, line, units)
            if parent and parent.stock is not None:
                parent.stock -= units

    def stock_changed(self, variant: Variant) -> None:
        """A sale is told as product.updated too."""
        self.hooks.tell("product.updated", variant.number)

    def changed(self, event: str, order: Order, part: Any = None) -> None:
        """See Store. A new order is told as updated, and then as created."""
        extra = order.extra
        if event == "created":
            extra.setdefault("status", "on-hold" if order.capturable else "pending")
        if event == "paid":
            self.set_status(order, self._paid(order))
        if event == "cancelled":
            extra["status"] = "cancelled"
        if event == "refunded" and extra["status"] != "cancelled" and shapes.left_of(order) <= 0:
            extra["status"] = "refunded"
        if order.fulfillments and self.config.fulfillments:
            left = "partially_fulfilled" if any(line.unfulfilled for line in order.lines) else "fulfilled"
            extra["meta"] = extra.get("meta", {}) | {"_fulfillment_status": left}
        self._hold(order)
        self.hooks.tell("order.updated", order.number)
        if event == "created":
            self.hooks.tell("order.created", order.number)

    def ended(self, order: Order) -> None:
        """The queue may run."""
        self.tick()

    @staticmethod
    def _paid(order: Order) -> str:
        return "processing" if any(line.requires_shipping for line in order.lines) else "completed"

    def _hold(self, order: Order) -> None:
        """Stock follows the status."""
        extra, status = order.extra, order.extra["status"]
        if status in HOLDS and not extra.get("holds"):
            extra["holds"] = True
            for line in order.lines:
                self.take(order, line, line.current)
        elif status in ("cancelled", "pending") and extra.get("holds"):
            for line in order.lines:
                self.take(order, line, -line.unfulfilled)
            extra["holds"] = False

    def set_payment(self, order_id: str | int, state: str) -> Order:
        """See Desk. Money that was given back is a refund here."""
        order = self.order(order_id)
        if state.endswith("REFUNDED"):
            return self.refund_money(order_id, order.total / (2 if state.startswith("PART") else 1))
        order.extra["status"] = SHOWN.get(state) or self._paid(order)
        order.extra["paid_at"] = None if state in SHOWN else self.now()
        return super().set_payment(order_id, state)

    def redact(self, order_id: str | int) -> Order:
        """The eraser of the shop runs over an order: its fields say [deleted]."""
        order = super().redact(order_id)
        order.extra["erased"] = True
        return order

    def trash(self, order_id: str | int) -> None:
        """The merchant moves an order to the trash."""
        order = self.order(order_id)
        order.extra["status"] = "trash"
        order.updated_at = self.now()
        self.told("order.deleted", order.number)

    def place(self, order_id: str | int) -> None:
        """The buyer sends off a checkout that was a draft: it is told as created once more, and not as updated."""
        self.order(order_id).extra["status"] = "pending"
        self.told("order.created", self.order(order_id).number)

    def uninstall(self) -> None:
        """The merchant deletes the keys; webhooks go on."""
        self.shop.installed = False

    # --- what the client's calls come to ------------------------------------------------------------------------------

    def set_status(self, order: Order, status: str) -> None:
        """A status of the API, or of a payment."""
        if status == "cancelled" and order.cancelled_at is None:
            for line in order.lines:
                self._return(order, line, line.current, restock=True)
            order.cancelled_at, order.cancel_reason = self.now(), "OTHER"
            self._record("order_cancelled", order, reason="OTHER", by="app", refunded=str(order.refunded))
        if status == "refunded" and (left := shapes.left_of(order)) > 0:
            self.give_back(order, shapes.WooRefund(self.new_id(), self.now(), left, "Order fully refunded."))
        before, order.extra["status"] = order.extra["status"], status
        if status in ("processing", "completed"):
            order.extra["paid_at"] = order.extra.get("paid_at") or self.now()
        if status == "completed" != before:
            order.extra["completed_at"] = self.now()
            self.parcels.mailed(order, "completed")

    def give_back(self, order: Order, refund: shapes.WooRefund, *, restock: bool = False) -> None:
        """A refund, with its money by the gateway or only recorded; more units than were sold are taken in."""
        order.refunds.append(refund)
        for line, units, _, _ in refund.rows:
            self._return(order, line, units, restock)
        if refund.moved:
            self.move_back(order, refund.amount)
        rows = [{"sku": line.sku, "quantity": units} for line, units, _, _ in refund.rows]
        tax = str(sum(row[3] for row in refund.rows))
        self._record("order_refunded", order, lines=rows, amount=str(refund.amount), tax=tax, moved=refund.moved)
        self.parcels.mailed(order, "refund")
        self.done("refunded", order, refund)

    def move_back(self, order: Order, amount: Decimal) -> None:
        """The gateway gives money back, whatever the shop notes of it."""
        self._money(order, "REFUND", amount)

    # --- the routes of orders and of the site -------------------------------------------------------------------------

    def shown(self, order: Order) -> dict[str, Any]:
        """An order as the API has it."""
        return shapes.order_shown(order, self.config, self.shop.variants)

    def refund_shown(self, order: Order, refund: Refund) -> dict[str, Any]:
        """A refund as the API has it."""
        return shapes.refund_shown(order, refund, self.config, self.shop.variants)

    def _content(self, topic: str, number: int) -> bytes:
        """The body of a webhook at the moment when it leaves; of what is gone by then the API's error."""
        found: Any = {"id": number}
        if not topic.endswith(".deleted"):
            order, goods = self.shop.orders.get(number), self.catalogue.product(number)
            found = site.error_body(site.NO_ORDER)
            if topic.startswith("order") and order:
                found = self.shown(order)
            elif topic.startswith("product") and goods:
                found = self.catalogue.shown(goods)
        return json.dumps(found, separators=(",", ":")).replace("/", "\\/").encode()

    def listOrders(self, call: Call) -> Response:
        rows = [
            site.Row(one.number, one.created_at, one.updated_at, one.extra["status"], partial(self.shown, one))
            for one in self.shop.orders.values()
            if call.query.get("customer", str(one.account)) == str(one.account)
        ]
        return site.listed(self.api, call, rows, (*STATUSES, PLUGIN), self.config.utc_offset)

    def getOrder(self, call: Call) -> dict[str, Any]:
        return self.shown(self.parcels.found(call))

    def readSetting(self, call: Call) -> dict[str, Any]:
        values = {
            "general/woocommerce_currency": self.config.currency,
            "general/woocommerce_calc_taxes": "yes" if self.taxes else "no",
            "tax/woocommerce_prices_include_tax": "no",
        }
        group, name = call.parts["group"], call.parts["id"]
        if f"{group}/{name}" not in values:
            raise Refusal(404, "rest_setting_setting_invalid", "Invalid setting.")
        row = {"id": name, "group_id": group, "value": values[f"{group}/{name}"]}
        return {**row, **dict.fromkeys(("label", "description", "type", "default", "tip"), "")}

    def readGateway(self, call: Call) -> dict[str, Any]:
        """A way of payment, and whether it can give back."""
        method = call.parts["id"]
        if method not in shapes.METHODS:
            raise Refusal(404, "woocommerce_rest_payment_gateway_invalid", "Resource does not exist.")
        can = ["products", "refunds"] if method in self.config.gateways else ["products"]
        return {"id": method, "title": shapes.METHODS[method], "enabled": True, "method_supports": can}

    def readStatus(self, _: Call) -> dict[str, Any]:
        return {"environment": {"version": site.VERSION}, "settings": {"currency": self.config.currency}}
