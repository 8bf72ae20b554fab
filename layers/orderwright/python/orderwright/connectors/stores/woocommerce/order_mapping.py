"""From WooCommerce's order to ours. Pure: the same answers always give the same order.

Unconfirmed: how bundles are sent. Where a container is virtual its parts go; where it has goods of its own a person looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.order_money import order_money, refunded_amount, refunded_units
from orderwright.connectors.stores.woocommerce.settings import WooSettings
from orderwright.domain.money import Money
from orderwright.domain.order import Address, OrderLine, PaymentState, StoreOrder
from orderwright.errors import Rejected

UNBORN = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
"""Of a cart that nobody has ordered yet."""
TRASH = "trash"
WAITING = frozenset({"pending", "failed", "on-hold"})
PAID = frozenset({"processing", "completed"})
ENDED = frozenset({"cancelled", "refunded"})
ANONYMIZED = "_anonymized"
DELETED = "[deleted]"
CONSENT = frozenset({"yes", "true", "1"})
CONTAINER, PART = ("bundled_items", "composite_children"), ("bundled_by", "composite_parent")


class Goods(NamedTuple):
    """What an order's line does not say of its product: whether it needs no parcel, and which choices it has by name."""

    virtual: bool
    choices: frozenset[str]


def variant_id(product: str, variation: str) -> str:
    """A product without variations is its own variant; a variation is written with its product, since both are needed."""
    return f"{product}:{variation}" if variation else product


def parse_order(
    order: WooNode,
    refunds: Sequence[WooNode],
    goods: Mapping[str, Goods],
    fulfilled: Mapping[str, int] | None,
    connection: str,
    settings: WooSettings,
) -> StoreOrder:
    """An order with all its refunds. `goods`: by variant id. `fulfilled`: units by line id; None: all of them.

    Raises Rejected: UNREADABLE_ORDER naming the field; OTHER_CURRENCY; ORDER_INCOMPLETE, for one with a total and no lines.
    """
    order_id, status, currency = order.text("id"), order.text("status"), order.currency("currency")
    if currency != settings.currency:
        raise Rejected(
            f"order {order_id} is in {currency}, and connections.{connection}.currency is {settings.currency}",
            code="OTHER_CURRENCY",
        )
    found, ended = order.children("line_items"), status in ENDED
    sold = order.money("total", currency) if order.amount("total") else Money.zero(currency)
    if not found and sold.minor and not ended:
        raise Rejected(
            f"order {order_id} has a total and no lines: the shop lost them; enter them there or cancel it",
            code="ORDER_INCOMPLETE",
        )
    back = Money.of(refunded_amount(order), currency)
    erased = is_erased(order)
    address = None if erased else _address(order)
    billing = order.child("billing")
    units = {} if status == "refunded" else refunded_units(refunds)
    bundles, gross = _bundles(found), order.flag("prices_include_tax", default=False)
    lines = tuple(_line(line, units, goods, fulfilled, bundles, currency, gross=gross) for line in found)
    if status == "refunded":
        lines = tuple(line.reduced(0) for line in lines)
    doubted = any(line.line_id in bundles and line.sku and not _is_virtual(line, goods) for line in lines)
    hold = _hold(order, status, erased, address, settings)
    if doubted and not hold:
        hold = "the order has a bundle: see whether it goes as one piece or as its parts"
    return StoreOrder(
        connection=connection,
        order_id=order_id,
        name=_shown_number(order.text("number") or order_id),
        created_at=order.gmt("date_created"),
        updated_at=order.gmt("date_modified"),
        cancelled_at=order.gmt("date_modified") if status == "cancelled" else None,
        payment=payment_of(order, sold, back, settings),
        total=sold - back,
        refunded=back,
        lines=lines,
        money=order_money(order, refunds, currency),
        address=address,
        email="" if erased or billing is None else billing.text("email"),
        phone="" if erased or billing is None else (address.phone if address else "") or billing.text("phone"),
        sms_consent=_consents(order, settings.sms_consent_attribute),
        risk_hold=bool(hold),
        risk_note=hold,
        customer_id=order.ident("customer_id"),
        buyer_note="" if erased else order.text("customer_note"),
    )


def _shown_number(number: str) -> str:
    """As the shop's pages and mails write it: "#1001". A plug-in for numbers gives texts, which stay as they are."""
    return f"#{number}" if number.isdigit() else number


def is_erased(order: WooNode) -> bool:
    """The shop's eraser ran over it. It leaves words where the person was; nothing may be sent to them."""
    billing = order.child("billing")
    named = billing is not None and DELETED in (billing.text("first_name"), billing.text("address_1"))
    return order.meta(ANONYMIZED) == "yes" or named


