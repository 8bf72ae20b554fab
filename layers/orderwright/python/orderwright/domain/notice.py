"""What a customer was told, on which channel, and what came back of it (promise P5)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.shipment import RANK, Milestone
from orderwright.domain.time_line import Claimable


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


class Notice(Claimable):
    """What a customer was told of one subject (the order, or one parcel) on one channel (item NOTICE#subject#channel).

    One item for all milestones, so that the version condition keeps them in rank order (promise P5).
    `cause`: the code of what keeps it, failed it, or came back; "" while all is well. `waits_since`: how long such a cause lasts.
    """

    subject: str
    channel: str
    milestone: Milestone
    state: NoticeState
    rank: int
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

    @classmethod
    def untold(cls, subject: str, channel: str, milestone: Milestone) -> Notice:
        """Nothing was told of it yet."""
        return cls(subject=subject, channel=channel, milestone=milestone, state=NoticeState.WAITING, rank=0)

    def came_back(self, news: MailFeedback, *, most: int, stops: bool) -> Notice:
        """The provider has news of a mail; `stops`: of the last one, which did not arrive."""
        return changed(self, feedback=(*self.feedback, news)[-most:], cause=news.kind if stops else self.cause)

    # --- transitions --------------------------------------------------------------------------------------------------

    def begun(
        self, milestone: Milestone, owner: str, until: datetime, *, number: str, mark: str, asked: Milestone | None
    ) -> Notice:
        """To be committed before the send. What was `asked` waits behind it, where something lower is told first."""
        again = self.milestone is milestone
        rank = max(self.rank, RANK[milestone])
        behind = {*self.waiting, *([asked] if asked else [])}
        return changed(
            self.claimed(owner, until),
            milestone=milestone,
            state=NoticeState.SENDING,
            rank=rank,
            number=number,
            mark=mark,
            tries=self.tries + 1 if again else 1,
            cause=self.cause if again and self.state is NoticeState.WAITING else "",
            waits_since=self.waits_since if again else None,
            waiting=tuple(sorted((one for one in behind if RANK[one] > rank), key=lambda one: RANK[one])),
        )

    def queued(self, milestone: Milestone) -> Notice:
        """`milestone` waits for the outcome of the one that is on its way."""
        return changed(self, waiting=(*self.waiting, milestone))

    def nothing_queued(self) -> Notice:
        """What waited is told already."""
        return changed(self, waiting=())

    def finished(self, state: NoticeState, now: datetime, provider_id: str, note: str, cause: str) -> Notice:
        """What the send came to; a `cause` puts it into the operator's list."""
        told = ToldMilestone(
            milestone=self.milestone, state=state, at=now, provider_id=provider_id, note=note[:200],
            number=self.number, mark=self.mark,
        )  # fmt: skip
        return changed(
            self, state=state, owner="", settle_until=None, cause=cause, waits_since=None, told=(*self.told, told)[-12:]
        )

    def kept(self, at: datetime, cause: str, since: datetime) -> Notice:
        """Certainly not sent, by a cause of the account or of our set-up: that is no try of this notice."""
        return changed(self._waits(at), cause=cause, waits_since=since, tries=self.tries - 1)

    def postponed(self, at: datetime, tries: int) -> Notice:
        """Certainly not sent: again at `at`."""
        return changed(self._waits(at), cause="", waits_since=None, tries=tries)

    def _waits(self, at: datetime) -> Notice:
        return changed(self, state=NoticeState.WAITING, owner="", settle_until=at)

    def sent_again(self, now: datetime) -> Notice:
        """The operator sends it again, with all its tries."""
        return changed(self.address_cleared()._waits(now), tries=0, cause="", waits_since=None)

    def address_cleared(self) -> Notice:
        """What came back stays in the history and stops nothing any more."""
        return changed(self, feedback=tuple(changed(one, mark="") for one in self.feedback))
