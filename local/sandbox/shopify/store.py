"""The store as a whole: one `handle` for the app's requests, and hands for buyers and the merchant."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from local.sandbox.kit.orders import Variant
from local.sandbox.kit.throttle import Bucket
from local.sandbox.kit.vendor import Account
from local.sandbox.shopify.admin_api import HEADERS, HTTP_MESSAGES, AdminApi
from local.sandbox.shopify.bulk_update import BulkUpdate
from local.sandbox.shopify.catalogue import Catalogue
from local.sandbox.shopify.config import ShopifyConfig
from local.sandbox.shopify.fulfillment import Fulfillments
from local.sandbox.shopify.inventory import Inventory
from local.sandbox.shopify.mutations import Mutations
from local.sandbox.shopify.opening import open_shop
from local.sandbox.shopify.orders import Orders
from local.sandbox.shopify.queries import Queries
from local.sandbox.shopify.rest_shop import privacy_body, shop_body
from local.sandbox.shopify.state import Shop
from local.sandbox.shopify.tokens import ShopTokens
from local.sandbox.shopify.views_catalogue import CatalogueViews
from local.sandbox.shopify.views_orders import OrderViews
from local.sandbox.shopify.views_shop import ShopViews
from local.sandbox.shopify.webhooks import Webhooks
from local.sandbox.wire import Request, Response, World, json_response

GRAPHQL_PATH = re.compile(r"^/admin/api/(\d{4}-\d{2}|unstable)/graphql\.json$")
REDACT_AFTER = timedelta(hours=48)


class ShopifyStore(Orders):
    """One sandbox store; what its buyers and its merchant do is in kit.desk. Nothing happens by itself: call `tick` when the
    world's clock has moved."""

    def __init__(self, world: World, config: ShopifyConfig | None = None) -> None:
        self.config = config or ShopifyConfig()
        shop = Shop(world, self.config)
        super().__init__(shop, Webhooks(shop))
        self.tokens = ShopTokens(self.shop)
        open_shop(self.shop)
        inventory = Inventory(self.shop)
        self.catalogue = Catalogue(self.shop, self.hooks, inventory)
        looks = CatalogueViews(self.shop)
        queries = Queries(self.shop, self.hooks, looks, OrderViews(self.shop, looks), ShopViews(self.shop))
        mutations = Mutations(
            self.shop,
            self.hooks,
            queries,
            self.catalogue,
            inventory,
            self,
            Fulfillments(self),
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

    @property
    def account(self) -> Account:
        """What a client needs to know."""
        config = self.config
        secrets = {
            "client_id": config.client_id,
            "client_secret": config.client_secret,
            "shop_domain": config.shop_domain,
        }
        return Account("shopify", "/shopify", secrets, config.client_secret)

    def tick(self) -> None:
        """Let everything happen that is due by the world's clock."""
        self.api.late.settle()
        self.tokens.late.settle()
        if self._shop_redact_due is not None and self.world.clock() >= self._shop_redact_due:
            self._shop_redact_due = None
            self.hooks.emit(("shop/redact", privacy_body(self.shop, None, "")))

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

    def shelf(self) -> list[Variant]:
        """Everything that a visitor can buy now."""
        return [
            Variant(
                variant.number,
                page.number,
                variant.item.sku or "",
                page.title,
                variant.price,
                variant.available if variant.item.tracked else None,
                variant.updated_at,
                variant.compare_at_price,
                page.description_html,
                page.images[0].url if page.images else None,
            )
            for page in self.shop.products.values()
            if page.visible
            for variant in page.variants
        ]
