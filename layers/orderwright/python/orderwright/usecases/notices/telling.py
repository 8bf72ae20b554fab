"""The once-only protocol of one channel for one subject (promise P5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from orderwright.domain.notice import Notice, NoticeState
from orderwright.domain.shipment import RANK, Milestone
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, OutcomeUnknown, Retryable, VendorError, tried
from orderwright.ports.connection import Clock
from orderwright.records import OrderFile, Stored, notice_key
from orderwright.storage import Change, Fact, Storage
from orderwright.usecases.notices.channel import Channel
from orderwright.usecases.notices.notice_put import notice_put
from orderwright.usecases.notices.trouble import FUNCTION, channel_waits, channel_works, given_up
from orderwright.usecases.once import Once

MAX_TRIES = 20
UNCLEAR = "OUTCOME_UNKNOWN"


@dataclass
class Telling(Once):
    """One worker's try to tell `milestone`, or to go on with what a due notice still has to do."""

    pk: str
    subject: str
    channel: Channel
    milestone: Milestone | None
    storage: Storage
    timing: Timing
    clock: Clock
    owner: str
    correlation: str
    file: OrderFile = field(init=False)
    held: Stored[Notice] | None = field(init=False)

    what = "telling the customer"

    def _read(self) -> bool:
        self.file = self.storage.load_order(self.pk)
        self.held = self.file.notices.get(notice_key(self.pk, self.subject, self.channel.name).sk)
        return self.file.record is not None

    def _act(self) -> bool:
        return self._step(self.file, self.held, self.milestone)

    def _step(self, file: OrderFile, held: Stored[Notice] | None, milestone: Milestone | None) -> bool:
        """One decision on a fresh read; True means: read again."""
        now = self.clock.now()
        if held is None:
            # Where the first number is still to be told, it is told as it is now.
            untold = milestone is Milestone.RENUMBERED and not self.channel.wanted(file, Milestone.SHIPPED)
            return milestone is not None and not untold and self._begin(file, None, milestone)
        notice = held.model
        if notice.state is NoticeState.SENDING:
            if notice.unsettled(now):
                return self._queue_behind(file, held, milestone)
            killed = "killed between the send and its answer; never sent again"
            self._finish(held, NoticeState.UNCLEAR, "", killed, UNCLEAR)
            return True
        if notice.state is NoticeState.WAITING:
            higher = milestone is not None and milestone is not Milestone.RENUMBERED and RANK[milestone] > notice.rank
            if higher and milestone not in notice.waiting:
                self._queue_behind(file, held, milestone)
                return True
            return not notice.unsettled(now) and self._begin(file, held, notice.milestone)
        following = self._next(file, notice, milestone)
        if following is None and notice.waiting:
            self._put(notice.nothing_queued(), held.version)
        return following is not None and self._begin(file, held, following, milestone)

    def _next(self, file: OrderFile, notice: Notice, milestone: Milestone | None) -> Milestone | None:
        """The lowest milestone still to tell that is above everything told; nothing lower is ever told."""
        wanted = {*notice.waiting, *([milestone] if milestone else [])}
        above = [one for one in wanted if self._is_news(file, notice, one)]
        return min(above, key=lambda one: RANK[one]) if above else None

    def _number(self, file: OrderFile) -> str:
        held = file.shipments.get(self.subject)
        return held.model.tracking_number if held else ""

    def _is_news(self, file: OrderFile, notice: Notice, milestone: Milestone) -> bool:
        """Above everything told; a new number: where the last message that went out named another one."""
        if milestone is Milestone.RENUMBERED:
            return notice.names_another(self._number(file))
        return RANK[milestone] > notice.rank

    def _queue_behind(self, file: OrderFile, held: Stored[Notice], milestone: Milestone | None) -> bool:
        """A lower milestone is on its way: a higher one waits for its outcome, a new number for one that names another."""
        notice = held.model
        if milestone is None or milestone in notice.waiting:
            return False
        if milestone is Milestone.RENUMBERED:
            if notice.number == self._number(file):
                return False
        elif RANK[milestone] <= notice.rank:
            return False
        self._put(notice.queued(milestone), held.version)
        return False

    def _begin(
        self, file: OrderFile, held: Stored[Notice] | None, milestone: Milestone, asked: Milestone | None = None
    ) -> bool:
        """Send `milestone`. What was `asked` waits behind it, where something lower had to be told first."""
        now = self.clock.now()
        ended = self.channel.ended(file)
        refusal = self.channel.wanted(file, milestone)
        if refusal and held is None:
            return False  # nothing to say on this channel, and nothing was ever said: no item for it
        if ended and not refusal:
            refusal = f"{ended}: nothing more is sent to this address"
        else:
            ended = ""
        base = held.model if held else Notice.untold(self.subject, self.channel.name, milestone)
        until, number = now + self.timing.notice_settle, self._number(file)
        sending = base.begun(milestone, self.owner, until, number=number, mark=self.channel.mark(file), asked=asked)
        version = held.version if held else 0
        if refusal:
            self._finish(Stored(sending, version), NoticeState.FAILED, "", refusal, ended)
            return bool(sending.waiting)
        self._put(sending, version)
        return self._send(file, Stored(sending, version + 1))

    def _send(self, file: OrderFile, held: Stored[Notice]) -> bool:
        self.held = held
        return self._call(lambda: self.channel.send(file, self.subject, held.model.milestone), self._sent, sent=True)

    def _sent(self, provider_id: str) -> bool:
        waited = bool(self._sending.model.cause)
        more = self._settle(NoticeState.SENT, provider_id, "")
        # What waited for a cause is the first to know that it ended; all others cost no read.
        if waited:
            channel_works(self.storage, self.channel.name, self.clock.now())
        return more

    def _unclear(self, error: OutcomeUnknown, *, sent: bool) -> bool:
        return self._settle(NoticeState.UNCLEAR, "", error.message, UNCLEAR)

    def _later(self, error: VendorError, *, sent: bool) -> bool:
        self._postpone(self._sending, error)
        return False

    def _refused(self, error: VendorError, *, sent: bool) -> bool:
        return self._settle(NoticeState.FAILED, "", f"{error.code}: {error.message}", error.code)

    @property
    def _sending(self) -> Stored[Notice]:
        assert self.held is not None
        return self.held

    def _is_ours(self) -> bool:
        return self.held is not None and self.held.model.owner == self.owner

    def _settle(self, state: NoticeState, provider_id: str, note: str, cause: str = "") -> bool:
        """Write down what a send came to. True: read again, somebody may have queued a milestone behind us meanwhile."""

        def write() -> bool:
            self._finish(self._sending, state, provider_id, note, cause)
            return bool(self._sending.model.waiting)

        return self._keep(write, self._is_ours)

    def _finish(self, held: Stored[Notice], state: NoticeState, provider_id: str, note: str, cause: str = "") -> None:
        """Write down the outcome. What is given up with a `cause` carries the alert of that cause in the same commit."""
        now = self.clock.now()
        notice = held.model
        done = notice.finished(state, now, provider_id, note, cause)
        facts: tuple[Fact, ...] = ()
        if done.waiting:
            detail = {"milestone": done.waiting[0].value}
            facts = (Fact("notice.due", pk=self.pk, sk=self.subject, detail=detail),)
        what = f"{notice.channel} {notice.milestone.value.lower()}: {state.value.lower()}"
        alarm = given_up(self.storage, notice.channel, cause, note, now, pk=self.pk) if cause else []
        self._put(done, held.version, facts=facts, what=what, why=note, beside=alarm)

    def _postpone(self, held: Stored[Notice], error: VendorError) -> None:
        """Certainly not sent: again later, until it makes no sense any more.

        A cause of the account or of our set-up is no try of this notice: it waits as long as the cause lasts.
        """
        now, notice = self.clock.now(), held.model
        if isinstance(error, Misconfigured):
            since = notice.waits_since or now
            at = now + self.timing.patience(since, now)
            self._wait(error, lambda notice: notice.kept(at, error.code, since))
            channel_waits(self.storage, self.channel.name, error, now)
            return
        tries = notice.tries - 1 + tried(error)
        if tries >= MAX_TRIES:
            self._settle(NoticeState.FAILED, "", f"given up: {error.message}", error.code)
            return
        after = error.after if isinstance(error, Retryable) and error.after else self.timing.backoff(notice.tries)
        self._wait(error, lambda notice: notice.postponed(now + after, tries))

    def _wait(self, error: VendorError, wait: Callable[[Notice], Notice]) -> None:
        def write() -> bool:
            before = self._sending.model
            waiting = wait(before)
            # A cause that lasts for days is one line of the time line, not one for each try.
            known = bool(before.cause) and before.cause == waiting.cause
            what = "" if known else f"{waiting.channel} {waiting.milestone.value.lower()}: waits"
            self._put(waiting, self._sending.version, what=what, why=error.message)
            return False

        self._keep(write, self._is_ours)

    def _put(
        self,
        notice: Notice,
        version: int,
        *,
        facts: tuple[Fact, ...] = (),
        what: str = "",
        why: str = "",
        beside: Sequence[Change] = (),
    ) -> None:
        if what:
            entry = log_entry(self.clock.now(), FUNCTION, what, why, self.correlation)
            notice = notice.noted(entry)
        put = notice_put(self.pk, notice, version, self.clock.now(), facts)
        self.storage.commit([put, *beside], correlation=self.correlation)
