"""Articles, variants, options, and their stock by location."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from local.sandbox.bigcommerce import bodies
from local.sandbox.bigcommerce.base import Base, Product, exact, ids_in, no_such, unfit, v3, whole
from local.sandbox.goods import Good
from local.sandbox.kit.api import Call, Refusal
from local.sandbox.kit.orders import Variant
from local.sandbox.wire import Response, json_response

MOST_VARIANTS, MOST_ADJUSTED = 50, 2000
_PLAIN: dict[str, Any] = {
    "name": "", "type": "physical", "sku": "", "description": "", "categories": [], "is_visible": False,
    "availability": "available", "inventory_tracking": "none", "condition": "New", "weight": 0, "price": 0,
    "sale_price": 0, "retail_price": 0, "cost_price": 0, "upc": "", "gtin": "", "mpn": "",
}  # fmt: skip
_OF_VARIANT: dict[str, Any] = {
    "price": None, "sale_price": None, "retail_price": None, "cost_price": None, "weight": None,
    "purchasing_disabled": False, "purchasing_disabled_message": "", "image_url": "", "upc": "", "gtin": "", "mpn": "",
}  # fmt: skip


class CatalogueCalls(Base):
    """What the store sells. A variant without a price of its own has its article's."""

    def open_with(self, good: Good) -> None:
        """An article that is there on the first day."""
        price = (good.landed_cost * 2).quantize(Decimal(1)) + Decimal("0.99")
        facts = {"name": good.title, "price": float(price), "description": good.description_html}
        self._made(facts, [{"image_url": good.image_url}], good.sku, good.stock)

    def shelve(self, skus: Sequence[str], *, together: bool = False, stock: int = 1000) -> list[Variant]:
        """See Store. Together they are sizes of one article."""
        if not together:
            return [self._made({"name": f"Goods {sku}", "price": 1.0}, [], sku, stock) for sku in skus]
        product = self._new_product({"name": f"Goods {skus[0]}", "price": 1.0, **_SOLD}, [])
        self._new_option(product, "Size", skus)
        return [
            self._new_variant(product, {"sku": sku}, [{"option_display_name": "Size", "label": sku}], stock)
            for sku in skus
        ]

    def _made(self, facts: dict[str, Any], images: list[dict[str, Any]], sku: str, stock: int) -> Variant:
        product = self._new_product({**facts, "sku": sku, **_SOLD}, images)
        return self._new_variant(product, {"sku": sku}, [], stock)

    def _new_product(self, facts: dict[str, Any], images: list[dict[str, Any]]) -> Product:
        product = Product(self.new_id(), self.world.clock(), {**_PLAIN, **facts})
        self.products[product.number] = product
        self._add_images(product, images)
        return product

    def _add_images(self, product: Product, images: Sequence[dict[str, Any]]) -> None:
        """Each one is added, whether it is there or not."""
        product.images += [{"id": self.new_id(), "product_id": product.number, **one} for one in images]

    def _new_option(self, product: Product, name: str, labels: Sequence[str], kind: str = "dropdown") -> dict[str, Any]:
        option = {"id": self.new_id(), "product_id": product.number, "display_name": name, "type": kind,
                  "sort_order": len(product.options), "option_values": list[Any]()}  # fmt: skip
        product.options.append(option)
        for label in labels:
            self._new_value(option, label)
        return option

    def _new_value(self, option: dict[str, Any], label: str) -> dict[str, Any]:
        values = option["option_values"]
        if any(one["label"] == label for one in values):
            raise Refusal(409, None, "The option value is there already.")
        values.append({"id": self.new_id(), "label": label, "sort_order": len(values), "is_default": False})
        return dict(values[-1])

    def _new_variant(
        self, product: Product, facts: dict[str, Any], values: list[dict[str, Any]], stock: int | None = None
    ) -> Variant:
        """A variant by the options' values (names, or ids where no name is given). The base variant goes when others come."""
        chosen = [self._chosen(product, one) for one in values]
        if {one["option_id"] for one in chosen} != {one["id"] for one in product.options}:
            raise unfit("A variant needs one value of each option.", option_values="invalid")
        mine = list(self._variants(product))
        if any(one.extra["option_values"] == chosen for one in mine):
            raise Refusal(409, None, "A variant with these option values exists already.")
        self._own_sku(facts.get("sku", ""), product)
        for base in [one for one in mine if not one.extra["option_values"]]:
            del self.shop.variants[base.number]
        sku, now = facts.pop("sku", ""), self.world.clock()
        extra = {**_OF_VARIANT, **facts, "option_values": chosen, "counted": stock is not None, "elsewhere": {}}
        variant = Variant(
            self.new_id(), product.number, sku, "", Decimal(0), stock or 0, now, visible=False, extra=extra
        )
        self.shop.variants[variant.number] = variant
        self._settle(product)
        return variant

    def _chosen(self, product: Product, wanted: dict[str, Any]) -> dict[str, Any]:
        for option in product.options:
            for value in option["option_values"]:
                by_name = (option["display_name"], value["label"]) == (
                    wanted.get("option_display_name"), wanted.get("label"),
                )  # fmt: skip
                if by_name or (option["id"], value["id"]) == (wanted.get("option_id"), wanted.get("id")):
                    return {
                        "id": value["id"], "option_id": option["id"], "label": value["label"],
                        "option_display_name": option["display_name"],
                    }  # fmt: skip
        raise unfit("The option value does not exist.", option_values="invalid")

    def _own_sku(self, sku: str, product: Product | None, but: Variant | None = None) -> None:
        """A SKU is unique among articles and variants, whatever its case; an article and its base variant share theirs."""
        taken = {
            one.sku.lower() for one in self.shop.variants.values() if one is not but and one.extra["option_values"]
        }
        taken |= {str(one.facts["sku"]).lower() for one in self.products.values() if one is not product}
        if sku and sku.lower() in taken:
            raise Refusal(409, None, "The product sku is a duplicate")

    def _variants(self, product: Product) -> Iterator[Variant]:
        return (one for one in self.shop.variants.values() if one.product == product.number)

    def _settle(self, product: Product) -> None:
        """What buyers see of an article and its variants, after any change."""
        facts, now = product.facts, self.world.clock()
        facts["date_modified"] = now.isoformat()
        for one in self._variants(product):
            own = one.extra if one.extra["price"] is not None else facts
            sale, struck = own["sale_price"], one.extra["retail_price"] or facts["retail_price"]
            one.compare_at_price = exact(own["price"]) if sale else exact(struck) if struck else None
            one.title = " ".join([facts["name"], *(value["label"] for value in one.extra["option_values"])])
            one.description_html, one.requires_shipping = facts["description"], facts["type"] == "physical"
            one.image_url = product.images[0]["image_url"] if product.images else None
            one.stock = (one.stock or 0) if product.tracked else None
            self.set_price(one, exact(sale or own["price"]))
            sold = facts["is_visible"] and facts["availability"] != "disabled"
            self.set_visible(one, sold and not one.extra["purchasing_disabled"])

    def stock_changed(self, variant: Variant) -> None:
        """See Store. An article whose stock is counted as a whole has one number."""
        product = self.products[variant.product]
        by_product = product.facts["inventory_tracking"] == "product"
        for one in self._variants(product) if by_product else ():
            one.stock = variant.stock
        kind, number = ("product", product.number) if by_product else ("sku", variant.number)
        told = {
            "product_id": product.number,
            "method": "absolute",
            "value": variant.stock,
            "variant_id": variant.number,
        }
        self.hooks.tell(f"store/{kind}/inventory/updated", type=kind, id=number, inventory=told)

    # --- articles -----------------------------------------------------------------------------------------------------

    def _product(self, call: Call) -> Product:
        key = call.parts["product"]
        if not key.isdecimal() or int(key) not in self.products:
            raise no_such()
        return self.products[int(key)]

    def _shown(self, product: Product, include: set[str]) -> dict[str, Any]:
        first = next(self._variants(product))
        facts = {key: value for key, value in product.facts.items() if key != "brand_name"}
        shown = {
            "id": product.number, **facts, "date_created": product.created_at.isoformat(),
            "calculated_price": float(first.price), "inventory_level": max(first.stock or 0, 0),
            "base_variant_id": None if product.options else first.number,
        }  # fmt: skip
        more = {"options": product.options, "images": product.images,
                "variants": [self._variant_shown(one) for one in self._variants(product)]}  # fmt: skip
        return shown | {name: rows for name, rows in more.items() if name in include}

    def _getProducts(self, call: Call) -> Response:
        asked, include = call.query, ids_in(call, "include")
        one_of = {"id:in": "id", "sku:in": "sku", "id": "id", "sku": "sku", "name": "name"}
        rows = list(self.products.values())
        for name, fact in one_of.items():
            wanted = ids_in(call, name) if name.endswith(":in") else {asked.get(name, "")}
            if name in asked:
                rows = [one for one in rows if str({"id": one.number, **one.facts}[fact]) in wanted]
        if "is_visible" in asked:
            rows = [one for one in rows if str(one.facts["is_visible"]).lower() == asked["is_visible"].lower()]
        return v3(self.api, call, rows, lambda one: self._shown(one, include))

    def _getProduct(self, call: Call) -> Response:
        return whole(self._shown(self._product(call), ids_in(call, "include")))

    def _createProduct(self, call: Call) -> Response:
        facts = bodies.given(self.api.body(call, bodies.ProductPost))
        images, variants = facts.pop("images", []), facts.pop("variants", [])
        self._own(facts, None)
        named = [value for row in variants for value in row["option_values"]]
        for row in variants:
            self._own_sku(row["sku"], None)
        product = self._new_product(_written(facts), images)
        for name in dict.fromkeys(value["option_display_name"] for value in named):
            labels = dict.fromkeys(value["label"] for value in named if value["option_display_name"] == name)
            self._new_option(product, name, list(labels))
        for row in variants:
            self._new_variant(product, _written(row), row.pop("option_values"))
        if not variants:
            self._new_variant(product, {"sku": facts.get("sku", "")}, [])
        self.hooks.tell("store/product/created", type="product", id=product.number)
        return whole(self._shown(product, {"variants", "options", "images"}))

    def _own(self, facts: dict[str, Any], product: Product | None) -> None:
        """Names and SKUs are unique."""
        names = {one.facts["name"].lower() for one in self.products.values() if one is not product}
        if facts.get("name", "").lower() in names:
            raise Refusal(409, None, "The product name is a duplicate")
        self._own_sku(facts.get("sku", ""), product)

    def _updateProduct(self, call: Call) -> Response:
        product, facts = self._product(call), bodies.given(self.api.body(call, bodies.ProductPut))
        self._own(facts, product)
        self._add_images(product, facts.pop("images", []))
        product.facts |= _written(facts)
        for one in self._variants(product):
            if not one.extra["option_values"] and "sku" in facts:
                one.sku = facts["sku"]
        self._settle(product)
        self.hooks.tell("store/product/updated", type="product", id=product.number)
        return whole(self._shown(product, {"variants", "options", "images"}))

    def _getProductOptions(self, call: Call) -> Response:
        return v3(self.api, call, self._product(call).options, dict)

    def _createProductOption(self, call: Call) -> Response:
        product, wanted = self._product(call), self.api.body(call, bodies.OptionPost)
        if any(one["display_name"] == wanted.display_name for one in product.options):
            raise Refusal(409, None, "The option is there already.")
        labels = [one.label for one in wanted.option_values]
        return whole(self._new_option(product, wanted.display_name, labels, wanted.type))

    def _createProductOptionValue(self, call: Call) -> Response:
        options = {str(one["id"]): one for one in self._product(call).options}
        if call.parts["option"] not in options:
            raise no_such()
        return whole(self._new_value(options[call.parts["option"]], self.api.body(call, bodies.Value).label))

    # --- variants -----------------------------------------------------------------------------------------------------

    def _variant_shown(self, one: Variant) -> dict[str, Any]:
        own = {key: value for key, value in one.extra.items() if key not in ("counted", "elsewhere")}
        return {
            "id": one.number, "product_id": one.product, "sku": one.sku, "sku_id": one.number, **own,
            "calculated_price": float(one.price), "inventory_level": one.stock or 0, "inventory_warning_level": 0,
        }  # fmt: skip

    def _getVariants(self, call: Call) -> Response:
        asked, rows = call.query, list(self.shop.variants.values())
        products = ids_in(call, "product_id:in")
        rows = [
            one
            for one in rows
            if asked.get("id", str(one.number)) == str(one.number)
            and asked.get("sku", one.sku) == one.sku
            and (not products or str(one.product) in products)
        ]
        return v3(self.api, call, rows, self._variant_shown)

    def _getProductVariants(self, call: Call) -> Response:
        return v3(self.api, call, list(self._variants(self._product(call))), self._variant_shown)

    def _createProductVariant(self, call: Call) -> Response:
        product, facts = self._product(call), bodies.given(self.api.body(call, bodies.VariantPost))
        values = facts.pop("option_values")
        return whole(self._variant_shown(self._new_variant(product, _written(facts), values)))

    def _updateProductVariant(self, call: Call) -> Response:
        product, facts = self._product(call), bodies.given(self.api.body(call, bodies.VariantPut))
        variant = next((one for one in self._variants(product) if str(one.number) == call.parts["variant"]), None)
        if variant is None:
            raise no_such()
        self._write(variant, facts)
        return whole(self._variant_shown(variant))

    def _write(self, variant: Variant, facts: dict[str, Any]) -> None:
        product = self.products[variant.product]
        self._own_sku(facts.get("sku", ""), product, variant)
        variant.sku = facts.pop("sku", variant.sku)
        variant.extra |= _written(facts)
        self._settle(product)
        self.hooks.tell("store/product/updated", type="product", id=product.number)

    def _updateVariantsBatch(self, call: Call) -> Response:
        """All of them or none."""
        rows = self.api.body(call, bodies.VariantRows).root
        if len(rows) > MOST_VARIANTS:
            title = f"The request payload is too large. The maximum items allowed in the array is {MOST_VARIANTS}"
            raise Refusal(413, None, title)
        wrong = [
            {
                "status": 422,
                "title": "The variant does not exist.",
                "type": "/status",
                "errors": {f"{number}.id": "invalid"},
            }
            for number, row in enumerate(rows)
            if row.id not in self.shop.variants
        ]
        if wrong:
            raise Refusal(422, {"batch_errors": wrong}, "")
        for row in rows:
            facts = bodies.given(row)
            self._write(self.shop.variants[facts.pop("id")], facts)
        written = [self._variant_shown(self.shop.variants[row.id]) for row in rows]
        return json_response({"data": written, "meta": {}})

    # --- stock --------------------------------------------------------------------------------------------------------

    def _getLocations(self, call: Call) -> Response:
        rows = list(enumerate(self.config.locations, 1))
        return v3(self.api, call, rows, lambda row: {
            "id": row[0], "code": f"LOC-{row[0]}", "label": row[1], "description": "", "type_id": "PHYSICAL",
            "enabled": True, "managed_by_external_source": False, "storefront_visibility": True,
        })  # fmt: skip

    def _there(self, one: Variant, location: int) -> int:
        return (one.stock or 0) if location == 1 else int(one.extra["elsewhere"].get(location, 0))

    def _tracked(self, call: Call) -> list[Variant]:
        """The items of a list of stock: of an article that is counted as a whole, its first variant."""
        rows = []
        for product in self.products.values():
            mine = list(self._variants(product)) if product.tracked else []
            rows += mine[:1] if product.facts["inventory_tracking"] == "product" else mine
        for name, key in (("sku:in", "sku"), ("variant_id:in", "number"), ("product_id:in", "product")):
            if name in call.query:
                rows = [one for one in rows if str(getattr(one, key)) in ids_in(call, name)]
        return rows

    def _getInventoryItems(self, call: Call) -> Response:
        wanted = ids_in(call, "location_id:in")
        places = [row for row in enumerate(self.config.locations, 1) if not wanted or str(row[0]) in wanted]

        def shown(one: Variant) -> dict[str, Any]:
            rows = [
                {"location_id": place, "location_code": f"LOC-{place}", "location_name": label, "location_enabled": True,
                 "available_to_sell": self._there(one, place), "total_inventory_onhand": self._there(one, place)}
                for place, label in places
            ]  # fmt: skip
            return {"identity": self._identity(one), "locations": rows}

        return v3(self.api, call, self._tracked(call), shown, 1000)

    def _getLocationItems(self, call: Call) -> Response:
        if call.parts["location"] not in {str(place) for place, _ in enumerate(self.config.locations, 1)}:
            raise no_such()
        place = int(call.parts["location"])
        return v3(self.api, call, self._tracked(call), lambda one: {
            "identity": self._identity(one), "available_to_sell": self._there(one, place),
            "total_inventory_onhand": self._there(one, place),
        }, 1000)  # fmt: skip

    @staticmethod
    def _identity(one: Variant) -> dict[str, Any]:
        return {"sku": one.sku, "variant_id": one.number, "product_id": one.product, "sku_id": one.number}

    def _putAbsolute(self, call: Call) -> dict[str, Any]:
        return self._adjusted(call, relative=False)

    def _postRelative(self, call: Call) -> dict[str, Any]:
        return self._adjusted(call, relative=True)

    def _adjusted(self, call: Call, *, relative: bool) -> dict[str, Any]:
        """All of them or none; they are seen `stock_lag` seconds later, over whatever was sold in between."""
        items = self.api.body(call, bodies.Adjustments).items
        if len(items) > MOST_ADJUSTED:
            raise unfit(f"At most {MOST_ADJUSTED} items can be adjusted at once", items="too many")
        found = [self._item(one) for one in items]
        early = [one for one, variant in zip(items, found, strict=True) if relative and not variant.extra["counted"]]
        if early:
            name = next(f"{name} {value}" for name, value in bodies.given(early[0]).items() if name in _NAMES)
            raise unfit(f"Items with identity: [{name}] requires absolute adjustment before relative")

        def take_effect() -> None:
            for one, variant in zip(items, found, strict=True):
                variant.extra["counted"] = True
                before = self._there(variant, one.location_id) if relative else 0
                if one.location_id == 1:
                    self.set_stock(variant, before + one.quantity, "relative" if relative else "absolute")
                else:
                    variant.extra["elsewhere"][one.location_id] = before + one.quantity

        if self.config.stock_lag:
            self.api.late.add(self.config.stock_lag, take_effect)
        else:
            take_effect()
        return {"transaction_id": f"{self.world.random.getrandbits(128):032x}"}

    def _item(self, one: bodies.Adjustment) -> Variant:
        given = {name: value for name, value in bodies.given(one).items() if name in _NAMES}
        if len(given) != 1 or not 1 <= one.location_id <= len(self.config.locations):
            raise unfit("Payload contains invalid fields", item="one identity, and a location that there is")
        ((name, value),) = given.items()
        attribute = {"sku": "sku", "variant_id": "number", "product_id": "product"}[name]
        variant = next((row for row in self.shop.variants.values() if getattr(row, attribute) == value), None)
        if variant is None:
            raise unfit(f"Items with identity: [{name} {value}] were not found")
        how = self.products[variant.product].facts["inventory_tracking"]
        if how != ("product" if name == "product_id" else "variant"):
            said = f"is tracked by {how}, please update stock by {how} id" if how != "none" else "is not tracked"
            raise unfit(f"[Item with {name} {value} {said}]")
        return variant


_NAMES = ("sku", "variant_id", "product_id")
_SOLD = {"is_visible": True, "inventory_tracking": "variant", "weight": 0.1}


def _written(facts: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a body: the Catalog API writes no stock."""
    return {key: value for key, value in facts.items() if key not in ("inventory_level", "option_values", "variants")}
