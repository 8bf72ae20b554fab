"""From an order in the REST shape (the bodies of webhooks) to ours, so that its samples exercise the one parser of orders.

The product fetches orders by GraphQL; this turns the older shape into the same node.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.shopify.ids import gid, number_of
from orderwright.connectors.stores.shopify.order_mapping import parse_order
from orderwright.domain.order import StoreOrder

ADDRESS_FIELDS = {
    "name": "name",
    "first_name": "firstName",
    "last_name": "lastName",
    "company": "company",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "province": "province",
    "province_code": "provinceCode",
    "zip": "zip",
    "country_code": "countryCodeV2",
    "phone": "phone",
}


def parse_webhook_order(body: object, connection: str, consent_attribute: str = "sms_updates") -> StoreOrder:
    """An order of the REST shape as a StoreOrder. Raises Rejected (code UNREADABLE_ORDER) naming the field."""
    order = Node(body, "order")
    order_id = _id(order, "Order")
    currency = order.currency("currency")
    contact = order.text("email") or order.text("contact_email")
    node: dict[str, Any] = {
        "id": order_id,
        "name": order.text("name"),
        "createdAt": order.instant("created_at").isoformat(),
        "updatedAt": order.instant("updated_at").isoformat(),
        "cancelledAt": order.instant("cancelled_at").isoformat() if order.has("cancelled_at") else None,
        "test": order.flag("test", default=False),
        "displayFinancialStatus": order.text("financial_status").upper(),
        "currentTotalPriceSet": _bag(_total(order), currency),
        "totalRefundedSet": _bag(_refunded(order, currency), currency),
        "email": contact,
        "phone": order.text("phone"),
        "customerLocale": order.text("customer_locale"),
        "customAttributes": [
            {"key": entry.text("name"), "value": entry.text("value")} for entry in order.children("note_attributes")
        ],
        "customer": _customer(order),
        "shippingAddress": _address(order),
    }
    if not order.has("line_items"):
        order.refuse("line_items", "a list")
    lines = [_line(line, currency) for line in order.children("line_items")]
    return parse_order(node, lines, connection, consent_attribute)


def _id(node: Node, kind: str) -> str:
    """The global id: its text form where it is given, since numbers above 2**53 are damaged by some senders."""
    written = node.text("admin_graphql_api_id")
    if number_of(written) and f"/{kind}/" in written:
        return written
    number = node.text("id")
    return gid(kind, number) if number.isascii() and number.isdigit() else node.refuse("id", "an id")


def _bag(amount: Decimal, currency: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": str(amount), "currencyCode": currency}}


def _shop_amount(node: Node, name: str) -> Decimal:
    """`<name>`, which REST gives in the shop's currency, else `<name>_set.shop_money.amount`."""
    bag = None if node.has(name) else node.child(f"{name}_set")
    shop = bag.child("shop_money") if bag else None
    return shop.decimal("amount") if shop else node.decimal(name)


def _total(order: Node) -> Decimal:
    now = order.has("current_total_price") or order.has("current_total_price_set")
    return _shop_amount(order, "current_total_price" if now else "total_price")


def _refunded(order: Node, currency: str) -> Decimal:
    return sum((_refund(refund, currency) for refund in order.children("refunds")), Decimal(0))


def _refund(refund: Node, currency: str) -> Decimal:
    """What a refund gave back in the shop's currency; in another one the lines have to tell."""
    paid = [
        row
        for row in refund.children("transactions")
        if row.text("kind") == "refund" and row.text("status") in ("success", "")
    ]
    if all(row.text("currency") in (currency, "") for row in paid):
        return sum((row.decimal("amount") for row in paid), Decimal(0))
    return sum(
        (_shop_amount(line, "subtotal") + _tax(line) for line in refund.children("refund_line_items")), Decimal(0)
    )


def _tax(line: Node) -> Decimal:
    return _shop_amount(line, "total_tax") if line.has("total_tax") or line.has("total_tax_set") else Decimal(0)


def _customer(order: Node) -> dict[str, str] | None:
    customer = order.child("customer")
    return {"id": _id(customer, "Customer")} if customer and customer.has("id") else None


def _address(order: Node) -> dict[str, str] | None:
    address = order.child("shipping_address")
    return {ours: address.text(theirs) for theirs, ours in ADDRESS_FIELDS.items()} if address else None


def _line(line: Node, currency: str) -> dict[str, Any]:
    quantity = line.count("quantity")
    current = line.count("current_quantity") if line.has("current_quantity") else quantity
    if line.has("fulfillable_quantity"):
        unfulfilled = line.count("fulfillable_quantity")
    else:
        unfulfilled = 0 if line.text("fulfillment_status") == "fulfilled" else current
    variant = line.text("variant_id")
    return {
        "id": _id(line, "LineItem"),
        "sku": line.text("sku"),
        "title": line.text("title") or line.text("name"),
        "variantTitle": line.text("variant_title"),
        "quantity": quantity,
        "currentQuantity": current,
        "unfulfilledQuantity": unfulfilled,
        "requiresShipping": line.flag("requires_shipping", default=True),
        "isGiftCard": line.flag("gift_card", default=False),
        "variant": {"id": gid("ProductVariant", variant)} if variant else None,
        "customAttributes": [{"key": key} for key in _property_names(line)],
        "discountedUnitPriceAfterAllDiscountsSet": _bag(_unit_price(line, quantity), currency),
    }


def _property_names(line: Node) -> list[str]:
    """Documented as a list of {name, value}; in the wild also one such object, an empty one, or a plain mapping."""
    if not line.has("properties"):
        return []
    held = line._value["properties"]
    if isinstance(held, list):
        return [entry.text("name") for entry in line.children("properties")]
    single = line.child("properties")
    return [single.text("name")] if single and set(held) == {"name", "value"} else list(held)


def _unit_price(line: Node, quantity: int) -> Decimal:
    price = _shop_amount(line, "price")
    if quantity == 0:
        return price
    shared = line.children("discount_allocations")
    if shared:
        discount = sum((_shop_amount(entry, "amount") for entry in shared), Decimal(0))
    else:
        discount = line.decimal("total_discount") if line.has("total_discount") else Decimal(0)
    return price - discount / quantity
