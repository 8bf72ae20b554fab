"""The store as a whole: one `handle` for the app's requests, and hands for buyers and the merchant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from local.sandbox.kit.people import Address, Buyer, CartInput
from local.sandbox.kit.throttle import Bucket
from local.sandbox.shopify.admin_api import HEADERS, HTTP_MESSAGES, AdminApi
from local.sandbox.shopify.bulk_update import BulkUpdate
from local.sandbox.shopify.catalogue import Catalogue
from local.sandbox.shopify.config import ShopifyConfig
from local.sandbox.shopify.fulfillment import Fulfillments
from local.sandbox.shopify.inventory import Inventory
from local.sandbox.shopify.mutations import Mutations
from local.sandbox.shopify.opening import open_shop
from local.sandbox.shopify.order_changes import LineKey, OrderChanges
from local.sandbox.shopify.orders import Orders
from local.sandbox.shopify.orders_state import OrderState
from local.sandbox.shopify.queries import Queries
from local.sandbox.shopify.rest_shop import privacy_body, shop_body
from local.sandbox.shopify.state import Shop
from local.sandbox.shopify.taxes import USUAL_TERMS, Terms
from local.sandbox.shopify.tokens import ShopTokens
from local.sandbox.shopify.views_catalogue import CatalogueViews
from local.sandbox.shopify.views_orders import OrderViews
from local.sandbox.shopify.views_shop import ShopViews
from local.sandbox.shopify.webhooks import Webhooks
from local.sandbox.wire import Request, Response, World, json_response

GRAPHQL_PATH = re.compile(r"^/admin/api/(\d{4}-\d{2}|unstable)/graphql\.json$")
REDACT_AFTER = timedelta(hours=48)
DEFAULT_BUYER = Buyer()
DEFAULT_ADDRESS = Address()


@dataclass(frozen=True)
class ShelfEntry:
    """What a visitor of the shop sees of one SKU; prices in USD, `available` None where stock is not counted."""

    sku: str
    title: str
    description_html: str
    image_url: str | None
    price: Decimal
    compare_at_price: Decimal | None
    available: int | None


class ShopifyStore:
    """One sandbox store. Nothing happens by itself: call `tick` when the world's clock has moved."""

    def __init__(self, world: World, config: ShopifyConfig | None = None) -> None:
        self.world = world
        self.config = config or ShopifyConfig()
        self.shop = Shop(world, self.config)
        self.hooks = Webhooks(self.shop)
        self.tokens = ShopTokens(self.shop)
        open_shop(self.shop)
        inventory = Inventory(self.shop)
        self.orders = Orders(self.shop, self.hooks)
        self.changes = OrderChanges(self.orders)
        self.catalogue = Catalogue(self.shop, self.hooks, inventory)
        looks = CatalogueViews(self.shop)
        queries = Queries(self.shop, self.hooks, looks, OrderViews(self.shop, looks), ShopViews(self.shop))
        mutations = Mutations(
            self.shop,
            self.hooks,
            queries,
            self.catalogue,
            inventory,
            self.orders,
            Fulfillments(self.orders),
            BulkUpdate(self.catalogue),
        )
        bucket = Bucket(world.clock, self.config.bucket_points, self.config.restore_points)
        self.api = AdminApi(self.shop, {**queries.fields(), **mutations.fields()}, bucket)
        self._shop_redact_due: datetime | None = None

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request as Shopify would."""
        self.tick()
        if request.path == "/admin/oauth/access_token" and request.method == "POST":
            return self.tokens.grant(request)
        if not GRAPHQL_PATH.match(request.path) or request.method != "POST":
            return json_response({"errors": HTTP_MESSAGES[404]}, 404)
        if not self.tokens.accepts(request.headers.get("x-shopify-access-token")):
            return json_response({"errors": HTTP_MESSAGES[401]}, 401, HEADERS)
        return self.api.handle(request)

    def tick(self) -> None:
        """Let everything happen that is due by the world's clock."""
        self.api.late.settle()
        self.tokens.late.settle()
        if self._shop_redact_due is not None and self.world.clock() >= self._shop_redact_due:
            self._shop_redact_due = None
            self.hooks.emit(("shop/redact", privacy_body(self.shop, None, "")))

    def buy(
        self,
        lines: Sequence[CartInput],
        buyer: Buyer | None = DEFAULT_BUYER,
        address: Address | None = DEFAULT_ADDRESS,
        pay: str = "paid",
        currency: str = "USD",
        test: bool = False,
        sms: bool = False,
        locale: str = "en",
        oversell: bool = False,
        shipping_price: Decimal = Decimal("0.00"),
        note: str | None = None,
        terms: Terms = USUAL_TERMS,
    ) -> OrderState:
        """A buyer orders. `pay` is paid, authorized or pending; `oversell` lets two buyers race for the last one."""
        return self.orders.buy(
            lines, buyer, address, pay, currency, test, sms, locale, oversell, shipping_price, note, terms
        )

    def capture(self, order_id: str | int) -> OrderState:
        """The outstanding money arrives."""
        return self.orders.capture(order_id)

    def cancel(
        self, order_id: str | int, reason: str = "CUSTOMER", restock: bool = True, refund: bool = True
    ) -> OrderState:
        """The merchant cancels for the buyer; raises ValueError once something was sent."""
        return self.orders.cancel(order_id, reason, restock, refund, "merchant")

    def edit(
        self, order_id: str | int, quantities: Mapping[LineKey, int] | None = None, add: Sequence[CartInput] = ()
    ) -> OrderState:
        """The merchant sets lines (by SKU or line number) to new quantities, and adds lines."""
        return self.changes.edit(order_id, quantities or {}, add)

    def refund(
        self,
        order_id: str | int,
        lines: Sequence[tuple[LineKey, int]] = (),
        amount: Decimal | None = None,
        restock: bool = True,
        note: str | None = None,
        shipping: Decimal = Decimal(0),
    ) -> OrderState:
        """The merchant gives units, shipping and money (USD) back. `shipping` is in the order's prices."""
        return self.changes.refund(order_id, lines, amount, restock, note, shipping)

    def refund_money(
        self, order_id: str | int, amount: Decimal, tax: Decimal = Decimal(0), pending: bool = False
    ) -> OrderState:
        """The merchant gives money back and no units. `tax` is the part of it that the store books as tax.

        `pending` writes it as two adjustments that cancel out, as Shopify does at times.
        """
        return self.changes.refund(order_id, (), amount, False, None, tax=tax, pending=pending)

    def set_risk(self, order_id: str | int, recommendation: str = "INVESTIGATE") -> OrderState:
        """The fraud analysis says ACCEPT, INVESTIGATE, CANCEL or NONE."""
        return self.orders.set_risk(order_id, recommendation)

    def redact(self, order_id: str | int) -> OrderState:
        """The person behind an order is erased."""
        return self.orders.redact(order_id)

    def request_data(self, order_id: str | int) -> OrderState:
        """The person behind an order asks for their data."""
        return self.orders.request_data(order_id)

    def set_address(self, order_id: str | int, address: Address) -> OrderState:
        """The merchant corrects the shipping address."""
        return self.orders.set_address(order_id, address)

    def uninstall(self) -> None:
        """The merchant removes the app: tokens and subscriptions end now, shop/redact follows after 48 hours."""
        self.hooks.emit(("app/uninstalled", shop_body(self.shop)))
        self.tokens.revoke_all()
        self.hooks.subscriptions.clear()
        self.shop.installed = False
        self._shop_redact_due = self.world.clock() + REDACT_AFTER
        self.world.record("shopify", "app_uninstalled", self.config.shop_domain)

    def install(self) -> None:
        """The merchant installs the app again."""
        self.shop.installed = True
        self._shop_redact_due = None

    def drop_next_webhooks(self, count: int = 1) -> None:
        """The deliveries of the next `count` events (that anybody listens to) never leave the store."""
        self.hooks.out.to_drop = count

    def repeat_next_webhooks(self, times: int) -> None:
        """Each delivery of the next event goes out `times` times, unchanged and with the same webhook id."""
        self.hooks.out.next_copies = times

    def report_delivery(self, url: str, ok: bool) -> None:
        """Tell the store how a delivery ended; eight failures in a row remove the address."""
        self.hooks.out.report(url, ok)

    def shelf(self) -> list[ShelfEntry]:
        """Everything that a visitor can buy now."""
        return [
            ShelfEntry(
                sku=variant.item.sku or "",
                title=page.title,
                description_html=page.description_html,
                image_url=page.images[0].url if page.images else None,
                price=variant.price,
                compare_at_price=variant.compare_at_price,
                available=variant.available if variant.item.tracked else None,
            )
            for page in self.shop.products.values()
            if page.visible
            for variant in page.variants
        ]

    def order(self, order_id: str | int) -> OrderState:
        """An order by global id, number or name; raises KeyError."""
        return self.orders.find(order_id)
