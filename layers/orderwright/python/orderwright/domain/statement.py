"""The statement of one UTC day (R48): store, our own ledger and the suppliers' bills against each other, to the cent. Pure.

An order belongs to the day on which it was placed in the store, a refund to the day on which the store showed it, a purchase
to the day on which it was paid. Amounts of different currencies are never added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import reduce
from typing import NamedTuple

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.bill import Bill, BillState
from orderwright.domain.difference import Difference
from orderwright.domain.money import Money
from orderwright.domain.net_revenue import channel_remits, revenue_of
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderDetails, OrderRecord, PaymentState, SeenRefund, StoreOrder, units_of
from orderwright.domain.order_money import OrderMoney
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState

MOST_LISTED = 200
INCOMPLETE = "STATEMENT_INCOMPLETE"
SALES = frozenset({PaymentState.PAID, PaymentState.PARTIALLY_REFUNDED, PaymentState.REFUNDED})


class Total(Model):
    """A sum of the day. `what`: sold, tax, refunded, bought, billed, fees, claimed, or spend (by the day it counts against)."""

    what: str
    connection: str
    money: Money


class TaxTotal(Model):
    """Tax by country. `country` is "" where the address is not known (any more); `remitted_by` says who hands it on."""

    country: str
    remitted_by: str
    sales: Money
    refunds: Money


class Missing(Model):
    """Who could not be asked, and why: the statement lacks its side."""

    connection: str
    code: str
    message: str


class OrderRow(NamedTuple):
    """An order of the day. `charged` is all that was taken, with tax, before refunds; `net` what is left of it without tax."""

    record: OrderRecord
    country: str
    charged: Money
    tax: Money | None
    net: Money | None


class PurchaseRow(NamedTuple):
    """A purchase order that was paid on the day. `theirs` is the supplier's amount now, None where it is not known."""

    order: str
    po: PurchaseOrder
    theirs: Money | None


class FeeRow(NamedTuple):
    """A fee of a payment provider or marketplace, with where the figure comes from."""

    order: str
    reference: str
    connection: str
    fee: Money
    source: str


class Claim(NamedTuple):
    """A supplier's later claim. `amount` is None where it cannot be read."""

    supplier: str
    claim_id: str
    supplier_order: str
    at: datetime
    amount: Money | None
    open: bool


class Part(NamedTuple):
    """What one order, or the day as a whole, adds to the statement."""

    orders: tuple[OrderRow, ...] = ()
    refunds: tuple[tuple[OrderRecord, SeenRefund], ...] = ()
    purchases: tuple[PurchaseRow, ...] = ()
    fees: tuple[FeeRow, ...] = ()
    claims: tuple[Claim, ...] = ()
    bills: tuple[Bill, ...] = ()
    totals: tuple[Total, ...] = ()
    tax: tuple[TaxTotal, ...] = ()
    differences: tuple[Difference, ...] = ()


class SupplierSide(NamedTuple):
    """A supplier's word on one purchase order."""

    found: bool = True
    committed: bool = True
    cancelled: bool = False
    unclear: str = ""
    amount: Money | None = None


UNASKED = SupplierSide()


class OrderFacts(NamedTuple):
    """All sides of one order. `now` is None where the store was not asked; `gone`: it does not show the order any more."""

    record: OrderRecord
    details: OrderDetails | None
    purchase_orders: tuple[PurchaseOrder, ...]
    now: StoreOrder | None = None
    gone: bool = False
    suppliers: Mapping[str, SupplierSide] = {}


