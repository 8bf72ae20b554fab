"""GraphQL nodes of invented orders and goods, in Shopify's shapes."""

from __future__ import annotations

from typing import Any

from tests.connectors.shopify.scripted import PAGE_END

ORDER_ID = "9007199254740993"
PUBLICATION = "gid://shopify/Publication/7"


def bag(amount: str, currency: str = "USD") -> dict[str, Any]:
    """A MoneyBag whose presentment differs, so that a mix-up shows."""
    return {
        "shopMoney": {"amount": amount, "currencyCode": currency},
        "presentmentMoney": {"amount": "999.99", "currencyCode": "SEK"},
    }


def page(*nodes: Any, after: str | None = None) -> dict[str, Any]:
    """A connection; `after` says that there is another page."""
    info = {**PAGE_END, "hasNextPage": True, "endCursor": after} if after else PAGE_END
    return {"nodes": list(nodes), "pageInfo": info}


def line(number: int = 11, **changes: Any) -> dict[str, Any]:
    """A LineItem."""
    node: dict[str, Any] = {
        "id": f"gid://shopify/LineItem/{number}",
        "sku": "HL-1",
        "title": "Head torch",
        "variantTitle": None,
        "quantity": 2,
        "currentQuantity": 2,
        "unfulfilledQuantity": 2,
        "requiresShipping": True,
        "isGiftCard": False,
        "variant": {"id": "gid://shopify/ProductVariant/21"},
        "customAttributes": [],
        "discountedUnitPriceAfterAllDiscountsSet": bag("22.99"),
        "priceAfterAllDiscountsBeforeTaxesSet": bag("45.98"),
        "taxLines": [],
    }
    return {**node, **changes}


def order(*lines: dict[str, Any], after: str | None = None, **changes: Any) -> dict[str, Any]:
    """An Order."""
    node: dict[str, Any] = {
        "id": f"gid://shopify/Order/{ORDER_ID}",
        "name": "#1001",
        "createdAt": "2026-11-22T09:00:00Z",
        "updatedAt": "2026-11-22T09:30:00Z",
        "cancelledAt": None,
        "test": False,
        "displayFinancialStatus": "PAID",
        "disputes": [],
        "email": "aino@example.com",
        "phone": None,
        "customerLocale": "fi",
        "note": "Please ring twice",
        "currentTotalPriceSet": bag("45.98"),
        "totalRefundedSet": bag("0.0"),
        "taxesIncluded": False,
        "taxExempt": False,
        "estimatedTaxes": False,
        "sourceName": "web",
        "paymentGatewayNames": ["shopify_payments"],
        "totalTaxSet": bag("0.0"),
        "totalReceivedSet": bag("45.98"),
        "currentTotalDutiesSet": None,
        "currentTotalAdditionalFeesSet": None,
        "merchantOfRecordApp": None,
        "purchasingEntity": {"__typename": "Customer"},
        "shippingLines": page(),
        "transactions": [],
        "customAttributes": [],
        "customer": {"id": "gid://shopify/Customer/31"},
        "risk": {"recommendation": "ACCEPT"},
        "shippingAddress": {
            "name": "Aino Esimerkki",
            "firstName": "Aino",
            "lastName": "Esimerkki",
            "company": None,
            "address1": "Esimerkkikatu 1",
            "address2": None,
            "city": "Tampere",
            "province": None,
            "provinceCode": None,
            "zip": "33100",
            "countryCodeV2": "FI",
            "phone": "+358401234567",
        },
        "fulfillmentOrders": page(),
        "lineItems": page(*(lines or (line(),)), after=after),
    }
    return {**node, **changes}


def fulfillment_order(number: int, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A FulfillmentOrder at location 41."""
    node: dict[str, Any] = {
        "id": f"gid://shopify/FulfillmentOrder/{number}",
        "status": "OPEN",
        "supportedActions": [{"action": "CREATE_FULFILLMENT"}, {"action": "HOLD"}],
        "assignedLocation": {"location": {"id": "gid://shopify/Location/41"}},
        "lineItems": page(*lines),
    }
    return {**node, **changes}


def open_line(number: int, line_number: int, remaining: int) -> dict[str, Any]:
    """A FulfillmentOrderLineItem."""
    return {
        "id": f"gid://shopify/FulfillmentOrderLineItem/{number}",
        "remainingQuantity": remaining,
        "lineItem": {"id": f"gid://shopify/LineItem/{line_number}"},
    }


def variant(number: int = 21, sku: str | None = "HL-1", **changes: Any) -> dict[str, Any]:
    """A ProductVariant with its level at the asked location."""
    node: dict[str, Any] = {
        "__typename": "ProductVariant",
        "id": f"gid://shopify/ProductVariant/{number}",
        "sku": sku,
        "price": "22.99",
        "compareAtPrice": None,
        "selectedOptions": [{"name": "Title", "value": "Default Title"}],
        "metafield": None,
        "inventoryItem": {
            "id": f"gid://shopify/InventoryItem/{number + 1000}",
            "tracked": True,
            "inventoryLevel": {
                "id": "gid://shopify/InventoryLevel/1",
                "quantities": [{"name": "available", "quantity": 5}],
            },
        },
        "product": {
            "id": f"gid://shopify/Product/{number + 2000}",
            "handle": f"goods-{number}",
            "status": "ACTIVE",
            "publishedOnPublication": True,
        },
    }
    return {**node, **changes}


PUBLICATIONS = {
    "publications": page({"id": PUBLICATION, "catalog": {"__typename": "AppCatalog", "title": "Online Store"}})
}
