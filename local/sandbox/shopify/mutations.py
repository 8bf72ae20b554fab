"""The root fields of mutations: every refusal becomes an entry of `userErrors`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec

from graphql import GraphQLResolveInfo
from graphql.execution import get_directive_values

from local.sandbox.shopify.bulk_update import BulkUpdate
from local.sandbox.shopify.catalogue import Catalogue
from local.sandbox.shopify.fulfillment import Fulfillments
from local.sandbox.shopify.inventory import Change, IdempotencyKeys, Inventory
from local.sandbox.shopify.orders import Orders
from local.sandbox.shopify.queries import Queries
from local.sandbox.shopify.refused import Refused
from local.sandbox.shopify.state import Shop, gid, number_of
from local.sandbox.shopify.views_catalogue import View
from local.sandbox.shopify.webhooks import Webhooks, topic_of

STAFF_NOTE_LIMIT = 255
Given = ParamSpec("Given")


def key_of(info: GraphQLResolveInfo) -> str | None:
    """The key of this field's @idempotent directive, or None."""
    directive = info.schema.get_directive("idempotent")
    if directive is None:
        return None
    values = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    return values.get("key") if values else None


def answers(name: str, errors_field: str = "userErrors") -> Callable[[Callable[Given, View]], Callable[Given, View]]:
    """A mutation that answers `name`, or null and the refusal in the mutation's own form."""

    def wrap(act: Callable[Given, View]) -> Callable[Given, View]:
        @wraps(act)
        def resolve(*args: Given.args, **kwargs: Given.kwargs) -> View:
            try:
                return {errors_field: [], **act(*args, **kwargs)}
            except Refused as refusal:
                return {name: None, errors_field: [refusal.error]}

        return resolve

    return wrap