class Statement(Model):
    """A day's sums and differences. At most 200 differences are listed; `count` has them all, and `codes` their kinds."""

    day: date
    at: Instant
    orders: int = 0
    purchases: int = 0
    totals: tuple[Total, ...] = ()
    tax: tuple[TaxTotal, ...] = ()
    differences: tuple[Difference, ...] = ()
    count: int = 0
    codes: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def agrees(self) -> bool:
        """Everybody was asked, and all figures are the same."""
        return not self.codes

    def plus(self, part: Part) -> Statement:
        """With what one order adds."""
        sums = {(one.what, one.connection, one.money.currency): one for one in self.totals}
        for one in part.totals:
            key = (one.what, one.connection, one.money.currency)
            sums[key] = changed(one, money=sums[key].money + one.money) if key in sums else one
        taxes = {(one.country, one.remitted_by, one.sales.currency): one for one in self.tax}
        for tax in part.tax:
            name = (tax.country, tax.remitted_by, tax.sales.currency)
            if (held := taxes.get(name)) is not None:
                tax = changed(held, sales=held.sales + tax.sales, refunds=held.refunds + tax.refunds)
            taxes[name] = tax
        return changed(
            self,
            orders=self.orders + len(part.orders),
            purchases=self.purchases + len(part.purchases),
            totals=tuple(sums[key] for key in sorted(sums)),
            tax=tuple(taxes[name] for name in sorted(taxes)),
            differences=(*self.differences, *part.differences)[:MOST_LISTED],
            count=self.count + len(part.differences),
            codes=tuple(sorted({*self.codes, *(one.code for one in part.differences)})),
        )

    def without(self, missing: Missing) -> Statement:
        """With somebody who could not be asked."""
        codes = tuple(sorted({*self.codes, INCOMPLETE}))
        return changed(self, missing=(*self.missing, missing), codes=codes)

    def closed(self, parts: Iterable[Part], now: datetime) -> Statement:
        """All orders are in it: with what belongs to the day as a whole."""
        return changed(reduce(Statement.plus, parts, self), at=now)


def concerns(day: date, record: OrderRecord, purchase_orders: Iterable[PurchaseOrder]) -> bool:
    """Does this order belong to the statement of that day? Test orders belong to none."""
    if not record.test and (_on(record.created_at, day) or any(_on(one.at, day) for one in record.refunds)):
        return True
    return any(_on(po.placed_at, day) or _spends(po, day) for po in purchase_orders)


def part_of(day: date, facts: OrderFacts) -> Part:
    """What an order adds to the statement of a day. Raises nothing: what is not known stands there as such."""
    record, money = facts.record, facts.details.money if facts.details else None
    sold = not record.test and _on(record.created_at, day)
    refunds = tuple(one for one in record.refunds if not record.test and _on(one.at, day))
    paid = [po for po in facts.purchase_orders if _on(po.placed_at, day)]
    to, remitter = facts.details.destination if facts.details else None, _remitter(facts, money)
    country = to.country_code.strip().upper() if to else ""
    totals, tax, orders = [], [], []
    if sold:
        charged = money.charged if money else record.total
        taxed, net = (money.charged_tax, money.net) if money else (None, None)
        orders.append(OrderRow(record, country, charged, taxed, net))
        if record.payment in SALES:
            totals.append(Total(what="sold", connection=record.connection, money=charged))
            if money is not None:
                totals.append(Total(what="tax", connection=record.connection, money=money.charged_tax))
                tax.append(_tax(country, remitter, money.charged_tax, Money.zero(money.currency)))
    for refund in refunds:
        totals.append(Total(what="refunded", connection=record.connection, money=refund.amount))
        if refund.tax is not None:
            tax.append(_tax(country, remitter, Money.zero(refund.tax.currency), refund.tax))
    rows = tuple(PurchaseRow(record.name, po, facts.suppliers.get(po.reference, UNASKED).amount) for po in paid)
    totals += [Total(what="bought", connection=row.po.supplier, money=bill_of(row.po)) for row in rows]
    for po in facts.purchase_orders:
        if _spends(po, day) and po.reserved_spend is not None:
            totals.append(Total(what="spend", connection=po.supplier, money=po.reserved_spend))
    fees = _fees(record, money, paid, sold=sold)
    totals += [Total(what="fees", connection=record.connection, money=row.fee) for row in fees]
    found = [*_against_store(facts, money, sold=sold), *_stale_margins(facts, money)]
    for po in paid:
        found += _against_supplier(record.name, po, facts.suppliers.get(po.reference))
    return Part(tuple(orders), tuple((record, one) for one in refunds), rows, fees, (), (), tuple(totals), tuple(tax),
                tuple(found))  # fmt: skip


