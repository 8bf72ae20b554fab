"""Exchange rates as an operator sees them: those in force, and a file that waits because a rate moved too far."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from orderwright.config_store import held_config, in_work
from orderwright.domain.config import Config
from orderwright.domain.feed_state import FeedState
from orderwright.domain.fx import newest_rate
from orderwright.domain.rules import FileRate
from orderwright.domain.time_line import Stamp
from orderwright.records import CURRENT_CONFIG, feed_key
from orderwright.storage import Put, Storage, held_or
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.signals.rates import taken

_LIST = "orderwright price rates"


class RateInForce(NamedTuple):
    """What one unit costs in the base currency. `source`: the file's connection, "" for rules.fx; `old`: too old to be used."""

    currency: str
    rate: Decimal
    dated: date
    source: str
    old: bool


def rates_in_force(config: Config, today: date) -> list[RateInForce]:
    """The newest of each currency."""
    rules = config.rules
    newest = [newest_rate(currency, rules.fx, today) for currency in sorted({one.currency for one in rules.fx})]
    return [
        RateInForce(
            one.currency, one.rate, one.dated, one.file if isinstance(one, FileRate) else "",
            (today - one.dated).days > rules.fx_max_age_days,
        )
        for one in newest if one is not None
    ]  # fmt: skip


def rate_files(storage: Storage, config: Config) -> dict[str, FeedState]:
    """The files of exchange rates, by id, as they were polled last."""
    files = [name for name, one in config.signals.items() if one.TELLS == "rates"]
    return {name: file_state(storage, name) for name in files}


def file_state(storage: Storage, file: str) -> FeedState:
    """One of them."""
    return held_or(storage, feed_key(file), FeedState(connection=file)).model


def accept_rates(desk: Desk, file: str, mark: str) -> FeedState:
    """Take the rates that wait, if they are exactly those of `mark`; gives the file's state before.

    Raises Refused: NOTHING_WAITS, or ANOTHER_FILE where a newer one came meanwhile.
    """
    return decided(lambda: _accept(desk, file, mark))


def _accept(desk: Desk, file: str, mark: str) -> FeedState:
    held = held_or(desk.storage, feed_key(file), FeedState(connection=file))
    state, stored = held.model, held_config(desk.storage)
    config, noted = in_work(stored.model), state.rates
    name = config.name_of(file)
    if not noted.waiting:
        raise Refused("NOTHING_WAITS", f"no rates of {name} wait", _LIST)
    if noted.mark != mark:
        raise Refused("ANOTHER_FILE", f"other rates of {name} wait now: {noted.mark}", f"look at them first: {_LIST}")
    if noted.waiting[0].base != config.rules.base_currency:
        what = f"they are rates to {noted.waiting[0].base}, and rules.base_currency is {config.rules.base_currency} now"
        raise Refused("ANOTHER_BASE", what, "wait for the next look at the file")
    found = taken(stored.model, config, noted, noted.waiting, desk.now().date())
    moved = ", ".join(map(str, found.moves)) or "nothing in force changes"
    stamp = Stamp(desk.now(), desk.who, desk.correlation)
    after = state.rates_taken(found.noted).worked(
        stamp, f"rates accepted: {moved}{f' ({desk.why})' if desk.why else ''}"
    )
    desk.storage.commit(
        [
            Put(CURRENT_CONFIG, stored.model.rated(found.rates), stored.version),
            Put(feed_key(file), after, held.version, found.facts),
        ],
        correlation=desk.correlation,
    )
    return state
