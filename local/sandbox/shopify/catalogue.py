"""Product pages, variants and prices: upsert, bulk update, publishing. Prices are USD."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from local.sandbox.shopify.inventory import Inventory
from local.sandbox.shopify.refused import Refused
from local.sandbox.shopify.rest_shop import product_body
from local.sandbox.shopify.state import ImageState, InventoryItemState, ProductState, Shop, VariantState, number_of
from local.sandbox.shopify.stock_moves import level_at
from local.sandbox.shopify.webhooks import Webhooks

MOST_VARIANTS, MOST_OPTIONS = 2048, 3
TEXT_FIELDS = {
    "title": "title",
    "descriptionHtml": "description_html",
    "vendor": "vendor",
    "productType": "product_type",
    "status": "status",
}


def handle_of(title: str) -> str:
    """The address part that Shopify makes of a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


@dataclass
class Catalogue:
    """All that the store offers."""

    shop: Shop
    hooks: Webhooks
    inventory: Inventory

    def by_handle(self, handle: str) -> ProductState | None:
        """The product page at this address, or None."""
        return next((page for page in self.shop.products.values() if page.handle == handle), None)

    def product(self, global_id: str, code: str | None = None, path: tuple[str, ...] = ("id",)) -> ProductState:
        """The product page with this id; raises Refused when there is none."""
        page = self.shop.products.get(number_of(global_id, "Product") or 0)
        if page is None:
            raise Refused(list(path), "Product does not exist", code)
        return page

    def product_set(self, identifier: Mapping[str, Any] | None, given: Mapping[str, Any]) -> ProductState:
        """Create or replace; raises Refused and then leaves everything as it was."""
        shop, page = self.shop, self._identified(identifier)
        created = page is None
        page = self._new(identifier, given) if page is None else deepcopy(page)
        was = shop.products.get(page.number)
        self.take_over(page, given, "input")
        planned = self._planned_variants(page, given, created)
        if planned is not None:
            page.variants = planned
        if "files" in given:
            page.images = [
                ImageState(shop.new_id(), row["originalSource"], row.get("alt"))
                for row in given["files"] or []
                if row.get("originalSource")
            ]
        shop.products[page.number] = page
        self.note_prices(was, page)
        self._fill_stock(page, given)
        if was is not None:
            self._note_visibility(was.visible, page)
        self.changed(page, "products/create" if created else "products/update")
        return page

    def _identified(self, identifier: Mapping[str, Any] | None) -> ProductState | None:
        if not identifier:
            return None
        if identifier.get("id"):
            return self.product(identifier["id"], "PRODUCT_DOES_NOT_EXIST", ("identifier", "id"))
        return self.by_handle(identifier["handle"])

    def _new(self, identifier: Mapping[str, Any] | None, given: Mapping[str, Any]) -> ProductState:
        title = given.get("title")
        if not title:
            raise Refused(["input", "title"], "Title can't be blank", "MISSING_FIELD_REQUIRED")
        now = self.shop.now()
        handle = given.get("handle") or (identifier or {}).get("handle") or handle_of(title)
        return ProductState(self.shop.new_id(), title, handle, now, now)

    def take_over(self, page: ProductState, given: Mapping[str, Any], path: str) -> None:
        """Copy the page's own fields; raises Refused for a handle that is taken or an empty title."""
        if "title" in given and not given["title"]:
            raise Refused([path, "title"], "Title can't be blank", "INVALID_PRODUCT")
        handle = given.get("handle")
        if handle:
            other = self.by_handle(handle)
            if other is not None and other.number != page.number:
                raise Refused(
                    [path, "handle"],
                    f"Handle '{handle}' already in use. Please provide a new handle.",
                    "HANDLE_NOT_UNIQUE",
                )
            page.handle = handle
        for name, attribute in TEXT_FIELDS.items():
            if given.get(name) is not None:
                setattr(page, attribute, given[name])
        if "tags" in given:
            page.tags = sorted(set(given["tags"] or []))

    def add_variant(self, page: ProductState, row: Mapping[str, Any], path: list[str]) -> VariantState:
        """A further variant of a page, as productVariantsBulkCreate makes it. New values of its options are made with it."""
        given = {value.get("optionName") or "": value.get("name") or "" for value in row.get("optionValues") or []}
        names = [name for name, _ in page.variants[0].options]
        if row.get("id"):
            raise Refused([*path, "id"], "On create, this key cannot be used", "NO_KEY_ON_CREATE")
        if set(given) - set(names):
            code = "OPTION_VALUES_FOR_NUMBER_OF_UNKNOWN_OPTIONS"
            raise Refused([*path, "optionValues"], "Variant options are more than the product options", code)
        if set(names) - set(given):
            raise Refused([*path, "optionValues"], "Variant options are not enough", "NEED_TO_ADD_OPTION_VALUES")
        options = tuple((name, given[name]) for name in names)
        if any(options == other.options for other in page.variants):
            message = "The variant already exists. Please change at least one option value."
            raise Refused([*path, "optionValues"], message, "VARIANT_ALREADY_EXISTS_CHANGE_OPTION_VALUE")
        if len(page.variants) >= MOST_VARIANTS:
            raise Refused(path, f"A product has at most {MOST_VARIANTS} variants", "INVALID")
        stock = row.get("inventoryQuantities") or []
        if any(number_of(entry["locationId"], "Location") not in self.shop.locations for entry in stock):
            raise Refused([*path, "inventoryQuantities"], "Location not found", "TRACKED_VARIANT_LOCATION_NOT_FOUND")
        made = self._variant(page, row, None, options, len(page.variants) + 1, path)
        page.variants.append(made)
        for entry in stock:
            level = level_at(self.shop, made.item, number_of(entry["locationId"], "Location") or 0)
            self.inventory.put(made.item, level, entry["availableQuantity"], "productVariantsBulkCreate", None)
        return made

    def _planned_variants(
        self, page: ProductState, given: Mapping[str, Any], created: bool
    ) -> list[VariantState] | None:
        """The full new list of variants, or None where the input leaves them alone."""
        rows = given.get("variants")
        if rows is None:
            return [self._variant(page, {}, None, (("Title", "Default Title"),), 1)] if created else None
        if created and not given.get("productOptions"):
            raise Refused(
                ["input", "productOptions"],
                "Product options input is required when creating a product with variants",
                "PRODUCT_OPTIONS_INPUT_MISSING",
            )
        allowed = {
            option["name"]: {value["name"] for value in option.get("values") or []}
            for option in given.get("productOptions") or []
        }
        if len(allowed) > MOST_OPTIONS:
            raise Refused(["input", "productOptions"], f"At most {MOST_OPTIONS} options", "OPTIONS_OVER_LIMIT")
        known = {variant.number: variant for variant in page.variants}
        planned: list[VariantState] = []
        for index, row in enumerate(rows):
            path = ["input", "variants", str(index)]
            options = tuple((value.get("optionName") or "", value.get("name") or "") for value in row["optionValues"])
            for name, value in options:
                if allowed and value not in allowed.get(name, set()):
                    raise Refused(
                        [*path, "optionValues"], f"Option value '{value}' does not exist", "OPTION_VALUE_DOES_NOT_EXIST"
                    )
            if any(options == other.options for other in planned):
                raise Refused(
                    path, "The variant already exists. Please change at least one option value.", "INVALID_VARIANT"
                )
            stocked = [number_of(entry["locationId"], "Location") for entry in row.get("inventoryQuantities") or []]
            if any(location not in self.shop.locations for location in stocked):
                raise Refused([*path, "inventoryQuantities"], "Location does not exist", "INVALID_VARIANT")
            number = number_of(row["id"], "ProductVariant") if row.get("id") else None
            if row.get("id") and number not in known:
                raise Refused([*path, "id"], "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST")
            base = known.get(number or 0) or next((v for v in page.variants if v.options == options), None)
            planned.append(self._variant(page, row, base, options, index + 1, path))
        return planned

    def _variant(
        self,
        page: ProductState,
        row: Mapping[str, Any],
        base: VariantState | None,
        options: tuple[tuple[str, str], ...],
        position: int,
        path: list[str] | None = None,
    ) -> VariantState:
        shop, now = self.shop, self.shop.now()
        if base is None:
            number = shop.new_id()
            item = InventoryItemState(shop.new_id(), number, tracked=False)
            if not row.get("inventoryQuantities"):
                level_at(shop, item, next(reversed(shop.locations)))
            base = VariantState(number, page.number, item, now, now)
        base.options, base.position, base.updated_at = options, row.get("position") or position, now
        self.update_variant(base, row, path or ["input"], "INVALID_VARIANT")
        return base

    def update_variant(self, variant: VariantState, row: Mapping[str, Any], path: list[str], code: str) -> None:
        """Copy a variant's own fields; raises Refused for a negative price."""
        if row.get("price") is not None:
            if Decimal(row["price"]) < 0:
                raise Refused([*path, "price"], "Price must be greater than or equal to 0", code)
            variant.price = Decimal(row["price"])
        if "compareAtPrice" in row:
            variant.compare_at_price = None if row["compareAtPrice"] is None else Decimal(row["compareAtPrice"])
        variant.barcode = row.get("barcode", variant.barcode)
        variant.policy = row.get("inventoryPolicy") or variant.policy
        if row.get("taxable") is not None:
            variant.taxable = row["taxable"]
        for given in row.get("metafields") or []:
            name = (given["namespace"], given["key"])
            number = variant.metafields[name][0] if name in variant.metafields else self.shop.new_id()
            variant.metafields[name] = (number, given["type"], given["value"])
        self.inventory.update_item(variant.item, row.get("inventoryItem") or {})
        if row.get("sku") is not None:
            variant.item.sku = row["sku"]
        variant.updated_at = self.shop.now()

    def _fill_stock(self, page: ProductState, given: Mapping[str, Any]) -> None:
        for variant, row in zip(page.variants, given.get("variants") or [], strict=False):
            for entry in row.get("inventoryQuantities") or []:
                level = level_at(self.shop, variant.item, number_of(entry["locationId"], "Location") or 0)
                free = entry["quantity"] - (level.committed if entry["name"] == "on_hand" else 0)
                if free != level.available:
                    self.inventory.put(variant.item, level, free, "productSet", None)

    def note_prices(self, was: ProductState | None, page: ProductState) -> None:
        """Write every price that differs into the ledger."""
        old = {variant.number: variant.price for variant in was.variants} if was else {}
        for variant in page.variants:
            before = old.get(variant.number)
            if before != variant.price:
                self.shop.world.record(
                    "shopify",
                    "price_changed",
                    variant.item.sku or "",
                    before=None if before is None else str(before),
                    after=str(variant.price),
                )

    def _note_visibility(self, was_visible: bool, page: ProductState) -> None:
        if was_visible == page.visible:
            return
        page.published_at = self.shop.now() if page.visible else None
        self.note_published(page, page.variants)

    def note_published(self, page: ProductState, variants: Sequence[VariantState]) -> None:
        """Write into the ledger whether buyers see these variants now."""
        for variant in variants:
            kind = "product_published" if page.visible else "product_unpublished"
            self.shop.world.record("shopify", kind, variant.item.sku or "", title=page.title, status=page.status)

    def publish(self, page: ProductState, publications: Sequence[Mapping[str, Any]]) -> None:
        """Show a page on the given channels; raises Refused for a channel that does not exist."""
        was = page.visible
        for index, row in enumerate(publications):
            number = number_of(row.get("publicationId") or "", "Publication")
            if number != self.shop.publication:
                raise Refused(
                    ["input", str(index), "publicationId"], "Publication does not exist or is not publishable"
                )
            page.publications.add(number)
        self._note_visibility(was, page)
        self.changed(page, "products/update")

    def update_page(self, page: ProductState, given: Mapping[str, Any]) -> None:
        """What productUpdate does: only the given fields change."""
        was = page.visible
        self.take_over(page, given, "product")
        self._note_visibility(was, page)
        self.changed(page, "products/update")

    def changed(self, page: ProductState, topic: str) -> None:
        """Stamp and announce a change."""
        page.updated_at = self.shop.now()
        self.hooks.emit((topic, product_body(page)))
