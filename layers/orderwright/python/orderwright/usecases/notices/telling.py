"""The once-only protocol of one channel for one subject (promise P5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from orderwright.domain.notice import Notice, NoticeState, ToldMilestone
from orderwright.domain.shipment import RANK, Milestone
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured, OutcomeUnknown, Rejected, Retryable, VendorError, tried
from orderwright.ports.connection import Clock
from orderwright.records import OrderFile, Stored, notice_key
from orderwright.storage import Change, Fact, Storage
from orderwright.usecases.notices.channel import Channel
from orderwright.usecases.notices.notice_put import notice_put
from orderwright.usecases.notices.trouble import FUNCTION, channel_waits, channel_works, given_up

TRIES = 8
MAX_TRIES = 20
UNCLEAR = "OUTCOME_UNKNOWN"


@dataclass
class Telling:
    """One worker's try to tell something. `owner` is its token in SENDING."""

    pk: str
    subject: str
    channel: Channel
    storage: Storage
    timing: Timing
    clock: Clock
    owner: str
    correlation: str

    def tell(self, milestone: Milestone | None) -> None:
        """Tell `milestone`, or go on with what a due notice still has to do."""
        for _ in range(TRIES):
            file = self.storage.load_order(self.pk)
            if file.record is None:
                return
            held = file.notices.get(notice_key(self.pk, self.subject, self.channel.name).sk)
            try:
                if not self._step(file, held, milestone):
                    return
            except Conflict:
                continue
        raise Conflict("the notice changes faster than it can be written")

    def _step(self, file: OrderFile, held: Stored[Notice] | None, milestone: Milestone | None) -> bool:
        """One decision on a fresh read; True means: read again."""
        now = self.clock.now()
        if held is None:
            # Where the first number is still to be told, it is told as it is now.
            untold = milestone is Milestone.RENUMBERED and not self.channel.wanted(file, Milestone.SHIPPED)
            return milestone is not None and not untold and self._begin(file, None, milestone)
        notice = held.model
        if notice.state is NoticeState.SENDING:
            if notice.settle_until and now < notice.settle_until:
                return self._queue_behind(file, held, milestone)
            killed = "killed between the send and its answer; never sent again"
            self._finish(held, NoticeState.UNCLEAR, "", killed, UNCLEAR)
            return True
        if notice.state is NoticeState.WAITING:
            higher = milestone is not None and milestone is not Milestone.RENUMBERED and RANK[milestone] > notice.rank
            if higher and milestone not in notice.waiting:
                self._queue_behind(file, held, milestone)
                return True
            due = notice.settle_until is None or now >= notice.settle_until
            return due and self._begin(file, held, notice.milestone)
        following = self._next(file, notice, milestone)
        if following is None and notice.waiting:
            self._put(notice.model_copy(update={"waiting": ()}), held.version)
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
        waiting = notice.model_copy(update={"waiting": (*notice.waiting, milestone)})
        self._put(waiting, held.version)
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
        base = held.model if held else None
        again = base if base and base.milestone is milestone else None
        behind = {*(base.waiting if base else ()), *([asked] if asked else [])}
        rank = max(base.rank if base else 0, RANK[milestone])
        waiting = tuple(sorted((one for one in behind if RANK[one] > rank), key=lambda one: RANK[one]))
        sending = Notice(
            subject=self.subject,
            channel=self.channel.name,
            milestone=milestone,
            state=NoticeState.SENDING,
            rank=rank,
            owner=self.owner,
            settle_until=now + self.timing.notice_settle,
            number=self._number(file),
            mark=self.channel.mark(file),
            tries=again.tries + 1 if again else 1,
            cause=again.cause if again and again.state is NoticeState.WAITING else "",
            waits_since=again.waits_since if again else None,
            waiting=waiting,
            told=base.told if base else (),
            feedback=base.feedback if base else (),
            log=base.log if base else (),
        )
        version = held.version if held else 0
        if refusal:
            self._finish(Stored(sending, version), NoticeState.FAILED, "", refusal, ended)
            return bool(waiting)
        self._put(sending, version)
        return self._send(file, Stored(sending, version + 1))

    def _send(self, file: OrderFile, held: Stored[Notice]) -> bool:
        try:
            provider_id = self.channel.send(file, self.subject, held.model.milestone)
        except OutcomeUnknown as error:
            self._settle(held, NoticeState.UNCLEAR, "", error.message, UNCLEAR)
        except (Retryable, Misconfigured) as error:
            self._postpone(held, error)
            return False
        except Rejected as error:
            self._settle(held, NoticeState.FAILED, "", f"{error.code}: {error.message}", error.code)
        else:
            self._settle(held, NoticeState.SENT, provider_id, "")
            # What waited for a cause is the first to know that it ended; all others cost no read.
            if held.model.cause:
                channel_works(self.storage, self.channel.name, self.clock.now())
        return bool(held.model.waiting)

    def _settle(self, held: Stored[Notice], state: NoticeState, provider_id: str, note: str, cause: str = "") -> None:
        self._written(held, lambda now_held: self._finish(now_held, state, provider_id, note, cause))

    def _written(self, held: Stored[Notice], write: Callable[[Stored[Notice]], None]) -> None:
        """Write down what a send came to; somebody may have queued a milestone behind us meanwhile."""
        for _ in range(TRIES):
            try:
                write(held)
                return
            except Conflict:
                file = self.storage.load_order(self.pk)
                now_held = file.notices.get(notice_key(self.pk, self.subject, self.channel.name).sk)
                if now_held is None or now_held.model.owner != self.owner:
                    return
                held = now_held
        raise Conflict("the outcome of a send could not be written")

    def _finish(self, held: Stored[Notice], state: NoticeState, provider_id: str, note: str, cause: str = "") -> None:
        """Write down the outcome. What is given up with a `cause` carries the alert of that cause in the same commit."""
        now = self.clock.now()
        notice = held.model
        told = ToldMilestone(
            milestone=notice.milestone,
            state=state,
            at=now,
            provider_id=provider_id,
            note=note[:200],
            number=notice.number,
            mark=notice.mark,
        )
        done = notice.model_copy(
            update={
                "state": state,
                "owner": "",
                "settle_until": None,
                "cause": cause,
                "waits_since": None,
                "told": (*notice.told, told)[-12:],
            }
        )
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
            kept = {"cause": error.code, "waits_since": since, "tries": notice.tries - 1}
            self._wait(held, now + self.timing.patience(since, now), error, kept)
            channel_waits(self.storage, self.channel.name, error, now)
            return
        tries = notice.tries - 1 + tried(error)
        if tries >= MAX_TRIES:
            self._settle(held, NoticeState.FAILED, "", f"given up: {error.message}", error.code)
            return
        after = error.after if isinstance(error, Retryable) and error.after else self.timing.backoff(notice.tries)
        self._wait(held, now + after, error, {"cause": "", "waits_since": None, "tries": tries})

    def _wait(self, held: Stored[Notice], at: datetime, error: VendorError, kept: dict[str, object]) -> None:
        def write(now_held: Stored[Notice]) -> None:
            before = now_held.model
            waiting = before.model_copy(update={"state": NoticeState.WAITING, "owner": "", "settle_until": at, **kept})
            # A cause that lasts for days is one line of the time line, not one for each try.
            known = bool(before.cause) and before.cause == waiting.cause
            what = "" if known else f"{waiting.channel} {waiting.milestone.value.lower()}: waits"
            self._put(waiting, now_held.version, what=what, why=error.message)

        self._written(held, write)

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
            notice = notice.model_copy(update={"log": (*notice.log, entry)})
        put = notice_put(self.pk, notice, version, self.clock.now(), facts)
        self.storage.commit([put, *beside], correlation=self.correlation)
