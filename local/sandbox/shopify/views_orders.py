"""How orders and everything below them look through the Admin API. Fields with arguments, sums and other records are functions:
they are worked out where somebody asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.sandbox.kit.orders import Line, Refund
from local.sandbox.shopify.orders_state import FulfillmentOrderLine, FulfillmentOrderState, FulfillmentState, OrderState
from local.sandbox.shopify.search import connection, pages
from local.sandbox.shopify.state import Shop, gid
from local.sandbox.shopify.views_catalogue import CatalogueViews, View, stamp
from local.sandbox.shopify.views_people import (
    address_view,
    customer_view,
    merchant_of_record_view,
    purchaser_view,
    shipping_view,
    tax_lines_view,
    transaction_view,
)
from local.sandbox.shopify.views_refunds import refund_view


@dataclass
class OrderViews:
    """Views of one shop's orders."""

    shop: Shop
    catalogue: CatalogueViews

    def _customer(self, row: OrderState) -> View | None:
        def theirs() -> list[OrderState]:
            return [one for one in self.shop.orders.values() if one.customer == row.customer]

        def listed(info: object, reverse: bool = False, sortKey: str = "ID", **page: Any) -> View:
            key = (
                (lambda one: (one.created_at, one.number)) if sortKey == "CREATED_AT" else (lambda one: (0, one.number))
            )
            return connection(theirs(), self.order, page["first"], page.get("after"), reverse, key)

        shown = customer_view(row)
        return {**shown, "numberOfOrders": lambda _: str(len(theirs())), "orders": listed} if shown else None

    def order(self, row: OrderState) -> View:
        """Order."""
        bag, buyer = row.currencies.bag, row.buyer
        address = address_view(row.address)
        return {
            "__typename": "Order",
            "id": gid("Order", row.number),
            "legacyResourceId": str(row.number),
            "name": row.name,
            "createdAt": stamp(row.created_at),
            "updatedAt": stamp(row.updated_at),
            "cancelledAt": stamp(row.cancelled_at),
            "test": row.test,
            "presentmentCurrencyCode": row.currencies.presentment,
            "displayFinancialStatus": None if row.payment_word == "UNKNOWN" else row.financial_status,
            "disputes": [
                {"id": gid("OrderDisputeSummary", number), "initiatedAs": "CHARGEBACK", "status": status}
                for number, status in row.disputes
            ],
            "netPaymentSet": lambda _: bag(row.received - row.refunded),
            "displayFulfillmentStatus": row.fulfillment_status,
            "email": buyer.email if buyer else None,
            "phone": buyer.phone if buyer else None,
            "customerLocale": row.locale,
            "note": row.note,
            "sourceName": row.terms.source,
            "unpaid": row.received == 0 and row.original_total > 0,
            "capturable": row.capturable,
            "customAttributes": [{"key": key, "value": value} for key, value in row.attributes],
            "paymentGatewayNames": [row.terms.gateway],
            "totalPriceSet": lambda _: bag(row.original_total),
            "currentTotalPriceSet": lambda _: bag(row.total),
            "totalRefundedSet": lambda _: bag(row.refunded),
            "totalReceivedSet": lambda _: bag(row.received),
            "totalTaxSet": lambda _: bag(row.tax_before_returns),
            "currentTotalTaxSet": lambda _: bag(row.lines_tax_now),
            "taxesIncluded": row.tax is not None and row.tax.included,
            "taxExempt": row.terms.tax_exempt,
            "estimatedTaxes": row.terms.estimated_taxes,
            "currentTotalDutiesSet": lambda _: bag(row.duties_now) if any(line.duty for line in row.lines) else None,
            "currentTotalAdditionalFeesSet": None,
            "totalTipReceivedSet": lambda _: bag(row.terms.tip),
            "refundDiscrepancySet": lambda _: bag(row.refund_discrepancy),
            "purchasingEntity": lambda _: purchaser_view(row),
            "merchantOfRecordApp": merchant_of_record_view(row),
            "shippingLines": pages(
                lambda: [row] if any(line.requires_shipping for line in row.lines) else [], shipping_view
            ),
            "customer": self._customer(row),
            "shippingAddress": address,
            "risk": {"recommendation": row.risk, "assessments": [{"riskLevel": row.risk_level}]},
            "lineItems": pages(row.lines, lambda line: self.line(row, line)),
            "fulfillmentOrders": pages(row.fulfillment_orders, lambda fo: self.fulfillment_order(row, fo)),
            "fulfillments": lambda info, first=None: [self.fulfillment(row, f) for f in row.fulfillments[:first]],
            "refunds": lambda info, first=None: [self.refund(row, refund) for refund in row.refunds[:first]],
            "transactions": lambda info, first=None, capturable=None: [
                transaction_view(row, t, self.shop.config)
                for t in row.transactions
                if capturable is None or capturable == (t.kind == "AUTHORIZATION" and row.capturable)
            ][:first],
        }

    def line(self, order: OrderState, row: Line) -> View:
        """LineItem."""
        bag = order.currencies.bag
        variant = self.shop.variant(row.variant_id)

        def unit(_: object) -> View:
            return bag(row.unit_price)

        return {
            "id": gid("LineItem", row.number),
            "sku": row.sku,
            "title": row.title,
            "variantTitle": row.variant_title,
            "quantity": row.quantity,
            "currentQuantity": row.current,
            "unfulfilledQuantity": row.unfulfilled,
            "requiresShipping": row.requires_shipping,
            "isGiftCard": row.gift_card,
            "customAttributes": [],
            "originalUnitPriceSet": unit,
            "discountedUnitPriceAfterAllDiscountsSet": unit,
            "priceAfterAllDiscountsBeforeTaxesSet": lambda _: bag(
                order.without_tax(row.unit_price * row.current, order.line_tax(row, row.current))
            ),
            "taxLines": lambda info, first=None: tax_lines_view(order, order.line_tax(row, row.quantity))[:first],
            "duties": lambda _: self._duties(order, row),
            "variant": lambda _: self.catalogue.variant(variant) if variant else None,
        }

    def _duties(self, order: OrderState, row: Line) -> list[View]:
        """Duty: one for a line that has any."""
        if not row.duty:
            return []
        return [{"price": order.currencies.bag(row.duty), "harmonizedSystemCode": row.hs_code}]

    def fulfillment_order(self, order: OrderState, row: FulfillmentOrderState) -> View:
        """FulfillmentOrder."""
        place = self.shop.locations[row.location]
        can_send = row.status in ("OPEN", "IN_PROGRESS")
        actions = ["CREATE_FULFILLMENT", "HOLD", "MOVE", "SPLIT"] if can_send else []
        return {
            "__typename": "FulfillmentOrder",
            "id": gid("FulfillmentOrder", row.number),
            "status": row.status,
            "requestStatus": "UNSUBMITTED" if can_send else "CLOSED",
            "assignedLocation": {"location": lambda _: self.catalogue.location(place)},
            "supportedActions": [{"action": action} for action in actions],
            "fulfillmentHolds": [],
            "internationalDuties": {"incoterm": order.terms.incoterm} if order.terms.incoterm else None,
            "lineItems": pages(row.lines, lambda part: self.part(order, part)),
            "deliveryMethod": {"methodType": row.method},
        }

    def part(self, order: OrderState, row: FulfillmentOrderLine) -> View:
        """FulfillmentOrderLineItem."""
        return {
            "id": gid("FulfillmentOrderLineItem", row.number),
            "totalQuantity": row.total,
            "remainingQuantity": row.remaining,
            "lineItem": lambda info: self.line(order, row.line),
        }

    def fulfillment(self, order: OrderState, row: FulfillmentState) -> View:
        """Fulfillment."""
        return {
            "__typename": "Fulfillment",
            "id": gid("Fulfillment", row.number),
            "status": "SUCCESS",
            "trackingInfo": lambda info, first=None: [
                {"number": number, "company": company, "url": url} for number, company, url in row.tracking[:first]
            ],
            "fulfillmentLineItems": pages(
                row.lines,
                lambda part: {"quantity": part[2], "lineItem": lambda _: self.line(order, part[1])},
                key=lambda part: (0, part[0]),
            ),
        }

    def refund(self, order: OrderState, row: Refund) -> View:
        """Refund."""
        return refund_view(
            order, row, self.shop.config.gross_refunds, lambda line: self.line(order, line), lambda: self.order(order)
        )
