"""Articles, variants, options, and stock."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from local.sandbox.bigcommerce import bodies
from local.sandbox.bigcommerce.base import Base, Product, asked, exact, no_such, unfit, whole
from local.sandbox.kit.api import Call, Refusal
from local.sandbox.kit.orders import Variant
from local.sandbox.wire import Response

_PLAIN: dict[str, Any] = {
    "name": "", "type": "physical", "sku": "", "description": "", "categories": [], "is_visible": False, "weight": 0,
    "availability": "available", "inventory_tracking": "none", "price": 0, "sale_price": 0, "retail_price": 0,
}  # fmt: skip
_OWN: dict[str, Any] = {"price": None, "sale_price": None, "retail_price": None, "purchasing_disabled": False}
_IDENTITIES = {"sku": "sku", "variant_id": "number", "product_id": "product"}
_ALL = {"variants", "options"}


class CatalogueCalls(Base):
    """What the store sells. A variant without a price of its own has its article's."""

    def shelve(self, skus: Sequence[str], *, together: bool = False, stock: int = 1000) -> list[Variant]:
        """See Store. Together they are sizes of one article."""
        facts, made = {"price": 1.0, "is_visible": True, "inventory_tracking": "variant"}, list[Variant]()
        for article in [skus] if together else [[sku] for sku in skus]:
            own = "" if together else article[0]
            product = self._new_product({**facts, "sku": own, "name": f"Goods {article[0]}"})
            values = [[self._new_value(product, "Size", sku)] if together else [] for sku in article]
            made += [self._new_variant(product, {"sku": sku}, its) for sku, its in zip(article, values, strict=True)]
        for variant in made:
            variant.stock, variant.extra["counted"] = stock, True
        return made

    def _new_product(self, facts: dict[str, Any]) -> Product:
        product = Product(self.new_id(), self.world.clock(), dict(_PLAIN))
        self.products[product.number] = product
        self._write(product, facts)
        return product

    def _unique(self, facts: dict[str, Any], product: Product | None = None, but: Variant | None = None) -> None:
        """Names are, and SKUs of articles and variants; an article and its base variant share theirs."""
        articles = [one.facts for one in self.products.values() if one is not product]
        variants = [one.sku.lower() for one in self.shop.variants.values() if one is not but and _options(one)]
        if facts.get("name", "").lower() in [one["name"].lower() for one in articles]:
            raise unfit("The product name is a duplicate", status=409)
        if facts.get("sku") and facts["sku"].lower() in [*variants, *(one["sku"].lower() for one in articles)]:
            raise unfit("The product sku is a duplicate", status=409)

    def _write(self, product: Product, facts: dict[str, Any]) -> None:
        """Stock is not written here; brand and pictures are not kept."""
        product.facts |= {key: value for key, value in facts.items() if key in _PLAIN}
        self._settle(product)

    def _new_value(self, product: Product, name: str, label: str) -> dict[str, Any]:
        """A value of an option, which is made where it is not there."""
        option = next((one for one in product.options if one["display_name"] == name), None)
        if option is None:
            option = {"id": self.new_id(), "display_name": name, "type": "dropdown", "option_values": []}
            product.options.append(option)
        value = next((one for one in option["option_values"] if one["label"] == label), None)
        if value is None:
            value = {"id": self.new_id(), "label": label, "sort_order": 0, "is_default": False}
            option["option_values"].append(value)
        return {"id": value["id"], "option_id": option["id"], "label": label, "option_display_name": name}

    def _new_variant(self, product: Product, facts: dict[str, Any], chosen: list[dict[str, Any]]) -> Variant:
        """One value of each option. The base variant goes when others come."""
        if {one["option_id"] for one in chosen} != {one["id"] for one in product.options}:
            raise unfit("A variant needs one value of each option.", "option_values")
        if any(_options(one) == chosen for one in product.variants):
            raise unfit("A variant with these option values exists already.", status=409)
        for base in [one for one in product.variants if not _options(one)]:
            product.variants.remove(self.shop.variants.pop(base.number))
        extra = {**_OWN, "option_values": chosen, "counted": False}
        variant = Variant(
            self.new_id(), product.number, "", "", Decimal(0), 0, self.world.clock(), visible=False, extra=extra
        )
        self.shop.variants[variant.number] = variant
        product.variants.append(variant)
        self._write_variant(variant, facts)
        return variant

    def _write_variant(self, variant: Variant, facts: dict[str, Any]) -> None:
        variant.sku = facts.pop("sku", variant.sku)
        variant.extra |= {key: value for key, value in facts.items() if key != "inventory_level"}
        self._settle(self.products[variant.product])

    def _settle(self, product: Product) -> None:
        """What buyers see of an article and its variants, after any change."""
        facts = product.facts
        for one in product.variants:
            own = {key: facts[key] if one.extra[key] is None else one.extra[key] for key in ("price", "sale_price")}
            struck = own["price"] if own["sale_price"] else one.extra["retail_price"] or facts["retail_price"]
            one.compare_at_price = exact(struck) if struck else None
            one.title = " ".join([facts["name"], *(value["label"] for value in _options(one))])
            one.description_html, one.requires_shipping = facts["description"], facts["type"] == "physical"
            one.stock = (one.stock or 0) if facts["inventory_tracking"] != "none" else None
            self.set_price(one, exact(own["sale_price"] or own["price"]))
            sold = facts["is_visible"] and facts["availability"] != "disabled"
            self.set_visible(one, sold and not one.extra["purchasing_disabled"])
        self.hooks.tell("store/product/updated", type="product", id=product.number)

    def stock_changed(self, variant: Variant) -> None:
        """See Store."""
        told = {
            "product_id": variant.product,
            "variant_id": variant.number,
            "method": "absolute",
            "value": variant.stock,
        }
        self.hooks.tell("store/sku/inventory/updated", type="sku", id=variant.number, inventory=told)

    # --- articles -----------------------------------------------------------------------------------------------------

    def _product(self, call: Call) -> Product:
        key = call.parts["product"]
        if not key.isdecimal() or int(key) not in self.products:
            raise no_such()
        return self.products[int(key)]

    def _shown(self, product: Product, include: set[str]) -> dict[str, Any]:
        first, more = product.variants[0], {"options": product.options}
        if "variants" in include:
            more["variants"] = [self._variant(one) for one in product.variants]
        facts = {
            **product.facts, "date_created": product.created_at.isoformat(), "calculated_price": float(first.price),
            "inventory_level": max(first.stock or 0, 0), "base_variant_id": None if product.options else first.number,
        }  # fmt: skip
        return {"id": product.number, **facts, **{name: rows for name, rows in more.items() if name in include}}

    def _getProducts(self, call: Call) -> Response:
        rows = list(self.products.values())
        for name in set(call.query) - {"page", "limit", "include", "include_fields", "sort", "direction"}:
            fact, _, how = name.partition(":")
            wanted = asked(call, name) if how == "in" else {call.query[name]}
            if how == "greater":
                last = self.api.whole(call, name, 0, 0)
                rows = [one for one in rows if one.number > last]
            else:
                rows = [one for one in rows if str(one.number if fact == "id" else one.facts[fact]) in wanted]
        return self.v3(call, rows, lambda one: self._shown(one, asked(call, "include")))

    def _getProduct(self, call: Call) -> Response:
        return whole(self._shown(self._product(call), asked(call, "include")))

    def _createProduct(self, call: Call) -> Response:
        facts = self.given(call, bodies.PRODUCT)
        variants = facts.pop("variants", [])
        for row in [facts, *({"sku": one["sku"]} for one in variants)]:
            self._unique(row)
        product = self._new_product(facts)
        for row in variants:
            named = row.pop("option_values")
            values = [self._new_value(product, one["option_display_name"], one["label"]) for one in named]
            self._new_variant(product, row, values)
        if not variants:
            self._new_variant(product, {"sku": facts.get("sku", "")}, [])
        return whole(self._shown(product, _ALL))

    def _updateProduct(self, call: Call) -> Response:
        product, facts = self._product(call), self.given(call, bodies.PRODUCT_PUT)
        self._unique(facts, product)
        self._write(product, facts)
        for one in product.variants:
            one.sku = one.sku if _options(one) else facts.get("sku", one.sku)
        return whole(self._shown(product, _ALL))

    def _createProductOptionValue(self, call: Call) -> Response:
        product = self._product(call)
        for option in product.options:
            if str(option["id"]) == call.parts["option"]:
                return whole(self._new_value(product, option["display_name"], self.given(call, bodies.VALUE)["label"]))
        raise no_such()

    def _assignChannels(self, call: Call) -> Response:
        if any(one["product_id"] not in self.products for one in self.given(call, bodies.CHANNELS)):
            raise unfit("The product does not exist.", "product_id")
        return Response(204)

    # --- variants -----------------------------------------------------------------------------------------------------

    def _variant(self, one: Variant) -> dict[str, Any]:
        own = {key: value for key, value in one.extra.items() if key != "counted"}
        ids = {"id": one.number, "product_id": one.product, "sku": one.sku, "sku_id": one.number}
        return {**ids, **own, "calculated_price": float(one.price), "inventory_level": one.stock or 0}

    def _getVariants(self, call: Call) -> Response:
        rows = list(self.shop.variants.values())
        for name, key in (("id", "number"), ("sku", "sku"), ("product_id:in", "product")):
            if name in call.query:
                wanted = asked(call, name)
                rows = [one for one in rows if str(getattr(one, key)) in wanted]
        return self.v3(call, rows, self._variant)

    def _getProductVariants(self, call: Call) -> Response:
        return self.v3(call, self._product(call).variants, self._variant)

    def _createProductVariant(self, call: Call) -> Response:
        product, facts = self._product(call), self.given(call, bodies.VARIANT)
        wanted = [(one.get("option_id"), one.get("id")) for one in facts.pop("option_values")]
        chosen = [
            self._new_value(product, one["display_name"], its["label"])
            for one in product.options for its in one["option_values"] if (one["id"], its["id"]) in wanted
        ]  # fmt: skip
        self._unique({"sku": facts["sku"]})
        return whole(self._variant(self._new_variant(product, facts, chosen)))

    def _updateVariantsBatch(self, call: Call) -> Response:
        """All of them or none."""
        rows, known = self.given(call, bodies.VARIANTS), self.shop.variants
        if len(rows) > 50:
            raise unfit("The request payload is too large. The maximum items allowed in the array is 50", status=413)
        if wrong := [number for number, row in enumerate(rows) if row["id"] not in known]:
            no = {"status": 422, "title": "The variant does not exist.", "type": "/status"}
            raise Refusal(422, {"batch_errors": [{**no, "errors": {f"{one}.id": "invalid"}} for one in wrong]}, "")
        written = [known[row.pop("id")] for row in rows]
        for variant, row in zip(written, rows, strict=True):
            self._unique({"sku": row.get("sku")}, self.products[variant.product], variant)
            self._write_variant(variant, row)
        return whole([self._variant(one) for one in written])

    # --- stock --------------------------------------------------------------------------------------------------------

    def _getLocations(self, call: Call) -> Response:
        facts = {"type_id": "PHYSICAL", "enabled": True, "storefront_visibility": True}
        rows = list(enumerate(self.config.locations, 1))
        return self.v3(call, rows, lambda row: {"id": row[0], "code": f"LOC-{row[0]}", "label": row[1], **facts})

    def _getInventoryItems(self, call: Call) -> Response:
        rows = [one for one in self.shop.variants.values() if one.stock is not None]
        for name, key in _IDENTITIES.items():
            if f"{name}:in" in call.query:
                wanted = asked(call, f"{name}:in")
                rows = [one for one in rows if str(getattr(one, key)) in wanted]
        places = [number for number, _ in enumerate(self.config.locations, 1)]
        told = asked(call, "location_id:in") or set(map(str, places))

        def shown(one: Variant) -> dict[str, Any]:
            there = [(number, one.stock if number == 1 else 0) for number in places if str(number) in told]
            counts = [{"location_id": number, "available_to_sell": stock, "total_inventory_onhand": stock}
                      for number, stock in there]  # fmt: skip
            identity = {"sku": one.sku, "variant_id": one.number, "product_id": one.product, "sku_id": one.number}
            return {"identity": identity, "locations": counts}

        return self.v3(call, rows, shown, 1000)

    def _putAbsolute(self, call: Call, relative: bool = False) -> dict[str, Any]:
        """All of them or none; they are seen `stock_lag` seconds later, over whatever was sold in between."""
        items = self.given(call, bodies.ADJUSTMENTS)["items"]
        if len(items) > 2000:
            raise unfit("At most 2000 items can be adjusted at once", "items")
        found = [self._adjustable(one, relative) for one in items]

        def take_effect() -> None:
            for one, variant in zip(items, found, strict=True):
                variant.extra["counted"] = True
                self.set_stock(variant, one["quantity"] + ((variant.stock or 0) if relative else 0), "adjustment")

        self.api.late.add(self.config.stock_lag, take_effect)
        self.api.late.settle()
        return {"transaction_id": f"{self.world.random.getrandbits(128):032x}"}

    def _postRelative(self, call: Call) -> dict[str, Any]:
        return self._putAbsolute(call, relative=True)

    def _adjustable(self, one: dict[str, Any], relative: bool) -> Variant:
        """By the one identity that is given. What lies elsewhere than in the first location is nobody's here."""
        names = [name for name in _IDENTITIES if name in one]
        if len(names) != 1 or one["location_id"] != 1 or (not relative and one["quantity"] < 0):
            raise unfit("Payload contains invalid fields", "items")
        name, value = names[0], one[names[0]]
        variant = next((row for row in self.shop.variants.values() if getattr(row, _IDENTITIES[name]) == value), None)
        if variant is None:
            raise unfit(f"Items with identity: [{name} {value}] were not found")
        how = self.products[variant.product].facts["inventory_tracking"]
        if how != ("product" if name == "product_id" else "variant"):
            raise unfit(f"[Item with {name} {value} is tracked by {how}, please update stock by {how} id]")
        if relative and not variant.extra["counted"]:
            raise unfit(f"Items with identity: [{name} {value}] requires absolute adjustment before relative")
        return variant


def _options(variant: Variant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = variant.extra["option_values"]
    return found
