"""A supplier's bill (R48): what it asks for, line by line, and what became of it. Pure; no personal data.

    READING --all its orders were looked at--> MATCHES | DIFFERS --a person--> ACCEPTED | REFUSED

MATCHES and ACCEPTED count: each purchase order's part becomes what the supplier is owed for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.difference import Difference
from orderwright.domain.money import Money
from orderwright.domain.time_line import LogEntry, Logged
from orderwright.domain.unit_cost import UnitCost

MOST_LINES = 1500
"""Lines and charges of one bill: more do not fit into an item."""
MOST_DIFFERENCES = 100
FREIGHT, TAX = "freight", "tax"


class BillState(StrEnum):
    """DIFFERS waits for a person."""

    READING = "READING"
    DIFFERS = "DIFFERS"
    MATCHES = "MATCHES"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"


COUNTING = frozenset({BillState.MATCHES, BillState.ACCEPTED})


class Billed(Model):
    """A purchase order's part of one bill, as the purchase order keeps it. `counts`: it is owed. `refused`: it never will be."""

    amount: Money
    counts: bool = False
    refused: bool = False


class BillLine(Model):
    """So many units of a SKU, of one purchase order; `reference` is "" where the bill does not name it."""

    reference: str = ""
    sku: str
    units: int
    unit_price: UnitCost

    @property
    def amount(self) -> Money:
        """As it is paid: rounded up."""
        return self.unit_price.times(self.units)


class Charge(Model):
    """What is asked for beside goods: "freight", "tax", or another name. `reference` is "" for the bill as a whole."""

    reference: str = ""
    name: str
    amount: Money


class Bill(Logged):
    """A bill (Control BILL#<supplier>). `about`: the purchase orders of a bill whose lines are not known, only its total.

    `settled`: what follows from its state has been done at each of its purchase orders. `file`: its name in the stack's bucket.
    """

    supplier: str
    number: str
    dated: date
    currency: str
    total: Money
    lines: tuple[BillLine, ...] = ()
    charges: tuple[Charge, ...] = ()
    about: tuple[str, ...] = ()
    taken_at: Instant
    state: BillState = BillState.READING
    settled: bool = False
    differences: tuple[Difference, ...] = Field(default=(), description="at most 100 of them")
    count: int = 0
    file: str = ""

    @property
    def references(self) -> tuple[str, ...]:
        """The purchase orders that it names, in its order."""
        named = (*self.about, *(one.reference for one in self.lines), *(one.reference for one in self.charges))
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def open(self) -> bool:
        """Does it wait for a person?"""
        return self.state is BillState.DIFFERS

    @property
    def undone(self) -> bool:
        """Is there something to do that needs no person?"""
        return self.state is BillState.READING or (not self.open and not self.settled)

    def says_as(self, other: Bill) -> bool:
        """Is it the same paper, sent once more?"""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("supplier", "number", "dated", "total", "lines", "charges", "about")
        )

    def of(self, reference: str) -> tuple[tuple[BillLine, ...], tuple[Charge, ...]]:
        """Its lines and charges about one purchase order; "": about none."""
        return (
            tuple(line for line in self.lines if line.reference == reference),
            tuple(one for one in self.charges if one.reference == reference),
        )

    def shares(self, known: Collection[str]) -> dict[str, Money]:
        """What each `known` purchase order has of the total: its own lines and charges, and of the rest in proportion."""
        own = dict.fromkeys(self.references, 0)
        asked = [(one.reference, one.amount.minor) for one in self.lines]
        for name, minor in (*asked, *((one.reference, one.amount.minor) for one in self.charges)):
            if name:
                own[name] += minor
        rest = self.total.minor - sum(own.values())
        wanted = [name for name in self.references if name in known]
        whole = sum(abs(own[name]) for name in wanted)
        shares, given = {}, 0
        for place, name in enumerate(wanted, 1):
            last = place == len(wanted)
            part = rest - given if last else rest * abs(own[name]) // whole if whole else 0
            given += part
            shares[name] = Money(minor=own[name] + part, currency=self.total.currency)
        return shares

    def sums(self) -> list[Difference]:
        """What is wrong in the bill itself: a total that is not its sum, lines and charges of no purchase order."""
        found, unit = [], Money(minor=1, currency=self.currency).decimal
        exact = [line.unit_price.exact * line.units for line in self.lines]
        added = sum(exact, sum((one.amount.decimal for one in self.charges), Decimal()))
        # Nobody knows how a supplier rounds: each line may be one unit off, where it has more digits than the currency.
        slack = sum(amount % unit != 0 for amount in exact) * unit
        if (self.lines or self.charges) and abs(added - self.total.decimal) > slack:
            ours = Money.of(added, self.currency)
            found.append(
                self._differs("BILL_SUM", "the lines and charges do not add up to the total", ours, self.total)
            )
        lines, charges = self.of("")
        if lines and len(self.references) > 1:
            amount = sum((line.amount for line in lines), Money.zero(self.currency))
            found.append(
                self._differs("BILL_ORDER_UNKNOWN", f"{len(lines)} lines name no purchase order", None, amount)
            )
        if charges and len(self.references) > 1:
            found += [
                self._differs("BILL_CHARGE", f"{one.name} for the bill as a whole", None, one.amount) for one in charges
            ]
        if not self.references:
            found.append(self._differs("BILL_ORDER_UNKNOWN", "it names no purchase order", None, self.total))
        return found

    def _differs(self, code: str, message: str, ours: Money | None, theirs: Money | None) -> Difference:
        return Difference(
            code=code, message=f"bill {self.number}: {message}", connection=self.supplier, ours=ours, theirs=theirs
        )

    def read(self, found: Iterable[Difference], entry: LogEntry) -> Bill:
        """It was compared with all of its purchase orders."""
        differences = tuple(found)
        state = BillState.DIFFERS if differences else BillState.MATCHES
        after = changed(self, state=state, differences=differences[:MOST_DIFFERENCES], count=len(differences))
        return after.noted(entry)

    def decided(self, *, accepted: bool, entry: LogEntry) -> Bill:
        """A person decided."""
        return changed(self, state=BillState.ACCEPTED if accepted else BillState.REFUSED).noted(entry)

    def settles(self) -> Bill:
        """What follows from its state is done at all of its purchase orders."""
        return changed(self, settled=True)


def number_key(number: str) -> str:
    """A bill's number as it is compared: without blanks, in one letter case."""
    return "".join(number.split()).casefold()
