"""What the judge and the people of a world know of its supplier: what it does, in its own words; one small file per vendor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from local.sandbox.wire import LedgerEntry


class Words(NamedTuple):
    """A supplier. `vendor` is its name in ledgers, `made` and `commits` are the kinds of their entries about an order.

    An order is made when the supplier has it, and committed when nobody can take it back: paid for, where it is paid by API.
    Where the first step commits, one entry is both. `step` is the step that commits, as purchase orders call it, and `call`
    what its call is in a trace. `bill`: what of that call's body names its bill.
    `account` and `key` ask its stand-in: the account as Orderwright knows it, and what signs its webhooks ("" for none).
    """

    vendor: str
    made: str
    commits: str
    step: str
    call: re.Pattern[str]
    account: Callable[[Any], str]
    key: Callable[[Any], str]
    sends_from: Callable[[Any, str], str] = lambda supplier, reference: "CN"
    bill: re.Pattern[bytes] | None = None
    looks_up: bool = True
    tracks: bool = True

    def is_made(self, entry: LedgerEntry) -> bool:
        """Has the supplier an order by this entry that it had not before?"""
        return (entry.vendor, entry.kind) == (self.vendor, self.made)

    def is_committed(self, entry: LedgerEntry) -> bool:
        """Is an order bought by this entry?"""
        return (entry.vendor, entry.kind) == (self.vendor, self.commits)
