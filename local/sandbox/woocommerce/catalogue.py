"""Products and variations: what the client writes, and what comes of values that nobody checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from local.sandbox.kit.api import Call, Refusal
from local.sandbox.kit.orders import Variant
from local.sandbox.wire import Response, json_response
from local.sandbox.woocommerce import bodies, shapes
from local.sandbox.woocommerce.site import NO_ROUTE, Row, answer, invalid, listed, paged

if TYPE_CHECKING:
    from local.sandbox.woocommerce.store import WooStore

STATUSES = ("future", "draft", "pending", "private", "publish")
MOST = 100


def no_product(status: int = 404, what: str = "product") -> Refusal:
    """No such product or variation."""
    return Refusal(status, f"woocommerce_rest_{what}_invalid_id", "Invalid ID.")


class Catalogue:
    """The routes of products and variations. A simple product is a variant with its product's number."""

    def __init__(self, store: WooStore) -> None:
        self.store = store
        self.parents: dict[int, Variant] = {}
        self.meanwhile: Callable[[], object] | None = None
        """Happens once, between the reading and the writing of a stock: writes are not atomic."""

    def new(self, sku: str, title: str, parent: Variant | None = None, product: int = 0) -> Variant:
        """A product or a variation with nothing in it, not on the shelf yet."""
        number = product or self.store.new_id()
        now = self.store.now()
        made = Variant(number, parent.number if parent else number, sku, title, Decimal(0), None, now)
        made.extra.update(status="publish", regular="", sale="", price="", backorders="no", created_at=now)
        if parent is not None:
            made.extra["parent_name"] = parent.title
        return made

    def family(self, parent: int) -> list[Variant]:
        """The variations of a variable product."""
        return [one for one in self.store.shop.variants.values() if one.product == parent != one.number]

    def parent(self, one: Variant) -> Variant | None:
        """The variable product of a variation."""
        return self.parents.get(one.product) if one.product != one.number else None

    def product(self, number: int) -> Variant | None:
        """A product or a variation."""
        return self.parents.get(number) or self.store.shop.variants.get(number)

    def shown(self, one: Variant) -> dict[str, Any]:
        """By the routes of products, and in webhooks."""
        return shapes.product_shown(one, self.parent(one), self.family(one.number), self.store.config)

    def _variation(self, one: Variant) -> dict[str, Any]:
        parent = self.parent(one)
        assert parent is not None
        return shapes.variation_shown(one, parent, self.store.config)

    # --- reading ------------------------------------------------------------------------------------------------------

    def _rows(self, call: Call, found: list[Variant]) -> list[Row]:
        """Rows by the query; a SKU is looked up in any case and without blanks around, and "" is no filter."""
        skus = {one.strip().lower() for one in call.query.get("sku", "").split(",")} - {""}
        kinds, slug = call.query.get("type"), call.query.get("slug")
        found = [one for one in found if not skus or one.sku.lower() in skus]
        found = [one for one in found if kinds in (None, "any", self.shown(one)["type"])]
        found = [one for one in found if slug in (None, "", self.shown(one)["slug"])]
        rows = [
            Row(one.number, one.extra["created_at"], one.updated_at, one.extra["status"], one.title, one)
            for one in found
        ]
        return listed(self.store.api, call, rows, STATUSES, self.store.config.utc_offset)

    def listProducts(self, call: Call) -> Response:
        found = [*self.parents.values(), *self.store.shop.variants.values()]
        if not call.query.get("sku"):
            found = [one for one in found if one.product == one.number]
        return paged(self.store.api, call, self._rows(call, found), lambda row: self.shown(row.entry))

    def listAllVariations(self, call: Call) -> Response:
        found = [one for one in self.store.shop.variants.values() if one.product != one.number]
        return paged(self.store.api, call, self._rows(call, found), lambda row: self._variation(row.entry))

    def listVariations(self, call: Call) -> Response:
        found = self.family(self._parent(call).number)
        return paged(self.store.api, call, self._rows(call, found), lambda row: self._variation(row.entry))

    def getProduct(self, call: Call) -> Response:
        return answer(call, self.shown(self._named(call)))

    def getVariation(self, call: Call) -> Response:
        return answer(call, self._variation(self._own(call)))

    def _named(self, call: Call, name: str = "id", status: int = 404) -> Variant:
        number = call.parts[name]
        if not number.isdecimal():
            raise NO_ROUTE
        if (found := self.product(int(number))) is None:
            raise no_product(status)
        return found

    def _parent(self, call: Call) -> Variant:
        return self._named(call, "parent")

    def _own(self, call: Call) -> Variant:
        return self._of(self._parent(call), int(call.parts["id"]) if call.parts["id"].isdecimal() else 0)

    def _of(self, parent: Variant, number: int | None) -> Variant:
        found = next((one for one in self.family(parent.number) if one.number == number), None)
        if found is None:
            raise no_product(404, "product_variation")
        return found

    # --- writing ------------------------------------------------------------------------------------------------------

    def createProduct(self, call: Call) -> Response:
        wanted = self._checked(self.store.api.body(call, bodies.Goods))
        return json_response(self.shown(self._create(wanted)), 201)

    def updateProduct(self, call: Call) -> Response:
        one = self._named(call, status=400)
        if self.parent(one):
            path = "/products/&lt;product_id&gt;/variations/&lt;id&gt;"
            text = f"To manipulate product variations you should use the {path} endpoint."
            raise Refusal(404, "woocommerce_rest_invalid_product_id", text)
        return json_response(self.shown(self._write(one, self._checked(self.store.api.body(call, bodies.Goods)))))

    def createVariation(self, call: Call) -> Response:
        wanted = self._checked(self.store.api.body(call, bodies.Goods))
        return json_response(self._variation(self._create(wanted, self._parent(call))), 201)

    def updateVariation(self, call: Call) -> Response:
        wanted = self._checked(self.store.api.body(call, bodies.Goods))
        return json_response(self._variation(self._write(self._own(call), wanted)))

    def batchProducts(self, call: Call) -> Response:
        def updated(wanted: bodies.Entry) -> dict[str, Any]:
            one = self.product(wanted.id or 0)
            if one is None or self.parent(one):
                raise no_product(400)
            return self.shown(self._write(one, wanted))

        return self._batch(call, lambda wanted: self.shown(self._create(wanted)), updated, no_product())

    def batchVariations(self, call: Call) -> Response:
        parent = self._parent(call)
        return self._batch(
            call,
            lambda wanted: self._variation(self._create(wanted, parent)),
            lambda wanted: self._variation(self._write(self._of(parent, wanted.id), wanted)),
            no_product(404, "product_variation"),
        )

    def _batch(self, call: Call, create: Callable[..., Any], update: Callable[..., Any], gone: Refusal) -> Response:
        wanted = self.store.api.body(call, bodies.Batch)
        if len(wanted.create) + len(wanted.update) + len(wanted.delete) > MOST:
            text = f"Unable to accept more than {MOST} items for this request."
            raise Refusal(413, "woocommerce_rest_request_entity_too_large", text)

        def entry(number: int | None, work: Callable[[], Any]) -> Any:
            try:
                return work()
            except Refusal as no:
                data = {"status": no.status, **(no.details or {})}
                return {"id": number, "error": {"code": no.code, "message": no.message, "data": data}}

        def refuse() -> Any:
            raise gone

        told = {
            "create": [entry(0, partial(create, one)) for one in wanted.create],
            "update": [entry(one.id, partial(update, one)) for one in wanted.update],
            "delete": [entry(number, refuse) for number in wanted.delete],
        }
        return json_response({name: rows for name, rows in told.items() if rows})

    @staticmethod
    def _checked(wanted: bodies.Goods) -> bodies.Goods:
        for name in ("stock_quantity", "inventory_delta"):
            given = getattr(wanted, name)
            if isinstance(given, str) and not re.fullmatch(r"-?\d+", given):
                raise invalid(name, f"{name} is not of type integer.", "rest_invalid_type")
        return wanted

    def _create(self, wanted: bodies.Goods, parent: Variant | None = None) -> Variant:
        one = self.new("", wanted.name or "Product", parent)
        self._take_sku(one, wanted)
        if parent is None and wanted.type == "variable":
            one.extra["type"] = "variable"
            self.parents[one.number] = one
        else:
            self.store.shop.variants[one.number] = one
            one.visible = False
        self._write(one, wanted, "created")
        return one

    def _take_sku(self, one: Variant, wanted: bodies.Goods) -> None:
        if wanted.sku is None:
            return
        sku = re.sub(r"<[^>]*>", "", wanted.sku).strip()
        others = [*self.parents.values(), *self.store.shop.variants.values()]
        owner = next((row for row in others if sku and row.sku.lower() == sku.lower() and row is not one), None)
        if owner is not None:
            details = {"resource_id": owner.number, "unique_sku": f"{sku}-1"}
            raise Refusal(400, "product_invalid_sku", "Invalid or duplicated SKU.", details)
        one.sku = sku

    def _write(self, one: Variant, wanted: bodies.Goods, event: str = "updated") -> Variant:
        self._take_sku(one, wanted)
        given, extra = wanted.model_fields_set, one.extra
        one.updated_at = self.store.now()
        one.title = wanted.name or one.title
        one.description_html = one.description_html if wanted.description is None else wanted.description
        one.requires_shipping = one.requires_shipping if wanted.virtual is None else not wanted.virtual
        for name in ("status", "backorders", "slug", "catalog_visibility"):
            extra[name] = getattr(wanted, name) or extra.get(name)
        if "images" in given or "image" in given:
            extra["images"] = [row.src for row in ([wanted.image] if wanted.image else wanted.images)]
            one.image_url = next(iter(extra["images"]), None)
        if wanted.meta_data:
            extra["meta"] = extra.get("meta", {}) | {row.key: row.value for row in wanted.meta_data}
        if wanted.attributes is not None:
            self._describe(one, wanted.attributes)
        self._price(one, wanted)
        self._stock(one, wanted)
        self._show(one)
        self.store.told("product", event, one.number)
        return one

    def _describe(self, one: Variant, rows: list[bodies.Attribute]) -> None:
        parent = self.parent(one)
        if parent is None:
            one.extra["attributes"] = [
                {"id": 0, **row.model_dump(exclude={"option"}), "slug": row.name} for row in rows
            ]
            return
        one.extra["attributes"] = [
            {"id": 0, "name": row.name, "slug": row.name.lower(), "option": row.option} for row in rows
        ]
        one.extra["chosen"] = {row.name.lower(): row.option for row in rows}
        one.extra["name"] = ", ".join(row.option for row in rows)
        one.title = f"{parent.title} - {one.extra['name']}"

    def _decimal(self, given: Any) -> str:
        """What is stored of a price: everything that is no digit falls out, so that "14,90" is 1490 in a shop with dots."""
        text = str(given).replace(",", ".") if self.store.config.decimal_comma else str(given)
        return re.sub(r"\.(?![^.]+$)|[^0-9.-]", "", text)

    def _price(self, one: Variant, wanted: bodies.Goods) -> None:
        if one.number in self.parents:
            return
        extra, given = one.extra, wanted.model_fields_set
        if "regular_price" in given:
            extra["regular"] = self._decimal(wanted.regular_price or "")
        if "sale_price" in given:
            extra["sale"] = self._decimal(wanted.sale_price or "")
        if extra["sale"] and (not extra["regular"] or Decimal(extra["sale"]) >= Decimal(extra["regular"])):
            extra["sale"] = ""
        extra["price"] = extra["sale"] or extra["regular"]
        one.compare_at_price = Decimal(extra["regular"]) if extra["sale"] else None
        self.store.set_price(one, Decimal(extra["price"] or 0))

    def _stock(self, one: Variant, wanted: bodies.Goods) -> None:
        """Absolute, or by a difference; without effect where the stock is not counted here. Not atomic: see `meanwhile`."""
        if wanted.manage_stock is not None and wanted.manage_stock != (one.stock is not None):
            one.stock = 0 if wanted.manage_stock else None
        if one.stock is None or not {"stock_quantity", "inventory_delta"} & wanted.model_fields_set:
            return
        before, work, self.meanwhile = one.stock, self.meanwhile, None
        if work is not None:
            work()
        if "stock_quantity" in wanted.model_fields_set:
            self.store.set_stock(one, _whole(wanted.stock_quantity))
        else:
            self.store.set_stock(one, before + _whole(wanted.inventory_delta), "inventory_delta")

    def _show(self, one: Variant) -> None:
        """Buyers see what is published with a price, and of an article that is published too."""
        for row in (one, *self.family(one.number)):
            parent = self.parent(row)
            hidden = parent is not None and parent.extra["status"] != "publish"
            if row.number not in self.parents:
                self.store.set_visible(
                    row, row.extra["status"] == "publish" and bool(row.extra["price"]) and not hidden
                )


def _whole(given: Any) -> int:
    """As PHP reads a number: null and "abc" are 0, 7.5 is 7."""
    found = re.match(r"\s*-?\d+", str(given))
    return int(found.group()) if found else 0
