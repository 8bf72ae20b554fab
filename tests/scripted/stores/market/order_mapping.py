"""From Market's order to ours. Pure. Ids are numbers at Market and text here; amounts are text in major units."""

from __future__ import annotations

from orderwright.connectors.reading import Node
from orderwright.domain.order import Address, OrderLine, PaymentState, StoreOrder
from tests.scripted.stores.market.order_money import order_money


def parse_order(order: Node, connection: str, consent_attribute: str) -> StoreOrder:
    """Raises Rejected (UNREADABLE_ORDER) naming the field that cannot be read."""
    currency, buyer = order.currency("currency"), order.child("customer")
    lines = order.children("lines")
    attributes, status = order.child("attributes"), order.text("payment_status").upper()
    return StoreOrder(
        connection=connection,
        order_id=order.text("id") or order.refuse("id", "an order id"),
        name=order.text("number"),
        created_at=order.instant("created_at"),
        updated_at=order.instant("updated_at"),
        cancelled_at=order.instant("cancelled_at") if order.has("cancelled_at") else None,
        test=order.flag("test", default=False),
        payment=PaymentState(status) if status in PaymentState.__members__ else PaymentState.UNKNOWN,
        total=order.money("total", currency),
        refunded=order.money("refunded", currency),
        lines=tuple(_line(line, currency) for line in lines),
        money=order_money(order, lines, currency),
        address=_address(order.child("address")),
        email=buyer.text("email") if buyer else "",
        phone=buyer.text("phone") if buyer else "",
        sms_consent=attributes is not None and attributes.text(consent_attribute).lower() in ("yes", "true", "1"),
        locale=order.text("locale"),
        risk_hold=order.has("under_review"),
        risk_note=order.text("under_review"),
        customer_id=buyer.text("id") if buyer else "",
    )


def _line(line: Node, currency: str) -> OrderLine:
    quantity = line.count("quantity")
    return OrderLine(
        line_id=line.text("id") or line.refuse("id", "a line id"),
        sku=line.text("sku"),
        variant_id=line.text("variant_id"),
        title=line.text("title"),
        quantity=quantity,
        unfulfilled=min(line.count("to_ship"), quantity),
        unit_price=line.money("price", currency),
        requires_shipping=line.flag("needs_parcel", default=True),
    )


def _address(address: Node | None) -> Address | None:
    if address is None:
        return None
    return Address(
        name=address.text("name"),
        company=address.text("company"),
        line1=address.text("street"),
        line2=address.text("street2"),
        city=address.text("city"),
        province_code=address.text("region"),
        postcode=address.text("postcode"),
        country_code=address.text("country"),
        phone=address.text("phone"),
    )
