"""Products and variations: what the client writes, and what becomes of values that nobody checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from local.sandbox.kit.api import Call, Refusal
from local.sandbox.kit.orders import Variant
from local.sandbox.wire import Response
from local.sandbox.woocommerce import bodies, shapes
from local.sandbox.woocommerce.site import NO_ROUTE, Row, error_body, listed

if TYPE_CHECKING:
    from local.sandbox.woocommerce.store import WooStore

STATUSES = ("future", "draft", "pending", "private", "publish")
MOST = 100
NO_PICTURE = "https://img.example.com/missing"
"""An address that begins so has no picture. It refuses the whole article."""
_NEW = {"status": "publish", "regular": "", "sale": "", "price": ""}


class Catalogue:
    """The routes of goods. A simple product is a variant with its product's number; `parents` are variable products."""

    def __init__(self, store: WooStore) -> None:
        self.store = store
        self.parents: dict[int, Variant] = {}
        self.meanwhile: Callable[[], object] | None = None
        """Happens once, between the reading and the writing of a stock: a relative write is not atomic."""

    def new(self, sku: str, title: str, parent: Variant | None = None, kind: str = "simple") -> Variant:
        """A product or a variation with nothing in it, not on the shelf yet."""
        number, now = self.store.new_id(), self.store.now()
        made = Variant(number, parent.number if parent else number, sku, title, Decimal(0), None, now, visible=False)
        made.extra |= {**_NEW, "type": kind, "attributes": [], "created_at": now}
        if parent is not None:
            made.extra["parent_name"] = parent.title
        rows = self.parents if kind == "variable" else self.store.shop.variants
        rows[number] = made
        return made

    def family(self, parent: int) -> list[Variant]:
        """The variations of a variable product."""
        return [one for one in self.store.shop.variants.values() if one.product == parent != one.number]

    def product(self, number: int) -> Variant | None:
        """A product or a variation."""
        return self.parents.get(number) or self.store.shop.variants.get(number)

    def shown(self, one: Variant, by_parent: bool = False) -> dict[str, Any]:
        """As the routes of its parent show a variation, or those of products show all."""
        parent = None if one.number in self.parents else self.parents.get(one.product)
        return shapes.goods_shown(one, parent, self.family(one.number), self.store.config, by_parent)

    def _listed(self, call: Call, found: list[Variant], by_parent: bool) -> Response:
        """By the query; a SKU is looked up in any case and without blanks around, and "" is no filter."""
        skus = {one.strip().lower() for one in call.query.get("sku", "").split(",")} - {""}
        rows = [
            Row(one.number, one.extra["created_at"], one.updated_at, one.extra["status"], partial(self.shown, one, by_parent))
            for one in found if not skus or one.sku.lower() in skus
        ]  # fmt: skip
        return listed(self.store.api, call, rows, STATUSES, self.store.config.utc_offset)

    def listProducts(self, call: Call) -> Response:
        """Variations are among them where a SKU is looked up."""
        found = [*self.parents.values(), *self.store.shop.variants.values()]
        return self._listed(call, [one for one in found if call.query.get("sku") or one.product == one.number], False)

    def listVariations(self, call: Call) -> Response:
        parents = [self._parent(call)] if "parent" in call.parts else self.parents.values()
        return self._listed(call, [one for parent in parents if parent for one in self.family(parent.number)], True)

    def getProduct(self, call: Call) -> dict[str, Any]:
        return self.shown(self._named(call, "id", 404))

    def _named(self, call: Call, name: str, status: int) -> Variant:
        if not call.parts[name].isdecimal():
            raise NO_ROUTE
        if found := self.product(int(call.parts[name])):
            return found
        raise Refusal(status, "woocommerce_rest_product_invalid_id", "Invalid ID.")

    def _parent(self, call: Call) -> Variant | None:
        return self._named(call, "parent", 404) if "parent" in call.parts else None

    def _own(self, number: int | None, parent: Variant | None) -> Variant:
        """What a write names: a variation by its parent's routes, and by those of products everything else."""
        found = self.product(number or 0)
        if parent is not None:
            if found is None or found.product != parent.number or found is parent:
                raise Refusal(404, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
        elif found is None:
            raise Refusal(400, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        elif found.product != found.number:
            raise Refusal(404, "woocommerce_rest_invalid_product_id", "Use the endpoint of the product's variations.")
        return found

    def createProduct(self, call: Call) -> dict[str, Any]:
        return self._create(self._parent(call), self.store.api.body(call, bodies.Goods))

    def updateProduct(self, call: Call) -> dict[str, Any]:
        number = int(call.parts["id"]) if call.parts["id"].isdecimal() else 0
        return self._update(self._parent(call), self.store.api.body(call, bodies.Goods), number)

    def batchProducts(self, call: Call) -> dict[str, Any]:
        """Each entry for itself; what is wrong with one stands in its place."""
        wanted, parent = self.store.api.body(call, bodies.Batch), self._parent(call)
        if len(wanted.create) + len(wanted.update) > MOST:
            text = f"Unable to accept more than {MOST} items for this request."
            raise Refusal(413, "woocommerce_rest_request_entity_too_large", text)

        def each(work: Callable[..., Any], entry: Any, number: int | None) -> Any:
            try:
                return work(parent, entry, number)
            except Refusal as no:
                return {"id": number, "error": error_body(no)}

        done = {
            "create": [each(self._create, one, 0) for one in wanted.create],
            "update": [each(self._update, one, one.id) for one in wanted.update],
        }
        return {name: rows for name, rows in done.items() if rows}

    def _create(self, parent: Variant | None, wanted: Any, _: int | None = 0) -> dict[str, Any]:
        sku = self._sku(wanted, None)
        kind = "variable" if wanted.type == "variable" and parent is None else "simple"
        return self._write(self.new(sku, wanted.name or "Product", parent, kind), wanted, parent, "created")

    def _update(self, parent: Variant | None, wanted: Any, number: int | None) -> dict[str, Any]:
        one = self._own(number, parent)
        one.sku = self._sku(wanted, one)
        return self._write(one, wanted, parent, "updated")

    def _sku(self, wanted: Any, one: Variant | None) -> str:
        """The SKU to keep: each is only once in a shop. Nothing is kept of what has a picture that is not there."""
        for row in (*wanted.images, *filter(None, [wanted.image])):
            if row.src.startswith(NO_PICTURE):
                what = "variation" if row is wanted.image else "product"
                raise Refusal(400, f"woocommerce_{what}_image_upload_error", "Error getting remote image.")
        if wanted.sku is None:
            return one.sku if one else ""
        sku = re.sub(r"<[^>]*>", "", wanted.sku).strip()
        for owner in (*self.parents.values(), *self.store.shop.variants.values()):
            if sku and owner.sku.lower() == sku.lower() and owner is not one:
                details = {"resource_id": owner.number, "unique_sku": f"{sku}-1"}
                raise Refusal(400, "product_invalid_sku", "Invalid or duplicated SKU.", details)
        return sku

    def _write(self, one: Variant, wanted: Any, parent: Variant | None, event: str) -> dict[str, Any]:
        given, extra = wanted.model_fields_set, one.extra
        one.title, one.updated_at = wanted.name or one.title, self.store.now()
        if wanted.description is not None:
            one.description_html = wanted.description
        if wanted.virtual is not None:
            one.requires_shipping = not wanted.virtual
        extra["status"] = wanted.status or extra["status"]
        extra["meta"] = extra.get("meta", {}) | {row.key: row.value for row in wanted.meta_data}
        if given & {"images", "image"}:
            extra["images"] = [row.src for row in ([wanted.image] if wanted.image else wanted.images)]
            one.image_url = next(iter(extra["images"]), None)
        if wanted.attributes is not None:
            names = {"name", "option"} if parent else {"name", "position", "visible", "variation", "options"}
            rows = [row.model_dump(include=names) for row in wanted.attributes]
            extra["attributes"] = [
                {"id": 0, "slug": row["name"].lower() if parent else row["name"], **row} for row in rows
            ]
            one.title = f"{parent.title} - {', '.join(row['option'] or '' for row in rows)}" if parent else one.title
        if one.number not in self.parents:
            self._price(one, wanted)
        self._stock(one, wanted)
        for row in (one, *self.family(one.number)):
            article = self.parents.get(row.product)
            on_sale = article is None or article.extra["status"] == "publish"
            if row.number not in self.parents:
                self.store.set_visible(row, row.extra["status"] == "publish" and bool(row.extra["price"]) and on_sale)
        self.store.told(f"product.{event}", one.number)
        made = self.shown(one, parent is not None)
        return made if parent else {**made, "permalink_template": "", "generated_slug": made["slug"]}

    def _price(self, one: Variant, wanted: Any) -> None:
        """A sale at or above the regular price is dropped."""
        extra = one.extra
        for key, given in (("regular", "regular_price"), ("sale", "sale_price")):
            if given in wanted.model_fields_set:
                # What is no digit falls out: "14,90" becomes 1490.
                extra[key] = re.sub(r"\.(?![^.]+$)|[^0-9.-]", "", str(getattr(wanted, given)))
        if extra["sale"] and (not extra["regular"] or Decimal(extra["sale"]) >= Decimal(extra["regular"])):
            extra["sale"] = ""
        extra["price"] = extra["sale"] or extra["regular"]
        one.compare_at_price = Decimal(extra["regular"]) if extra["sale"] else None
        self.store.set_price(one, Decimal(extra["price"] or 0))

    def _stock(self, one: Variant, wanted: Any) -> None:
        """Absolute, or else by a difference; without effect where the stock is not counted here."""
        if wanted.manage_stock is not None and wanted.manage_stock != (one.stock is not None):
            one.stock = 0 if wanted.manage_stock else None
        if one.stock is None or not {"stock_quantity", "inventory_delta"} & wanted.model_fields_set:
            return
        before, work, self.meanwhile = one.stock, self.meanwhile, None
        if work is not None:
            work()
        is_absolute = "stock_quantity" in wanted.model_fields_set
        to = _whole(wanted.stock_quantity) if is_absolute else before + _whole(wanted.inventory_delta)
        self.store.set_stock(one, to, "" if is_absolute else "inventory_delta")


def _whole(given: Any) -> int:
    """As PHP reads a number: null and "abc" are 0, 7.5 is 7."""
    found = re.match(r"\s*-?\d+", str(given))
    return int(found.group()) if found else 0
