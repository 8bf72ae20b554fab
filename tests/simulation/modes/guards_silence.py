"""Guards of what waits for a cause, and is told to the merchant instead of being lost (promise P14)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from orderwright.domain import connection_state
from orderwright.domain.notice import Notice
from orderwright.errors import Misconfigured, Retryable, VendorError
from orderwright.records import Stored
from orderwright.usecases import reservations
from orderwright.usecases.notices import telling, trouble
from orderwright.usecases.notices.telling import Telling
from orderwright.usecases.placing import outcome
from orderwright.usecases.stock.rolling import SupplierPoll
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.additions import a_crowd_that_cancels, a_long_pause, an_end_of_sale
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.guards_goods import both
from tests.simulation.modes.hunting import Guard, Seeds

Removed = AbstractContextManager[object]
PAUSED = Seeds(mix=Mix(), also=a_long_pause)


@dataclass(frozen=True)
class InParts(Seeds):
    """Seeds in which a commit takes one reservation, so that an order of two articles is taken in by parts."""

    def _play(self, bench: Bench, seed: int) -> list[str]:
        with patch.object(reservations, "PART", 1):
            return super()._play(bench, seed)


def _counts_tries() -> Removed:
    real = Telling._postpone

    def postpone(self: Telling, held: Stored[Notice], error: VendorError) -> None:
        if isinstance(error, Misconfigured):
            trouble.channel_waits(self.storage, self.channel.name, error, self.clock.now())
            error = Retryable(error.message, code=error.code)
        real(self, held, error)

    return patch.object(Telling, "_postpone", postpone)


def _drops_the_rest() -> Removed:
    real = reservations.give_back

    def give_back(*args: Any) -> Any:
        return args[1], real(*args)[1]

    return both(*(patch.object(module, "give_back", give_back) for module in (reservations, outcome)))


SILENCE: tuple[Guard, ...] = (
    Guard(
        "a pause of the account is no try of a message",
        "P14",
        "what an account that is paused for hours keeps is given up, and never told",
        _counts_tries,
        "was given up over",
        PAUSED,
    ),
    Guard(
        "the alert of a channel that waits",
        "P14",
        "no customer gets a mail for hours, and the merchant does not know",
        lambda: patch.object(telling, "channel_waits", lambda *args: None),
        "and nobody was told",
        PAUSED,
    ),
    Guard(
        "one alert for a cause",
        "P14",
        "each try of each message raises an alert",
        lambda: patch.multiple(connection_state, MARKED=timedelta(0), OVER=timedelta(0)),
        "alerts of email were raised",
        PAUSED,
    ),
    Guard(
        "what the supplier sells no more is not for sale",
        "P14",
        "the news is acknowledged and ignored, and customers pay for what nobody sends",
        lambda: patch.object(SupplierPoll, "sale_news", lambda *args: None),
        "no more since",
        Seeds(mix=Mix(), also=an_end_of_sale),
    ),
    Guard(
        "what is given back in parts is given back whole",
        "P14",
        "the rest of a large order stays reserved for nobody",
        _drops_the_rest,
        "P3: ",
        InParts(mix=Mix(), also=a_crowd_that_cancels),
    ),
)