def payment_of(order: WooNode, sold: Money, back: Money, settings: WooSettings) -> PaymentState:
    """Where the money is. processing is not enough: with cash on delivery nobody has paid, and no date says so."""
    status = order.text("status")
    if status == "refunded":
        return PaymentState.REFUNDED
    mapped = settings.statuses.get(status, "UNKNOWN")
    if status in WAITING:
        return PaymentState.PENDING
    has_date = order.has_time("date_paid") or order.text("payment_method") in settings.paid_without_date
    if status in PAID or mapped == "PAID":
        state = PaymentState.PAID if has_date or mapped == "PAID" else PaymentState.PENDING
    elif status == "cancelled":
        state = PaymentState.PAID if has_date else PaymentState.VOIDED
    else:
        return PaymentState(mapped)
    if state is PaymentState.PAID and back.minor:
        return PaymentState.REFUNDED if back >= sold else PaymentState.PARTIALLY_REFUNDED
    return state


def _line(
    line: WooNode, back: Mapping[str, int], goods: Mapping[str, Goods], fulfilled: Mapping[str, int] | None,
    bundles: frozenset[str], currency: str, *, gross: bool,
) -> OrderLine:  # fmt: skip
    line_id, ordered = line.text("id"), line.whole("quantity")
    if not line_id or ordered < 0 or ordered != line.amount("quantity"):
        line.refuse("quantity", "a whole number of pieces")
    quantity = max(0, ordered - back.get(line_id, 0))
    gone = quantity if fulfilled is None else fulfilled.get(line_id, 0)
    left = ordered - back.get(line_id, 0) - gone
    variant = variant_id(line.ident("product_id"), line.ident("variation_id"))
    known = goods.get(variant, Goods(False, frozenset()))
    shown = [(key, value) for key, value in line.metas() if key and not key.startswith("_")]
    chosen = [str(value) for key, value in shown if _name(key) in known.choices]
    paid = line.amount("total") + (line.amount("total_tax") if gross else 0)
    return OrderLine(
        line_id=line_id,
        sku=line.words("sku"),
        variant_id=variant,
        title=line.words("parent_name") or line.words("name"),
        variant_title=", ".join(chosen),
        quantity=quantity,
        unfulfilled=max(0, left),
        unit_price=Money.of(paid / ordered if ordered else Decimal(0), currency),
        requires_shipping=not known.virtual and line_id not in bundles,
        personalised=any(
            _name(key) not in known.choices and isinstance(value, (str, list, dict)) and value for key, value in shown
        ),
    )


def _name(key: str) -> str:
    """An option as a line, a variation and an attribute spell it: pa_koko, koko, Koko."""
    return key.strip().lower().removeprefix("attribute_").removeprefix("pa_")


def choices_of(attributes: Sequence[WooNode]) -> frozenset[str]:
    """The names of a variation's options, in every spelling."""
    return frozenset(_name(one.text(key)) for one in attributes for key in ("name", "slug")) - {""}


def _bundles(lines: Sequence[WooNode]) -> frozenset[str]:
    """Lines of bundles whose parts are lines of their own: the parts go, never both."""
    named = {part.ident(key) for part in lines for key in PART if part.has(key)}
    return frozenset(named | {line.text("id") for line in lines for key in CONTAINER if line.listed(key)}) - {""}


def _is_virtual(line: OrderLine, goods: Mapping[str, Goods]) -> bool:
    return line.variant_id in goods and goods[line.variant_id].virtual


def _hold(order: WooNode, status: str, erased: bool, address: Address | None, settings: WooSettings) -> str:
    """Why a person has to look at it, or ""."""
    if status not in WAITING | PAID | ENDED and status not in settings.statuses:
        return (
            "the order has a status of a plugin: say in connections.*.statuses what it means, or change it in the store"
        )
    if erased:
        return "the shop erased the buyer's data: the order cannot be sent to anybody"
    if order.meta("_wcpay_mode") == "test":
        return "the payment was made in the test mode of WooPayments"
    if address is None and status not in ENDED:
        return "the shop has no address for the order"
    return ""


def _address(order: WooNode) -> Address | None:
    """Where it goes: the shipping block; the billing one where that is empty, as of shops that only ask once."""
    for name in ("shipping", "billing"):
        block = order.child(name)
        if block is not None and any(block.text(key) for key in ("address_1", "address_2", "city", "postcode")):
            break
    else:
        return None
    state, country = block.words("state"), block.text("country")
    code = state.removeprefix(f"{country}-")
    is_code = code.isascii() and code.isalnum() and code == code.upper() and len(code) <= 3
    return Address(
        name=f"{block.words('first_name')} {block.words('last_name')}".strip(),
        company=block.words("company"),
        line1=block.words("address_1"),
        line2=block.words("address_2"),
        city=block.words("city"),
        province="" if is_code else state,
        province_code=code if is_code else "",
        postcode=block.text("postcode"),
        country_code=country,
        phone=block.text("phone"),
    )


def _consents(order: WooNode, attribute: str) -> bool:
    """Only the field that the merchant named counts; a telephone number alone is no consent."""
    told = (value for key, value in order.metas() if key.removeprefix("_") == attribute)
    return any(str(value).strip().lower() in CONSENT for value in told if isinstance(value, (str, bool, int)))
