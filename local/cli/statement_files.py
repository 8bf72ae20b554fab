"""A day's statement as CSV files for bookkeeping: UTF-8, a header, amounts as plain decimals beside their currency."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from orderwright.domain.money import Money
from orderwright.domain.statement import INCOMPLETE, Part, Statement, bill_of

HEADERS = {
    "orders": "day store order order_id placed_at payment country charged tax net margin currency",
    "refunds": "day store order order_id shown_at amount tax currency",
    "purchases": "day supplier order reference state paid_at paid paid_currency billed_now billed_currency"
    " net margin currency",
    "fees": "day kind connection order reference amount currency source",
    "bills": "day supplier number dated state total currency references differences",
    "tax": "day country remitted_by tax_on_sales tax_on_refunds currency",
    "differences": "day code connection order reference ours ours_currency theirs theirs_currency message fix",
}
"""File name -> its columns."""


class StatementFiles:
    """Gathers the rows of a day, and writes them."""

    def __init__(self, name: Callable[[str], str]) -> None:
        """`name` gives what the file calls a connection."""
        self._name = name
        self.rows: dict[str, list[Sequence[object]]] = {kind: [] for kind in HEADERS}

    def add(self, part: Part) -> None:
        """What one order, or the day as a whole, adds. The day is put before each row when it is written."""
        rows, name = self.rows, self._name
        for order in part.orders:
            record, country = order.record, order.country or ("erased" if order.record.erased_at else "unknown")
            rows["orders"].append(
                (
                    name(record.connection), record.name, record.order_id, record.created_at.isoformat(),
                    record.payment.value, country, order.charged, order.tax, order.net, record.margin,
                    order.charged.currency,
                )
            )  # fmt: skip
        for record, refund in part.refunds:
            rows["refunds"].append(
                (
                    name(record.connection), record.name, record.order_id, refund.at.isoformat(), refund.amount,
                    refund.tax, refund.amount.currency,
                )
            )  # fmt: skip
        for row in part.purchases:
            po, paid, left = row.po, bill_of(row.po), row.po.reckoning
            rows["purchases"].append(
                (
                    name(po.supplier), row.order, po.reference, po.state.value,
                    po.placed_at.isoformat() if po.placed_at else "", paid, paid.currency, row.theirs,
                    row.theirs.currency if row.theirs else "", left.net if left else None, left.margin if left else None,
                    left.net.currency if left else "",
                )
            )  # fmt: skip
        for fee in part.fees:
            rows["fees"].append(
                ("fee", name(fee.connection), fee.order, fee.reference, fee.fee, fee.fee.currency, fee.source)
            )
        for claim in part.claims:
            source = f"claim {claim.claim_id}, {'open' if claim.open else 'decided'}"
            currency = claim.amount.currency if claim.amount else ""
            rows["fees"].append(
                ("supplier's claim", name(claim.supplier), "", claim.supplier_order, claim.amount, currency, source)
            )
        for bill in part.bills:
            rows["bills"].append(
                (
                    name(bill.supplier), bill.number, bill.dated.isoformat(), bill.state.value, bill.total, bill.currency,
                    " ".join(bill.references), bill.count,
                )
            )  # fmt: skip
        for one in part.differences:
            rows["differences"].append(
                (
                    one.code, name(one.connection), one.order, one.reference, one.ours,
                    one.ours.currency if one.ours else "", one.theirs, one.theirs.currency if one.theirs else "",
                    one.message, one.fix,
                )
            )  # fmt: skip

    def write(self, folder: Path, statement: Statement) -> list[Path]:
        """Seven files, each with its header, also where there is nothing to tell. Raises OSError."""
        self.rows["tax"] = [
            (one.country or "unknown", one.remitted_by, one.sales, one.refunds, one.sales.currency)
            for one in statement.tax
        ]
        missing: list[Sequence[object]] = [
            (INCOMPLETE, self._name(one.connection), "", "", None, "", None, "", f"{one.code}: {one.message}",
             "fix it, then write the statement again")
            for one in statement.missing
        ]  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        day = statement.day.isoformat()
        written = []
        for kind, header in HEADERS.items():
            found: Iterable[Sequence[object]] = self.rows[kind] + (missing if kind == "differences" else [])
            path = folder / f"{kind}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(header.split())
                writer.writerows([day, *map(cell, row)] for row in found)
            written.append(path)
        return written


def cell(value: object) -> str:
    """An amount without its currency; a text so that no spreadsheet takes it for a formula; "" for what is not known."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return f"{value.decimal:f}"
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text
