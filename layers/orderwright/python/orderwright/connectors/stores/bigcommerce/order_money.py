"""What a V2 order with its V3 refunds says of its money, as OrderMoney. Pure. What does not fit together is in `unclear`.

BigCommerce is exact on one side: amounts with tax where its prices hold the tax, else amounts without. The other side is
reckoned from it. A line's discounts are listed apart, and its tax is that of the discounted price.

Unconfirmed, and checked on each order by its sums: whether discounts hold the tax where prices do; whether the total is less
what was paid by store credit and gift certificates; that refunds change no figure of the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from orderwright.connectors.reading import Node
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.order import units_of
from orderwright.domain.order_money import LineMoney, OrderMoney
from orderwright.errors import Rejected

ZERO = Decimal(0)
OWN_MEANS = ("store_credit_amount", "gift_certificate_amount")
"""What was paid by means of the store itself."""
_FACEBOOK = ("facebookshop", "facebookcheckout", "facebookmarketplace")
CHANNELS = frozenset({"amazon", "ebay", "pinterest", "socialshop", *_FACEBOOK})
"""Values of order_source that are another's shop."""


class Figures:
    """Reads amounts of one order, with four decimals, and notes what is missing or finer than the currency."""

    def __init__(self, currency: str, *, included: bool) -> None:
        self.currency, self.included = currency, included
        self.unit = Decimal(1).scaleb(-minor_digits(currency))
        self.unclear: list[str] = []

    def money(self, amount: Decimal) -> Money:
        """As Money, half even."""
        return Money.of(amount, self.currency)

    def read(self, node: Node, key: str, where: str) -> Decimal:
        """An amount; one that is not there is 0, and noted."""
        if not node.has(key):
            self.unclear.append(f"{where}: the store gives no {key}")
            return ZERO
        return node.decimal(key)

    def exact(self, node: Node, key: str, where: str) -> Decimal:
        """The same for an amount that was really taken or given."""
        amount = self.read(node, key, where)
        if amount != amount.quantize(self.unit):
            self.unclear.append(f"{where}: {key} is finer than {self.currency}")
        return amount

    def near(self, one: Decimal, other: Decimal, count: int = 1) -> bool:
        """Equal but for the rounding of so many amounts."""
        return abs(one - other) <= self.unit * max(count, 1)

    def charge(self, node: Node, name: str, where: str) -> tuple[Decimal, Decimal]:
        """A cost of the order without its tax, and the tax."""
        tax = self.read(node, f"{name}_tax", where)
        if self.included:
            return self.read(node, f"{name}_inc_tax", where) - tax, tax
        # The vendor's own example spells one of them so.
        key = f"{name}_exc_tax" if node.has(f"{name}_exc_tax") else f"{name}_ex_tax"
        return self.read(node, key, where), tax

    def line(self, line: Node) -> tuple[Decimal, Decimal]:
        """All units of a line without tax and after discounts, and its tax."""
        where = f"line {line.text('id')}"
        tax, off = self.read(line, "total_tax", where), ZERO
        for discount in line.children("applied_discounts"):
            off += self.read(discount, "amount", f"{where}: applied_discounts")
        net = self.read(line, "total_ex_tax", where) - off
        whole = self.read(line, "total_inc_tax", where)
        # Older orders do not have it; without a discount it is the total.
        left = line.decimal("discounted_total_inc_tax") if line.has("discounted_total_inc_tax") else None
        if left is None and off:
            self.unclear.append(f"{where}: the store gives no discounted_total_inc_tax")
        paid = whole - off if left is None else left
        count = line.count("quantity")
        agreed = self.near(net, paid - tax, count) or (self.included and self.near(whole - off, paid, count))
        if not agreed:
            text = f"{where}: {net:f} without tax and {tax:f} tax are not {paid:f} (discounted_total_inc_tax)"
            self.unclear.append(text)
        return (paid - tax if self.included else net), tax


def counted(refund: Node) -> bool:
    """Not one whose every payment was declined: its money stayed."""
    payments = refund.children("payments")
    return not payments or not all(one.flag("is_declined", default=False) for one in payments)


def refunded_total(refunds: Sequence[Node]) -> Decimal:
    """All money that was given back, with its tax."""
    return sum((one.decimal("total_amount") for one in refunds if counted(one)), ZERO)


