"""Two figures that should be one: in a day's statement, and between a bill and what was ordered."""

from __future__ import annotations

from orderwright.domain.base import Model
from orderwright.domain.money import Money

FIXES = {
    "STORE_DIFFERS": "look at the order in the store; any change there, such as its note, has it read again",
    "TAX_SPLIT_UNCLEAR": "look at the order in the store; any change there has it read again",
    "BILL_DIFFERS": "compare the order in the supplier's account with ours, and claim what is too much",
    "NOT_PAID_THERE": "look for our reference in the supplier's account; ask the supplier where the money is",
    "PAID_UNKNOWN": "look at the order in the supplier's account",
    "CANCELLED_BY_SUPPLIER": "ask the supplier for the money back; `orders retry` buys again",
    "SPEND_DIFFERS": "compare the day's purchases in the supplier's account with the statement's purchases.csv",
    "LATER_CLAIM": "decide in the supplier's account, then `orderwright parked done`",
    "MARGIN_STALE": "see `orderwright margin explain`; any change of the order in the store has it reckoned again",
    "BILL_ORDER_UNKNOWN": "ask the supplier which purchase order it means; `bills accept` or `bills refuse` ends it",
    "BILL_ORDER_WITHDRAWN": "refuse the bill, unless the goods were shipped all the same",
    "BILL_NOT_PLACED": "settle the purchase order first (`orders show`), then accept or refuse the bill",
    "BILL_ORDER_TWICE": "refuse the bill, unless the other one is only a part of what was ordered",
    "BILL_CURRENCY": "refuse the bill, and ask the supplier for one in the purchase order's currency",
    "BILL_LINE_NOT_ORDERED": "ask the supplier; accept it only where you got the goods",
    "BILL_LINE_TWICE": "ask the supplier whether it is one line too many",
    "BILL_LINE_MISSING": "nothing, where another bill follows: accept this one",
    "BILL_UNITS": "compare with what was shipped, then accept or refuse the bill",
    "BILL_PRICE": "accept it, or refuse the bill and ask for one with the agreed price",
    "BILL_FREIGHT": "accept it, or refuse the bill and ask for one with the agreed freight",
    "BILL_TAX": "accept it where the tax is due, else ask for a bill without it",
    "BILL_CHARGE": "accept it where it was agreed, else ask for a bill without it",
    "BILL_TOTAL": "ask for the lines of the bill, then accept or refuse it",
    "BILL_SUM": "ask the supplier for a correct bill; accepting takes the bill's total",
}
"""What to do about each kind of difference, by its code."""


class Difference(Model):
    """Two figures that should be one. `ours` and `theirs` may be None: not known. Ids only, no personal data."""

    code: str
    message: str
    order: str = ""
    reference: str = ""
    connection: str = ""
    ours: Money | None = None
    theirs: Money | None = None

    @property
    def fix(self) -> str:
        """What to do."""
        return FIXES[self.code]
