"""A shop in one process that sells in a store of one kind; every call to AWS and to vendors is written down."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from local.bench.counting_shop import CountingShop
from local.sandbox.sandbox import VENDORS, SandboxSettings
from local.sandbox.shopify import ShopifyStore
from local.sandbox.shopify.state import InventoryItemState, ProductState, VariantState
from local.sandbox.shopify.stock_moves import level_at
from orderwright.aws.secrets import SecretStore
from orderwright.domain.config import Config
from tests.simulation.front import BIGCOMMERCE, SHOPIFY, WOOCOMMERCE
from tests.support.shop import STORE, test_config

FRONTS = {front.kind: front for front in (SHOPIFY, WOOCOMMERCE, BIGCOMMERCE)}


class StoreShop(CountingShop):
    """`till` is the store's stand-in. It is the only store."""

    till: Any

    def __init__(self, kind: str = SHOPIFY.kind) -> None:
        self.front = FRONTS[kind]
        self.location, self.store_secret = self.front.location, self.front.secret
        super().__init__()

    @property
    def host(self) -> str:
        """Where the store answers."""
        return f"{self.front.kind}.test"

    def _set_up(self) -> None:
        self.till = self.store
        if self.front is not SHOPIFY:
            (made,) = (kind for kind in VENDORS if kind.name == self.front.kind)
            self.till = self.vendors[f"https://{self.host}"] = made.make(self.world, SandboxSettings(), {})
            self.others = {STORE: (self.front.kind, self.front.account(self.till))}
            self.wiring = self.new_worker()
        super()._set_up()

    def _admit_store(self, secrets: SecretStore) -> None:
        self.front.admits(secrets, self.till)
        plain = test_config().model_dump(mode="json", by_alias=True)
        # The store mails the confirmation itself, as stores do.
        plain["connections"][STORE] = {**self.front.lines(self.till), "store_mails": ["CONFIRMED"]}
        self._config = Config.model_validate(plain)


def shelve(store: Any, skus: Sequence[str], stock: int) -> None:
    """The merchant makes one article, with a variant for 1.00 for each SKU."""
    if not isinstance(store, ShopifyStore):
        store.shelve(skus, together=True, stock=stock)
        return
    shop, now = store.shop, store.world.clock()
    page = ProductState(shop.new_id(), f"Goods {skus[0]}", f"goods-{skus[0]}", now, now)
    page.publications.add(shop.publication)
    shop.products[page.number] = page
    for sku in skus:
        number = shop.new_id()
        item = InventoryItemState(shop.new_id(), number, sku=sku)
        page.variants.append(
            VariantState(number, page.number, item, now, now, options=(("Size", sku),), price=Decimal("1.00"))
        )
        level_at(shop, item, next(iter(shop.locations))).available = stock
