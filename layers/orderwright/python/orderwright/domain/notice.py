"""What a customer was told, on which channel, and what came back of it (promise P5)."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from orderwright.domain.base import Instant, Model
from orderwright.domain.shipment import Milestone
from orderwright.domain.time_line import Logged


class NoticeState(StrEnum):
    """SENDING is recorded before the send; found SENDING after it settled, the outcome is unclear: never sent again.

    WAITING: certainly not sent yet (the provider said try later). FAILED: certainly not sent, and it will not be.
    """

    WAITING = "WAITING"
    SENDING = "SENDING"
    SENT = "SENT"
    UNCLEAR = "UNCLEAR"
    FAILED = "FAILED"


class ToldMilestone(Model):
    """One milestone of the history of a notice."""

    milestone: Milestone
    state: NoticeState
    at: Instant
    provider_id: str = ""
    note: str = ""
    number: str = Field(default="", description="the tracking number that it named")
    mark: str = Field(default="", description="of the address that it went to")


class MailFeedback(Model):
    """What the provider said of a mail after it took it: kind (a MAIL_ code), class and time, nothing else (promise P8).

    `mark` stands for the address that the mail went to: with another address, mails go out again. `mail`: the provider's id.
    """

    milestone: Milestone
    kind: str
    detail: str = ""
    at: Instant
    mark: str = ""
    mail: str = ""

    @property
    def ends_mails(self) -> bool:
        """True where no further mail may go to this address: it does not exist, or its owner complained."""
        return self.kind == "MAIL_COMPLAINT" or (self.kind == "MAIL_BOUNCED" and self.detail.startswith("Permanent"))

    @property
    def not_delivered(self) -> bool:
        """True where this mail was given up, or was not wanted; a delay is neither."""
        return self.kind != "MAIL_DELAYED"


class Trouble(StrEnum):
    """Why a notice stands in the operator's list."""

    WAITING = "WAITING"
    FAILED = "FAILED"
    UNCLEAR = "UNCLEAR"
    BOUNCED = "BOUNCED"


_TROUBLE_OF = {
    NoticeState.WAITING: Trouble.WAITING,
    NoticeState.FAILED: Trouble.FAILED,
    NoticeState.UNCLEAR: Trouble.UNCLEAR,
    NoticeState.SENT: Trouble.BOUNCED,
}


class Notice(Logged):
    """What a customer was told of one subject (the order, or one parcel) on one channel (item NOTICE#subject#channel).

    One item for all milestones, so that the version condition keeps them in rank order (promise P5).
    `cause`: the code of what keeps it, failed it, or came back; "" while all is well. `waits_since`: how long such a cause lasts.
    """

    subject: str
    channel: str
    milestone: Milestone
    state: NoticeState
    rank: int
    owner: str = ""
    settle_until: Instant | None = None
    tries: int = 0
    number: str = Field(default="", description="the tracking number that the message being sent names")
    mark: str = Field(default="", description="of the address that it goes to")
    cause: str = ""
    waits_since: Instant | None = None
    waiting: tuple[Milestone, ...] = ()
    told: tuple[ToldMilestone, ...] = ()
    feedback: tuple[MailFeedback, ...] = ()

    def names_another(self, number: str) -> bool:
        """Is the number that was told last another one than this? A new number that could not be told is not tried again."""
        out = (NoticeState.SENT, NoticeState.UNCLEAR)
        named = [told.number for told in self.told if told.state in out or told.milestone is Milestone.RENUMBERED]
        return bool(named) and named[-1] != number

    @property
    def trouble(self) -> Trouble | None:
        """Where it stands in the operator's list; None for what needs nobody."""
        return _TROUBLE_OF.get(self.state) if self.cause else None
