"""The verdict over all orders, from the vendors' ledgers and the mailbox; our own tables only say why something is parked.

The maker's ledger is what it was mailed, and of goods from the merchant's own shelf it is what the store recorded as sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from local.demo.desk import Desk
from local.sandbox.goods import MADE, ONLY_MADE
from local.sandbox.kit.orders import Order

SHELF, SHELF_COST = "HL-CAP-90", Decimal("5.20")
"""What is sold from the merchant's own shelf, and what a piece costs with its parcel."""
FAMILY = "HL-FAMILY"
BUNDLES: Mapping[str, Mapping[str, int]] = {FAMILY: {ONLY_MADE: 1, "HL-KID-120": 2}}
"""What is sold as one, and what is in it: the maker's, and twice the supplier's."""
MADE_BY_SKU = {good.maker_sku: good for good in MADE}


class Bought(NamedTuple):
    """What somebody ships for an order: units by our SKU, and what it costs in USD."""

    reference: str
    units: Mapping[str, int]
    cost: Decimal


class Verdict(NamedTuple):
    """The whole story in numbers.

    `margin` in USD: what customers paid for the ordered goods, without tax and refunds, less what the supplier took. Duty and
    payment fees are in no vendor's ledger and not in it.
    """

    orders: int
    ordered: int
    purchase_orders: int
    doubled: int
    lost: list[str]
    parked: dict[str, str]
    cancelled: list[str]
    mails: int
    sms: int
    repeated_messages: list[str]
    margin: Decimal
    contract_violations: int

    @property
    def clean(self) -> bool:
        """True when no promise was broken."""
        return not (self.doubled or self.lost or self.repeated_messages or self.contract_violations)

    def as_json(self) -> dict[str, Any]:
        """The demo's last line."""
        counts = {"lost": len(self.lost), "repeated_messages": len(self.repeated_messages)}
        return {**self._asdict(), **counts, "margin": f"{self.margin:.2f}"}

    def sentence(self) -> str:
        """The end of the story in words."""
        why = ", ".join(sorted(set(self.parked.values()))) or "none"
        return (
            f"{self.orders} paid; {self.ordered} ordered, {len(self.parked)} parked ({why}), {len(self.cancelled)} cancelled "
            f"before anything was ordered, {self.doubled} doubled, {len(self.lost)} lost; margin ${self.margin:.2f} "
            "(net of tax and refunds, less the supplier's bills; before duty and fees)"
        )


def net_of_goods(order: Order) -> Decimal:
    """What a buyer paid for the supplier's goods and did not get back, without tax, by the store's own figures.

    Money that was given back beside units counts in full: it is not known to hold tax.
    """
    goods = [line for line in order.lines if line.sku and line.sku.startswith("HL-")]
    kept = (order.without_tax(line.unit_price * line.current, order.line_tax(line, line.current)) for line in goods)
    return sum(kept, Decimal(0)) + order.refund_discrepancy


def wanted_in(order: Order) -> Counter[str]:
    """What somebody has to ship for an order: units by SKU, of a bundle those that are in it."""
    wanted: Counter[str] = Counter()
    for line in order.lines:
        if line.sku and line.sku.startswith("HL-"):
            for sku, pieces in BUNDLES.get(line.sku, {line.sku: 1}).items():
                wanted[sku] += pieces * line.quantity
    return wanted


def bought_for(at: Desk, name: str) -> list[Bought]:
    """What was bought for an order of a store, by the ledgers. What the maker was told not to ship is not bought."""
    found = [
        Bought(entry.reference, entry.data["quantities"], entry.data["amount"]) for entry in at.paid_at_supplier(name)
    ]
    mails = at.mailed(name)
    withdrawn = {one.reference for one in mails if one.kind == "WITHDRAWN"}
    for mail in mails:
        if mail.kind == "ORDER" and mail.reference not in withdrawn:
            goods = [(MADE_BY_SKU[theirs], units) for theirs, units in mail.units.items()]
            cost = sum(((good.cost + good.freight) * units for good, units in goods), Decimal(0))
            found.append(Bought(mail.reference, {good.sku: units for good, units in goods}, cost))
    for entry in at.ledger(at.kind, "fulfillment_created", name):
        sent = sum(row["quantity"] for row in entry.data["lines"] if row["sku"] == SHELF)
        if sent:
            found.append(Bought(entry.data["number"], {SHELF: sent}, SHELF_COST * sent))
    return found


def ended(order: Order) -> bool:
    """Whether the store calls an order cancelled, or refunded as a whole, which is how WooCommerce says it."""
    return order.cancelled_at is not None or order.financial_status == "REFUNDED"


def paid_orders(desk: Desk) -> list[str]:
    """The names of a store's orders that were paid, by its ledger."""
    return list(dict.fromkeys(entry.reference for entry in desk.ledger(desk.kind, "order_paid")))


def judge(desk: Desk) -> Verdict:
    """Compare the stores' ledgers with the supplier's, line by line."""
    stores = desk.everywhere()
    paid = [(at, name) for at in stores for name in paid_orders(at)]
    bought: list[str] = []
    parked: dict[str, str] = {}
    cancelled: list[str] = []
    lost: list[str] = []
    ordered = doubled = 0
    revenue = cost = Decimal(0)
    for at, name in paid:
        entries = bought_for(at, name)
        bought += [entry.reference for entry in entries]
        with at.sandbox.locked():
            order = at.store.order(name)
            wanted = wanted_in(order)
            net = net_of_goods(order)
            gone = ended(order)
        got: Counter[str] = Counter()
        for entry in entries:
            got.update(entry.units)
        doubled += sum(max(0, got[sku] - wanted[sku]) for sku in got)
        if got and got == wanted:
            ordered += 1
            revenue += net
            cost += sum((entry.cost for entry in entries), Decimal(0))
            continue
        state, codes = at.state(name)
        if gone and state == "CANCELLED" and not got:
            cancelled.append(at.key(name))
        elif state == "NEEDS_ATTENTION" and codes:
            parked[at.key(name)] = codes[0]
        elif wanted:
            lost.append(at.key(name))
    messages = desk.mails()
    seen = Counter((m.channel, m.to, m.subject, m.text, tuple(sorted(m.names()))) for m in messages)
    return Verdict(
        orders=len(paid),
        ordered=ordered,
        purchase_orders=len(set(bought)),
        doubled=doubled + len(bought) - len(set(bought)),
        lost=lost,
        parked=parked,
        cancelled=cancelled,
        mails=sum(1 for m in messages if m.channel == "mail"),
        sms=sum(1 for m in messages if m.channel == "sms"),
        repeated_messages=[
            subject for (_, to, subject, _, names), times in seen.items() if times > max(1, _may_come(paid, to, names))
        ],
        margin=revenue - cost,
        contract_violations=sum(len(desk.ledger(vendor, "contract_violation")) for vendor in desk.sandbox.vendors),
    )


def _may_come(paid: Sequence[tuple[Desk, str]], to: str, names: Sequence[str]) -> int:
    """How often the same words may reach a buyer: once for each of their orders of that name, of which stores have one each."""
    buyers = [at.store.order(name).buyer for at, name in paid if name in names]
    return sum(1 for buyer in buyers if buyer is not None and to in (buyer.email, buyer.phone))
