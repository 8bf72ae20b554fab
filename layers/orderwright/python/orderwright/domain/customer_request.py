"""What a customer asks for on the page of their order: to withdraw, to send back, or where it is (R49, R52).

A reason is one of a list and never free text, so that no request holds personal data.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.time_line import Logged


class RequestKind(StrEnum):
    """WITHDRAWAL: from the contract, as the law gives it. RETURN: as the shop grants it. QUESTION: where is my order?"""

    WITHDRAWAL = "WITHDRAWAL"
    RETURN = "RETURN"
    QUESTION = "QUESTION"


class RequestReason(StrEnum):
    """Why; nobody has to say."""

    NOT_SAID = "NOT_SAID"
    CHANGED_MIND = "CHANGED_MIND"
    TOO_LATE = "TOO_LATE"
    DOES_NOT_FIT = "DOES_NOT_FIT"
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"
    WRONG_ARTICLE = "WRONG_ARTICLE"
    DAMAGED = "DAMAGED"


class RequestedLine(Model):
    """Pieces of one line of the order. `left`: so many more of it may be asked for later."""

    line_id: str
    title: str
    quantity: int = Field(gt=0)
    left: int = Field(default=0, ge=0)


class SentRequest(Model):
    """As it came from the page (item <KIND>#<number> below REQUEST#<mark of the link>), until it is acted on."""

    kind: RequestKind
    number: int = Field(ge=0, description="so many of its kind came before")
    order: str = Field(description="the partition of the order")
    lines: tuple[RequestedLine, ...] = ()
    reason: RequestReason = RequestReason.NOT_SAID
    language: str = ""
    at: Instant
    taken_at: Instant | None = None

    def taken(self, now: datetime) -> SentRequest:
        """It is in its order's own partition from now on."""
        return changed(self, taken_at=now)

    @property
    def pieces(self) -> dict[str, int]:
        """By line."""
        return {line.line_id: line.quantity for line in self.lines}


class RequestState(StrEnum):
    """OPEN until the merchant has done what is left to do."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


REFUND_DAYS = 14
"""Within so many days of a withdrawal the money is to be given back (Directive 2011/83/EU, article 13)."""


class RequestOutcome(StrEnum):
    """What the merchant did in the end. KEPT: the customer keeps the goods, or wants them after all."""

    REFUNDED = "REFUNDED"
    REPLACED = "REPLACED"
    REFUSED = "REFUSED"
    KEPT = "KEPT"


class CustomerRequest(Logged):
    """A withdrawal or a return as a case of its order (item REQUEST#<KIND>#<number> in the order's partition).

    `came_to`: how the withdrawal and the placing of what it is about ended, one of the three of promise P6, once that is certain.
    `stopped`: that nothing was ordered; else goods are on their way, or there, or nobody knows yet.
    """

    kind: RequestKind
    number: int
    lines: tuple[RequestedLine, ...]
    reason: RequestReason
    language: str = ""
    asked_at: Instant
    stopped: bool = False
    came_to: str = ""
    state: RequestState = RequestState.OPEN
    outcome: str = Field(default="", description="what the merchant did, as a stable word")
    closed_at: Instant | None = None

    @property
    def name(self) -> str:
        """As people call it: "withdrawal-1"."""
        return f"{self.kind.lower()}-{self.number + 1}"

    @property
    def refund_by(self) -> datetime | None:
        """Until when the law wants the money back; None for a return, which the shop itself grants."""
        return self.asked_at + timedelta(days=REFUND_DAYS) if self.kind is RequestKind.WITHDRAWAL else None

    def ended(self, came_to: str, *, stopped: bool) -> CustomerRequest:
        """It is certain what was ordered of it. That stays, whatever is bought for the order later."""
        return changed(self, came_to=came_to, stopped=stopped)

    def closed(self, outcome: str, now: datetime) -> CustomerRequest:
        """The merchant has done what is left to do."""
        return changed(self, state=RequestState.CLOSED, outcome=outcome, closed_at=now)
