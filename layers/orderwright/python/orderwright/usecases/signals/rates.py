"""One poll of a file of exchange rates:

download if changed -> rates to the base currency -> compare with those in force -> one commit: the configuration's item with
the new rates, the file's state, and the fact that all prices are to be made again

A rate that moved too far stops the whole file until a person accepts it. Of two polls at once one commits (P4): both name the
version of the file's state that they read before the download.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from orderwright.config_store import held_config, in_work
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SignalSettings
from orderwright.domain.feed_state import FeedProblem, FeedState
from orderwright.domain.operations import StoredConfig
from orderwright.domain.order import Reason
from orderwright.domain.repricing.rates import (
    BadRate,
    FileRefused,
    Move,
    RatesNoted,
    freed_by,
    merged,
    moves_between,
    rates_of,
)
from orderwright.domain.rules import FileRate
from orderwright.domain.time_line import Stamp
from orderwright.errors import Rejected, VendorError
from orderwright.ports.connection import Clock
from orderwright.ports.feed import FeedAnswer
from orderwright.ports.rates import RateFile
from orderwright.records import CURRENT_CONFIG, Stored, feed_key
from orderwright.storage import Change, Fact, Put, Storage, held_or, retry_on_conflict
from orderwright.usecases.alerts import alert

RATE_JUMP, RATE_REFUSED = "RATE_JUMP", "RATE_REFUSED"
_WHO, _SHOWN = "poll_stock", 3
_TRIES = 10


class Taken(NamedTuple):
    """What rates of a file would make of all rates that are kept. `noted` and `reprices`: when they are taken now."""

    rates: tuple[FileRate, ...]
    moves: list[Move]
    noted: RatesNoted
    facts: tuple[Fact, ...]


def taken(stored: StoredConfig, config: Config, noted: RatesNoted, new: Sequence[FileRate], today: date) -> Taken:
    """With these rates beside those that are in force, where the newest of each currency counts."""
    rates = merged(stored.rates, new)
    plain = [rate for rate in config.rules.fx if not isinstance(rate, FileRate)]
    after = (*plain, *(rate for rate in rates if rate.base == new[0].base and rate.file in config.connections))
    moves = moves_between(config.rules.fx, after, today)
    freed = freed_by(config.rules.fx, after, today, config.rules.fx_max_age_days)
    kept, due = noted.taken(moves, today, freed=freed)
    newest = max(one.dated for one in new)
    fact = Fact("prices.reprice_due", connection=new[0].file, detail={"why": f"exchange rates of {newest}"})
    return Taken(rates, moves, kept, (fact,) if due else ())


class _Outcome(NamedTuple):
    """What a poll writes. `rates`: all that are kept from now on; None: those that were."""

    state: FeedState
    rates: tuple[FileRate, ...] | None = None
    facts: tuple[Fact, ...] = ()


class _Read(NamedTuple):
    """A file that was read to rates."""

    rates: Sequence[FileRate]
    bad: Sequence[BadRate]
    etag: str
    at: datetime


@dataclass
class RatesPoll:
    """One worker's poll of one file."""

    connection: str
    settings: SignalSettings
    storage: Storage
    file: RateFile
    clock: Clock
    correlation: str
    state: FeedState = field(init=False)
    version: int = field(init=False)

    def run(self) -> None:
        """Poll once. A file that cannot be read or believed is recorded, with an alert; nothing is raised for it."""
        held = held_or(self.storage, feed_key(self.connection), FeedState(connection=self.connection))
        self.state, self.version = held.model, held.version
        stored = held_config(self.storage).model
        base = in_work(stored).rules.base_currency
        # What the settings make of a file: under others, "not changed" says nothing.
        meaning = f"{self.settings.model_dump_json(exclude={'max_change_percent', 'stale_after_hours'})} {base}"
        state = held.model.at_address(meaning)
        waiting = state.rates.waiting if state.etag else ()
        known = waiting or any((one.file, one.base) == (self.connection, base) for one in stored.rates)
        try:
            answer = self.file.open_feed(state.etag if known else "", state.seen)
            state = state.saw(answer.seen)
            if answer.waits:
                self._save(lambda *_: _Outcome(state))
            elif answer.lines is not None:
                read = self._read(answer, state, base)
                self._save(lambda held, config: self._settled(read[1], read[0], held, config))
            elif waiting:  # the same file; but what is in force may have changed
                same = _Read(waiting, (), state.etag, state.snapshot_at or answer.observed_at)
                self._save(lambda held, config: self._settled(state, same, held, config))
            else:
                same_rows = next((reason for reason in state.reasons if reason.code == RATE_REFUSED), None)
                self._save(
                    lambda held, config: _Outcome(self._good(state, same_rows or self._old(held.model.rates, config)))
                )
        except FileRefused as error:
            self._break(state, "FEED_RATES", str(error))
        except Rejected as error:
            self._break(state, error.code, error.message)
        except VendorError as error:
            missed = Reason(code=error.code, message=error.message, fix="look at the address and its credentials")
            self._save(lambda *_: _Outcome(state.missed(missed, self._stamp)))

    def _read(self, answer: FeedAnswer, state: FeedState, base: str) -> tuple[_Read, FeedState]:
        table = self.file.read_rates(answer, state.signs)
        now = self.clock.now()
        rates, bad = rates_of(table, self.connection, base, now.date())
        told = [
            FeedProblem(line=one.line, field="rate", why=f"{one.currency}: {one.why}"[:200], since=now) for one in bad
        ]
        # What may count tomorrow is not to be hidden by "not changed".
        etag = "" if any(one.later for one in bad) else answer.etag
        return _Read(rates, bad, etag, answer.observed_at), state.read(len(bad), told, table.signs, now)

    def _settled(self, state: FeedState, read: _Read, held: Stored[StoredConfig], config: Config) -> _Outcome:
        """Its rates are taken, or wait, by what is in force at this moment."""
        new, today = read.rates, self.clock.now().date()
        found = taken(held.model, config, state.rates, new, today)
        wild = [one for one in found.moves if one.percent > self.settings.max_change_percent]
        if wild:
            return self._waits(state.dated(read.etag, read.at), new, wild, config.name_of(self.connection))
        after = state.rates_taken(found.noted)
        but = _refused(read.bad, config) or self._old(found.rates, config)
        if found.rates == held.model.rates:
            good = self._good(after, but)
            return _Outcome(good if good == self.state else good.counted(len(new)).dated(read.etag, read.at))
        words = f"rates of {max(one.dated for one in new)} taken{_told(read.bad)}"
        good = after.counted(len(new)).dated(read.etag, read.at).worked(self._stamp, words, but)
        return _Outcome(good, found.rates, found.facts)

    def _waits(self, state: FeedState, new: Sequence[FileRate], wild: Sequence[Move], name: str) -> _Outcome:
        more = f" and {len(wild) - _SHOWN} more" if len(wild) > _SHOWN else ""
        reason = Reason(
            code=RATE_JUMP,
            message=f"moves above max_change_percent, nothing is taken: {', '.join(map(str, wild[:_SHOWN]))}{more}",
            fix=f"look at the rates, then: orderwright price rates accept {name}; the next good file is taken automatically",
            field=f"connections.{name}",
        )
        return _Outcome(state.rates_wait(state.rates.waits(new, wild), reason, self._stamp))

    @property
    def _stamp(self) -> Stamp:
        return Stamp(self.clock.now(), _WHO, self.correlation)

    def _old(self, rates: Sequence[FileRate], config: Config) -> Reason | None:
        """The file is good, and its newest rates are too old for rules.fx_max_age_days."""
        mine = [one.dated for one in rates if one.file == self.connection]
        allowed = config.rules.fx_max_age_days
        age = (self.clock.now().date() - max(mine)).days if mine else 0
        if age <= allowed:
            return None
        message = f"the newest rates of the file are {age} days old; rules.fx_max_age_days allows {allowed}"
        return Reason(code="RATE_STALE", message=message, fix="ask who makes the file", field="rules.fx")

    def _good(self, state: FeedState, but: Reason | None) -> FeedState:
        return state.confirmed(self.settings, self._stamp, but)

    def _break(self, state: FeedState, code: str, message: str) -> None:
        fix = "correct the file or its settings; the next good file is taken automatically"
        reason = Reason(code=code, message=message, field=f"connections.{self.connection}", fix=fix)
        self._save(lambda *_: _Outcome(state.stopped(reason, self._stamp)))

    def _save(self, decide: Callable[[Stored[StoredConfig], Config], _Outcome]) -> None:
        """One commit, from the start when the configuration changed meanwhile. Nothing where another poll was faster."""

        def once() -> None:
            held = held_config(self.storage)
            after, rates, facts = decide(held, in_work(held.model))
            if after == self.state and rates is None:
                return
            if held_or(self.storage, feed_key(self.connection), self.state).version != self.version:
                return
            told = tuple(
                alert(reason.code, self.connection, message=reason.message)
                for reason in after.reasons
                if not self.state.has(reason) or (reason.code == RATE_JUMP and _others_move(self.state, after))
            )
            changes: list[Change] = [Put(feed_key(self.connection), after, self.version, (*told, *facts))]
            if rates is not None:
                changes.append(Put(CURRENT_CONFIG, held.model.rated(rates), held.version))
            self.storage.commit(changes, correlation=self.correlation)

        retry_on_conflict(once, "the configuration in force", tries=_TRIES)


def _others_move(before: FeedState, after: FeedState) -> bool:
    one, two = ({move.currency for move in state.rates.moves} for state in (before, after))
    return one != two


def _told(bad: Sequence[BadRate]) -> str:
    shown = "; ".join(f"line {one.line}, {one.currency}: {one.why}" for one in bad[:_SHOWN])
    return f", {len(bad)} refused ({shown})" if bad else ""


def _refused(bad: Sequence[BadRate], config: Config) -> Reason | None:
    """Only where the shop uses the currency: a file may hold metals and coins."""
    used = {getattr(one, "currency", "") for one in config.connections.values()}
    named = [one for one in bad if one.currency in used]
    if not named:
        return None
    message = "; ".join(f"the rate of {one.currency} {one.why}, and what was in force stays" for one in named[:_SHOWN])
    return Reason(
        code=RATE_REFUSED, message=message[:300], fix="ask who makes the file to correct it", field="rules.fx"
    )
