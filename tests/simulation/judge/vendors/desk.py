"""The words of a world with a supplier by e-mail beside CJ. What its people were mailed, and what they said, is in the ledger."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from local.sandbox.goods import good_of
from local.sandbox.wire import LedgerEntry
from tests.simulation.judge.vendors import Words
from tests.simulation.judge.vendors.cj import CJ

MAKER, MAILBOX = "maker", "orders@maker.example.com"
ACCOUNT = f"email:{MAILBOX}"
FREIGHT = Decimal("4.00")
"""Of a piece, whatever it is."""


class BesideADesk(Words):
    """CJ's words, and the maker's: `order_mailed` is a mail that SES took; `taken_back` is what its people will not ship."""

    def speaks(self, entry: LedgerEntry) -> bool:
        """Both."""
        return entry.vendor in (self.vendor, MAKER)

    def accounts(self, supplier: Any) -> tuple[str, ...]:
        """At both."""
        return (self.account(supplier), ACCOUNT)

    def connection_of(self, entry: LedgerEntry) -> str:
        """The maker's connection is called like it."""
        return MAKER if entry.vendor == MAKER else super().connection_of(entry)

    def is_committed(self, entry: LedgerEntry) -> bool:
        """Paid there, or handed over here."""
        return (entry.vendor, entry.kind) == (MAKER, "order_mailed") or super().is_committed(entry)

    def is_taken_back(self, entry: LedgerEntry) -> bool:
        """Refused, withdrawn by agreed terms, or cancelled with their word."""
        return (entry.vendor, entry.kind) == (MAKER, "taken_back")


def _amount(entry: LedgerEntry) -> Decimal:
    if entry.vendor != MAKER:
        return CJ.amount(entry)
    return sum(((good_of(sku).cost + FREIGHT) * units for sku, units in entry.data["quantities"].items()), Decimal(0))


BESIDE_A_DESK = BesideADesk(
    **{
        **CJ._asdict(),
        "bill": re.compile(rb'(?:"payId": ?"|orders these articles[^\0]*?Purchase order: )(\w+)'),
        "bill_of": lambda entry: entry.reference if entry.vendor == MAKER else CJ.bill_of(entry),
        "amount": _amount,
        "mailbox": MAILBOX,
        "desk": MAKER,
    }
)
