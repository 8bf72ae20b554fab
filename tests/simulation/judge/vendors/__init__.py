"""What the judge and the people of a world know of its supplier: what it does, in its own words; one small file per vendor."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from local.sandbox.wire import LedgerEntry
from tests.support.shop import SUPPLIER


class Words(NamedTuple):
    """A supplier. `vendor` is its name in ledgers, `made` and `commits` are the kinds of their entries about an order.

    An order is made when the supplier has it, and committed when nobody can take it back: paid for, where it is paid by API.
    Where the first step commits, one entry is both. `step` is the step that commits, as purchase orders call it, and `call`
    what its call is in a trace. `bill` is what of that call's path and body names the bill,
    which `bill_of` finds in the entry.
    `looks_up`: can it be asked what it has under a reference? `mailbox`: where it takes orders by mail, "" elsewhere.
    `ends` is the kind of the entry of a last step that follows on the one that commits, "" where none does.
    `amount` is what an order costs by the entry with which it was committed.
    `desk` is the stand-in that reads those mails where the vendor itself does not.
    `account` and `key` ask its stand-in: the account as Orderwright knows it, and what signs its webhooks ("" for none).
    """

    vendor: str
    made: str
    commits: str
    step: str
    call: re.Pattern[str]
    account: Callable[[Any], str]
    key: Callable[[Any], str]
    bill: re.Pattern[bytes]
    bill_of: Callable[[LedgerEntry], str | None]
    sends_from: Callable[[Any, str], str] = lambda supplier, reference: "CN"
    looks_up: bool = True
    amount: Callable[[LedgerEntry], Decimal] = lambda entry: Decimal(str(entry.data["amount"]))
    mailbox: str = ""
    ends: str = ""
    desk: str = ""

    def speaks(self, entry: LedgerEntry) -> bool:
        """Is this a line of a supplier's?"""
        return entry.vendor == self.vendor

    def accounts(self, supplier: Any) -> tuple[str, ...]:
        """Ours at all suppliers of the world."""
        return (self.account(supplier),)

    def connection_of(self, entry: LedgerEntry) -> str:
        """Which of our connections its line is about."""
        return SUPPLIER

    def is_taken_back(self, entry: LedgerEntry) -> bool:
        """Will the supplier not ship what this entry names, and ask no money for it?"""
        return False

    def is_made(self, entry: LedgerEntry) -> bool:
        """Has the supplier an order by this entry that it had not before?"""
        return (entry.vendor, entry.kind) == (self.vendor, self.made)

    def is_committed(self, entry: LedgerEntry) -> bool:
        """Is an order bought by this entry?"""
        return (entry.vendor, entry.kind) == (self.vendor, self.commits)
