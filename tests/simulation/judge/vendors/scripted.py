"""The words of the scripted suppliers (tests/scripted/suppliers), of each shape: which step commits, and what cannot be asked."""

from __future__ import annotations

import re
from decimal import Decimal

from local.sandbox.goods import good_of
from local.sandbox.wire import LedgerEntry
from tests.scripted.suppliers.vendor import MAIL, STEPS
from tests.simulation.judge.vendors import Words

ACCOUNT, MAILBOX = "scripted-account", "orders@scripted.example"


def by_steps(step: str, *, looks_up: bool = True, ends: str = "") -> Words:
    """An order by HTTP. `step` commits; "place" is the whole order in one call, which is made and committed at once."""
    return Words(
        vendor=STEPS,
        made="" if step == "place" else "order_created",
        commits="order_committed",
        step=step,
        call=re.compile(r"http:POST scripted\.test/orders/(placed|[^/]+/commit)"),
        account=lambda vendor: ACCOUNT,
        key=lambda vendor: "",
        bill=re.compile(rb'orders/placed .*"reference": ?"(\w+)"' if step == "place" else rb"orders/(\w+)/commit"),
        bill_of=lambda entry: entry.reference if step == "place" else str(entry.data["order_id"]),
        looks_up=looks_up,
        ends=ends,
    )


def _price(entry: LedgerEntry) -> Decimal:
    units = entry.data["quantities"].items()
    return sum(((good_of(sku).cost + good_of(sku).freight) * count for sku, count in units), Decimal(0))


BY_MAIL = Words(
    vendor=MAIL,
    made="",
    commits="order_committed",
    step="mail",
    call=re.compile("sesv2:SendEmail"),
    account=lambda desk: MAILBOX,
    key=lambda desk: "",
    bill=re.compile(rb"Order (\w+)\n"),
    bill_of=lambda entry: entry.reference,
    looks_up=False,
    amount=_price,
    mailbox=MAILBOX,
)
"""Committed when the mail is in its box. It sends its bill later, which says no more than the price list."""