@dataclass
class Mutations:
    """All mutation fields; `fields()` is the root value for graphql-core."""

    shop: Shop
    hooks: Webhooks
    queries: Queries
    catalogue: Catalogue
    inventory: Inventory
    orders: Orders
    fulfillments: Fulfillments
    bulk: BulkUpdate
    keys: IdempotencyKeys = field(default_factory=IdempotencyKeys)

    @answers("fulfillment")
    def fulfillment_create(self, info: Any, fulfillment: dict[str, Any], message: str | None = None) -> View:
        """fulfillmentCreate."""
        return {"fulfillment": self.queries.orders.fulfillment(*self.fulfillments.create(fulfillment))}

    @answers("fulfillment")
    def tracking_update(
        self, info: Any, fulfillmentId: str, trackingInfoInput: dict[str, Any], notifyCustomer: bool = False
    ) -> View:
        """fulfillmentTrackingInfoUpdate."""
        self.fulfillments.set_tracking(fulfillmentId, trackingInfoInput)
        return {"fulfillment": self.queries.node(fulfillmentId)}

    @answers("inventoryAdjustmentGroup")
    def set_quantities(self, info: GraphQLResolveInfo, input: dict[str, Any]) -> View:
        """inventorySetQuantities."""

        def act() -> View:
            changes, errors = self.inventory.set_quantities(input)
            group = None if errors or not changes else self._group(input, changes)
            return {"inventoryAdjustmentGroup": group, "userErrors": errors}

        return self.keys.run("inventorySetQuantities", key_of(info), input, act)

    def _group(self, given: dict[str, Any], changes: list[Change]) -> View:
        return {
            "id": gid("InventoryAdjustmentGroup", self.shop.new_id()),
            "reason": given["reason"],
            "changes": [{"name": name, "delta": delta, "quantityAfterChange": after} for name, delta, after in changes],
        }

    @answers("inventoryLevel")
    def activate(self, info: GraphQLResolveInfo, inventoryItemId: str, locationId: str, **amounts: int | None) -> View:
        """inventoryActivate."""
        arguments = {"inventoryItemId": inventoryItemId, "locationId": locationId, **amounts}

        def act() -> View:
            level = self.inventory.activate(
                inventoryItemId, locationId, amounts.get("available"), amounts.get("onHand")
            )
            item = self.shop.item(number_of(inventoryItemId, "InventoryItem"))
            return {"inventoryLevel": self.queries.catalogue.level(item, level) if item else None}

        return self.keys.run("inventoryActivate", key_of(info), arguments, act)

    @answers("inventoryItem")
    def item_update(self, info: Any, id: str, input: dict[str, Any]) -> View:
        """inventoryItemUpdate."""
        item = self.shop.item(number_of(id, "InventoryItem"))
        if item is None:
            raise Refused(["id"], "The inventory item doesn't exist.")
        self.inventory.update_item(item, input)
        return {"inventoryItem": self.queries.node(id)}

    @answers("productVariants")
    def bulk_update(
        self, info: Any, productId: str, variants: list[dict[str, Any]], allowPartialUpdates: bool = False
    ) -> View:
        """productVariantsBulkUpdate."""
        page = self.catalogue.product(productId, "PRODUCT_DOES_NOT_EXIST", ("productId",))
        done, errors = self.bulk.run(page, list(variants), allowPartialUpdates)
        view = self.queries.catalogue.variant
        changed = [view(variant) for variant in done] if done or not errors else None
        return {"productVariants": changed, "userErrors": errors}

    @answers("productVariants")
    def bulk_create(
        self,
        info: Any,
        productId: str,
        variants: list[dict[str, Any]],
        media: list[dict[str, Any]] | None = None,
        strategy: str = "DEFAULT",
    ) -> View:
        """productVariantsBulkCreate."""
        page = self.catalogue.product(productId, "PRODUCT_DOES_NOT_EXIST", ("productId",))
        made, errors = self.bulk.create(page, list(variants), list(media or []), strategy)
        view = self.queries.catalogue.variant
        return {"productVariants": [view(variant) for variant in made] if made else None, "userErrors": errors}

    @answers("product")
    def product_set(
        self, info: Any, input: dict[str, Any], identifier: dict[str, Any] | None = None, synchronous: bool = True
    ) -> View:
        """productSet; the sandbox always works at once."""
        return {"product": self.queries.catalogue.page(self.catalogue.product_set(identifier, input))}

    @answers("product")
    def product_update(self, info: Any, product: dict[str, Any] | None = None) -> View:
        """productUpdate."""
        given = product or {}
        page = self.catalogue.product(given.get("id") or "")
        self.catalogue.update_page(page, given)
        return {"product": self.queries.catalogue.page(page)}

    @answers("publishable")
    def publish(self, info: Any, id: str, input: list[dict[str, Any]]) -> View:
        """publishablePublish."""
        page = self.catalogue.product(id)
        self.catalogue.publish(page, input)
        return {"publishable": self.queries.catalogue.page(page)}

    @answers("webhookSubscription")
    def webhook_create(self, info: Any, topic: str, webhookSubscription: dict[str, Any]) -> View:
        """webhookSubscriptionCreate."""
        uri = webhookSubscription.get("uri") or ""
        refusal = self.hooks.refusal(topic_of(topic), uri)
        if refusal:
            raise Refused(["webhookSubscription", "uri"], refusal)
        created = self.hooks.subscribe(topic_of(topic), uri, webhookSubscription)
        return {"webhookSubscription": self.queries.shop_views.subscription(created)}

    @answers("webhookSubscription")
    def webhook_update(self, info: Any, id: str, webhookSubscription: dict[str, Any]) -> View:
        """webhookSubscriptionUpdate."""
        known = self.hooks.subscriptions.get(number_of(id, "WebhookSubscription") or 0)
        if known is None:
            raise Refused(["id"], "Webhook subscription does not exist")
        uri = webhookSubscription.get("uri", known.uri)
        refusal = self.hooks.refusal(known.topic, uri, known.number)
        if refusal:
            raise Refused(["webhookSubscription", "uri"], refusal)
        self.hooks.change(known, webhookSubscription)
        return {"webhookSubscription": self.queries.shop_views.subscription(known)}

    @answers("deletedWebhookSubscriptionId")
    def webhook_delete(self, info: Any, id: str) -> View:
        """webhookSubscriptionDelete."""
        if self.hooks.subscriptions.pop(number_of(id, "WebhookSubscription") or 0, None) is None:
            raise Refused(["id"], "Webhook subscription does not exist")
        return {"deletedWebhookSubscriptionId": id}

    @answers("job", "orderCancelUserErrors")
    def order_cancel(
        self,
        info: Any,
        orderId: str,
        reason: str,
        restock: bool,
        refundMethod: dict[str, Any] | None = None,
        notifyCustomer: bool = False,
        staffNote: str | None = None,
    ) -> View:
        """orderCancel: answers a job that is still running, although the sandbox has done it."""
        if staffNote is not None and len(staffNote) > STAFF_NOTE_LIMIT:
            raise Refused(["staffNote"], f"Staff note is too long (maximum is {STAFF_NOTE_LIMIT})", "INVALID")
        refund = bool(refundMethod and refundMethod.get("originalPaymentMethodsRefund"))
        try:
            self.orders.cancel(orderId, reason, restock, refund, "app")
        except KeyError:
            raise Refused(["orderId"], "Order does not exist", "NOT_FOUND") from None
        except ValueError as error:
            raise Refused(["orderId"], str(error), "INVALID") from error
        return {"job": {"id": gid("Job", self.shop.new_id()), "done": False}}

    @answers("refund")
    def refund_create(self, info: GraphQLResolveInfo, input: dict[str, Any]) -> View:
        """refundCreate, of money alone."""

        def act() -> View:
            rows = [
                (number_of(row.get("parentId") or "", "OrderTransaction") or 0, Decimal(row["amount"]))
                for row in input.get("transactions") or []
            ]
            try:
                refund = self.orders.give_back(input["orderId"], rows)
            except KeyError:
                raise Refused(["orderId"], "Order or transaction does not exist") from None
            except ValueError as error:
                raise Refused(["transactions"], str(error)) from error
            return {"refund": self.queries.node(gid("Refund", refund.number))}

        return self.keys.run("refundCreate", key_of(info), input, act)

    @answers("node")
    def tags_add(self, info: Any, id: str, tags: list[str]) -> View:
        """tagsAdd, for orders and product pages."""
        order = self.shop.orders.get(number_of(id, "Order") or 0)
        record = order or self.shop.products.get(number_of(id, "Product") or 0)
        if record is None:
            raise Refused(["id"], "Node does not exist")
        record.tags = sorted({*record.tags, *(tag.strip() for each in tags for tag in each.split(",") if tag.strip())})
        if order is not None:
            self.orders.done("updated", order)
        return {"node": self.queries.node(id)}

    def fields(self) -> dict[str, Any]:
        """Root field name -> resolver."""
        return {
            "fulfillmentCreate": self.fulfillment_create,
            "fulfillmentTrackingInfoUpdate": self.tracking_update,
            "inventorySetQuantities": self.set_quantities,
            "inventoryActivate": self.activate,
            "inventoryItemUpdate": self.item_update,
            "productVariantsBulkUpdate": self.bulk_update,
            "productVariantsBulkCreate": self.bulk_create,
            "productSet": self.product_set,
            "productUpdate": self.product_update,
            "publishablePublish": self.publish,
            "webhookSubscriptionCreate": self.webhook_create,
            "webhookSubscriptionUpdate": self.webhook_update,
            "webhookSubscriptionDelete": self.webhook_delete,
            "orderCancel": self.order_cancel,
            "refundCreate": self.refund_create,
            "tagsAdd": self.tags_add,
        }
