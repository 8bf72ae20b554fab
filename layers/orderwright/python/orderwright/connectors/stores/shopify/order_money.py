"""What Shopify says of an order's money, as OrderMoney. Pure; the fields are those of the Admin API 2026-10.

Shopify's documents leave open whether these hold, so each is checked on the order in hand and noted as unclear where it
does not (unconfirmed, November 2026):
- `priceAfterAllDiscountsBeforeTaxesSet` has no tax on orders whose prices contain it (`_check_line`);
- the subtotals of refunds contain the tax on such orders: both ways are tried (`refunds.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from orderwright.connectors.reading import Node
from orderwright.connectors.stores.shopify.amounts import ZERO, Amounts
from orderwright.connectors.stores.shopify.documents import TRANSACTIONS_OF_ORDER
from orderwright.connectors.stores.shopify.ids import number_of
from orderwright.connectors.stores.shopify.refunds import money_only
from orderwright.domain.money import Money
from orderwright.domain.order_money import LineMoney, OrderMoney

TAXES_SETTLE_WITHIN = timedelta(hours=24)
ON_ITS_WAY = frozenset({"PENDING", "AWAITING_RESPONSE"})
OWN_SOURCES = frozenset({"", "web", "pos", "iphone", "android", "shopify_draft_order"})
"""Shopify's own source names of orders that the shop itself took; any other is an app or a marketplace."""


def order_money(order: Node, lines: Sequence[Node], currency: str, refunds: Node | None) -> OrderMoney:
    """The money of an order node with all its line nodes, in the shop's `currency`.

    `refunds` is the answer of documents.REFUNDS, needed where something was refunded. Raises Rejected (UNREADABLE_ORDER)
    naming the field that is of the wrong kind; null or figures that do not fit together go to `unclear`.
    """
    amounts = Amounts(currency)
    included = _flag(amounts, order, "taxesIncluded")
    back = money_only(amounts, order, refunds, included)
    line_moneys = tuple(_line(amounts, line, included, untouched=not back.money) for line in lines)
    shipping, shipping_tax = _shipping(amounts, order, included)
    if _flag(amounts, order, "estimatedTaxes") and (
        order.instant("updatedAt") - order.instant("createdAt") > TAXES_SETTLE_WITHIN
    ):
        amounts.note("the store still calls its taxes estimated after 24 hours")
    if any(one.text("kind") == "REFUND" and one.text("status") in ON_ITS_WAY for one in order.children("transactions")):
        amounts.note("a refund is on its way, and the order's totals do not show it yet")
    charged = max(amounts.bag(order, key, "the order") for key in ("totalReceivedSet", "currentTotalPriceSet"))
    collected = (
        amounts.maybe_bag(order, key, "the order") for key in ("currentTotalDutiesSet", "currentTotalAdditionalFeesSet")
    )
    money = amounts.money
    return OrderMoney(
        prices_include_tax=included,
        lines=line_moneys,
        shipping=money(shipping),
        shipping_tax=money(shipping_tax),
        duty=money(sum((amount or ZERO for amount in collected), ZERO)),
        given_back=money(back.net),
        charged=money(charged),
        charged_tax=money(amounts.bag(order, "totalTaxSet", "the order")),
        gateways=order.texts("paymentGatewayNames"),
        fees=_fees(amounts, order),
        channel=_channel(order),
        business=_is_business(amounts, order),
        delivery_terms=_delivery_terms(amounts, order),
        unclear=tuple(dict.fromkeys(amounts.unclear)),
    )


def _flag(amounts: Amounts, node: Node, key: str) -> bool:
    if not node.has(key):
        amounts.note(f"the order: the store gives no {key}")
    return node.flag(key, default=False)


def _tax(amounts: Amounts, node: Node, where: str) -> Decimal:
    """All of a record's tax lines. Shopify counts refunded and removed units in them."""
    if not node.has("taxLines"):
        amounts.note(f"{where}: the store gives no taxLines")
    return sum((amounts.bag(line, "priceSet", f"{where}: taxLines") for line in node.children("taxLines")), ZERO)


def _line(amounts: Amounts, line: Node, included: bool, *, untouched: bool) -> LineMoney:
    """One line. `untouched`: no money was refunded without lines, so its figures must fit together."""
    line_id = number_of(line.text("id"))
    if line.flag("isGiftCard", default=False):
        nothing = Money.zero(amounts.currency)
        return LineMoney(line_id=line_id, net=nothing, tax=nothing)
    where = f"line {line_id}"
    quantity, current = line.count("quantity"), line.count("currentQuantity")
    net = amounts.bag(line, "priceAfterAllDiscountsBeforeTaxesSet", where)
    tax = _tax(amounts, line, where)
    if untouched and quantity == current and line.has("priceAfterAllDiscountsBeforeTaxesSet"):
        _check_line(amounts, line, where, net, tax if included else ZERO, quantity)
    left = amounts.half_up(tax * current / quantity) if quantity else ZERO
    if included and not (untouched and quantity == current):
        _check_without_tax(amounts, line, where, net, left, current)
    return LineMoney(line_id=line_id, net=amounts.money(net), tax=amounts.money(left), by_channel=_by_channel(line))


