"""A shop with a file of exchange rates, and a way to poll it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from orderwright.config_store import held_config, read_config
from orderwright.domain.config import Config
from orderwright.domain.feed_state import FeedState
from orderwright.domain.fx import newest_rate
from orderwright.domain.operations import StoredConfig
from orderwright.domain.repricing.rates import RateRow, RateTable
from orderwright.errors import VendorError
from orderwright.ports.feed import FeedAnswer
from orderwright.records import CURRENT_CONFIG, feed_key
from orderwright.usecases.operator.applying import apply_config
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.signals.rates import RatesPoll
from tests.support.catalogue_world import World, config

BANK = {
    "kind": "exchange_rates",
    "url": "https://bank.example.com/rates.csv",
    "base": "USD",
    "quoted": "base_per_unit",
}


def rates_config(**rules: object) -> Config:
    """The world's shop with a file of rates to USD, quoted as what one unit costs."""
    plain = config(**rules).model_dump(mode="json")
    return Config.model_validate({**plain, "connections": {**plain["connections"], "bank": BANK}})


@dataclass
class FakeRates:
    """The file: its rates of a day. `error` is raised in place of an answer. `etags`: what was asked with."""

    world: World
    rates: dict[str, str] = field(default_factory=dict)
    dated: date | None = None
    error: VendorError | None = None
    etags: list[str] = field(default_factory=list)
    no_etag: bool = False

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        self.etags.append(etag)
        if self.error is not None:
            raise self.error
        mark = "" if self.no_etag else f"{sorted(self.rates.items())} {self.dated}"
        return FeedAnswer(mark, self.world.clock.now(), None if etag == mark != "" else iter(()), None)

    def read_rates(self, answer: FeedAnswer, signs: Mapping[str, str]) -> RateTable:
        day = self.dated or self.world.clock.now().date()
        return RateTable(
            "USD", False, [RateRow(n, one, Decimal(rate), day) for n, (one, rate) in enumerate(self.rates.items())]
        )


class Rates:
    """The shop: `shows` writes the file and polls it, `in_force` says what a EUR costs."""

    key = feed_key("bank")

    def __init__(self, world: World, **rules: object) -> None:
        self.world = world
        self.file = FakeRates(world)
        self.apply(rates_config(**rules))

    def apply(self, new: Config) -> None:
        """A new version of orderwright.yaml."""
        held = self.world.storage.get(CURRENT_CONFIG, StoredConfig)
        apply_config(self.desk, new, held.model.number if held else None)

    @property
    def desk(self) -> Desk:
        """An operator."""
        return Desk(self.world.storage, self.world.clock, "mika")

    def poll_of(self) -> RatesPoll:
        settings = read_config(self.world.storage).signals["bank"]
        return RatesPoll("bank", settings, self.world.storage, self.file, self.world.clock, "c")

    def shows(self, hours: float = 1, dated: date | None = None, **rates: str) -> list[str]:
        """Poll the file with these rates; gives what followed from the write, [] where nothing was written."""
        self.file.rates, self.file.dated = rates, dated
        return self.polls(hours=hours)

    def polls(self, hours: float = 1) -> list[str]:
        self.world.clock.forward(hours=hours)
        before = self.world.version(self.key)
        self.poll_of().run()
        return self.world.facts(self.key) if self.world.version(self.key) > before else []

    def in_force(self, currency: str = "EUR") -> str:
        rules = read_config(self.world.storage).rules
        found = newest_rate(currency, rules.fx, self.world.clock.now().date())
        return str(found.rate) if found else ""

    @property
    def stored(self) -> StoredConfig:
        return held_config(self.world.storage).model

    @property
    def state(self) -> FeedState:
        found = self.world.storage.get(self.key, FeedState)
        assert found is not None
        return found.model
