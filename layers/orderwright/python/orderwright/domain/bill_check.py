"""A bill against one purchase order, line by line (R48), and what a counted bill makes of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orderwright.domain.base import changed
from orderwright.domain.bill import FREIGHT, TAX, Bill, Billed, BillLine, number_key
from orderwright.domain.difference import Difference
from orderwright.domain.money import Money
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.sku_matching import normal_form
from orderwright.domain.supplier_answers import Withdrawal

_ENDED = (PurchaseOrderState.CANCELLED, PurchaseOrderState.REJECTED)


def differences_of(bill: Bill, reference: str, asked: Money, order: str, po: PurchaseOrder | None) -> list[Difference]:
    """All that differs about one purchase order; None: there is none of this reference at this supplier. `asked`: its share."""
    return [
        Difference(
            code=code,
            message=f"bill {bill.number}: {message}"[:250],
            order=order,
            reference=reference,
            connection=bill.supplier,
            ours=ours,
            theirs=theirs,
        )
        for code, message, ours, theirs in _found(bill, reference, asked, po)
    ]


_Found = tuple[str, str, Money | None, Money | None]


def _found(bill: Bill, reference: str, asked: Money, po: PurchaseOrder | None) -> Iterator[_Found]:
    lines, charges = bill.of(reference)
    if len(bill.references) == 1:  # what names no purchase order is about the only one
        more = bill.of("")
        lines, charges = (*lines, *more[0]), (*charges, *more[1])
    if po is None:
        yield "BILL_ORDER_UNKNOWN", "the supplier has no purchase order of this reference", None, asked
        return
    owed = po.payable or po.expected_cost
    withdrawn = po.answers.withdrawal in (Withdrawal.AGREED, Withdrawal.ENDED)
    if withdrawn or (po.state in _ENDED and not po.ordered):
        ours = owed if po.ordered else None
        yield "BILL_ORDER_WITHDRAWN", "the purchase order was withdrawn or refused", ours, asked
    elif not po.ordered:
        yield "BILL_NOT_PLACED", "the purchase order is not known to be placed", None, asked
    for number, other in po.bills.items():  # in no order: the table keeps none
        if number != number_key(bill.number) and not other.refused:
            yield "BILL_ORDER_TWICE", f"bill {number} asks for the same purchase order", other.amount, asked
    if bill.currency != owed.currency:
        yield "BILL_CURRENCY", f"it is in {bill.currency}, the purchase order in {owed.currency}", owed, asked
        return
    if not lines and not charges:
        if bill.total != owed:
            yield "BILL_TOTAL", "its total is another than what we ordered for", owed, bill.total
        return
    yield from _of_lines(lines, po)
    freight = po.freight if po.quoted_freight is None else po.quoted_freight
    zero = Money.zero(bill.currency)
    for name, code, ours in ((FREIGHT, "BILL_FREIGHT", freight), (TAX, "BILL_TAX", po.tax_in_bill or zero)):
        theirs = sum((one.amount for one in charges if one.name == name), zero)
        if theirs != ours:
            yield code, f"another {name} than we know of", ours, theirs
    for one in charges:
        if one.name not in (FREIGHT, TAX) and one.amount.minor:
            yield "BILL_CHARGE", f"a charge that was not ordered: {one.name}", None, one.amount


def _of_lines(lines: Iterable[BillLine], po: PurchaseOrder) -> Iterator[_Found]:
    billed: dict[str, list[BillLine]] = {}
    own = {normal_form(name): line.sku for line in po.lines for name in (line.supplier_sku, line.sku)}
    for line in lines:
        sku = own.get(normal_form(line.sku))
        if sku is None:
            yield "BILL_LINE_NOT_ORDERED", f"{line.units} of {line.sku} were not ordered", None, line.amount
        else:
            billed.setdefault(sku, []).append(line)
    for sku in dict.fromkeys(line.sku for line in po.lines):
        ordered, asked = [line for line in po.lines if line.sku == sku], billed.get(sku, [])
        units, price = sum(line.quantity for line in ordered), ordered[0].unit_cost
        ours = price.times(units)
        if not asked:
            yield "BILL_LINE_MISSING", f"{units} of {sku} are not in it", ours, None
            continue
        if len(asked) > 1:
            both = asked[0].amount + sum((one.amount for one in asked[1:]), Money.zero(asked[0].amount.currency))
            yield "BILL_LINE_TWICE", f"{sku} stands in {len(asked)} lines", ours, both
        many = sum(line.units for line in asked)
        if many != units:
            yield "BILL_UNITS", f"{sku}: {many} units, {units} were ordered", ours, asked[0].unit_price.times(many)
        for one in asked:
            if one.unit_price != price and one.amount != price.times(one.units):
                yield "BILL_PRICE", f"{sku}: another price a unit", price.rounded, one.unit_price.rounded


def billed_in(po: PurchaseOrder, number: str, part: Billed) -> PurchaseOrder:
    """A bill asks for it. Where bills count, their sum is what the supplier is owed."""
    bills = {**po.bills, number_key(number): part}
    counted = [one.amount for one in bills.values() if one.counts]
    owed = sum(counted[1:], counted[0]) if counted else po.payable
    return changed(po, bills=bills, payable=owed)