def _check_line(amounts: Amounts, line: Node, where: str, net: Decimal, tax: Decimal, quantity: int) -> None:
    """Net and the tax in the price are the price, to one smallest unit for each unit sold (Shopify rounds unit prices)."""
    expected = amounts.bag(line, "discountedUnitPriceAfterAllDiscountsSet", where) * quantity
    if abs(net + tax - expected) > amounts.unit * quantity:
        amounts.note(
            f"{where}: {net} before tax and {tax} tax in the price are not "
            f"{quantity} x discountedUnitPriceAfterAllDiscountsSet ({expected.normalize():f})"
        )


def _check_without_tax(amounts: Amounts, line: Node, where: str, net: Decimal, tax: Decimal, current: int) -> None:
    """After a refund the sums need not close any more; but a net that is the price with its tax is none."""
    price = (amounts.maybe_bag(line, "discountedUnitPriceAfterAllDiscountsSet", where) or ZERO) * current
    if tax > amounts.unit * current and abs(net - price) <= amounts.unit * current:
        amounts.note(f"{where}: {net} before tax is the price with {tax} tax in it")


def _by_channel(line: Node) -> bool | None:
    """Who remits: True the channel, False the merchant, None where a tax line does not say."""
    lines = line.children("taxLines")
    if any(tax.flag("channelLiable", default=False) for tax in lines):
        return True
    return False if all(tax.has("channelLiable") for tax in lines) else None


def _shipping(amounts: Amounts, order: Node, included: bool) -> tuple[Decimal, Decimal]:
    """Shipping without tax, and its tax, after refunds. Shopify gives tax before refunds only: it shrinks with the price."""
    connection = order.child("shippingLines")
    if connection is None:
        amounts.note("the order: the store gives no shippingLines")
        return ZERO, ZERO
    page = connection.child("pageInfo")
    if page and page.flag("hasNextPage", default=False):
        amounts.note("the order has more shipping lines than can be read")
    net, tax = ZERO, ZERO
    for line in connection.children("nodes"):
        if line.flag("isRemoved", default=False):
            continue
        price = amounts.bag(line, "discountedPriceSet", "shipping")
        current = amounts.bag(line, "currentDiscountedPriceSet", "shipping")
        part = _tax(amounts, line, "shipping")
        left = amounts.half_up(part * current / price) if price else ZERO
        net += current - left if included else current
        tax += left
    return net, tax


def _fees(amounts: Amounts, order: Node) -> Money | None:
    """What Shopify Payments took, with the tax on it; None where a fee is missing or in another currency."""
    transactions = order.children("transactions")
    if len(transactions) >= TRANSACTIONS_OF_ORDER:
        return None
    known = Amounts(amounts.currency)
    found = [
        known.plain(fee, key, "fees")
        for transaction in transactions
        if transaction.text("status") == "SUCCESS"
        for fee in transaction.children("fees")
        for key in ("amount", "taxAmount")
    ]
    if not found or None in found:
        return None
    return amounts.money(sum((amount or ZERO for amount in found), ZERO))


def _channel(order: Node) -> str:
    """Who sold it, where that is not the shop: Shopify's merchant of record, else the app that the order came from."""
    seller = order.child("merchantOfRecordApp")
    if seller is not None:
        return seller.text("name") or "another merchant of record"
    source = order.text("sourceName")
    return "" if source.strip().lower() in OWN_SOURCES else source


def _is_business(amounts: Amounts, order: Node) -> bool:
    buyer = order.child("purchasingEntity")
    return _flag(amounts, order, "taxExempt") or (buyer is not None and buyer.text("__typename") == "PurchasingCompany")


def _delivery_terms(amounts: Amounts, order: Node) -> str:
    """DDP or DAP; noted where parts of the order differ."""
    connection = order.child("fulfillmentOrders")
    parts = connection.children("nodes") if connection else []
    terms = [part.child("internationalDuties") for part in parts if part.text("status") != "CANCELLED"]
    found = sorted({entry.text("incoterm").strip().upper() for entry in terms if entry} - {""})
    if len(found) > 1:
        amounts.note(f"parts of the order have different delivery terms: {', '.join(found)}")
        return ""
    return found[0] if found else ""
