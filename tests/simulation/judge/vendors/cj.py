"""CJ's words: an order is created, and bought when its bill is paid."""

from __future__ import annotations

import re

from local.running.references import account_of
from local.sandbox.cj import CjSupplier
from tests.simulation.judge.vendors import Words


def _sends_from(supplier: CjSupplier, reference: str) -> str:
    made = supplier.book.find(reference)
    return made.from_country if made else "CN"


CJ = Words(
    vendor="cj",
    made="order_created",
    commits="order_paid",
    step="pay",
    call=re.compile(r"http:POST cj\.test/api2\.0/v1/shopping/pay/payBalanceV2"),
    account=lambda supplier: account_of(supplier.config.open_id),
    key=lambda supplier: str(supplier.config.open_id),
    sends_from=_sends_from,
    bill_of=lambda entry: entry.data.get("pay_id"),
    bill=re.compile(rb'"payId": ?"(\w+)"'),
)
