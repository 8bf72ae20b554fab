"""What people at a supplier said of one purchase order, by its page or by phone, and the letters that they were sent.

It is about an order that was handed over: `confirm_by` is when an answer is missed. A supplier with an API has empty answers, but
what it says by phone stands here as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.time_line import Claimable
from orderwright.domain.tracking_numbers import clean

UNCONFIRMED = "UNCONFIRMED"
"""The reason of a purchase order that nobody has confirmed, though they were reminded."""


class LetterKind(StrEnum):
    """The mails beside the order itself. Each goes out once at most; an unclear one is shown, and never repeated (promise P5)."""

    REMINDER = "REMINDER"
    WITHDRAWAL = "WITHDRAWAL"


class LetterState(StrEnum):
    """SENDING is written down before the call. WAITING: certainly not sent, and tried again."""

    WAITING = "WAITING"
    SENDING = "SENDING"
    SENT = "SENT"
    UNCLEAR = "UNCLEAR"
    FAILED = "FAILED"


class Letter(Claimable):
    """One letter. FAILED: it was certainly not sent, `why` says what stood in the way. `settle_until`: when it is looked at."""

    LOG_LINES = 1

    kind: LetterKind
    state: LetterState = LetterState.SENDING
    at: Instant
    message_id: str = ""
    why: str = ""
    tries: int = 0

    @property
    def is_open(self) -> bool:
        """Is it being sent, or to be sent again?"""
        return self.state in (LetterState.SENDING, LetterState.WAITING)

    def sending(self, owner: str, until: datetime) -> Letter:
        """A worker hands it over now."""
        return changed(self.claimed(owner, until), state=LetterState.SENDING)

    def waiting(self, at: datetime, why: str, tries: int) -> Letter:
        """It was certainly not sent: the same letter again at `at`."""
        return changed(self.claimed("", at), state=LetterState.WAITING, tries=tries, why=why[:200])

    def ended(self, state: LetterState, *, message_id: str = "", why: str = "") -> Letter:
        """How the call ended."""
        return changed(self, state=state, message_id=message_id, why=why[:200], owner="", settle_until=None)


class Withdrawal(StrEnum):
    """ASKED: they shall say whether they still ship. AGREED: they will not. TOO_LATE: it has left. ENDED: we withdrew it."""

    NONE = ""
    ASKED = "ASKED"
    AGREED = "AGREED"
    TOO_LATE = "TOO_LATE"
    ENDED = "ENDED"


class WrongCodes(Model):
    """Wrong codes on one purchase order's page. Six digits can be tried out, so a day has an end of them."""

    MOST: ClassVar[int] = 20

    day: date
    count: int = 0

    def left(self, today: date) -> int:
        """How many may still be wrong today."""
        return self.MOST - self.count if self.day == today else self.MOST

    def one_more(self, today: date) -> WrongCodes:
        """Another one was wrong."""
        return WrongCodes(day=today, count=self.count + 1 if self.day == today else 1)


class EnteredParcel(Model):
    """A parcel that a person entered. `units` by our line id; empty: all that is in no other parcel.

    `who` is "supplier", or one of our people.
    """

    tracking_number: Annotated[str, Field(min_length=1, max_length=64), AfterValidator(clean)]
    carrier: str = ""
    units: dict[str, int] = Field(default_factory=dict)
    who: str
    at: Instant


class RefusedLine(Model):
    """A line that the supplier will not ship, and its reason in its own words. `settled`: it is out of the purchase order."""

    line_id: str
    sku: str = ""
    units: int = Field(default=0, description="that were ordered of it; 0: written by an older version")
    why: str = ""
    who: str
    at: Instant
    settled: bool = False


class SupplierAnswers(Model):
    """All of it, for one purchase order (promises P1, P6). `contradiction`: what they said against their earlier word."""

    confirm_by: Instant | None = None
    confirmed_by: str = Field(default="", description='who said so: "supplier", or a person')
    ships_on: date | None = None
    their_number: str = Field(default="", description="what the supplier calls the order")
    refused: tuple[RefusedLine, ...] = ()
    parcels: tuple[EnteredParcel, ...] = ()
    letters: dict[LetterKind, Letter] = Field(default_factory=dict)
    withdrawal: Withdrawal = Withdrawal.NONE
    contradiction: str = ""

    @property
    def open_refusals(self) -> tuple[RefusedLine, ...]:
        """Lines that were refused and still stand in the purchase order."""
        return tuple(line for line in self.refused if not line.settled)

    @property
    def numbers(self) -> frozenset[str]:
        """All numbers that were entered, as they are compared."""
        return frozenset(clean(parcel.tracking_number) for parcel in self.parcels)

    def awaited(self, by: datetime | None) -> SupplierAnswers:
        """An answer is wanted until then; None: none is wanted any more."""
        return changed(self, confirm_by=by)

    def confirmed(self, who: str, ships_on: date | None = None, their_number: str = "") -> SupplierAnswers:
        """They have the order and ship it. A later date or number replaces the one before; who said it first stays."""
        return changed(
            self,
            confirm_by=None,
            confirmed_by=self.confirmed_by or who,
            ships_on=ships_on or self.ships_on,
            their_number=their_number or self.their_number,
        )

    def refusing(
        self, why: Mapping[str, str], who: str, now: datetime, ordered: Mapping[str, tuple[str, int]] = {}
    ) -> SupplierAnswers:
        """They will not ship these lines (by id, with the reason). `ordered`: their SKUs and units."""
        known = {line.line_id for line in self.refused}
        pieces = {name: ordered.get(name, ("", 0)) for name in why}
        new = (
            RefusedLine(line_id=name, sku=pieces[name][0], units=pieces[name][1], why=text, who=who, at=now)
            for name, text in why.items()
            if name not in known
        )
        return changed(self, refused=(*self.refused, *new))

    def refusals_settled(self) -> SupplierAnswers:
        """What was refused is out of the purchase order."""
        return changed(self, refused=tuple(changed(line, settled=True) for line in self.refused))

    def refusals_overruled(self) -> SupplierAnswers:
        """An operator knows that these lines are shipped all the same."""
        return changed(self, refused=tuple(line for line in self.refused if line.settled))

    def refusals_forgotten(self) -> SupplierAnswers:
        """An operator wants it to be asked again. What was refused a moment ago is still to be carried out."""
        return changed(self, refused=self.open_refusals)

    def sent(self, parcels: Iterable[EnteredParcel]) -> SupplierAnswers:
        """Parcels left. A number that is there already changes nothing (a second scan is the same parcel)."""
        new = {number: one for one in parcels if (number := clean(one.tracking_number)) not in self.numbers}
        return changed(self, parcels=(*self.parcels, *new.values()))

    def withdrawing(self, how: Withdrawal) -> SupplierAnswers:
        """How far taking it back has come."""
        return changed(self, withdrawal=how)

    def contradicted(self, what: str) -> SupplierAnswers:
        """They said the opposite of what counts: a person decides. "": it was decided."""
        return changed(self, contradiction=what[:200])

    def lettered(self, letter: Letter) -> SupplierAnswers:
        """A letter as it stands now."""
        return changed(self, letters={**self.letters, letter.kind: letter})
