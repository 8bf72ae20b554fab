"""What changes seldom and a choice of suppliers depends on: kill switches and scorecards, read once a minute by a process.

A purchase order is held against the switch itself in the commit that opens it (promise P10); here it only says whom to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orderwright.ports.connection import Clock
from orderwright.records import kill_key, scorecard_key
from orderwright.storage import Storage

if TYPE_CHECKING:
    from orderwright.domain.scoring.scorecard import Scorecard

FOR = timedelta(minutes=1)


@dataclass
class Lately:
    """Of suppliers that are asked about. The switch for all of them is left out: it favours nobody."""

    storage: Storage
    clock: Clock
    _off: dict[str, tuple[datetime, bool]] = field(default_factory=dict)
    _scores: dict[str, tuple[datetime, Scorecard | None]] = field(default_factory=dict)

    def switched_off(self, suppliers: Sequence[str]) -> frozenset[str]:
        """Those of them whose own kill switch is on."""
        now = self.clock.now()
        for name in suppliers:
            if name not in self._off or now - self._off[name][0] > FOR:
                self._off[name] = now, self.storage.get_raw(kill_key(name)) is not None
        return frozenset(name for name in suppliers if self._off[name][1])

    def scores(self, suppliers: Sequence[str]) -> dict[str, Scorecard]:
        """The scorecards of those that have one."""
        from orderwright.domain.scoring.scorecard import Scorecard

        now = self.clock.now()
        for name in suppliers:
            if name not in self._scores or now - self._scores[name][0] > FOR:
                held = self.storage.get(scorecard_key(name), Scorecard)
                self._scores[name] = now, held.model if held else None
        return {name: card for name in suppliers if (card := self._scores[name][1]) is not None}