def claims_part(claims: Iterable[Claim]) -> Part:
    """Suppliers' later claims that came on the day: each is a difference until its note is taken from the list."""
    listed = tuple(claims)
    return Part(
        claims=listed,
        totals=tuple(Total(what="claimed", connection=one.supplier, money=one.amount) for one in listed if one.amount),
        differences=tuple(
            Difference(
                code="LATER_CLAIM",
                message=f"the supplier asks for more money for its order {one.supplier_order or 'of no name'}"
                f" (claim {one.claim_id})",
                reference=one.supplier_order,
                connection=one.supplier,
                theirs=one.amount,
            )
            for one in listed
            if one.open
        ),
    )


def bills_part(bills: Iterable[Bill]) -> Part:
    """Suppliers' bills that came on the day: what differs in them is a difference until a person has decided."""
    listed = tuple(bills)
    owed = [one for one in listed if one.state is not BillState.REFUSED]
    return Part(
        bills=listed,
        totals=tuple(Total(what="billed", connection=one.supplier, money=one.total) for one in owed),
        differences=tuple(found for one in listed if one.open for found in one.differences),
    )


def spend_part(statement: Statement, counted: Mapping[str, Money | None]) -> Part:
    """Each supplier's counter of the day (None: there is none) against the purchase orders that count against the day."""
    found = []
    for supplier, theirs in counted.items():
        sums = [one.money for one in statement.totals if (one.what, one.connection) == ("spend", supplier)]
        ours = [one for one in sums if one.minor]
        if ([theirs] if theirs is not None and theirs.minor else []) != ours:
            found.append(
                Difference(
                    code="SPEND_DIFFERS",
                    message="the spend counted for the day is not the sum of the purchase orders that it was counted for"
                    + ("" if len(ours) < 2 else f" ({', '.join(map(str, ours))})"),
                    connection=supplier,
                    ours=ours[0] if len(ours) == 1 else None,
                    theirs=theirs,
                )
            )
    return Part(differences=tuple(found))


def bill_of(po: PurchaseOrder) -> Money:
    """What we hold for the supplier's amount."""
    return po.payable or po.expected_cost


def _on(at: datetime | None, day: date) -> bool:
    return at is not None and at.astimezone(UTC).date() == day


def _spends(po: PurchaseOrder, day: date) -> bool:
    return po.reserved_spend is not None and po.spend_day == day.isoformat()


def _remitter(facts: OrderFacts, money: OrderMoney | None) -> str:
    if money is None:
        return "unknown"
    by_channel = channel_remits(money, [line.line_id for line in money.lines])
    if by_channel is not False:
        return "marketplace" if by_channel else "unknown"
    kept = [po.reckoning.tax_kept.minor > 0 for po in facts.purchase_orders if po.reckoning and po.placed_at]
    if any(kept):
        return "supplier" if all(kept) else "merchant and supplier"
    return "merchant"


def _tax(country: str, remitted_by: str, sales: Money, refunds: Money) -> TaxTotal:
    return TaxTotal(country=country, remitted_by=remitted_by, sales=sales, refunds=refunds)


def _fees(
    record: OrderRecord, money: OrderMoney | None, paid: Iterable[PurchaseOrder], *, sold: bool
) -> tuple[FeeRow, ...]:
    """What the provider says it took, on the day of the order; else what the fee rules say, with each purchase."""
    # A marketplace's commission, or a second gateway's part, is in what was reckoned and not in what the provider says.
    if money is not None and money.fees is not None and not money.channel and len(money.gateways) < 2:
        said = FeeRow(record.name, "", record.connection, money.fees, "as the payment provider says")
        return (said,) if sold else ()
    return tuple(
        FeeRow(record.name, po.reference, record.connection, po.reckoning.fee, po.reckoning.fee_rule)
        for po in paid
        if po.reckoning is not None and po.reckoning.fee_rule
    )


