"""What the file of competitors' prices says, for the worlds whose prices follow it: it changes, lies, and stops coming."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from orderwright.domain.base import changed
from orderwright.domain.money import Money
from orderwright.domain.operations import StoredConfig
from orderwright.domain.repricing.signals import CompetitorPrices, CompetitorQuote
from orderwright.records import CURRENT_CONFIG, competitors_key
from orderwright.storage import Fact, Put, retry_on_conflict

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

COMPETITORS, RIGHT = "competitors", "USD"
MEMORY, DEMANDED = "competitors' file", "sells faster"


class Row(NamedTuple):
    """One competitor's price of a SKU. Only those in the shop's currency can be compared: there are no exchange rates."""

    price: Decimal
    currency: str = RIGHT


@dataclass
class CompetitorFile:
    """`rows` by SKU and seller. `said`: all that it said, with the time from which it counts; `heard`: when it was read."""

    sim: Sim
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    said: list[tuple[datetime, dict[str, dict[str, Row]]]] = field(default_factory=list)
    heard: list[datetime] = field(default_factory=list)
    silent: bool = False

    def say(self, sku: str, seller: str, row: Row | None) -> None:
        """A seller has another price, or none any more; the next reading finds it."""
        sellers = {name: old for name, old in self.rows.get(sku, {}).items() if name != seller}
        self.rows[sku] = sellers if row is None else {**sellers, seller: row}

    def hush(self, silent: bool) -> None:
        """No file comes any more; or one comes again."""
        self.silent = silent

    def read(self) -> None:
        """The file is read now, as the poll does it: what differs is written with the SKU, and that it was heard."""
        if self.silent:
            return
        sim, now = self.sim, self.sim.clock.now()
        before = self.said[-1][1] if self.said else {}
        self.heard.append(now)
        retry_on_conflict(self._hear, "the configuration")
        for sku, sellers in self.rows.items():
            if sellers != before.get(sku):
                quotes = tuple(
                    CompetitorQuote(seller=name, price=Money.parse(str(row.price), row.currency))
                    for name, row in sorted(sellers.items())
                )
                prices = CompetitorPrices(sku=sku, feed=COMPETITORS, at=now, quotes=quotes)
                key = competitors_key(sku, COMPETITORS)
                held = sim.storage.get(key, CompetitorPrices)
                fact = Fact("offer.changed", pk=key.pk, resource=sku)
                sim.storage.commit([Put(key, prices, held.version if held else 0, facts=(fact,))])
        if not self.said or self.said[-1][1] != self.rows:
            self.said.append((now, dict(self.rows)))

    def since(self, sku: str, since: datetime) -> Iterator[dict[str, Row]]:
        """What was said of a SKU at any moment since then."""
        ends = [at for at, _ in self.said[1:]] + [None]
        found = [
            rows.get(sku, {}) for (_, rows), end in zip(self.said, ends, strict=False) if end is None or end >= since
        ]
        yield from found or [{}]
        if self.said and self.said[0][0] >= since:
            yield {}

    def _hear(self) -> None:
        held = self.sim.storage.get(CURRENT_CONFIG, StoredConfig)
        assert held is not None
        heard = {**held.model.heard, COMPETITORS: self.sim.clock.now()}
        self.sim.storage.commit([Put(CURRENT_CONFIG, changed(held.model, heard=heard), held.version)])