def order_money(order: Node, lines: Sequence[Node], refunds: Sequence[Node], figures: Figures) -> OrderMoney:
    """Money of an order with all its lines and refunds. Raises Rejected (UNREADABLE_ORDER) for a field of the wrong kind."""
    money, unclear, channel = figures.money, figures.unclear, _channel(order)
    if not order.has("is_tax_inclusive_pricing"):
        unclear.append("the order: the store does not say whether its prices hold the tax")
    total, goods, tax_of_goods, taken, found = figures.exact(order, "total_inc_tax", "the order"), ZERO, ZERO, ZERO, []
    for line in lines:
        net, tax = figures.line(line)
        goods, tax_of_goods, bought = goods + net, tax_of_goods + tax, line.count("quantity")
        if line.text("type") == "giftcertificate":
            net, tax = ZERO, ZERO
        kept = max(bought - line.count("quantity_refunded"), 0)
        left = money(net * kept / bought) if bought else money(ZERO)
        taken += net - left.decimal
        rest = money(tax * kept / bought) if bought else money(ZERO)
        found.append(LineMoney(line_id=line.text("id"), net=left, tax=rest, by_channel=None if channel else False))
    costs = [figures.charge(order, f"{name}_cost", "the order") for name in ("shipping", "handling", "wrapping")]
    costs += [figures.charge(fee, "cost", "fees") for fee in _fees(order, figures)]
    extra, extra_tax = (sum((row[index] for row in costs), ZERO) for index in (0, 1))
    _check_sums(order, figures, total, goods + extra, tax_of_goods + extra_tax, len(lines) + len(costs))
    return OrderMoney(
        prices_include_tax=figures.included,
        lines=tuple(found),
        shipping=money(extra),
        shipping_tax=money(extra_tax),
        duty=money(ZERO),
        given_back=money(_given_back(order, lines, refunds, figures, taken)),
        charged=money(total),
        charged_tax=money(figures.read(order, "total_tax", "the order")),
        gateways=tuple(filter(None, [order.text("payment_method")])),
        channel=channel,
        unclear=tuple(dict.fromkeys(unclear)),
    )


def _fees(order: Node, figures: Figures) -> list[Node]:
    """Fees that the buyer pays: a list where they were asked for, else where to find them."""
    try:
        return order.children("fees")
    except Rejected:
        figures.unclear.append("the order: its fees were not read")
        return []


def _check_sums(order: Node, figures: Figures, total: Decimal, net: Decimal, tax: Decimal, count: int) -> None:
    """Lines and costs are the total, perhaps less what was paid by the store's own means."""
    ways = [key for key in OWN_MEANS if order.has(key)]
    paid = sum((order.decimal(key) for key in ways), ZERO)
    if not any(figures.near(net + tax, total + part, count) for part in {ZERO, paid}):
        figures.unclear.append(f"lines and costs come to {net + tax:f} with tax, the order's total to {total:f}")
    without = figures.read(order, "total_ex_tax", "the order")
    if not figures.included and not any(figures.near(net, without + part, count) for part in {ZERO, paid}):
        figures.unclear.append(f"lines and costs come to {net:f} without tax, the order's total to {without:f}")


def _given_back(
    order: Node, lines: Sequence[Node], refunds: Sequence[Node], figures: Figures, taken: Decimal
) -> Decimal:
    """What refunds take off the net revenue beside the units: a refund of the order alone has no tax in it."""
    made = [one for one in refunds if counted(one)]
    pairs = [(figures.exact(one, "total_amount", "refunds"), figures.read(one, "total_tax", "refunds")) for one in made]
    net = sum((amount - tax for amount, tax in pairs), ZERO)
    items = [item for one in made for item in one.children("items") if item.text("item_type") == "PRODUCT"]
    units = units_of((item.text("item_id"), item.count("quantity")) for item in items)
    for line in lines:
        told, listed = line.count("quantity_refunded"), units.get(line.text("id"), 0)
        if told != listed:
            told_of = f"line {line.text('id')}: {told} units are called refunded, and refunds list {listed}"
            figures.unclear.append(told_of)
    if not made and "refunded" in order.text("payment_status").lower():
        figures.unclear.append("the order: it is called refunded, and no refund is listed")
    # Less than the units' worth leaves money with the merchant, which is never counted as revenue.
    return max(net - taken, ZERO)


def _channel(order: Node) -> str:
    source = order.text("order_source").strip().lower()
    return source if source in CHANNELS else ""
