"""What polling any file has: its state, read once and written with its version; its breaker; alerts for what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from orderwright.domain.feed_state import FeedState
from orderwright.domain.order import Reason
from orderwright.domain.time_line import Stamp
from orderwright.domain.timing import Timing
from orderwright.errors import Rejected, VendorError
from orderwright.ports.connection import Clock
from orderwright.ports.feed import FeedAnswer
from orderwright.storage import Fact, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.stock.feed_rows import FUNCTION
from orderwright.usecases.stock.feeds import save_feed


@dataclass(kw_only=True)
class PolledFile:
    """One worker's poll of one file."""

    connection: str
    storage: Storage
    clock: Clock
    timing: Timing
    correlation: str
    state: FeedState = field(init=False)
    version: int = field(init=False)
    failed: bool = field(default=False, init=False)

    def opened(self, open_feed: Callable[[str, str | None], FeedAnswer], *, known: bool) -> FeedAnswer | None:
        """The file's answer, with what a listing showed kept; `known`: a last good one is there. None: nothing to read now."""
        answer = open_feed(self.state.etag if known else "", self.state.seen)
        seen = self.state.saw(answer.seen)
        if seen != self.state and not self.save(seen):
            return None
        self.state = seen
        if answer.waits:
            self.save_if_new(self.state)
            return None
        return answer

    @contextmanager
    def told(self) -> Iterator[None]:
        """A file that cannot be read or believed is recorded, with an alert; nothing is raised for it."""
        try:
            yield
            return
        except Rejected as error:
            self.stop(error.code, error.message)
        except VendorError as error:
            reason = Reason(code=error.code, message=error.message, fix="look at the address and its credentials")
            self.save_if_new(self.state.missed(reason, self.stamp))
        self.failed = True

    @property
    def stamp(self) -> Stamp:
        """Of this poll, now."""
        return Stamp(self.clock.now(), FUNCTION, self.correlation)

    def lease_end(self) -> datetime:
        """Until when a lease that is taken now holds."""
        return self.clock.now() + self.timing.windows.lease

    def stop(self, code: str, message: str) -> None:
        """The breaker opens: nothing is applied."""
        reason = Reason(
            code=code,
            message=message,
            fix="correct the file, or raise the limit that the message names; the next good file is taken automatically",
            field=f"connections.{self.connection}",
        )
        self.save_if_new(self.state.stopped(reason, self.stamp))

    def late(self, state: FeedState) -> tuple[FeedState, Mapping[str, str]]:
        """What has stayed wrong for a day by now: see FeedState.told_at."""
        return state.told_at(self.clock.now())

    def save_if_new(self, state: FeedState) -> None:
        """With one alert for each new reason, and what has stayed wrong for a day by now, whatever became of this poll."""
        after, late = self.late(state)
        where = "`orderwright feed problems` lists them"
        told = [alert(code, self.connection, message=f"{what}: {where}") for code, what in late.items()]
        new = [reason for reason in after.reasons if not self.state.has(reason)]
        told += [alert(reason.code, self.connection, message=reason.message) for reason in new]
        if after != self.state:
            self.save(after, told)

    def save(self, state: FeedState, facts: Sequence[Fact] = ()) -> bool:
        """False: another worker holds the file now, and its work counts."""
        saved = save_feed(self.storage, state, self.version, facts, self.correlation)
        self.version += saved
        return saved
