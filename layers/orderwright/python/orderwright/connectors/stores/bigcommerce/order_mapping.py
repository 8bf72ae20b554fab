"""From a V2 order with its products, addresses and V3 refunds to ours. Pure. Ids are numbers there and text here.

Unconfirmed: that the price of an order paid by store credit or gift certificate alone has the payment state of paid ones;
which units a refund means where a part was sent (those that were not sent, here); the name of the built-in test gateway;
that each line that is picked up names its method.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.bigcommerce.order_money import Figures, order_money, refunded_total
from orderwright.domain.base import from_iso
from orderwright.domain.order import Address, OrderLine, PaymentState, StoreOrder
from orderwright.errors import Rejected

INCOMPLETE, REFUNDED, CANCELLED, DECLINED, PICKUP, VERIFICATION, DISPUTED, PARTLY_REFUNDED = 0, 4, 5, 6, 8, 12, 13, 14
UNPAID = frozenset({INCOMPLETE, 1, 7})
HANDLED = frozenset({2, 3, PICKUP, 9, 10, 11, VERIFICATION, PARTLY_REFUNDED})
"""Statuses of orders that the store goes on with."""
BOUGHT = HANDLED - {VERIFICATION}
DONE = frozenset({2, 10})
ENDED = frozenset({REFUNDED, CANCELLED, DECLINED})
HELD = "held for review"
WORDS = {
    "captured": PaymentState.PAID, "paid": PaymentState.PAID, "authorized": PaymentState.AUTHORIZED,
    **dict.fromkeys(("capture pending", "pending", "declined", HELD), PaymentState.PENDING),
    **dict.fromkeys(("void", "void pending"), PaymentState.VOIDED),
    "refunded": PaymentState.REFUNDED, "partially refunded": PaymentState.PARTIALLY_REFUNDED,
}  # fmt: skip
"""payment_status -> ours; any other word is not known, and "" says nothing."""
# What a buyer wrote or sent; any other option is one of the choices that an article has.
_WISHES = frozenset({"text field", "multi-line text field", "numbers only text field", "file upload", "date field"})
_RISKS = {VERIFICATION: "the store wants it verified by hand", DISPUTED: "the payment is disputed"}


def instant(node: Node, key: str) -> datetime:
    """A time as V2 (RFC 2822) or V3 (ISO 8601) writes it; without a zone it is UTC."""
    text = node.text(key)
    for parse in (parsedate_to_datetime, from_iso):
        try:
            found = parse(text)
        except (ValueError, TypeError, IndexError):
            continue
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return node.refuse(key, "a time such as Tue, 05 Mar 2019 21:40:11 +0000")


def payment_state(order: Node, paid_methods: Collection[str]) -> PaymentState:
    """Status and payment state together: where they contradict each other it is the one that pays for nothing."""
    status, word = order.count("status_id"), order.text("payment_status").strip().lower()
    if status == DISPUTED:
        return PaymentState.DISPUTED
    if status == REFUNDED:
        return PaymentState.REFUNDED
    if status not in UNPAID | HANDLED | ENDED:
        return PaymentState.UNKNOWN
    state = WORDS.get(word, PaymentState.UNKNOWN)
    if not word and status in HANDLED:
        method = order.text("payment_method").strip().casefold()
        state = PaymentState.PAID if method in {one.strip().casefold() for one in paid_methods} else state
    if status in UNPAID and (not word or state in (PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED)):
        return PaymentState.PENDING
    return PaymentState.PARTIALLY_REFUNDED if status == PARTLY_REFUNDED and state is PaymentState.PAID else state


def is_shipped(line: Node) -> bool:
    """Does a parcel bring it? Not a download, a gift certificate, or what is picked up."""
    return line.text("type") in ("", "physical") and line.text("order_pickup_method_id") in ("", "0")


def address_of(line: Node) -> str:
    """The id of the address that it goes to, or nothing."""
    return "" if line.text("order_address_id") == "0" else line.text("order_address_id")


def parse_order(
    order: Node, lines: Sequence[Node], addresses: Sequence[Node], refunds: Sequence[Node], connection: str, *,
    consent_attribute: str = "", paid_methods: Collection[str] = (),
) -> StoreOrder:  # fmt: skip
    """Raises Rejected: UNREADABLE_ORDER naming the field that cannot be read, SEVERAL_ADDRESSES, ORDER_INCOMPLETE."""
    order_id, status = order.text("id") or order.refuse("id", "an order id"), order.count("status_id")
    currency, buyer = order.currency("default_currency_code"), order.child("billing_address")
    modified = instant(order, "date_modified")
    if not lines and order.decimal("total_inc_tax"):
        raise Rejected(f"bigcommerce: order {order_id} has a total and no lines", code="ORDER_INCOMPLETE")
    figures = Figures(currency, included=order.flag("is_tax_inclusive_pricing", default=False))
    shipped_to = _shipped_to(order_id, lines, addresses)
    # Sold over a counter: done at once, and nobody says where to.
    sent = status != PICKUP and (shipped_to is not None or status not in DONE)
    found = tuple(_line(line, figures, sent=sent) for line in lines)
    to_send = any(line.unfulfilled for line in found if line.requires_shipping)
    was_sent = any(line.count("quantity_shipped") for line in lines) and not to_send
    # To archive an order that was sent is no cancellation: its supplier must not be asked for one.
    over = status in (CANCELLED, DECLINED) or (order.flag("is_deleted", default=False) and not was_sent)
    word = order.text("payment_status").strip().lower()
    risk = _RISKS.get(status, "the payment is held for review" if word == HELD else "")
    guest, back = order.text("customer_id") in ("", "0"), refunded_total(refunds)
    return StoreOrder(
        connection=connection,
        order_id=order_id,
        name=f"#{order_id}",  # as its pages and mails write it
        created_at=instant(order, "date_created"),
        updated_at=modified,
        cancelled_at=modified if over else None,
        test="test payment" in order.text("payment_method").lower(),
        payment=payment_state(order, paid_methods),
        total=figures.money(order.decimal("total_inc_tax") - back),
        refunded=figures.money(back),
        lines=found,
        money=order_money(order, lines, refunds, figures),
        address=_address(shipped_to) if shipped_to else None,
        email=buyer.text("email") if buyer else "",
        phone=(buyer.text("phone") if buyer else "") or (shipped_to.text("phone") if shipped_to else ""),
        sms_consent=_consents(consent_attribute, [one for one in (buyer, shipped_to) if one is not None]),
        locale=order.text("customer_locale"),
        risk_hold=bool(risk),
        risk_note=risk,
        customer_id="" if guest else order.text("customer_id"),
        buyer_note=order.text("customer_message"),
    )


def _shipped_to(order_id: str, lines: Sequence[Node], addresses: Sequence[Node]) -> Node | None:
    """The one address that parcels go to; None where a parcel has none: then the order waits for an address."""
    wanted = {address_of(line) for line in lines if is_shipped(line) and line.count("quantity")}
    if "" in wanted:
        return None
    if len(wanted) > 1:
        text = f"bigcommerce: order {order_id} goes to {len(wanted)} addresses: split it there, or send it by hand"
        raise Rejected(text, code="SEVERAL_ADDRESSES")
    found = [one for one in addresses if one.text("id") in wanted]
    if wanted and not found:
        raise Rejected(f"bigcommerce: order {order_id}: the address of its lines is missing", code="UNREADABLE_ORDER")
    return found[0] if found else None


def _line(line: Node, figures: Figures, *, sent: bool) -> OrderLine:
    bought, back, sent_units = line.count("quantity"), line.count("quantity_refunded"), line.count("quantity_shipped")
    options = line.children("product_options")
    wishes = [one for one in options if one.text("type").strip().lower() in _WISHES]
    return OrderLine(
        line_id=line.text("id") or line.refuse("id", "a line id"),
        sku=line.text("sku"),
        variant_id="" if line.text("variant_id") == "0" else line.text("variant_id"),
        title=line.text("name"),
        variant_title=" / ".join(filter(None, (one.text("display_value") for one in options if one not in wishes))),
        quantity=max(bought - back, 0),
        unfulfilled=max(bought - back - sent_units, 0),
        unit_price=figures.money(line.decimal("price_inc_tax" if figures.included else "price_ex_tax")),
        requires_shipping=sent and is_shipped(line),
        gift_card=line.text("type") == "giftcertificate",
        personalised=bool(wishes),
    )


def _address(node: Node) -> Address:
    return Address(
        name=f"{node.text('first_name')} {node.text('last_name')}".strip(),
        company=node.text("company"),
        line1=node.text("street_1"),
        line2=node.text("street_2"),
        city=node.text("city"),
        province=node.text("state"),
        postcode=node.text("zip"),
        country_code=node.text("country_iso2"),
        phone=node.text("phone"),
    )


def _consents(attribute: str, addresses: Sequence[Node]) -> bool:
    """Buyers may fill in further fields with an address."""
    fields = [field for one in addresses for field in one.children("form_fields")]
    said = [field.text("value").strip().lower() for field in fields if field.text("name") == attribute]
    return bool(attribute) and any(one in ("yes", "true", "1") for one in said)
