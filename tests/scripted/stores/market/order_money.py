"""What Market says of an order's money, as OrderMoney. Pure. What is missing or does not fit together is said in `unclear`."""

from __future__ import annotations

from collections.abc import Sequence

from orderwright.connectors.reading import Node
from orderwright.domain.money import Money
from orderwright.domain.order_money import LineMoney, OrderMoney

REMITTED_BY = {"shop": False, "market": True}


def order_money(order: Node, lines: Sequence[Node], currency: str) -> OrderMoney:
    """The money of an order with its lines, in the shop's currency. A line's and the shipping's `total` is what is left after
    refunds, with the tax in it where `taxes_included`; `tax` is the tax on that."""
    unclear: list[str] = []
    zero = Money.zero(currency)

    def amount(node: Node, key: str, where: str) -> Money:
        if not node.has(key):
            unclear.append(f"{where}: the store gives no {key}")
        return node.money(key, currency) if node.has(key) else zero

    if not order.has("taxes_included"):
        unclear.append("the order: the store does not say whether its prices hold the tax")
    included = order.flag("taxes_included", default=False)

    def parts(node: Node | None, where: str) -> tuple[Money, Money]:
        """(without tax, tax)"""
        if node is None:
            unclear.append(f"the order: the store gives no {where}")
            return zero, zero
        total, tax = amount(node, "total", where), amount(node, "tax", where)
        return (total - tax if included else total), tax

    found = []
    for line in lines:
        net, tax = parts(line, f"line {line.text('id')}")
        found.append(
            LineMoney(line_id=line.text("id"), net=net, tax=tax, by_channel=REMITTED_BY.get(line.text("tax_by")))
        )
    shipping, shipping_tax = parts(order.child("shipping"), "shipping")
    back = order.child("money_refunded")
    given_back = amount(back, "total", "money_refunded") if back else zero
    if back and back.has("tax"):
        # Where its tax is not known all of it comes off the revenue.
        given_back -= back.money("tax", currency)
    total = order.money("total", currency)
    told = sum((line.net + line.tax for line in found), shipping + shipping_tax)
    if told != total and not unclear:
        unclear.append(f"lines and shipping come to {told}, the order's total to {total}")
    seller = order.text("sold_by")
    return OrderMoney(
        prices_include_tax=included,
        lines=tuple(found),
        shipping=shipping,
        shipping_tax=shipping_tax,
        duty=zero,
        given_back=given_back,
        charged=max(amount(order, "paid", "the order"), total),
        charged_tax=amount(order, "paid_tax", "the order"),
        gateways=order.texts("gateways"),
        fees=order.money("fee", currency) if order.has("fee") else None,
        channel="" if seller == "shop" else seller,
        business=order.flag("business", default=False),
        unclear=tuple(unclear),
    )
