"""How a connection, or a channel to customers, is: what its failures, its successes and an operator make of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import Field

from orderwright.domain.base import Instant, changed
from orderwright.domain.order import Reason
from orderwright.domain.time_line import LogEntry, Logged, log_entry

FAILS_AFTER = 3
"""A vendor that does not answer once is nothing to tell anybody; so many times, with nothing that worked between, is."""
# Health is for people: a write an hour says enough while nothing changes.
REFRESH = timedelta(hours=1)
# Several calls that fail in one go are one failure.
APART = timedelta(minutes=1)
FAILS = "the connection fails"
WORKS = "the connection works again"
OVER = timedelta(hours=1)
"""A cause that was not met for so long had ended: what waits for it is tried every 15 minutes."""
MARKED = timedelta(minutes=10)
A_DAY = timedelta(days=1)


class ConnectionState(Logged):
    """How a connection is (Control CONNECTION): closed by the vendor, refused credentials, last success and failure."""

    connection: str
    open: bool = True
    reasons: tuple[Reason, ...] = ()
    last_ok_at: Instant | None = None
    last_failure_at: Instant | None = None
    last_failure: str = ""
    failing_since: Instant | None = Field(default=None, description="of a `last_failure`: the first after a success")
    failures: int = Field(default=0, description="noted since then, a minute apart; counted up to FAILS_AFTER")
    refused: bool = Field(default=False, description="one of them was a refusal of its keys or settings")
    failed_on: dict[str, int] = Field(
        default_factory=dict, description="failures that were written down, by day; of one cause at most one an hour"
    )
    subscriptions_checked_at: Instant | None = None
    reconciled_until: Instant | None = None
    seen: dict[str, Instant] = Field(default_factory=dict, description="of a way to customers: when each cause was met")

    @property
    def fails_since(self) -> datetime | None:
        """Since when it fails: its keys or settings are refused, or it failed FAILS_AFTER times since it last worked."""
        if not self.last_failure or self.failing_since is None:
            return self.last_failure_at if self.last_failure else None  # written by an older version
        return self.failing_since if self.refused or self.failures >= FAILS_AFTER else None

    def failed(self, who: str, code: str, message: str, now: datetime, *, refused: bool) -> ConnectionState:
        """After a failure. A new line in its time line means: tell it. The same state means: nothing is worth a write."""
        first, last = not self.last_failure, self.last_failure_at
        more = first or (self.failures < FAILS_AFTER and (last is None or now - last >= APART))
        after = changed(
            self,
            last_failure=f"{code}: {message}"[:300],
            last_failure_at=now,
            failing_since=now if first else self.failing_since or last,
            failures=more + (0 if first else self.failures),
            refused=refused or (self.refused and not first),
        )
        counted = after._counted(now)
        if not self._is_told(code, now):
            return counted.noted(log_entry(now, who, FAILS, after.last_failure))
        known = self.last_failure.partition(":")[0] == code and last is not None and now - last < REFRESH
        return (
            self if known and changed(after, last_failure=self.last_failure, last_failure_at=last) == self else counted
        )

    def _counted(self, now: datetime) -> ConnectionState:
        """One more failure of today's; the last ten days are kept."""
        today = now.date().isoformat()
        days = {**self.failed_on, today: self.failed_on.get(today, 0) + 1}
        return changed(self, failed_on=dict(sorted(days.items())[-10:]))

    def _is_told(self, code: str, now: datetime) -> bool:
        """Told since it last worked; or it came back soon after something else worked (a missing scope, say)."""
        at, since = None, False
        for entry in self.log:
            if entry.what == FAILS and entry.why.partition(":")[0] == code:
                at, since = entry.at, True
            elif entry.what == WORKS:
                since = False
        return at is not None and (since or now - at < REFRESH)

    def works(self, who: str, now: datetime) -> ConnectionState:
        """After a success. The same state means: nothing is worth a write, which a success is after a failure, else hourly."""
        if not self.last_failure and self.last_ok_at is not None and now - self.last_ok_at < REFRESH:
            return self
        after = changed(self, last_ok_at=now, last_failure="")
        return after.noted(log_entry(now, who, WORKS)) if self.last_failure else after

    def connected(self, entry: LogEntry, *, subscribed: bool) -> ConnectionState:
        """An operator connected it: it is open and works; a closure before (app removed, credentials refused) is over."""
        checked = entry.at if subscribed else self.subscriptions_checked_at
        opened = changed(self, open=True, reasons=(), subscriptions_checked_at=checked)
        return changed(opened, last_ok_at=entry.at, last_failure="").noted(entry)

    def closed(self, reason: Reason, entry: LogEntry) -> ConnectionState:
        """The vendor lets us in no more, until somebody connects it again."""
        return changed(self, open=False, reasons=(reason,)).noted(entry)

    def reconciled(self, until: datetime | None) -> ConnectionState:
        """Its orders were compared up to then, None: not to the end of a page yet. It never goes back."""
        ahead = until is not None and (self.reconciled_until is None or until > self.reconciled_until)
        return changed(self, reconciled_until=until) if ahead else self

    def restored(self, moment: datetime, entry: LogEntry) -> ConnectionState:
        """Our tables were set back: its orders are compared again from that moment on, or from earlier."""
        return changed(self, reconciled_until=min(self.reconciled_until or moment, moment)).noted(entry)

    def subscriptions_checked(self, now: datetime) -> ConnectionState:
        """The vendor was asked which webhooks it sends."""
        return changed(self, subscriptions_checked_at=now)

    def kept(self, who: str, code: str, message: str, now: datetime) -> ConnectionState:
        """Of a channel: this cause keeps everything. A new line in its time line means: tell it, as new or there again."""
        last = self.seen.get(code)
        if last is not None and now - last < MARKED:
            return self
        after = changed(self._met(code, now), last_failure=f"{code}: {message}"[:300], last_failure_at=now)
        over = last is None or now - last >= OVER
        return after.noted(log_entry(now, who, FAILS, after.last_failure)) if over else after

    def gave_up(self, who: str, code: str, why: str, now: datetime) -> ConnectionState:
        """Of a channel: a message was given up for this cause. The same state where that was told within a day."""
        what = f"given up: {code}"
        if now - self.seen.get(what, now - A_DAY) < A_DAY:
            return self
        return self._met(what, now).noted(log_entry(now, who, what, why))

    def _met(self, cause: str, now: datetime) -> ConnectionState:
        return changed(self, seen={**{one: at for one, at in self.seen.items() if now - at < A_DAY}, cause: now})
