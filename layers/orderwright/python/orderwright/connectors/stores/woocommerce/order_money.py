"""What WooCommerce says of an order's money, as OrderMoney. Pure.

`total` of a line, of shipping and of a fee is without tax and after discounts, whatever `prices_include_tax` says; the order's
`total` has the tax in it, and gift cards taken off it. Refunds leave all of these as they were sold. `price` is not used.
A fee below zero is a discount under another name: it is taken off as money. Fees above zero count with the shipping.

Unconfirmed: who made an order whose `created_via` is not the shop's own (it counts as another channel, so its tax is not
taken for ours to remit without a word of the merchant); the amounts of gift cards, which are read where a plugin lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.order_money import LineMoney, OrderMoney

ZERO = Decimal(0)
OWN_WAYS = frozenset({"", "admin", "checkout", "store-api", "rest-api", "subscription"})
BESIDE = ("shipping_lines", "fee_lines")
REFUNDED_ITEM = "_refunded_item_id"


def refunded_units(refunds: Sequence[WooNode]) -> dict[str, int]:
    """Units that went back, by the id of the line they were sold on."""
    found: dict[str, int] = {}
    for line in (line for refund in refunds for line in refund.children("line_items")):
        name = str(line.meta(REFUNDED_ITEM) or "")
        found[name] = found.get(name, 0) + abs(line.whole("quantity"))
    return found


def refunded_amount(order: WooNode) -> Decimal:
    """All that was given back, with tax, by the order's own list."""
    return sum((abs(refund.amount("total")) for refund in order.children("refunds")), ZERO)


def order_money(order: WooNode, refunds: Sequence[WooNode], currency: str) -> OrderMoney:
    """The money of an order with all its refunds. Figures that do not fit together go to `unclear`.

    Given back as a whole, by an amount or a status, it leaves nothing, though no refund says so of its lines.
    """
    found = _order_money(order, refunds, currency)
    if order.text("status") != "refunded" or refunded_amount(order) < order.amount("total"):
        return found
    return found.given_back_whole()


def _order_money(order: WooNode, refunds: Sequence[WooNode], currency: str) -> OrderMoney:
    unclear: list[str] = []
    lines = order.children("line_items")
    beside = [part for key in BESIDE for part in order.children(key)]
    sold = sum((_gross(part) for part in (*lines, *beside)), ZERO)
    total, cards = order.amount("total"), _gift_cards(order)
    # Each part's tax is rounded alone, where the shop may round the sum.
    tolerance = Decimal(1).scaleb(-minor_digits(currency)) * max(1, len(lines) + len(beside))
    if abs(sold - cards - total) > tolerance:
        unclear.append(
            f"lines, shipping and fees come to {sold}, less gift cards of {cards}, and the order's total to {total}"
        )
    back = {key: [part for refund in refunds for part in refund.children(key)] for key in ("line_items", *BESIDE)}
    known = {line.text("id") for line in lines}
    if any(str(part.meta(REFUNDED_ITEM) or "") not in known for part in back["line_items"]):
        unclear.append("a refund names a line that the order does not have")
    given = sum((abs(refund.amount("amount")) for refund in refunds), ZERO)
    if abs(given - refunded_amount(order)) > tolerance:
        unclear.append(f"refunds of {given} do not agree with the order's {refunded_amount(order)}")
    # What no line, shipping or fee of a refund explains was given back as money: its tax is not told, so all of it counts.
    alone = max(given + sum((_gross(part) for parts in back.values() for part in parts), ZERO), ZERO)
    fees = order.children("fee_lines")
    off = sum((-fee.amount("total") for fee in fees if fee.amount("total") < 0), ZERO)
    paid_beside = [part for part in beside if part.amount("total") >= 0]
    refunded_beside = [part for key in BESIDE for part in back[key]]

    channel = "" if order.text("created_via") in OWN_WAYS else order.text("created_via")

    def money(amount: Decimal) -> Money:
        return Money.of(amount, currency)

    return OrderMoney(
        prices_include_tax=order.flag("prices_include_tax", default=False),
        lines=tuple(_line(line, back["line_items"], currency, None if channel else False) for line in lines),
        shipping=money(sum((part.amount("total") for part in (*paid_beside, *refunded_beside)), ZERO)),
        shipping_tax=money(sum((part.amount("total_tax") for part in (*beside, *refunded_beside)), ZERO)),
        duty=money(ZERO),
        given_back=money(alone + off),
        charged=money(total + cards),
        charged_tax=money(order.amount("total_tax")),
        gateways=tuple(filter(None, [order.text("payment_method")])),
        channel=channel,
        business=order.meta("is_vat_exempt") == "yes",
        unclear=tuple(unclear),
    )


def _gross(part: WooNode) -> Decimal:
    return part.amount("total") + part.amount("total_tax")


def _line(line: WooNode, back: Sequence[WooNode], currency: str, by_channel: bool | None) -> LineMoney:
    """What is left of one line: amounts of refunds are below zero."""
    own = [line, *(part for part in back if str(part.meta(REFUNDED_ITEM) or "") == line.text("id"))]
    net, tax = (Money.of(sum((part.amount(key) for part in own), ZERO), currency) for key in ("total", "total_tax"))
    return LineMoney(line_id=line.text("id"), net=net, tax=tax, by_channel=by_channel)


def _gift_cards(order: WooNode) -> Decimal:
    """Paying with a gift card is a payment: it lowers the order's total, and no revenue."""
    return sum((card.amount("amount") for card in order.children("gift_cards")), ZERO)
