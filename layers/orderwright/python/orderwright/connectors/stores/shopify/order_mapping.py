"""From Shopify's order (a GraphQL node) to ours. Pure: the same node always gives the same order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.shopify.ids import number_of
from orderwright.connectors.stores.shopify.order_money import order_money
from orderwright.domain.money import Money
from orderwright.domain.order import Address, OrderLine, PaymentState, StoreOrder

CONSENT = frozenset({"yes", "true", "1"})
RISKY = {
    "CANCEL": "Shopify recommends cancelling the order",
    "INVESTIGATE": "Shopify recommends investigating the order",
}
DEFAULT_VARIANT = "Default Title"
_SHOPIFYS = frozenset(PaymentState) - {PaymentState.DISPUTED, PaymentState.UNKNOWN}
FORWARDABLE = (PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED)


def parse_order(
    node: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    connection: str,
    consent_attribute: str,
    refunds: Mapping[str, Any] | None = None,
) -> StoreOrder:
    """An order node with all its line nodes as a StoreOrder, in the shop's currency. `refunds`: see order_money.py.

    `total` is what the order comes to now (after edits and returns), `refunded` what was given back. Raises Rejected
    (code UNREADABLE_ORDER) naming the field that cannot be read.
    """
    order_id = number_of(node.get("id"))
    order = Node(node, f"order {order_id}".strip())
    if not order_id:
        order.refuse("id", "an order id such as gid://shopify/Order/1")
    hold, note = _risk(order)
    line_nodes = [Node(line, f"order {order_id}.lineItems[{index}]") for index, line in enumerate(lines)]
    total = _shop_money(order, "currentTotalPriceSet")
    back = None if refunds is None else Node(refunds, f"refunds of order {order_id}")
    return StoreOrder(
        connection=connection,
        order_id=order_id,
        name=order.text("name"),
        created_at=order.instant("createdAt"),
        updated_at=order.instant("updatedAt"),
        cancelled_at=order.instant("cancelledAt") if order.has("cancelledAt") else None,
        test=order.flag("test", default=False),
        payment=_payment(order),
        total=total,
        refunded=_shop_money(order, "totalRefundedSet"),
        lines=tuple(_line(line) for line in line_nodes),
        money=order_money(order, line_nodes, total.currency, back),
        address=_address(order.child("shippingAddress")),
        email=order.text("email"),
        phone=order.text("phone"),
        sms_consent=_consent(order, consent_attribute),
        locale=order.text("customerLocale"),
        risk_hold=hold,
        risk_note=note,
        customer_id=_id_of(order, "customer"),
        buyer_note=order.text("note"),
    )


def _id_of(node: Node, key: str) -> str:
    child = node.child(key)
    return number_of(child.text("id")) if child else ""


def is_disputed(order: Node) -> bool:
    """Any dispute that is not won: also a lost or a prevented one, after which the money is gone or may be."""
    return any(one.text("status") != "WON" for one in order.children("disputes"))


def _payment(order: Node) -> PaymentState:
    """Shopify's states have our names. A dispute stands beside the state, and counts where goods would be bought."""
    status = order.text("displayFinancialStatus")
    shown = PaymentState(status) if status in _SHOPIFYS else PaymentState.UNKNOWN
    return PaymentState.DISPUTED if shown in FORWARDABLE and is_disputed(order) else shown


def _shop(node: Node, key: str) -> tuple[Node, str]:
    bag = node.child(key)
    money = bag.child("shopMoney") if bag else None
    if money is None:
        node.refuse(key, "an amount with shopMoney")
    return money, money.currency("currencyCode")


def _shop_money(node: Node, key: str) -> Money:
    money, currency = _shop(node, key)
    return money.money("amount", currency)


def _unit_price(line: Node) -> Money:
    """Shopify calls this price approximate: a discount shared by units need not fall on whole minor units."""
    money, currency = _shop(line, "discountedUnitPriceAfterAllDiscountsSet")
    return Money.of(money.decimal("amount"), currency)


def _line(line: Node) -> OrderLine:
    line_id = number_of(line.text("id"))
    if not line_id:
        line.refuse("id", "a line id")
    quantity = line.count("currentQuantity")
    variant_title = line.text("variantTitle")
    return OrderLine(
        line_id=line_id,
        sku=line.text("sku"),
        variant_id=_id_of(line, "variant"),
        title=line.text("title"),
        variant_title="" if variant_title == DEFAULT_VARIANT else variant_title,
        quantity=quantity,
        unfulfilled=min(line.count("unfulfilledQuantity"), quantity),
        unit_price=_unit_price(line),
        requires_shipping=line.flag("requiresShipping", default=True),
        gift_card=line.flag("isGiftCard", default=False),
        personalised=any(_is_personal(entry.text("key")) for entry in line.children("customAttributes")),
    )


def _is_personal(key: str) -> bool:
    """Keys that begin with an underscore are hidden from the buyer by convention: they come from apps."""
    return bool(key) and not key.startswith("_")


def _address(address: Node | None) -> Address | None:
    if address is None:
        return None
    name = address.text("name") or f"{address.text('firstName')} {address.text('lastName')}".strip()
    return Address(
        name=name,
        company=address.text("company"),
        line1=address.text("address1"),
        line2=address.text("address2"),
        city=address.text("city"),
        province=address.text("province"),
        province_code=address.text("provinceCode"),
        postcode=address.text("zip"),
        country_code=address.text("countryCodeV2"),
        phone=address.text("phone"),
    )


def _consent(order: Node, attribute: str) -> bool:
    """Only the attribute that the merchant named counts; a telephone number alone is no consent."""
    return any(
        entry.text("key") == attribute and entry.text("value").strip().lower() in CONSENT
        for entry in order.children("customAttributes")
    )


def _risk(order: Node) -> tuple[bool, str]:
    risk = order.child("risk")
    recommendation = risk.text("recommendation") if risk else ""
    if recommendation in RISKY:
        return True, RISKY[recommendation]
    connection = order.child("fulfillmentOrders")
    for waiting in connection.children("nodes") if connection else []:
        if waiting.text("status") == "ON_HOLD":
            reasons = [hold.text("reason") for hold in waiting.children("fulfillmentHolds")]
            return True, f"the store holds the order: {', '.join(sorted(set(reasons))) or 'no reason given'}"
    return False, ""
