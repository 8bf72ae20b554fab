"""Goods and prices of a BigCommerce store. A product has variants, and one alone where it has no options.

A price that is struck through is BigCommerce's `price`, and `sale_price` beside it is what the buyer pays; without one only
`price` is set. A variant without these of its own has its product's. Price lists and rules of options, which change what a
buyer pays, are not read.

Unconfirmed: whether a refused batch of prices sets any of them (each is then sent alone); that PUT with `sale_price: null`
takes it away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.articles import article_of, key_of, single
from orderwright.connectors.stores.bigcommerce.client import BigCommerceClient
from orderwright.connectors.stores.bigcommerce.stock import NOT_COUNTED, BigCommerceStock, Level, chunks, stock_id_of
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.money import Money
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.errors import NotFound, Rejected
from orderwright.ports.store import ListingView, PriceChange, PushProblem, QuantityChange, VariantView

PRODUCTS, VARIANTS = "v3/catalog/products", "v3/catalog/variants"
PRICES_PER_CALL = 50
PRODUCT_FIELDS = "name,sku,price,sale_price,is_visible,availability,inventory_tracking,base_variant_id"


class Shown(NamedTuple):
    """A variant with its product. `alone`: the product has no options; `on_sale`: it has a sale price of its own."""

    view: VariantView
    compare_at: Money | None
    tracking: str
    alone: bool
    on_sale: bool

    def counted(self) -> VariantView:
        """As it is once its stock is counted."""
        tracking = "product" if self.alone else "variant"
        stock_id = stock_id_of(self.view.listed_id, self.view.variant_id, tracking, alone=self.alone)
        return self.view._replace(stock_id=stock_id, tracked=True)


class BigCommerceCatalogue(BigCommerceStock):
    """StoreCatalogue of one store."""

    price_batch: int | None = PRICES_PER_CALL

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client
        # By variant, as it was read last: its price struck through, and whether its article has a sale price.
        self._beside: dict[str, tuple[Decimal | None, bool]] = {}

    # --- reading ------------------------------------------------------------------------------------------------------

    def list_variants(self, cursor: str) -> tuple[list[VariantView], str]:
        """See StoreCatalogue. The cursor is the last product's id: products that come or go move no page."""
        query = {"id:greater": cursor or "0", "sort": "id", "direction": "asc", "include_fields": PRODUCT_FIELDS}
        products, more = self._client.page("getProducts", PRODUCTS, 1, **query)
        return [one.view for one in self._with_variants(products)], products[-1].text("id") if more else ""

    def find_variants(self, skus: Sequence[str]) -> list[VariantView]:
        """See StoreCatalogue. The SKU of an article without options is its product's."""
        return [one.view for one in self._found(skus)]

    def _found(self, skus: Iterable[str]) -> list[Shown]:
        wanted, ids = {sku for sku in skus if sku}, set[str]()
        for sku in wanted:
            ids |= {row.text("product_id") for row in self._client.rows("getVariants", VARIANTS, sku=sku)}
            ids |= {row.text("id") for row in self._client.rows("getProducts", PRODUCTS, sku=sku, include_fields="sku")}
        return [one for one in self._shown(sorted(ids)) if one.view.sku in wanted]

    def _shown(self, product_ids: Iterable[str]) -> list[Shown]:
        found: list[Shown] = []
        for chunk in chunks(list(product_ids)):
            query = {"id:in": ",".join(chunk), "include_fields": PRODUCT_FIELDS}
            found += self._with_variants(list(self._client.rows("getProducts", PRODUCTS, **query)))
        return found

    def _with_variants(self, products: Sequence[Node]) -> list[Shown]:
        known = {one.text("id"): one for one in products}
        if not known:
            return []
        rows = self._client.rows("getVariants", VARIANTS, **{"product_id:in": ",".join(known)})
        return [self._one(row, known[row.text("product_id")]) for row in rows if row.text("product_id") in known]

    def _one(self, variant: Node, product: Node) -> Shown:
        listed, on_sale = self._price(variant, product, "price"), self._price(variant, product, "sale_price")
        ids, tracking = (product.text("id"), variant.text("id")), product.text("inventory_tracking")
        alone = product.text("base_variant_id") == ids[1]
        stock_id = stock_id_of(*ids, tracking, alone=alone)
        hidden = variant.flag("purchasing_disabled", default=False) or product.text("availability") == "disabled"
        view = VariantView(
            sku=variant.text("sku") or (product.text("sku") if alone else ""),
            variant_id=ids[1],
            listed_id=ids[0],
            stock_id=stock_id,
            price=on_sale if on_sale.minor else listed,
            tracked=not stock_id.startswith(NOT_COUNTED),
            published=product.flag("is_visible", default=False) and not hidden,
        )
        struck = listed if 0 < on_sale.minor < listed.minor else None
        its_sale = product.has("sale_price") and product.decimal("sale_price") > 0
        return Shown(view, struck, tracking, alone, its_sale)

    def _price(self, variant: Node, product: Node, key: str) -> Money:
        currency = self._client.settings.currency
        holder = variant if variant.has(key) else product
        return Money.of(holder.decimal(key), currency) if holder.has(key) else Money.zero(currency)

    def read_listings(self, variant_ids: Sequence[str], location_id: str) -> list[ListingView]:
        """See StoreCatalogue. Which product a variant belongs to is told with its stock."""
        wanted = dict.fromkeys(variant_ids)
        levels = self._levels(wanted, location_id)
        for missing in [one for one in wanted if one not in levels]:
            for row in self._client.rows("getVariants", VARIANTS, id=missing):
                levels[missing] = Level(row.text("product_id"), None)
        shown = self._shown({level.product_id: None for level in levels.values()})
        found = {one.view.variant_id: one for one in shown if one.view.variant_id in wanted}
        self._remember(found.values())
        return [self._listing(found[key], levels[key]) for key in wanted if key in found]

    @staticmethod
    def _listing(one: Shown, level: Level) -> ListingView:
        view, quantity = one.view, level.available if one.view.tracked else None
        return ListingView(view.variant_id, view.stock_id, view.price, quantity, view.published, one.compare_at)

    # --- publishing ---------------------------------------------------------------------------------------------------

    def publish_goods(
        self, sku: SkuRecord, price: Money, quantity: int, location_id: str, compare_at: Struck = AS_IS
    ) -> VariantView:
        """See StoreCatalogue. An article that is there keeps its name and pictures; a new one gets them."""
        self._check_currency(price, compare_at)
        found = self._found([sku.sku])
        there = next((one for one in found if one.view.published), None) or next(iter(found), None)
        if there is None:
            self._make(sku, price)
            there = next(iter(self._found([sku.sku])), None)
        if there is None:
            raise self._client.unclear("createProduct", f"the new article of {sku.sku} is not shown yet")
        path, view = f"{PRODUCTS}/{there.view.listed_id}", there.view
        if there.tracking == "none":
            view = there.counted()
            tracking = {"inventory_tracking": "product" if there.alone else "variant"}
            self._client.write("updateProduct", "PUT", path, tracking, has_effect=False)
        # Stock, then price, then the buyers: it is never on sale with another one's.
        self._correct(view, location_id, quantity)
        self._remember([there])
        row = {
            **self._price_row(PriceChange(view.listed_id, view.variant_id, price, compare_at)),
            "purchasing_disabled": False,
        }
        self._client.write("updateVariantsBatch", "PUT", VARIANTS, [row])
        shown = {"is_visible": True, "availability": "available", "description": sku.description_html}
        self._client.write("updateProduct", "PUT", path, shown, has_effect=False)
        self._assign(view.listed_id)
        return view._replace(price=price, published=True)

    def _correct(self, view: VariantView, location_id: str, quantity: int) -> None:
        level = self._levels([view.variant_id], location_id).get(view.variant_id, Level("", None))
        change = QuantityChange(view.stock_id, location_id, quantity, level.available or 0)
        changes = [] if level.available == quantity else [change]
        for problem in self._set(changes, {(location_id, view.variant_id): level}):
            raise Rejected(f"{self._client.name}: the stock of {view.sku}: {problem.message}", code=problem.code)

    def _make(self, sku: SkuRecord, price: Money) -> None:
        """A new product, or a new variant of the article. A name that another product has is told apart by the SKU."""
        if sku.article is None:
            self._create(single(sku, price), sku.sku)
            return
        key = key_of(sku.article)
        products = list(self._client.rows("getProducts", PRODUCTS, sku=key, include_fields="name"))
        if not products:
            self._create(article_of(sku, sku.article, price), sku.article.key)
            return
        path = f"{PRODUCTS}/{products[0].text('id')}"
        told = self._client.one("getProduct", path, include="options").children("options")
        options = {one.text("display_name"): one for one in told}
        values = []
        for name, label in sku.article.choices.items():
            if name not in options:
                text = f"{self._client.name}: the article of {sku.sku} has no option {name}: add it in the store"
                raise Rejected(text, code="OPTION_MISSING")
            values.append({"option_id": int(options[name].text("id")), "id": self._value(path, options[name], label)})
        body = {"sku": sku.sku, "price": price.decimal, "option_values": values, "purchasing_disabled": True}
        self._client.write("createProductVariant", "POST", f"{path}/variants", body)

    def _value(self, path: str, option: Node, label: str) -> int:
        """The id of a value of an option, made where it is new."""
        values = option.children("option_values")
        known = next((one.text("id") for one in values if one.text("label") == label), "")
        if known:
            return int(known)
        made_at = f"{path}/options/{option.text('id')}/values"
        body = {"label": label, "sort_order": len(values)}
        made = self._client.write("createProductOptionValue", "POST", made_at, body).child("data")
        if made is None:
            raise self._client.unclear("createProductOptionValue", "no value in the answer", has_effect=True)
        return made.count("id")

    def _create(self, body: dict[str, Any], key: str) -> None:
        try:
            self._client.write("createProduct", "POST", PRODUCTS, body)
        except Rejected as error:
            if error.code != "HTTP_409":
                raise
            name = f"{body['name'][:200]} ({key[:40]})"
            self._client.write("createProduct", "POST", PRODUCTS, {**body, "name": name})

    def _assign(self, listed_id: str) -> None:
        channel = self._client.settings.channel_id
        if channel is not None:
            rows = [{"product_id": int(listed_id), "channel_id": channel}]
            path = "v3/catalog/products/channel-assignments"
            self._client.tell("createProductsChannelAssignments", "PUT", path, rows)

    def unpublish_goods(self, listed_id: str, variant_id: str) -> None:
        """See StoreCatalogue. The last variant that can be bought goes with its article."""
        path = f"{PRODUCTS}/{listed_id}"
        variants = list(self._client.rows("getProductVariants", f"{path}/variants"))
        others = [one for one in variants if one.text("id") != variant_id]
        if len(others) == len(variants):
            raise NotFound(f"{self._client.name}: article {listed_id} has no variant {variant_id}", code="NOT_FOUND")
        if others:
            row = {"id": int(variant_id), "purchasing_disabled": True}
            self._client.write("updateVariantsBatch", "PUT", VARIANTS, [row], has_effect=False)
        if all(one.flag("purchasing_disabled", default=False) for one in others):
            self._client.write("updateProduct", "PUT", path, {"is_visible": False}, has_effect=False)

    # --- prices -------------------------------------------------------------------------------------------------------

    def push_prices(self, changes: Sequence[PriceChange]) -> list[PushProblem]:
        """See StoreCatalogue. What was not read before is read now: what stands beside a price decides what is paid."""
        for change in changes:
            self._check_currency(change.price, change.compare_at)
        unread = {one.listed_id for one in changes if one.variant_id not in self._beside}
        if unread:
            self._remember(self._shown(sorted(unread)))
        rows = [self._price_row(change) for change in changes]
        return self._set_prices(rows)

    def _remember(self, shown: Iterable[Shown]) -> None:
        for one in shown:
            self._beside[one.view.variant_id] = (one.compare_at.decimal if one.compare_at else None, one.on_sale)

    def _set_prices(self, rows: Sequence[dict[str, Any]]) -> list[PushProblem]:
        try:
            answer = self._client.write("updateVariantsBatch", "PUT", VARIANTS, list(rows))
        except (Rejected, NotFound) as error:
            if len(rows) == 1:
                return [PushProblem(str(rows[0]["id"]), error.code, error.message, False)]
            half = len(rows) // 2
            return self._set_prices(rows[:half]) + self._set_prices(rows[half:])
        done = {row.text("id") for row in answer.children("data")}
        lost = [str(row["id"]) for row in rows if str(row["id"]) not in done]
        return [PushProblem(one, "NOT_SET", "the store's answer does not list it", False) for one in lost]

    def _price_row(self, change: PriceChange) -> dict[str, Any]:
        """Without a sale price of its own a variant has its article's, which would be what is paid."""
        price, (struck, on_sale) = change.price.decimal, self._beside.get(change.variant_id, (None, False))
        beside = struck if change.compare_at == AS_IS else None
        if isinstance(change.compare_at, Money):
            beside = change.compare_at.decimal
        row: dict[str, Any] = {"id": int(change.variant_id), "price": price, "sale_price": price if on_sale else None}
        return row if beside is None or beside <= price else {**row, "price": beside, "sale_price": price}

    def _check_currency(self, price: Money, compare_at: Struck) -> None:
        ours = self._client.settings.currency
        for money in (price, compare_at):
            if isinstance(money, Money) and money.currency != ours:
                text = f"{self._client.name}: a price in {money.currency} cannot be set: the store sells in {ours}"
                raise Rejected(text, code="WRONG_CURRENCY")