def _against_store(facts: OrderFacts, money: OrderMoney | None, *, sold: bool) -> Iterable[Difference]:
    record, now = facts.record, facts.now

    def differs(what: str, ours: Money | None, theirs: Money | None, code: str = "STORE_DIFFERS") -> Difference:
        return Difference(
            code=code, message=what, order=record.name, connection=record.connection, ours=ours, theirs=theirs
        )

    if sold and record.payment in SALES and record.erased_at is None and (money is None or money.unclear):
        why = "; ".join(money.unclear)[:200] if money else "they have not been read"
        yield differs(f"the order's tax and net figures are not clear: {why}", None, None, "TAX_SPLIT_UNCLEAR")
    if facts.gone:
        yield differs("the store does not show the order any more", record.total, None)
    if now is None:
        return
    pairs = [("total", record.total, now.total), ("refunds", record.refunded, now.refunded)]
    if money is not None and now.money is not None:
        pairs += [
            ("net", money.net, now.money.net),
            ("tax", money.tax, now.money.tax),
            ("amount charged", money.charged, now.money.charged),
        ]
    for what, ours, theirs in pairs:
        if ours != theirs:
            yield differs(f"the order's {what}: the store shows another amount now than we hold", ours, theirs)


def _against_supplier(order: str, po: PurchaseOrder, side: SupplierSide | None) -> Iterable[Difference]:
    if side is None:
        return
    bill = bill_of(po)
    if not side.found:
        code, what = "NOT_PAID_THERE", "the supplier does not show it"
    elif side.cancelled:
        code, what = "CANCELLED_BY_SUPPLIER", f"{po.paid}, and the supplier shows it as cancelled"
    elif side.unclear or side.amount is None:
        code, what = "PAID_UNKNOWN", side.unclear or "the supplier shows no amount"
    elif not side.committed:
        code, what = "NOT_PAID_THERE", f"the supplier shows it as not {po.paid}"
    elif side.amount != bill:
        code, what = "BILL_DIFFERS", f"the supplier's amount is another than what we {po.paid}"
    else:
        return
    yield Difference(
        code=code,
        message=what[:200],
        order=order,
        reference=po.reference,
        connection=po.supplier,
        ours=bill,
        theirs=side.amount,
    )


def _stale_margins(facts: OrderFacts, money: OrderMoney | None) -> Iterable[Difference]:
    """A margin that does not follow from the figures that we hold now."""
    placed = [po for po in facts.purchase_orders if po.state is PurchaseOrderState.PLACED and po.reckoning is not None]
    for po in placed:
        held, why, now = po.reckoning, "", None
        assert held is not None
        before = held.lines + held.shipping + held.duty_collected - held.given_back
        if money is not None and facts.details is not None:
            units = units_of((line.line_id, line.quantity) for line in po.lines)
            try:
                now = revenue_of(money, facts.details.lines, units).net
            except NotKnown as unknown:
                why = unknown.reason.code
        why = why or held.stale
        if why or (now is not None and now != before):
            yield Difference(
                code="MARGIN_STALE",
                message="the margin was reckoned with other net figures than the order has now"
                + f" ({why})" * bool(why),
                order=facts.record.name,
                reference=po.reference,
                connection=po.supplier,
                ours=before,
                theirs=now,
            )
    kept = [po for po in facts.purchase_orders if po.placed_at is not None]
    margins = [po.reckoning.margin for po in placed if po.reckoning is not None]
    if margins and len(margins) == len(kept) and facts.record.margin is not None:
        total = sum(margins, Money.zero(margins[0].currency))
        if total != facts.record.margin:
            yield Difference(
                code="MARGIN_STALE",
                message="the order's margin is not the sum of its purchase orders' margins",
                order=facts.record.name,
                connection=facts.record.connection,
                ours=facts.record.margin,
                theirs=total,
            )
